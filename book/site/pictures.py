"""A figure on the page: one file for the light theme, one for the dark, and its narrow twins for phones."""

import hashlib
import re
from collections.abc import Callable
from html import escape
from urllib.parse import quote

from docutils import nodes

from book.errors import BookError
from book.figures.palette import DARK, LIGHT

SVG = "image/svg+xml"
_COLOUR = re.compile("|".join(LIGHT.values()), re.I)
_ANY_COLOUR = re.compile(r"(?<=[:\"' ])#[0-9a-f]{6}\b", re.I)
_TO_DARK = {LIGHT[name]: DARK[name] for name in LIGHT}
_SIZE = re.compile(r'<svg\b[^>]*?\bviewBox="0 0 ([\d.]+) ([\d.]+)"')
_PIXELS_A_POINT = 96 / 72
NARROW = "(max-width: 500px)"
PHONE = 320  # CSS pixels of a page of 360 that a picture may take


def light_and_dark(svg: str) -> tuple[str, str]:
    """Return a figure drawn in the light palette as two: the same, and one in the dark palette.

    Raises:
        BookError: a colour is not of the palette, so that nobody knows how it looks in the dark.

    Examples:
        >>> light, dark = light_and_dark('<svg><path style="stroke: #1c6fb0"/></svg>')
        >>> dark
        '<svg><path style="stroke: #74b4f0"/></svg>'
    """
    strange = {colour.lower() for colour in _ANY_COLOUR.findall(svg)} - _TO_DARK.keys()
    if strange:
        raise BookError(f"A figure uses {', '.join(sorted(strange))}; take its colours from the palette.")
    return svg, _COLOUR.sub(lambda colour: _TO_DARK[colour[0].lower()], svg)


def size(svg: str) -> tuple[int, int]:
    """Return width and height in CSS pixels, from the view box in points.

    Examples:
        >>> size('<svg width="72pt" height="36pt" viewBox="0 0 72 36">')
        (96, 48)
    """
    found = _SIZE.search(svg)
    assert found, "matplotlib writes the view box of every figure"
    width, height = (round(float(side) * _PIXELS_A_POINT) for side in found.groups())
    return width, height


class Picture(nodes.image):
    """An image of one theme, with its size known before it is loaded; Sphinx copies its file."""


class Twin(nodes.image):
    """What a narrow screen shows instead of the picture that it is a child of."""


def visit_picture(translator, node: Picture) -> None:
    def source(image: nodes.image) -> str:
        return f"{translator.builder.imgpath}/{quote(translator.builder.images[image['uri']])}"

    def sides(image: nodes.image) -> str:
        return f'width="{image["width"]}" height="{image["height"]}"'

    twins = "".join(f'<source media="{NARROW}" srcset="{source(t)}" {sides(t)}>' for t in node.findall(Twin))
    translator.body.append(
        f'<picture class="only-{node["theme"]}">{twins}<img src="{source(node)}" alt="{escape(node["alt"])}"'
        f' {sides(node)} loading="lazy" decoding="async"></picture>'
    )
    raise nodes.SkipNode


def both_themes(svg: str, alt: str, narrow: str, write: Callable[[str, str], str]) -> nodes.container:
    """Return the figure for both themes; the style sheet shows one of the two.

    Args:
        svg: the figure in the light palette.
        alt: the sentence that says what is seen.
        narrow: the figure's narrow twin, "" where it has none.
        write: takes SVG text and a file name, and returns the address under which Sphinx finds the file.
    """

    def placed(kind: type[nodes.image], drawn: str, **options) -> nodes.image:
        width, height = size(drawn)
        uri = write(drawn, hashlib.sha256(drawn.encode()).hexdigest()[:16] + ".svg")
        return kind(uri=uri, width=width, height=height, **options)

    scrolls = bool(narrow) and size(narrow)[0] > PHONE
    pictures = nodes.container(classes=["picture", "scrolls"] if scrolls else ["picture"])
    for theme, drawn, twin in zip(
        ("light", "dark"), light_and_dark(svg), light_and_dark(narrow), strict=True
    ):
        picture = placed(Picture, drawn, theme=theme, alt=alt)
        picture += [placed(Twin, twin)] if twin else []
        pictures += picture
    return pictures


class PicturePlugin:
    """Renders `image/svg+xml` outputs for myst-nb; pyproject.toml names it as an entry point."""

    mime_priority_overrides = ()

    @staticmethod
    def handle_mime(renderer, data, inline: bool):
        if data.mime_type != SVG:
            return None

        def write(svg: str, name: str) -> str:
            return renderer.write_file([name], svg.encode(), overwrite=False, exists_ok=True)

        about = data.output_metadata.get(SVG, {})
        return [both_themes(data.string, about.get("alt", ""), about.get("narrow", ""), write)]
