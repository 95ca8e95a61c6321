"""Stored results are found in the repository and in the wheel, and every one says where it is from."""

import json
import zipfile
from pathlib import Path

import pytest

from book import results
from book.errors import BookError
from tests.cases import each

ROOT = Path(__file__).parents[1]
STORED = sorted((ROOT / "assets" / "results").glob("*.json"))


@each("file", STORED)
def test_every_stored_result_carries_its_provenance(file):
    record = results.load(file.stem)
    kind, task, *budget = file.stem.split("-", 2)[:3] if "-" in file.stem else (file.stem, "")
    compared = f"python -m book compare --task {task} --optimizers "
    command = compared if kind == "compare" else f"python -m book bench {file.stem}"
    assert record["command"].startswith(command)
    assert not (kind == "compare" and budget) or record["command"].endswith(f"--budget {budget[0]}")
    assert len(record["date"]) == len("2026-01-31")
    assert record["hardware"]["processor"]
    assert record["hardware"]["cores used"] >= 1
    assert record["software"]["torch"]
    assert record["results"]


def test_there_are_stored_results():
    assert {"sums", "flops"} <= {file.stem for file in STORED}


def test_the_packaged_copy_is_read_where_there_is_no_repository(tmp_path, monkeypatch):
    packaged = tmp_path / "book" / "_results"
    packaged.mkdir(parents=True)
    (packaged / "tiny.json").write_text(json.dumps({"results": 3}), encoding="utf-8")
    monkeypatch.setattr(results, "FOLDERS", (tmp_path / "assets" / "results", packaged))
    assert results.load("tiny") == {"results": 3}


def test_a_name_that_is_not_stored_says_what_is_and_how_to_make_it():
    with pytest.raises(BookError, match=r"no stored result 'sum', only .*sums.*python -m book bench sum$"):
        results.load("sum")


def test_the_wheel_holds_the_results_where_load_looks(tmp_path):
    builder = pytest.importorskip("hatchling.builders.wheel")
    (wheel,) = builder.WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    names = zipfile.ZipFile(wheel).namelist()
    assert "book/results.py" in names
    assert "book/bench/chains.c" in names
    assert {f"book/_results/{file.name}" for file in STORED} <= set(names)


@pytest.mark.parametrize(
    "text", [b"", b'{"command": "x", "resu', b"[1]", b"null", b"\xff\xfe", b"3", b"[" * 10**5]
)
def test_a_damaged_result_is_told_in_one_sentence(tmp_path, monkeypatch, text):
    monkeypatch.setattr(results, "FOLDERS", (tmp_path,))
    (tmp_path / "sums.json").write_bytes(text)
    with pytest.raises(
        BookError, match=r"sums.json is damaged. Make it again: python -m book bench sums"
    ) as error:
        results.load("sums")
    assert "\n" not in str(error.value)
