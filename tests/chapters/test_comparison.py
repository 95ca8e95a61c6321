"""The comparison of notebooks finds a flipped digit and says what to do; close drawings count as equal."""

import base64
import io
import re
import subprocess
import sys

import pytest
from PIL import Image

from book.site.checks.cells import LARGEST_OPT_OUT_SHARE
from book.site.paths import ROOT, notebooks
from tests.chapters.comparison import opt_outs
from tests.chapters.drawings import close

OPTIONS = ["--nbval", "--nbval-current-env", "-q", "--color=no", "-p", "no:cacheprovider"]


def compare(book) -> subprocess.CompletedProcess:
    """Run the comparison over a small book as `make test` runs it over this one."""
    plugin = ["-p", "tests.chapters.comparison", "-c", "/dev/null", f"--rootdir={book.root}"]
    command = [sys.executable, "-m", "pytest", *OPTIONS, *plugin, str(book.notebook)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


def test_a_sound_notebook_passes(small_book):
    run = compare(small_book)
    assert run.returncode == 0, run.stdout
    assert "4 passed" in run.stdout


@pytest.mark.parametrize(
    ("stored", "flipped", "cell"),
    [("is **0.300**", "is **0.301**", 3), ("climbs from 1 through 4", "climbs from 1 through 5", 4)],
)
def test_a_flipped_digit(small_book, stored, flipped, cell):
    if cell == 4:  # the sentence stands in the source too; the stored output alone is changed
        small_book.edit_notebook(
            lambda book: book["cells"][3]["outputs"][0]["data"].update({"text/plain": [flipped]})
        )
    else:
        small_book.edit("chapters/1-numbers/small.ipynb", stored, flipped)
    run = compare(small_book)
    assert run.returncode == 1
    assert re.search(
        rf"small.ipynb, cell {cell}: running the cell gives another output than the stored one. "
        "Mend: make execute ALL=1 if the new output is right, else correct the code.",
        run.stdout,
    )


def test_a_moved_curve(small_book):
    def move(book):
        data = book["cells"][3]["outputs"][0]["data"]
        text = "".join(data["image/svg+xml"])
        data["image/svg+xml"] = re.sub(r"M (\d+)", lambda m: f"M {int(m[1]) + 1}", text, count=1)

    small_book.edit_notebook(move)
    assert re.search(
        r"small.ipynb, cell 4: running the cell gives another output", compare(small_book).stdout
    )


def test_a_cell_that_fails_now(small_book):
    small_book.edit("chapters/1-numbers/small.ipynb", "figure, ax = axes()", "figure, ax = axes(1, 0)")
    run = compare(small_book)
    assert re.search(
        r"small.ipynb, cell 4: Cell execution caused an exception. Mend: correct the cell", run.stdout
    )


PATH = '<path d="M 10.2 20 L 30 -4.5" style="stroke: #1c6fb0"/>'


@pytest.mark.parametrize(
    ("old", "new", "equal"),
    [
        ("10.2", "10.9", True),
        ("20", "19.4", True),
        ("-4.5", "-4", True),
        ("10.2", "11", False),
        ("M 10.2", "L 10.2", False),
        ("#1c6fb0", "#1c6fb1", False),
        ("L 30 -4.5", "L 30 -4.5 L 30 -4.5", True),  # the same line, with a point more
        ("L 30 -4.5", "L 20 8 L 30 -4.5", True),
        ("L 30 -4.5", "L 20 9.5 L 30 -4.5", False),
        ("L 30 -4.5", "L 30 -4.5 L 32 -4.5", False),
        ("L 30 -4.5", "L 20 8", False),
        ("M 10.2 20 L 30 -4.5", "M 30 -4.5 L 20 8 L 10.2 20", True),
    ],
)
def test_closeness_of_drawings(old, new, equal):
    assert close(PATH.replace(old, new), PATH) is equal


@pytest.mark.parametrize("label", ["<!-- {} -->", "<text>{}</text>"])
def test_labels_are_compared_exactly(label):
    assert close(label.format("0.1"), label.format("0.1"))
    assert not close(label.format("0.1"), label.format("0.2"))


def photograph(compression: int, **changed: int) -> str:
    """A drawing that holds a small photograph; `changed` sets the first pixel's red."""
    picture = Image.new("RGB", (30, 20), (20, 140, 200))
    picture.putpixel((0, 0), (changed.get("red", 20), 140, 200))
    file = io.BytesIO()
    picture.save(file, "png", compress_level=compression)
    return f'<image xlink:href="data:image/png;base64,\n{base64.b64encode(file.getvalue()).decode()}"/>'


def test_photographs_are_compared_by_their_pixels():
    assert photograph(0) != photograph(9)
    assert close(photograph(0), photograph(9))
    assert not close(photograph(9, red=21), photograph(9))


def test_few_cells_opt_out_of_the_comparison():
    left_out, cells = opt_outs(notebooks())
    assert left_out <= LARGEST_OPT_OUT_SHARE * cells, f"{left_out} of {cells} code cells are not compared"


def test_opt_outs_are_counted(small_book):
    small_book.edit_notebook(lambda book: book["cells"][2].update(metadata={"tags": ["nbval-ignore-output"]}))
    assert opt_outs([small_book.notebook]) == (1, 4)
