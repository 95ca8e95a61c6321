"""Pages that hold explorers, in the site's own style and read from the disk; and a batch of states to compare."""

import random
import struct
from pathlib import Path

from book.explorers import FloatBits, SoftmaxStress, page_scripts
from book.explorers.base import Explorer
from book.explorers.formats import FORMATS
from book.site.styles import style_sheet

VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'
TELLING = [
    "0.1",
    "1/3",
    "2049",
    "65504",
    "65519.99",
    "65520",
    "1e-7",
    "5.96e-8",
    "1e-8",
    "nan",
    "-nan 0x7c01",
]
TELLING += ["inf", "-inf", "0", "-0", "2**-24", "2**-25", "5e-324", "2.5e-324", "1e400", "1e-400", "-1e39"]
TELLING += [
    "1.7976931348623158e308",
    "1.7976931348623159e308",
    "9007199254740993",
    "1e22",
    "1e23",
    "1e16",
    "123456",
]
ROWS = [[1000, 990, 980], [-1000, -990, -980], [0, -5, -120], [11, 11, 11], [2, 1, 0], [0, 0], [88.7, 88.8]]
ROWS += [[-17.4, -17.3], [11.09, 11.08, -3], [709.7, 709.8], [-745.2, -745.1, -700], [0.1, 0.2, 0.30000001]]


def write_page(folder: Path, *explorers: Explorer, theme: str = "light") -> str:
    """Write a page with these explorers and return its address."""
    for tag, script in page_scripts().items():
        (folder / f"{tag}.js").write_text(script, "utf-8")
    (folder / "style.css").write_text(style_sheet(), "utf-8")
    head = f'<meta charset="utf-8">{VIEWPORT}<title>Explorers</title><link rel="stylesheet" href="style.css">'
    head += "".join(f'<script defer src="{tag}.js"></script>' for tag in page_scripts())
    body = f"<main><h1>Explorers</h1>{''.join(explorer.to_html() for explorer in explorers)}</main>"
    html = (
        f'<!doctype html><html lang="en" data-theme="{theme}"><head>{head}</head><body>{body}</body></html>'
    )
    (folder / "page.html").write_text(html, "utf-8")
    return (folder / "page.html").as_uri()


def float_states() -> list[list[str]]:
    """Numbers as typed, in each format: the telling ones and hundreds of random sizes."""
    draw, states = random.Random(4), []
    for dtype in FORMATS:
        near = [
            f"{draw.uniform(-10, 10) * 10.0 ** draw.randint(-9, 6):.{draw.randint(1, 17)}g}"
            for _ in range(60)
        ]
        wide = [repr(struct.unpack("d", draw.randbytes(8))[0]) for _ in range(30)]
        ties = [f"{2 * draw.randint(1024, 2047) + 1}" for _ in range(10)]
        states += [[text, dtype] for text in [*TELLING, *near, *wide, *ties]]
    return states


def softmax_states() -> list[list]:
    """Logits, offset and format: the telling ones and hundreds of random ones, mild and extreme."""
    draw, states = random.Random(5), []
    for dtype in FORMATS:
        rows = list(ROWS)
        for _ in range(70):
            scale = draw.choice([1, 10, 20, 100, 750, 1000, 10000])
            rows.append([round(draw.uniform(-scale, scale), 3) for _ in range(draw.randint(2, 5))])
        states += [[row, draw.choice([0, 0, 5, -87.3, 700, -980]), dtype] for row in rows]
    return states


def everything() -> tuple[Explorer, ...]:
    return FloatBits("65520"), FloatBits("0.1", "float64"), SoftmaxStress(), SoftmaxStress([0, -5, -120])
