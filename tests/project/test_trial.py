"""A trial is the run that its values name, and its outcome is what that run saw."""

import json
import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from book.optim import Momentum
from book.project import prepare
from book.project import trial as module
from book.project.protocol import UNTUNED, Plan, final_trials, tuning_trials
from book.project.tasks import TASKS, precision, splits
from book.project.trial import GUESS, curve, run_trial
from book.training.data.batches import Batches
from book.training.run.history import History
from book.training.run.loop import score

PLAN = Plan("mlp", ("momentum",), "tiny")
DATA = splits("mnist", "sample")
TUNING = tuning_trials(PLAN)[0]
FINAL = final_trials(PLAN, {"momentum": 0.05})[0]


def by_hand(trial, train, test):
    """The task's run, written out: the accuracy and the losses of its steps."""
    model = TASKS["mlp"].network(trial["seed"])
    batches = Batches(train, 128, seed=trial["seed"])
    optimizer = Momentum(model.parameters(), trial["lr"], momentum=0.9)
    steps, losses = trial["epochs"] * len(batches), []
    warmup = round(0.15 * steps)
    autocast = torch.autocast("cpu", torch.bfloat16, enabled=precision("cpu") == "bfloat16")
    for number in range(trial["epochs"]):
        for t, (inputs, labels) in enumerate(batches.epoch(number), number * len(batches)):
            share = (t + 1) / warmup if t < warmup else (steps - t) / (steps - warmup)
            optimizer.param_groups[0]["lr"] = trial["lr"] * (share if trial["schedule"] != UNTUNED else 1)
            optimizer.zero_grad()
            with autocast:
                loss = cross_entropy(model(inputs), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    with autocast:
        return score(model, test.inputs, test.labels)[1], losses


@pytest.mark.long
@pytest.mark.parametrize(
    ("trial", "train", "test"),
    [
        (TUNING | {"epochs": 2}, DATA.tuning, DATA.validation),
        (FINAL, DATA.train, DATA.test),
        (FINAL | {"schedule": UNTUNED}, DATA.train, DATA.test),
    ],
    ids=["tuning", "final", "defaults"],
)
def test_a_trial_is_the_run_written_out(trial, train, test, tmp_path):
    outcome = run_trial(PLAN, trial, DATA, tmp_path)
    accuracy, losses = by_hand(trial, train, test)
    assert outcome["accuracy"] == outcome["accuracies"][-1] == pytest.approx(100 * accuracy, abs=0.5)
    assert outcome["steps"] == len(losses) == trial["epochs"] * math.ceil(len(train) / 128)
    assert outcome["losses"] == pytest.approx(losses, rel=0.02)
    steps = len(losses) // trial["epochs"]
    assert outcome["loss"] == pytest.approx(sum(losses[-steps:]) / steps, rel=0.02)
    assert len(outcome["accuracies"]) == trial["epochs"]
    assert outcome["seconds"] > 0
    assert not outcome["diverged"]


def test_a_run_that_diverges_counts_as_a_guess(tmp_path):
    outcome = run_trial(PLAN, FINAL | {"lr": 1e20}, DATA, tmp_path)
    assert outcome["diverged"]
    assert outcome["accuracy"] == GUESS
    assert outcome["loss"] is None
    assert outcome["losses"][0] == pytest.approx(2.3, abs=0.1)
    assert all(map(math.isfinite, outcome["losses"]))
    json.dumps(outcome, allow_nan=False)


def stop_after_three_steps(model, batches, optimizer, epochs, **options):
    return History(losses=[2.3, 4.0, math.nan], seconds=[0.1])


def test_a_run_that_ended_early_needs_no_accuracy(tmp_path, monkeypatch):
    monkeypatch.setattr(prepare, "fit", stop_after_three_steps)
    outcome = run_trial(PLAN, FINAL, DATA, tmp_path)
    assert outcome["diverged"]
    assert (outcome["steps"], outcome["accuracies"], outcome["losses"]) == (3, [], [2.3, 4.0])


@pytest.mark.long
def test_a_long_run_keeps_checkpoints_of_its_own_until_it_is_finished(tmp_path, monkeypatch):
    asked = []

    def fit(model, batches, optimizer, epochs, *, keep, **options):
        assert keep.is_dir()
        asked.append(keep)
        return History([2.3], [2.3], [0.1], [0.1])

    monkeypatch.setattr(prepare, "fit", fit)
    monkeypatch.setattr(module, "_keep", lambda folder: folder.mkdir(parents=True) or folder)
    plan = Plan("mlp", ("momentum", "adam"), "full")
    trials = tuning_trials(plan) + final_trials(plan, {"momentum": 0.002, "adam": 0.001})
    for number, trial in enumerate(trials):
        run_trial(plan, trial, DATA, tmp_path / str(number))
    assert asked == [tmp_path / str(number) / "checkpoints" for number in range(len(trials))]
    assert [file for file in tmp_path.rglob("*") if file.parent != tmp_path] == []


def test_a_curve_has_at_most_so_many_points():
    assert curve([1.0, 2.0, 3.0]) == [1, 2, 3]
    assert curve([]) == []
    losses = torch.linspace(2, 1, 1000).tolist()
    assert len(curve(losses)) == 50
    assert curve(losses, points=4) == pytest.approx([1.875, 1.625, 1.375, 1.125], rel=5e-3)
    assert curve([0.123456]) == [0.123]


def test_an_outcome_says_where_it_is_from(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "processor", lambda: "an abacus")
    monkeypatch.setattr(module, "commit", lambda: "0123456789ab")
    monkeypatch.setattr(prepare, "fit", stop_after_three_steps)
    outcome = run_trial(PLAN, FINAL, DATA, tmp_path)
    assert (outcome["device"], outcome["commit"]) == ("an abacus", "0123456789ab")
