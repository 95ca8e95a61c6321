"""`difference` is nothing where two methods are one, and shows it where they are not."""

import pytest
import torch

from book.optim import SGD, Adam, Momentum
from book.training.surface.side_by_side import difference


def test_an_optimizer_beside_itself_differs_by_nothing():
    assert difference(lambda p: Adam(p, lr=1e-3), lambda p: Adam(p, lr=1e-3), epochs=1) == 0


@pytest.mark.parametrize(
    "other",
    [lambda p: SGD(p, lr=0.1001), lambda p: SGD(p, lr=0.1, weight_decay=1e-6), lambda p: Momentum(p, lr=0.1)],
)
def test_a_small_change_is_seen(other):
    assert difference(other, lambda p: torch.optim.SGD(p, lr=0.1), epochs=1) > 1e-9


def test_it_is_relative_to_each_tensors_largest_entry_at_the_end():
    class Nudge(torch.optim.Optimizer):
        """Leaves all alone but adds a share of its largest entry to one of the biases."""

        def __init__(self, params, share):
            super().__init__(params, {"share": share})

        def step(self, closure):
            with torch.enable_grad():
                loss = closure()
            bias = self.param_groups[0]["params"][1].data
            bias[3] += self.param_groups[0]["share"] * bias.abs().max() / 12  # an epoch is 12 steps
            return loss

    found = difference(lambda p: Nudge(p, 1e-3), lambda p: Nudge(p, 0.0), epochs=1)
    assert found == pytest.approx(1e-3, rel=1e-2)
