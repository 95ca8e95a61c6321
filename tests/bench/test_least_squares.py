"""What the bench of least squares times solves the problem that its row names."""

import pytest
import torch

from book.bench import least_squares


def test_the_examples_have_the_condition_that_is_named():
    X, y = least_squares.examples(40)
    eigenvalues = torch.linalg.eigvalsh(X.T @ X)
    assert X.shape == (80, 40)
    assert y.shape == (80,)
    assert eigenvalues[-1].item() == pytest.approx(1)
    assert (eigenvalues[-1] / eigenvalues[0]).item() == pytest.approx(least_squares.CONDITION)
    assert (X.abs() > 1e-12).double().mean() > 0.99


def test_both_ways_reach_the_goal_and_one_step_less_does_not():
    X, y = least_squares.examples(60)
    steps = least_squares.steps_needed(X, y)

    def left(w):
        return float((X @ w - y).square().sum() / y.square().sum())

    assert left(least_squares.newton(X, y)) < least_squares.ENOUGH
    assert left(least_squares.conjugate(X, y, steps)) <= least_squares.ENOUGH
    assert left(least_squares.conjugate(X, y, steps - 1)) > least_squares.ENOUGH


def test_small_problems_are_timed(monkeypatch, capsys):
    monkeypatch.setattr(least_squares, "SIZES", (5, 9))
    monkeypatch.setattr(least_squares, "ROUNDS", 3)
    rows = least_squares.run(store=False)["results"]["rows"]
    assert [row["n"] for row in rows] == [5, 9]
    assert all(row[what] > 0 for row in rows for what in ("gradient", "Newton", "conjugate gradient"))
    assert all(0 < row["steps"] < 20 for row in rows)
    assert "n =     5: gradient" in capsys.readouterr().out
