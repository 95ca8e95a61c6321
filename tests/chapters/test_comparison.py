"""The comparison of notebooks finds a flipped digit and says what to do; close drawings count as equal."""

import base64
import io
import re
import shutil
import subprocess
import sys

import pytest
from PIL import Image

from book.site.checks.cells import LARGEST_OPT_OUT_SHARE
from book.site.paths import ROOT, notebooks
from tests.chapters.comparison import opt_outs
from tests.chapters.drawings import close
from tests.small_book import SmallBook

OPTIONS = ["--nbval", "--nbval-current-env", "-q", "--color=no", "-p", "no:cacheprovider"]


def flip_a_printed_digit(book: SmallBook) -> None:
    book.edit("chapters/1-numbers/small.ipynb", "is **0.300**", "is **0.301**")


def flip_a_digit_of_a_description(book: SmallBook) -> None:
    """The sentence stands in the source too; the stored output alone is changed."""
    flipped = {"text/plain": ["climbs from 1 through 5"]}
    book.edit_notebook(lambda notebook: notebook["cells"][3]["outputs"][0]["data"].update(flipped))


def move_a_curve(book: SmallBook) -> None:
    def move(notebook):
        data = notebook["cells"][3]["outputs"][0]["data"]
        text = "".join(data["image/svg+xml"])
        data["image/svg+xml"] = re.sub(r"M (\d+)", lambda m: f"M {int(m[1]) + 1}", text, count=1)

    book.edit_notebook(move)


def break_a_cell(book: SmallBook) -> None:
    book.edit("chapters/1-numbers/small.ipynb", "figure, ax = axes()", "figure, ax = axes(1, 0)")


def leave_it_sound(book: SmallBook) -> None:
    pass


ANOTHER_OUTPUT = (
    "running the cell gives another output than the stored one. "
    "Mend: make execute ALL=1 if the new output is right, else correct the code."
)
FOUND = {  # the cell, and what is said of it
    flip_a_printed_digit: (3, ANOTHER_OUTPUT),
    flip_a_digit_of_a_description: (4, ANOTHER_OUTPUT),
    move_a_curve: (4, ANOTHER_OUTPUT),
    break_a_cell: (4, "Cell execution caused an exception. Mend: correct the cell"),
}


@pytest.fixture(scope="module")
def compared(executed_book, tmp_path_factory) -> str:
    """What the comparison prints over small books, one sound and each other changed in one place.

    One run of it over all of them, as `make test` runs it over this book.
    """
    root = tmp_path_factory.mktemp("books")
    for change in (leave_it_sound, *FOUND):
        shutil.copytree(executed_book, root / change.__name__)
        change(SmallBook(root / change.__name__))
    plugins = ["-p", "tests.chapters.comparison", "-p", "tests.chapters.kernels"]
    place = ["-c", "/dev/null", f"--rootdir={root}", str(root)]
    command = [sys.executable, "-m", "pytest", *OPTIONS, *plugins, *place]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 1, run.stdout
    return run.stdout


@pytest.mark.parametrize("change", FOUND)
def test_a_change_is_found_in_its_cell(compared, change):
    cell, told = FOUND[change]
    assert f"{change.__name__}/chapters/1-numbers/small.ipynb, cell {cell}: {told}" in compared


def test_only_the_changed_cells_fail_and_none_of_a_sound_notebook(compared):
    failed = set(re.findall(r"^FAILED \S+/(\w+)/chapters/\S+::Cell (\d+)", compared, re.M))
    assert failed == {(change.__name__, str(cell - 2)) for change, (cell, _) in FOUND.items()}
    assert f"{len(FOUND)} failed, {4 * (1 + len(FOUND)) - len(FOUND)} passed" in compared


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
