"""A stored comparison is read as it was written, and refused where it does not hold together."""

import json
import math

import numpy as np
import pytest

from book import results as stored
from book.errors import BookError
from book.project.comparison_file import (
    FIRST,
    check_replaceable,
    load_comparison,
    load_predictions,
    place,
    read_comparison,
    write_comparison,
)
from book.project.methods import COMPARED
from book.project.predictions import Predictions, read_predictions, write_predictions
from book.project.protocol import BUDGETS, VERSION, Plan
from tests.project.invented import invented


@pytest.fixture
def record(monkeypatch):
    return invented(monkeypatch)


@pytest.fixture
def file(record, tmp_path):
    write_comparison(tmp_path / "compare-cnn.json", record)
    return tmp_path / "compare-cnn.json"


def change(file, **changes):
    record = json.loads(file.read_text(encoding="utf-8"))
    record["results"].update(changes)
    file.write_text(json.dumps(record), encoding="utf-8")
    return record["results"]


def as_stored(record):
    """The record with the digest of its predictions in their place."""
    results = record["results"] | {"predictions": record["predictions"].digest}
    return {name: value for name, value in record.items() if name != "predictions"} | {"results": results}


def test_what_is_written_is_read(record, file):
    assert read_comparison(file) == as_stored(record)
    beside = f"{file.stem}-predictions.npz"
    assert sorted(path.name for path in file.parent.iterdir()) == sorted([file.name, beside])


def test_predictions_are_those_of_the_comparison_beside_them(record, file, monkeypatch):
    monkeypatch.setattr(stored, "FOLDERS", (file.parent,))
    found = load_predictions("cnn")
    assert np.array_equal(found.runs, record["predictions"].runs)
    assert np.array_equal(found.labels, record["predictions"].labels)
    assert len(found.runs) == len(record["results"]["final"])
    beside = file.with_name(f"{file.stem}-predictions.npz")
    changed = found.runs.copy()
    changed[3, 7] ^= 1
    write_predictions(beside, Predictions(found.labels, changed))
    with pytest.raises(BookError, match="of another comparison"):
        load_predictions("cnn")
    beside.write_bytes(beside.read_bytes()[:100])
    with pytest.raises(BookError, match="cannot be read"):
        load_predictions("cnn")
    beside.unlink()
    with pytest.raises(BookError, match="cannot be read"):
        load_predictions("cnn")


def test_a_comparison_of_the_first_protocol_is_judged_as_those_of_today():
    """The stored one on VGG13: ties were Welch's, and runs at chance counted as trained."""
    [file] = [folder / "compare-vgg13.json" for folder in stored.FOLDERS if folder.is_dir()][:1]
    old = json.loads(file.read_text(encoding="utf-8"))["results"]
    assert old["protocol"]["version"] == FIRST
    found = read_comparison(file)["results"]
    assert [row["mean"] for row in found["rows"]] == [row["mean"] for row in old["rows"]]
    by_name = {(row["method"], row["tuned"]): row for row in found["rows"]}
    assert by_name["rmsprop", False]["failed"] == [0, 2]  # 10.93 and 10.48 per cent
    assert all(
        "p" in row and "p" not in before for row, before in zip(found["rows"], old["rows"], strict=True)
    )


def test_a_row_of_the_first_protocol_with_another_rate_than_its_trials_chose(tmp_path):
    [source] = [folder / "compare-vgg13.json" for folder in stored.FOLDERS if folder.is_dir()][:1]
    old = json.loads(source.read_text(encoding="utf-8"))
    old["results"]["rows"][0]["lr"] *= 2
    (tmp_path / "old.json").write_text(json.dumps(old), encoding="utf-8")
    with pytest.raises(BookError, match="its rows do not follow from them"):
        read_comparison(tmp_path / "old.json")


def test_a_comparison_of_another_budget_stands_beside_the_main_one(record, file, monkeypatch):
    write_comparison(file.with_name("compare-cnn-small.json"), record)
    monkeypatch.setattr(stored, "FOLDERS", (file.parent,))
    assert load_comparison("cnn", "small") == as_stored(record)
    with pytest.raises(
        BookError, match=r"There is no stored comparison compare-cnn-tiny. Make it with: .*--budget tiny"
    ):
        load_comparison("cnn", "tiny")
    with pytest.raises(BookError, match="no budget 'smal'; did you mean 'small'"):
        load_comparison("cnn", "smal")


def test_a_trial_stands_on_one_line(file):
    lines, results = file.read_text(encoding="utf-8").splitlines(), read_comparison(file)["results"]
    stored_lines = sum(len(results[part]) for part in ("rows", "tuning", "final"))
    assert sum(line.lstrip().startswith('{"method": ') for line in lines) == stored_lines


@pytest.mark.long
@pytest.mark.parametrize(
    ("task", "budget"), [(task, name) for name in ("medium", "full") for task in BUDGETS[name].epochs]
)
def test_the_largest_files_stay_below_250_kB(task, budget, monkeypatch, tmp_path):
    write_comparison(tmp_path / "large.json", invented(monkeypatch, task, COMPARED, budget))
    assert (tmp_path / "large.json").stat().st_size < 250_000


def test_a_value_that_json_does_not_have_leaves_the_old_file(record, file):
    with pytest.raises(ValueError, match="JSON"):
        write_comparison(file, record | {"results": record["results"] | {"rows": float("nan")}})
    assert read_comparison(file) == as_stored(record)


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_file_that_was_cut_short(file, share):
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: int(share * len(text))], encoding="utf-8")
    with pytest.raises(
        BookError, match=r"compare-cnn.json is not a whole comparison.*python -m book compare"
    ):
        read_comparison(file)


@pytest.mark.parametrize("text", ["[]", "null", '{"results": {}}', '{"results": {"protocol": null}}', "\x00"])
def test_a_file_of_another_kind(file, text):
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BookError, match="not a whole comparison"):
        read_comparison(file)


def tampered(results):
    """The ways in which one value of a result is changed."""
    rows, tuning, final = results["rows"], results["tuning"], results["final"]
    yield {"rows": [rows[0] | {"mean": rows[0]["mean"] + 0.1}, *rows[1:]]}
    yield {"rows": [rows[0] | {"half": rows[0]["half"] / 2}, *rows[1:]]}
    yield {"rows": [rows[0] | {"tied": not rows[0]["tied"]}, *rows[1:]]}
    yield {"rows": [rows[0] | {"p": rows[0]["p"] / 2 + 0.5}, *rows[1:]] if rows[0]["p"] < 1 else rows[1:]}
    yield {"protocol": results["protocol"] | {"warmup": 0.2}}  # the study is of another declaration
    yield {"study": "compare-cnn-small-0123456789ab"}
    yield {"rows": rows[1:]}
    yield {"final": [final[0] | {"seconds": math.nan}, *final[1:]]}
    yield {"tuning": [tuning[0] | {"accuracies": [250.0]}, *tuning[1:]]}
    yield {"final": final[1:]}
    yield {"final": [final[0] | {"accuracy": final[0]["accuracy"] + 1}, *final[1:]]}
    yield {"tuning": [tuning[0] | {"diverged": True}, *tuning[1:]]}
    yield {"tuning": [tuning[0] | {"accuracy": 99.0}, *tuning[1:]]}  # another rate would have been chosen


@pytest.mark.parametrize("number", range(13))
def test_a_value_that_was_changed(file, record, number):
    change(file, **list(tampered(record["results"]))[number])
    with pytest.raises(BookError, match="its rows do not follow from them"):
        read_comparison(file)


def test_another_version_of_the_protocol(file, record):
    change(file, protocol=record["results"]["protocol"] | {"version": VERSION + 1}, rows=None)
    with pytest.raises(BookError) as caught:
        read_comparison(file)
    assert str(caught.value) == (
        f"{file} follows version {VERSION + 1} of the protocol, this book version {VERSION}. "
        "Move it away and make it again: python -m book compare --task cnn"
    )


def test_a_stored_comparison_is_found_in_the_repository_or_in_the_wheel(record, file, tmp_path, monkeypatch):
    for folders in ((tmp_path, tmp_path / "none"), (tmp_path / "none", tmp_path)):
        monkeypatch.setattr(stored, "FOLDERS", folders)
        assert load_comparison("cnn") == as_stored(record)
    assert place("cnn").parent.as_posix() == "."
    monkeypatch.setattr(stored, "FOLDERS", (tmp_path,))
    assert place("cnn") == file
    with pytest.raises(
        BookError, match=r"no stored comparison compare-mlp. Make it with: python -m book compare"
    ):
        load_comparison("mlp")
    with pytest.raises(BookError, match="no task 'mpl'; did you mean 'mlp'"):
        load_comparison("mpl")


@pytest.mark.parametrize(
    "plan",
    [
        ("mlp", ("adam", "momentum"), "small"),
        ("cnn", ("adam",), "small"),
        ("cnn", ("adam", "momentum"), "tiny"),
    ],
)
def test_a_smaller_comparison_does_not_replace_a_larger_one(file, plan):
    with pytest.raises(BookError, match=r"holds adam, momentum on cnn, budget small, which would be lost"):
        check_replaceable(file, Plan(*plan))


def test_a_larger_comparison_replaces_a_smaller_one(file):
    check_replaceable(file, Plan("cnn", ("sgd", "momentum", "adam"), "small"))
    check_replaceable(file, Plan("cnn", ("adam", "momentum"), "full"))
    check_replaceable(file.with_name("new.json"), Plan("mlp", ("adam",), "tiny"))


def test_a_file_of_another_kind_is_not_replaced(file):
    file.write_text("my notes", encoding="utf-8")
    with pytest.raises(BookError, match="Move it away"):
        check_replaceable(file, Plan("cnn", ("adam", "momentum"), "full"))


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a" * 240 + ".json", "nul\0.json", "a-file/new.json", "/proc/new.json"]
)
def test_a_place_that_takes_no_file_is_refused_before_the_run(tmp_path, name):
    """With the predictions' name, 240 letters are too many."""
    (tmp_path / "a-file").touch()
    with pytest.raises(BookError, match=r"The result .* cannot be written \(.+\)\. Choose a file"):
        check_replaceable(tmp_path / name, Plan("mlp", ("adam",), "tiny"))
    assert [file.name for file in tmp_path.iterdir()] == ["a-file"]


@pytest.mark.parametrize("version", [FIRST, VERSION])
@pytest.mark.parametrize("part", ["tuning", "final"])
def test_a_trial_that_is_missing_is_missed(record, file, tmp_path, version, part):
    if version == FIRST:
        file = tmp_path / "compare-mlp.json"
        file.write_text(
            (stored.FOLDERS[0] / "compare-mlp.json").read_text(encoding="utf-8"), encoding="utf-8"
        )
    read_comparison(file)
    trials = json.loads(file.read_text(encoding="utf-8"))["results"][part]
    for number in {0, len(trials) // 2, len(trials) - 1}:
        change(file, **{part: trials[:number] + trials[number + 1 :]})
        with pytest.raises(BookError, match="is not a whole comparison: trials are missing, or its rows"):
            read_comparison(file)


@pytest.mark.parametrize(
    "damage", [b"", b"text", b"PK\x03\x04", b"\x93NUMPY\x01\x00\x76\x00{(", b"\x80\x04N."]
)
def test_damaged_predictions_are_one_sentence(tmp_path, damage):
    (tmp_path / "p.npz").write_bytes(damage)
    with pytest.raises(BookError, match=r"p\.npz (cannot be read|is of another)") as error:
        read_predictions(tmp_path / "p.npz", "digest")
    assert "\n" not in str(error.value)
