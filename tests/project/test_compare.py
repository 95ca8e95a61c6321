"""A comparison runs what is missing and nothing else, alone or with others, and says what it did."""

import json
import re
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from book.errors import BookError
from book.project import compare, comparison_file
from book.project.estimate import Cost
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
    monkeypatch.setattr(compare, "measured_cost", lambda plan, data: Cost(step=0.01, image=0.001))
    return ran


@pytest.mark.long
def test_it_ends_with_a_record_that_holds_together(tmp_path):
    said = []
    record = compare.compare("mlp", ["momentum", "sgd"], "tiny", say=said.append)
    comparison_file.write_comparison(tmp_path / "compare.json", record)
    stored = comparison_file.read_comparison(tmp_path / "compare.json")
    assert stored["results"].pop("predictions") == record["predictions"].digest
    assert stored == {name: value for name, value in record.items() if name != "predictions"}
    assert record["command"] == "python -m book compare --task mlp --optimizers momentum,sgd --budget tiny"
    assert record["hardware"]["processor"]
    [ran_on] = record["results"]["ran_on"]
    assert ran_on["device"]
    assert ran_on["precision"] in ("bfloat16", "float32")
    assert {run["ran_on"] for run in record["results"]["tuning"] + record["results"]["final"]} == {0}
    assert [len(record["results"][key]) for key in ("tuning", "final", "rows")] == [8, 8, 4]
    assert all(10 <= row["mean"] < 100 for row in record["results"]["rows"])
    assert [len(row["losses"]) for row in record["results"]["rows"]] == [10] * 4
    assert [len(run["losses"]) for run in record["results"]["final"]] == [10] * 8
    right = record["predictions"].runs == record["predictions"].labels
    for run, of_run in zip(record["results"]["final"], right, strict=True):
        assert run["failed"] or run["accuracy"] == pytest.approx(100 * of_run.mean(), abs=0.01)
    assert said[0].startswith("Protocol 2, MLP on MNIST, budget tiny")
    assert said[1].startswith("At most about 1 min here, with 1 process and ")
    assert len(said) == 2 + 16
    assert {line.split(",")[0] for line in said[2:]} >= {
        "Momentum 0.02",
        "Momentum 0.05",
        "SGD 0.001 constant",
    }


def test_it_runs_the_best_rate_on_the_test_images(quick):
    record = compare.compare("mlp", ["sgd"], "tiny")
    assert quick == [
        ("sgd", 0.1, "warm-up and linear decay", 0),
        ("sgd", 0.2, "warm-up and linear decay", 0),
        ("sgd", 0.2, "warm-up and linear decay", 1),
        ("sgd", 0.1, "warm-up and linear decay", 1),
        ("sgd", 0.2, "warm-up and linear decay", 100),
        ("sgd", 0.2, "warm-up and linear decay", 101),
        ("sgd", 0.001, "constant", 100),
        ("sgd", 0.001, "constant", 101),
    ]
    assert record["results"]["rows"][0]["edge"] == "highest"


def test_a_finished_trial_is_never_run_twice(quick):
    first = compare.compare("mlp", ["sgd"], "tiny")
    assert len(quick) == 8
    again = compare.compare("mlp", ["sgd"], "tiny")
    assert len(quick) == 8
    assert again["results"] == first["results"]
    more = compare.compare("mlp", ["adam", "sgd"], "tiny")
    assert len(quick) == 16
    assert {method for method, *_ in quick[8:]} == {"adam"}
    assert len(more["results"]["rows"]) == 4


@pytest.mark.long
@pytest.mark.parametrize("value", ["NaN", "250.0", '"70"', "null", "true"])
def test_a_stored_accuracy_that_none_can_be_is_told_before_anything_is_run_again(quick, value):
    compare.compare("mlp", ["sgd"], "tiny")
    file = min(Path("_runs").rglob("result.json"))
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r'"accuracy": [0-9.]+', f'"accuracy": {value}', text), encoding="utf-8")
    with pytest.raises(BookError, match=rf"^{file} is damaged: accuracy is .+\. Delete it, and its trial is"):
        compare.compare("mlp", ["sgd"], "tiny")
    assert len(quick) == 8
    file.unlink()
    compare.compare("mlp", ["sgd"], "tiny")
    assert len(quick) == 9


@pytest.mark.long
@pytest.mark.parametrize("finished", [0, 1, 3])
def test_an_interrupted_comparison_goes_on_where_it_stopped(quick, finished):
    quick.append(finished)
    with pytest.raises(KeyboardInterrupt):
        compare.compare("mlp", ["sgd"], "tiny")
    assert len(quick) == finished
    compare.compare("mlp", ["sgd"], "tiny")
    assert len(quick) == len(set(quick)) == 8


@pytest.mark.long
def test_workers_share_the_trials(tmp_path):
    ran = []
    record = compare.compare(
        "mlp", ["momentum"], "tiny", storage=tmp_path / "shared", workers=2, say=ran.append
    )
    assert record["hardware"]["cores used"] >= 2
    assert len(ran) - 2 <= 8  # the other process says what it ran in a list of its own
    alone = compare.compare("mlp", ["momentum"], "tiny", storage=tmp_path / "shared", say=ran.append)
    assert alone["results"] == record["results"]


def test_where_trials_lie_by_default(quick):
    record = compare.compare("mlp", ["sgd"], "tiny")
    [study] = Path("_runs").iterdir()
    assert study.name == record["results"]["study"]
    folders = list(study.iterdir())
    assert len(folders) == 8
    assert all((folder / "result.json").is_file() for folder in folders)


@pytest.mark.long
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
        sound, broken = {"losses": [1.0, 2.0]}, {"losses": [9.0], "loss": None, "diverged": True}
        return [outcome(trial, 70.0, **(broken if trial["seed"] == 102 else sound)) for trial in trials]

    record = invented(monkeypatch, "mlp", ("sgd",), "small", some_diverge)
    assert [row["losses"] for row in record["results"]["rows"]] == [[1, 2], [1, 2]]
    assert [row["failed"] for row in record["results"]["rows"]] == [[0, 1], [0, 1]]


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


@pytest.mark.parametrize("storage", ["a-file", "nul\0", "a" * 300])
def test_a_storage_that_cannot_be_used_is_told_before_anything_is_timed(tmp_path, storage):
    (tmp_path / "a-file").touch()
    said = []
    with pytest.raises(BookError, match=r"The storage .* cannot be written"):
        compare.compare("mlp", ["adam"], "tiny", storage=tmp_path / storage, say=said.append)
    assert said == []


def test_the_record_is_plain_json(monkeypatch):
    record = invented(monkeypatch)
    del record["predictions"]
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_a_search_goes_on_beyond_an_edge(monkeypatch):
    """Larger is better up to a rate of 3: beyond the first four rates, within the limit."""

    def better_up_to_3(storage, name, trials, run):
        return [outcome(trial, 80 - abs(trial["lr"] - 3)) for trial in trials]

    record = invented(monkeypatch, "mlp", ("sgd",), "small", better_up_to_3)
    tried = {trial["lr"] for trial in record["results"]["tuning"]}
    assert tried == {0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0}
    assert record["results"]["rows"][0]["lr"] == 2
    assert record["results"]["rows"][0]["edge"] is None
    seeds = {lr: [t["seed"] for t in record["results"]["tuning"] if t["lr"] == lr] for lr in tried}
    assert {lr for lr, run in seeds.items() if run == [0, 1, 2]} == {2.0, 1.0}


def test_another_declaration_shares_no_trial(quick, monkeypatch):
    compare.compare("mlp", ["sgd"], "tiny")
    monkeypatch.setattr("book.project.declaration.WARMUP", 0.2)
    compare.compare("mlp", ["sgd"], "tiny")
    assert len(quick) == 16
    assert len(list(Path("_runs").iterdir())) == 2


def test_a_budget_may_name_its_methods(monkeypatch):
    assert compare.plan_for("cnn", None, "colab").methods == ("sgd", "momentum", "adam", "adamw")
    assert compare.plan_for("cnn", ["nesterov"], "colab").methods == ("nesterov",)
    assert compare.plan_for("cnn", None, "medium").methods == tuple(COMPARED)
