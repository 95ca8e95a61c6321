"""The bench of minimizers counts rightly, on problems and solvers small enough to check."""

import numpy as np
import pytest
import torch

from book.bench import minimizers
from book.bench.minimizer_ratios import compared, profiles
from book.bench.watched import Run, Watched
from book.problems import problem

BEALE = problem("Beale")


def test_an_evaluation_is_a_new_point():
    watched = Watched(BEALE)
    x, y = np.array([1.0, 1.0]), np.array([2.0, 0.5])
    assert watched.f(x) == pytest.approx(14.203125)
    watched.g(x)
    watched.hessian(x)
    watched.product(x, np.array([1.0, 0.0]))
    assert watched.evaluations == 1
    watched.g(y)
    assert (watched.evaluations, watched.products, watched.hessians) == (2, 1, 1)


def test_derivatives_are_those_of_the_problem():
    watched, x = Watched(BEALE), torch.tensor([0.5, 0.3], dtype=torch.float64)
    H = torch.autograd.functional.hessian(BEALE, x)
    g = torch.autograd.functional.jacobian(BEALE, x)
    J = torch.autograd.functional.jacobian(BEALE.residuals, x)
    np.testing.assert_allclose(watched.g(x.numpy()), g, rtol=1e-12)
    np.testing.assert_allclose(watched.hessian(x.numpy()), H, rtol=1e-12)
    np.testing.assert_allclose(
        watched.product(x.numpy(), np.array([2.0, 1.0])), H @ torch.tensor([2.0, 1.0]).double()
    )
    np.testing.assert_allclose(watched.jacobian(x.numpy()), J, rtol=1e-12)
    np.testing.assert_allclose(watched.r(x.numpy()), BEALE.residuals(x), rtol=1e-12)


@pytest.mark.parametrize("name", minimizers.SOLVERS)
def test_every_solver_reaches_the_minimum_of_beale_within_its_count(name):
    watched = Watched(BEALE)
    row = minimizers.described(BEALE, name, watched, minimizers.SOLVERS[name](watched))
    assert (row["minimum"], row["error"]) == (0, "")
    assert 5 < row["reached"] <= row["evaluations"] == len(watched.values) < 200
    assert watched.values[row["reached"] - 1] <= 1e-8 < min(watched.values[: row["reached"] - 1])


def test_which_minimum_is_told_apart():
    both = problem("Freudenstein and Roth")
    assert minimizers.which(both, 1e-9) == 0
    assert minimizers.which(both, both.minima[1].value * (1 + 1e-9)) == 1
    assert minimizers.which(both, 40.0) is None
    assert minimizers.which(problem("Watson", 8), 0.0) is None


def row(name, solver, reached, minimum=0, seconds=1.0):
    return {
        "problem": name,
        "n": 2,
        "solver": solver,
        "reached": reached,
        "minimum": minimum,
        "seconds": seconds,
    }


def test_ratios_are_taken_where_both_end_in_the_same_minimum():
    rows = [
        *(row("a", "ours", 10), row("a", "theirs", 20)),
        *(row("b", "ours", 30, seconds=3.0), row("b", "theirs", 20)),
        *(row("c", "ours", 5, minimum=0), row("c", "theirs", 1, minimum=1)),
        *(row("d", "ours", None, minimum=None), row("d", "theirs", 7)),
    ]
    found = compared(rows, "ours", "theirs")
    assert found["ratios"] == {"a, 2": 0.5, "b, 2": 1.5}
    assert (found["median"], found["worst"], found["worst on"]) == (1.0, 1.5, "b, 2")
    assert found["above 1.3"] == ["b, 2"]
    assert found["below 1/1.3"] == ["a, 2"]
    assert found["mean"] == pytest.approx((0.5 * 1.5) ** 0.5, rel=1e-3)
    assert found["quartiles"] == pytest.approx([0.75, 1.25], rel=1e-3)
    assert found["solved by both"] == 3
    assert (found["solved"], found["solved by theirs"], found["same minimum"]) == (3, 4, 2)
    assert found["median of seconds"] == 2.0
    shares = profiles(rows)
    assert shares["ours"][0] == 0.25
    assert shares["theirs"][0] == 0.75
    assert shares["theirs"][-1] == 1.0


def test_a_count_is_the_median_over_the_starts():
    rows = [
        row("a", "ours", 40) | {"moved": [10, 12, 11]},
        row("a", "theirs", 10) | {"moved": [10, 12, 11]},
        *(row("b", "ours", 20), row("b", "theirs", 20)),
    ]
    found = compared(rows, "ours", "theirs")
    assert found["ratios"] == {"a, 2": pytest.approx(11.5 / 10.5, rel=1e-3), "b, 2": 1.0}
    assert (found["above 1.3"], found["standard"]["above 1.3"]) == ([], ["a, 2"])
    assert (found["ours vary"], found["theirs vary"]) == (["a, 2"], [])


@pytest.mark.parametrize("entry", [BEALE, problem("Watson", 6), problem("Meyer")], ids=lambda e: e.name)
def test_a_moved_start_is_another_one_and_hardly_elsewhere(entry):
    starts = [np.array(minimizers.moved(entry, seed).start) for seed in range(1, 7)]
    off = [abs(start - entry.start).max() / max(1, max(map(abs, entry.start))) for start in starts]
    assert all(0 < share < 1e-11 for share in off)
    assert len({start.tobytes() for start in starts}) == 6


def test_with_scipys_choices_bfgs_takes_scipys_path():
    for name in ("Beale", "Freudenstein and Roth", "Box, three-dimensional", "Kowalik and Osborne"):
        ours, theirs = Watched(problem(name)), Watched(problem(name))
        minimizers.SOLVERS["BFGS, scipy's choices"](ours)
        minimizers.SOLVERS["scipy BFGS"](theirs)
        np.testing.assert_allclose(ours.values[:6], theirs.values[:6], rtol=1e-6)
        rows = [minimizers.described(w.entry, "", w, Run()) for w in (ours, theirs)]
        assert rows[0]["reached"] == pytest.approx(rows[1]["reached"], abs=2)


def test_the_bench(monkeypatch, capsys):
    names = ("BFGS", "scipy BFGS", "Newton", "scipy trust-exact")
    monkeypatch.setattr(minimizers, "SOLVERS", {name: minimizers.SOLVERS[name] for name in names})
    monkeypatch.setattr(minimizers, "PAIRS", (("BFGS", "scipy BFGS"), ("Newton", "scipy trust-exact")))
    monkeypatch.setattr(minimizers, "STANDARD", (BEALE, problem("Bard")))
    results = minimizers.run(store=False, workers=1)["results"]
    assert len(results["rows"]) == 8
    assert all(row["minimum"] == 0 and row["seconds"] > 0 for row in results["rows"])
    assert [pair["same minimum"] for pair in results["pairs"]] == [2, 2]
    assert all(len(row["moved"]) == minimizers.MOVES for row in results["rows"])
    assert "median" in capsys.readouterr().out


def test_a_solver_that_refuses_is_told(monkeypatch):
    def refuses(watched):
        raise ValueError("no")

    monkeypatch.setattr(minimizers, "SOLVERS", {"refuses": refuses})
    ran = minimizers._tried(refuses, Watched(BEALE))
    assert ran == Run(status="ValueError", error="no")
    (row,) = minimizers._on(BEALE)
    assert (row["minimum"], row["reached"], row["evaluations"], row["value"]) == (None, None, 0, None)
