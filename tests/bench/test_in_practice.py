"""Steps against seconds: equal runs, one protocol, costs that add up."""

from dataclasses import replace
from itertools import islice

import pytest
import torch
from torch import nn

from book import results
from book.bench import in_practice, step_seconds
from book.bench.in_practice_runs import endless, one_run
from book.project.in_practice_methods import ENTRANTS, closure_of, pace, seconds_of, work
from book.project.in_practice_tasks import PROBLEMS, WORST, Part, judged
from book.project.protocol import TUNED
from book.project.rate_search import first_rates
from book.project.tasks import splits
from book.training.data.batches import Batches
from book.training.data.load import load

COST = {
    "momentum": {"step": 1.0},
    "adamw": {"step": 1.0},
    "lbfgs": {"evaluation": 4.0},
    "kfac": {"step": 1.5, "refresh": 4.0},
    "adahessian": {"step": 2.5},
    "shampoo": {"step": 1.5, "refresh": 5.0},
}


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Small data, small batches, few steps; what runs is kept in a folder of the test's."""
    for name, problem in PROBLEMS.items():
        shrunk = replace(problem, batch=20, large=60, steps=4, marks=2)
        monkeypatch.setitem(PROBLEMS, name, shrunk)
    monkeypatch.setattr(in_practice, "STORAGE", tmp_path)


def digits():
    return PROBLEMS["mlp"].material(splits("mnist", "sample"))


def trial_of(problem, method, lr, **other):
    trial = {"problem": problem, "method": method, "lr": lr, "schedule": TUNED, "seed": 0}
    return trial | {"judged_on": "validation", "steps": 4, "evaluations": None} | other


@pytest.mark.parametrize("method", ENTRANTS)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_run_learns_and_is_its_seed_alone(small, problem, method):
    data = PROBLEMS[problem].material(splits(PROBLEMS[problem].data, "sample"))
    trial = trial_of(problem, method, ENTRANTS[method].rates[2])
    first, again = one_run(trial, data), one_run(trial, data)
    assert first == again
    assert not first["diverged"]
    assert first["steps"] == 4
    assert first["marks"] == []
    start = PROBLEMS[problem].network(0)
    if problem != "cnn":  # which takes more than four steps
        assert first["loss"] < judged(PROBLEMS[problem], start, data.validation)[0]


def test_a_final_run_is_watched_on_its_way_and_tested_at_its_end(small):
    data = digits()
    run = one_run(trial_of("mlp", "momentum", 0.05, judged_on="test"), data)
    assert [mark["steps"] for mark in run["marks"]] == [0, 2, 4]
    assert run["score"] * 500 == pytest.approx(round(run["score"] * 500), abs=0.1)


@pytest.mark.parametrize("method", ["momentum", "shampoo"])
def test_a_run_that_diverges_is_a_failed_one(small, method):
    run = one_run(trial_of("mlp", method, 1e30, steps=6), digits())
    assert (run["diverged"], run["score"], run["loss"]) == (True, 0.1, None)


def test_lbfgs_counts_iterations_or_evaluations(small):
    data = digits()
    by_steps = one_run(trial_of("mlp", "lbfgs", 3, steps=7), data)
    assert by_steps["steps"] == 7
    assert by_steps["evaluations"] > 7
    by_work = one_run(trial_of("mlp", "lbfgs", 3, steps=None, evaluations=9), data)
    assert 9 <= by_work["evaluations"] <= 11


def test_batches_are_whole_and_go_on(small):
    part = Part(torch.arange(50), torch.arange(50))
    drawn = list(islice(endless(part, 20, seed=3), 5))
    assert [len(batch.targets) for batch in drawn] == [20] * 5
    assert len({int(k) for batch in drawn[:2] for k in batch.inputs}) == 40
    of_the_book = Batches(load("mnist")[0][:50], 20, seed=3)
    order = of_the_book._draw(0)[0]
    assert drawn[0].inputs.equal(order[:20])


def test_a_share_of_a_step_is_a_share_of_its_length():
    """Of K-FAC's too, whether it is shortened or not."""
    inputs, labels = load("mnist")[0][:40].inputs, load("mnist")[0][:40].labels
    for limit in (1e-6, 1e6):
        moved = []
        for share in (1.0, 0.5):
            model = PROBLEMS["mlp"].network(0)
            optimizer = ENTRANTS["kfac"].optimizer(model, PROBLEMS["mlp"], limit)
            before = model[1].weight.detach().clone()
            pace(optimizer, dict(optimizer.param_groups[0]), share)
            optimizer.step(closure_of(optimizer, model, PROBLEMS["mlp"], inputs, labels))
            moved.append(float((model[1].weight.detach() - before).norm()))
        assert moved[1] / moved[0] == pytest.approx(0.5, rel=1e-3)


def test_kfac_sees_a_sum_over_pixels_as_if_it_knew_it():
    """On one layer, its first step is that of the damped Fisher matrix of the summed loss."""
    problem = PROBLEMS["autoencoder"]
    inputs = torch.randn(30, 5, generator=torch.Generator().manual_seed(0)).double()
    targets = torch.rand(30, 196, generator=torch.Generator().manual_seed(1)).double()
    layer = nn.Linear(5, 196, bias=False).double()
    nn.init.zeros_(layer.weight)
    optimizer = ENTRANTS["kfac"].optimizer(layer, problem, 1e9, momentum=0.0, fisher="exact")
    optimizer.step(closure_of(optimizer, layer, problem, inputs, targets))
    A, V = inputs.T @ inputs / 30, (0.5 - targets).T @ inputs / 30
    pi, root = (0.25 / A.diagonal().mean()).sqrt(), 1e-2**0.5
    step = 0.1 * V / (0.25 + pi * root) @ torch.linalg.inv(A + root / pi * torch.eye(5).double())
    assert layer.weight.detach() == pytest.approx(-step, rel=1e-9)


@pytest.mark.parametrize("method", ["kfac", "shampoo"])
def test_what_counts_as_a_refresh_is_one(method, monkeypatch):
    """Counted against what the optimizer's memory does."""
    model = nn.Sequential(nn.Linear(4, 3))
    optimizer = ENTRANTS[method].optimizer(model, PROBLEMS["mlp"], 0.01)
    inputs, labels = torch.randn(8, 4, generator=torch.Generator().manual_seed(0)), torch.arange(8) % 3

    def matrix():
        memory = optimizer.state[model[0].weight]
        return memory["A_inverse"] if method == "kfac" else memory["roots"][0][0]

    before, fresh = None, 0
    for steps in range(1, 26):
        optimizer.step(closure_of(optimizer, model, PROBLEMS["mlp"], inputs, labels))
        fresh += matrix() is not before
        before = matrix()
        assert work(method, steps).get("refresh") == fresh


def test_runs_of_equal_seconds_take_equal_seconds():
    limit = in_practice.LONGER * 100
    for method in ENTRANTS:
        length = in_practice.in_seconds(method, 100, COST)
        taken = seconds_of(method, length["steps"] or 0, length["evaluations"] or 0, COST)
        assert limit - max(COST[method].values()) < taken <= limit


RACED = [name for name in PROBLEMS if (results.FOLDERS[0] / f"in-practice-{name}.json").exists()]


@pytest.mark.parametrize("problem", RACED)
def test_stored_runs_are_as_long_as_the_stored_seconds_say(problem):
    """A step that is timed anew changes how long runs of equal seconds are: then they must run again."""
    found = results.load(f"in-practice-{problem}")["results"]["seconds"]
    cost = results.load(in_practice.SECONDS)["results"]["problems"][problem]
    for method, row in found.items():
        length = in_practice.in_seconds(method, PROBLEMS[problem].steps, cost)
        kind = "steps" if length["steps"] else "evaluations"
        assert min(row[kind]) == length[kind], method
        assert max(row[kind]) <= length[kind] + (0 if kind == "steps" else 4), method


def test_the_search_is_the_comparisons(small):
    plan = in_practice.StepPlan("mlp", ("momentum", "kfac"), "tiny")
    assert first_rates(plan, "kfac") == [2e-3, 5e-3]
    found = in_practice.compared(plan, COST)
    assert set(found["chosen"]) == {"momentum", "kfac"}
    assert {trial["seed"] for trial in found["tuning"]} == {0}
    for length in in_practice.LENGTHS:
        assert set(found[length]) == {"momentum", "kfac"}
        best = max(found[length].values(), key=lambda row: row["mean"][0])
        assert best["to_best"] == [0, 0]
        assert all(len(row["scores"]) == 2 for row in found[length].values())
    assert found["seconds"]["momentum"]["steps"] == [10, 10]
    assert found["steps"]["kfac"]["steps"] == [4, 4]


def test_what_is_timed(small, monkeypatch):
    for name, value in {"ROUNDS": 3, "SCALE": "sample", "PROBLEMS": {"mlp": PROBLEMS["mlp"]}}.items():
        monkeypatch.setattr(step_seconds, name, value)
    found = step_seconds.run(store=False)["results"]["problems"]["mlp"]
    assert {method: set(kinds) for method, kinds in found.items()} == {
        method: set(kinds) for method, kinds in step_seconds.KINDS.items()
    }
    assert min(min(kinds.values()) for kinds in found.values()) > 0


def test_a_timed_step_is_of_the_kind_that_it_says(small):
    """Ten calls of each: K-FAC and Shampoo renew their matrices in each of one kind, in none of the other."""
    data = load("mnist")[0]
    made = []
    with pytest.MonkeyPatch.context() as patch:
        for name in ("kfac", "shampoo"):
            patch.setitem(ENTRANTS, name, replace(ENTRANTS[name], make=_noting(ENTRANTS[name].make, made)))
        calls = step_seconds.contestants(PROBLEMS["mlp"], Part(data.inputs[:60], data.labels[:60]))

    def matrices():
        memories = [next(iter(optimizer.state.values())) for optimizer in made]
        return [
            memory["A_inverse"] if "A_inverse" in memory else memory["roots"][0][0] for memory in memories
        ]

    for _ in range(10):
        before = matrices()
        for call in calls.values():
            assert call() >= 1
        assert [a is b for a, b in zip(before, matrices(), strict=True)] == [True, False, True, False]


def _noting(make, made):
    def noted(*args, **options):
        made.append(make(*args, **options))
        return made[-1]

    return noted


def test_the_worst_score_is_the_worst():
    problem = PROBLEMS["autoencoder"]
    black = replace(load("mnist")[0][:1], images=torch.zeros(1, 1, 28, 28, dtype=torch.uint8))
    score = problem.score(torch.full((1, 196), 1e3), problem.part(black).targets)
    assert float(score) == -WORST == problem.failed
