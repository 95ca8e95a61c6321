"""A comparison runs what is missing and nothing else, alone or with others, and says what it did."""

import json
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from book.errors import BookError
from book.project import compare, comparison_file
from book.project.methods import COMPARED
from tests.project.invented import invent, invented, outcome


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def quick(monkeypatch):
    """Outcomes are invented; the list holds the trials that were run, and a number in it stops before it."""
    ran = []

    def run_trial(plan, trial, data, folder):
        if ran and ran[0] == len(ran) - 1:
            ran.pop(0)
            raise KeyboardInterrupt
        ran.append((trial["method"], trial["lr"], trial["schedule"], trial["seed"]))
        return outcome(trial, 70.0 + trial["lr"])

    monkeypatch.setattr(compare, "run_trial", run_trial)
    return ran


@pytest.mark.long
def test_it_ends_with_a_record_that_holds_together(tmp_path):
    said = []
    record = compare.compare("mlp", ["momentum", "sgd"], "tiny", say=said.append)
    comparison_file.write_comparison(tmp_path / "compare.json", record)
    assert comparison_file.read_comparison(tmp_path / "compare.json") == record
    assert record["command"] == "python -m book compare --task mlp --optimizers momentum,sgd --budget tiny"
    assert record["hardware"]["processor"]
    [ran_on] = record["results"]["ran_on"]
    assert ran_on["device"]
    assert [len(record["results"][key]) for key in ("tuning", "final", "rows")] == [4, 8, 4]
    assert all(10 < row["mean"] < 100 for row in record["results"]["rows"])
    assert [len(row["losses"]) for row in record["results"]["rows"]] == [12] * 4
    assert said[0].startswith("Protocol 1, MLP on MNIST, budget tiny")
    assert len(said) == 1 + 12
    assert {line.split(",")[0] for line in said[1:]} >= {
        "Momentum 0.02",
        "Momentum 0.05",
        "SGD 0.001 constant",
    }


def test_it_runs_the_best_rate_on_the_test_images(quick):
    record = compare.compare("mlp", ["sgd"], "tiny")
    assert quick == [
        ("sgd", 0.1, "warm-up and linear decay", 0),
        ("sgd", 0.2, "warm-up and linear decay", 0),
        ("sgd", 0.2, "warm-up and linear decay", 100),
        ("sgd", 0.2, "warm-up and linear decay", 101),
        ("sgd", 0.001, "constant", 100),
        ("sgd", 0.001, "constant", 101),
    ]
    assert record["results"]["rows"][0]["edge"] == "highest"


def test_a_finished_trial_is_never_run_twice(quick):
    first = compare.compare("mlp", ["sgd"], "tiny")
    assert len(quick) == 6
    again = compare.compare("mlp", ["sgd"], "tiny")
    assert len(quick) == 6
    assert again["results"] == first["results"]
    more = compare.compare("mlp", ["adam", "sgd"], "tiny")
    assert len(quick) == 12
    assert {method for method, *_ in quick[6:]} == {"adam"}
    assert len(more["results"]["rows"]) == 4


@pytest.mark.parametrize("finished", [0, 1, 3])
def test_an_interrupted_comparison_goes_on_where_it_stopped(quick, finished):
    quick.append(finished)
    with pytest.raises(KeyboardInterrupt):
        compare.compare("mlp", ["sgd"], "tiny")
    assert len(quick) == finished
    compare.compare("mlp", ["sgd"], "tiny")
    assert len(quick) == len(set(quick)) == 6


@pytest.mark.long
def test_workers_share_the_trials(tmp_path):
    ran = []
    record = compare.compare(
        "mlp", ["momentum"], "tiny", storage=tmp_path / "shared", workers=2, say=ran.append
    )
    assert record["hardware"]["cores used"] >= 2
    assert len(ran) - 1 <= 6  # the other process says what it ran in a list of its own
    alone = compare.compare("mlp", ["momentum"], "tiny", storage=tmp_path / "shared", say=ran.append)
    assert alone["results"] == record["results"]


def test_where_trials_lie_by_default(quick):
    compare.compare("mlp", ["sgd"], "tiny")
    folders = list(Path("_runs", "compare-mlp-tiny-protocol-1").iterdir())
    assert len(folders) == 6
    assert all((folder / "result.json").is_file() for folder in folders)


def test_a_trial_runs_in_the_folder_that_its_process_has_locked(monkeypatch, tmp_path):
    def run_trial(plan, trial, data, folder):
        assert folder.parent.parent == tmp_path / "shared"
        with pytest.raises(Timeout):
            FileLock(folder / "lock").acquire(timeout=0)
        return outcome(trial, 70.0)

    monkeypatch.setattr(compare, "run_trial", run_trial)
    compare.compare("mlp", ["sgd"], "tiny", storage=tmp_path / "shared")


def test_all_optimizers_are_the_default(monkeypatch):
    record = invented(monkeypatch, "mlp", COMPARED, "small")
    assert list(record["results"]["protocol"]["methods"]) == list(COMPARED)
    monkeypatch.setattr(compare, "run_trials", invent)
    assert compare.compare("mlp")["results"]["rows"] == record["results"]["rows"]


def test_the_mean_curve_leaves_diverged_runs_out(monkeypatch):
    def some_diverge(storage, name, trials, run):
        sound, broken = {"losses": [1.0, 2.0]}, {"losses": [9.0], "diverged": True}
        return [outcome(trial, 70.0, **(broken if trial["seed"] == 102 else sound)) for trial in trials]

    record = invented(monkeypatch, "mlp", ("sgd",), "small", some_diverge)
    assert [row["losses"] for row in record["results"]["rows"]] == [[1, 2], [1, 2]]
    assert [row["diverged"] for row in record["results"]["rows"]] == [[0, 1], [0, 1]]


def test_machines_that_took_part_are_named(monkeypatch):
    def two_machines(storage, name, trials, run):
        return [outcome(trial, 70.0, device=f"machine {trial['seed'] % 2}") for trial in trials]

    record = invented(monkeypatch, "mlp", ("sgd",), "small", two_machines)
    assert [entry["device"] for entry in record["results"]["ran_on"]] == ["machine 0", "machine 1"]


def test_data_that_cannot_be_had_is_one_sentence(monkeypatch):
    def no_data(name, scale):
        raise BookError(f"{name} {scale}: there is no network.")

    monkeypatch.setattr("book.project.tasks.load", no_data)
    with pytest.raises(BookError, match="mnist full: there is no network"):
        compare.compare("mlp", ["adam"], "full")


def test_the_record_is_plain_json(monkeypatch):
    record = invented(monkeypatch)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
