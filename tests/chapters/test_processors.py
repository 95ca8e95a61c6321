"""In each mode the libraries choose as on its processor: a cell that hangs on it is found, only there."""

import zlib

import pytest
import torch

from book.errors import BookError
from tests.chapters.processors import MODES, differences, main

DIGITS = "import zlib, torch\nprint(zlib.crc32(torch.linspace(1, 2, 300, dtype=torch.float64).numpy()))"
oldest_itself = torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512")


def print_last_digits(notebook: dict) -> None:
    digits = zlib.crc32(torch.linspace(1, 2, 300, dtype=torch.float64).numpy())
    output = {"output_type": "stream", "name": "stdout", "text": f"{digits}\n"}
    notebook["cells"][-1].update(source=DIGITS, outputs=[output])


@pytest.mark.skipif(oldest_itself, reason="this processor has no fused multiplication to do without")
def test_last_digits_are_found_in_the_oldest_mode_and_not_in_the_own(small_book):
    small_book.edit_notebook(print_last_digits)
    found = {mode: differences([small_book.notebook], mode, small_book.root) for mode in ("oldest", "own")}
    assert found == {"oldest": [("small", 5)], "own": []}


def test_what_cannot_be_compared_is_no_difference(tmp_path):
    with pytest.raises(BookError, match="did not run, mode own"):
        differences([tmp_path / "none.ipynb"], "own", tmp_path)


def test_a_name_that_no_chapter_has(capsys):
    assert main(["moment"]) == 1
    assert "Did you mean momentum?" in capsys.readouterr().err


def test_the_computers_own_mode_sets_nothing():
    assert MODES["own"] == {}
    assert MODES["oldest"].keys() > MODES["avx2"].keys() > set()
