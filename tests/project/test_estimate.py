"""The time that is declared before the start follows from measured steps."""

import pytest

from book.project import compare
from book.project.declaration import declare
from book.project.estimate import Cost, describe_cost, measured_cost, most_hours
from book.project.protocol import Plan
from book.project.rate_search import first_trials
from book.project.tasks import Splits, splits
from tests.project.invented import invented, outcome


def test_more_steps_take_more_time():
    declared = declare(Plan("mlp", ("adam", "sgd"), "small"), splits("mnist", "sample"))
    cost = Cost(step=0.1, image=0.001)
    # 2 methods: 8 rates and 2 more seeds of 2 finalists, then 6 runs; 10 epochs of 10 steps each
    passes = 2 * (8 + 2 * 2 + 6) * 10
    seconds = passes * (10 * 0.1 + 300 * 0.001) + 2 * 6 * 500 * 0.001
    assert most_hours(declared, cost) == pytest.approx(seconds / 3600)
    assert most_hours(declared, cost, workers=2) == pytest.approx(seconds / 7200)


@pytest.mark.parametrize(("step", "said"), [(3.0, "1.5 hours"), (1e-6, "1 min"), (0.5, "15 min")])
def test_the_line_that_is_printed(step, said):
    declared = declare(Plan("mlp", ("adam", "sgd"), "small"), splits("mnist", "sample"))
    line = describe_cost(declared, Cost(step, 0.0), 2)
    assert line.startswith(f"At most about {said} here, with 2 processes and {1000 * step:.3g} ms a step")


def test_it_is_said_before_anything_runs(monkeypatch):
    said = []

    def run_trials(storage, name, trials, run):
        assert said[1].startswith("At most about")
        return [outcome(trial, 70.0) for trial in trials]

    monkeypatch.setattr(compare, "splits", lambda name, scale: splits(name, "sample"))
    monkeypatch.setattr(compare, "measured_cost", lambda plan, data: Cost(0.01, 0.001))
    monkeypatch.setattr(compare, "run_trials", run_trials)
    compare.compare("mlp", ["sgd"], "tiny", say=said.append)
    assert len(said) == 2


def test_no_search_is_longer_than_the_most_that_is_said(monkeypatch):
    """Every rate higher than the last is better, so that each search goes to its limit."""
    counted = []

    def higher_is_better(storage, name, trials, run):
        counted.extend(trials)
        return [outcome(trial, 50 + trial["lr"] / 100) for trial in trials]

    record = invented(monkeypatch, "mlp", ("sgd", "adam"), "small", higher_is_better)
    steps = sum(trial["epochs"] for trial in counted) * 10
    assert most_hours(record["results"]["protocol"], Cost(3600.0, 0.0)) == steps


def test_the_colab_budget_is_done_within_an_hour_at_twenty_milliseconds_a_step():
    """A T4 does its 8 GFLOP a step, 128 images forwards and backwards, in less."""
    plan = compare.plan_for("cnn", None, "colab")
    images = dict.fromkeys(("train",), 50_000) | {"tuning": 45_000, "validation": 5_000, "test": 10_000}
    declared = declare(plan, splits("cifar10", "sample")) | {"images": images}
    assert most_hours(declared, Cost(step=0.020, image=0.0001)) < 1
    assert [len(plan.methods), plan.means.rates, plan.means.seeds] == [4, 4, (3, 3, 3)]
    assert plan.means.keep


@pytest.mark.long
def test_steps_are_measured_on_the_plans_own_network():
    data = splits("mnist", "sample")
    plan = Plan("mlp", ("sgd",), "tiny")
    cost = measured_cost(plan, Splits(*data))
    assert 1e-5 < cost.step < 5
    assert 1e-8 < cost.image < 0.1
    assert first_trials(plan)[0]["epochs"] == plan.means.epochs["mlp"][0]
