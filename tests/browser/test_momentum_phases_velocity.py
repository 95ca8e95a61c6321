"""The velocity against the position in the momentum phase diagram: held to the library's optimizer."""

import random

import pytest
import torch

from book.explorers import MomentumPhases
from book.optim import Momentum, trajectory

pytestmark = pytest.mark.browser

TAG = MomentumPhases.tag


def test_the_velocities_are_those_of_the_optimizer(run):
    """Position and what it moved by in the last step, at rest at first."""
    draw = random.Random(4)
    for momentum in [0, 0.5, 1, 1.1, *(draw.uniform(0, 1.1) for _ in range(6))]:
        p = torch.tensor([0, 0.1, *(draw.uniform(0, 4.4) for _ in range(6))], dtype=torch.float64)
        make = lambda x, momentum=momentum: Momentum(x, lr=1.0, momentum=momentum)  # noqa: E731
        x = trajectory(make, lambda x, p=p: (p * x.square()).sum() / 2, torch.ones_like(p), 50)
        v = torch.cat([torch.zeros_like(x[:1]), x.diff(dim=0)])
        shown = "given[0].map((p) => statesOf(pathOf(p, given[1], 50)))"
        states = torch.tensor(run(TAG, shown, [p.tolist(), momentum]), dtype=torch.float64)
        size = x.abs().cummax(0).values
        for mine, wanted in zip(states.movedim(-1, 0), (x.T, v.T), strict=True):
            assert bool(((mine - wanted).abs() <= 1e-9 * size.T).all())


@pytest.mark.parametrize(("p", "momentum"), [(0.05, 0.2), (0.4, 0.0), (0.1, 0.4), (1.9, 0.01), (2.4, 0.25)])
def test_a_path_comes_in_along_its_line(run, p, momentum):
    """Late, the optimizer's velocity is the same multiple of its position at every step."""
    start = torch.ones(1, dtype=torch.float64)
    make = lambda x: Momentum(x, lr=p, momentum=momentum)  # noqa: E731
    x = trajectory(make, lambda x: x.square().sum() / 2, start, 60).flatten()
    [slope] = run(TAG, "given.map((pair) => slopeOf(...pair))", [(p, momentum)])
    assert slope == pytest.approx(((x[60] - x[59]) / x[60]).item(), abs=1e-9)


def test_a_spiral_has_no_line(run):
    given = [(0.1, 0.9), (1, 0.5), (2.5, 0.9), (1, 0)]  # the last is at rest at once
    assert run(TAG, "given.map((pair) => slopeOf(...pair))", given) == [None] * 4
