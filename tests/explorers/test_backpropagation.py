"""The moments of backpropagation against the tape, against autograd, and against the numbers done by hand."""

import random
from itertools import pairwise

import pytest
import torch
import traitlets

from book.calculus import gradient
from book.calculus.tape import backward
from book.explorers import Backpropagation
from book.explorers.backpropagation.widget import LAST, NODES, graph, moments, readout

POINTS = [(3, 2), (-1, 2), (0, 0), (0.5, -0.25), (100, -100)]
POINTS += [tuple(random.Random(n).uniform(-5, 5) for _ in range(2)) for n in range(20)]


def f(p):
    return p[0] ** 2 + 2 * p[0] * p[1] + p[1] ** 3


@pytest.mark.parametrize(("x", "y"), POINTS)
def test_the_last_moment_is_what_the_tape_and_autograd_say(x, y):
    last = moments(x, y)[-1]
    nodes = graph(x, y)
    backward(nodes["f"])
    assert last.adjoints == {name: nodes[name].adjoint for name in last.adjoints}
    assert set(last.adjoints) == set(last.values) == set(NODES)
    p = torch.tensor([x, y], dtype=torch.float64)
    assert last.values["f"] == pytest.approx(f(p).item(), rel=1e-12, abs=1e-12)
    got = [last.adjoints["x"], last.adjoints["y"]]
    assert got == pytest.approx(gradient(f, p).tolist(), rel=1e-12, abs=1e-12)


def test_each_moment_adds_one_thing():
    run = moments(1.5, -2.0)
    assert len(run) == LAST + 1
    for before, after in pairwise(run):
        new_values = after.values.keys() - before.values.keys()
        changed = {n for n, a in after.adjoints.items() if before.adjoints.get(n) != a}
        assert len(new_values) + len(changed) == 1, after


def test_an_adjoint_is_finished_before_it_is_handed_on():
    run = moments(3, 2)
    for i, now in enumerate(run):
        if now.kind == "adjoint":
            assert now.adjoints[now.user] == run[-1].adjoints[now.user], i


def test_the_slopes_of_the_moments_are_those_of_difference_quotients():
    h, here = 1e-6, moments(1.3, -0.7)
    for now in here:
        if now.kind == "adjoint" and now.node in "xy":
            x, y = (1.3 + h, -0.7) if now.node == "x" else (1.3, -0.7 + h)
            change = moments(x, y)[-1].values[now.user] - here[-1].values[now.user]
            assert now.slope == pytest.approx(change / h, abs=1e-4)


def test_what_is_not_known_yet_is_not_shown():
    for moment in range(LAST + 1):
        shown = readout(3, 2, moment)
        assert sum(bool(shown[f"value_{n}"]) for n in NODES) == min(moment, 8)
        assert bool(shown["adjoint_f"]) == (moment >= 9)
    assert "adjoint of f is the derivative" in readout(3, 2, 9)["story"]


def test_the_sums_at_the_inputs():
    def at(moment):
        return [readout(3, 2, moment)[f"sum_{name}"] for name in "xy"]

    assert at(9) == ["nothing yet", "nothing yet"]
    assert at(14) == ["nothing yet", "12"]
    assert at(16) == ["4", "12"]
    assert at(LAST) == ["4 + 6 = 10", "12 + 6 = 18"]
    assert readout(-3, 2, LAST)["sum_x"] == "4 + (−6) = −2"


def test_stories_put_negative_numbers_in_brackets():
    assert readout(-3, 2, 3)["story"] == "Forward. a = x² = (−3)² = 9."
    assert readout(-3, 2, 4)["story"] == "Forward. b = x · y = (−3) · 2 = −6."
    assert readout(3, 2, 14)["story"].startswith("The derivative of y³ by y is 3y², here 12.")
    assert readout(3, 2, 14)["story"].endswith("1 · 12 = 12. y is used once more: there is more to come.")


def test_what_cannot_be_drawn_is_refused():
    for wrong in ({"x": 101}, {"y": float("nan")}, {"moment": LAST + 1}, {"moment": -1}):
        with pytest.raises(traitlets.TraitError):
            Backpropagation(**wrong)
