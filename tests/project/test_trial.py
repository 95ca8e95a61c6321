"""A trial is the run that its values name, and its outcome is what that run saw."""

import json
import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from book.optim import Momentum
from book.project import prepare
from book.project import trial as module
from book.project.failures import CHANCE
from book.project.predictions import from_text, predict
from book.project.protocol import UNTUNED, Plan, final_trials
from book.project.rate_search import first_trials
from book.project.tasks import TASKS, precision, splits
from book.project.trial import curve, run_trial
from book.training.data.batches import Batches
from book.training.run.history import History
from book.training.run.loop import score

PLAN = Plan("mlp", ("momentum",), "tiny")
DATA = splits("mnist", "sample")
TUNING = first_trials(PLAN)[0]
FINAL = final_trials(PLAN, {"momentum": 0.05})[0]


def by_hand(trial, train, *tests):
    """The task's run, written out: the accuracy on each of the test sets, and the losses of its steps."""
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
        return [100 * score(model, test.inputs, test.labels)[1] for test in tests], losses


@pytest.mark.long
@pytest.mark.parametrize(
    ("trial", "judged"),
    [
        (TUNING | {"epochs": 2}, DATA.validation),
        (FINAL, DATA.test),
        (FINAL | {"schedule": UNTUNED, "lr": 0.01}, DATA.test),
    ],
    ids=["tuning", "final", "defaults"],
)
def test_a_trial_is_the_run_written_out(trial, judged, tmp_path):
    outcome = run_trial(PLAN, trial, DATA, tmp_path)
    (accuracy, watched), losses = by_hand(trial, DATA.tuning, judged, DATA.validation)
    assert outcome["accuracy"] == pytest.approx(accuracy, abs=0.5)
    assert outcome["accuracies"][-1] == pytest.approx(watched, abs=0.5)
    assert ("predictions" in outcome) == (judged is DATA.test)
    if judged is DATA.test:
        right = from_text(outcome["predictions"]) == DATA.test.labels.numpy()
        assert 100 * right.mean() == pytest.approx(outcome["accuracy"], abs=0.01)
    assert outcome["steps"] == len(losses) == trial["epochs"] * math.ceil(len(DATA.tuning) / 128)
    assert outcome["losses"] == pytest.approx(losses, rel=0.02)
    steps = len(losses) // trial["epochs"]
    assert outcome["loss"] == pytest.approx(sum(losses[-steps:]) / steps, rel=0.02)
    assert len(outcome["accuracies"]) == trial["epochs"]
    assert outcome["seconds"] > 0
    assert not outcome["diverged"]
    assert not outcome["failed"]


@pytest.mark.long
def test_the_test_images_are_looked_at_once_after_the_last_epoch(tmp_path, monkeypatch):
    looked, fit = [], prepare.fit

    def watched_fit(*arguments, test, **options):
        assert test is DATA.validation
        history = fit(*arguments, test=test, **options)
        looked.append("trained")
        return history

    def watched_predict(model, data, precision):
        looked.append(data)
        return predict(model, data, precision)

    monkeypatch.setattr(prepare, "fit", watched_fit)
    monkeypatch.setattr(module, "predict", watched_predict)
    run_trial(PLAN, FINAL, DATA, tmp_path)
    run_trial(PLAN, TUNING, DATA, tmp_path)
    assert looked == ["trained", DATA.test, "trained"]


@pytest.mark.long
def test_a_run_at_chance_counts_as_a_guess(tmp_path):
    """At a rate of 0 it ends with the weights that it began with: near one in ten, and no loss is nan."""
    outcome = run_trial(PLAN, FINAL | {"lr": 0.0}, DATA, tmp_path)
    right = from_text(outcome["predictions"]) == DATA.test.labels.numpy()
    assert 0 < right.mean() < 0.15
    assert not outcome["diverged"]
    assert outcome["failed"]
    assert outcome["accuracy"] == CHANCE


def test_a_run_that_diverges_counts_as_a_guess(tmp_path):
    outcome = run_trial(PLAN, FINAL | {"lr": 1e20}, DATA, tmp_path)
    assert outcome["diverged"]
    assert outcome["failed"]
    assert outcome["accuracy"] == CHANCE
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
    trials = first_trials(plan) + final_trials(plan, {"momentum": 0.002, "adam": 0.001})
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
    monkeypatch.setattr(module, "precision", lambda device: "float32")
    monkeypatch.setattr(module, "commit", lambda: "0123456789ab")
    monkeypatch.setattr(prepare, "fit", stop_after_three_steps)
    outcome = run_trial(PLAN, FINAL, DATA, tmp_path)
    place = outcome["device"], outcome["precision"], outcome["commit"]
    assert place == ("an abacus", "float32", "0123456789ab")
