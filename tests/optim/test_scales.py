"""A loss in any unit, over parameters in any unit: the same minimum, and no word that is not true."""

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from book.optim.line_search.unbounded import Unbounded
from tests.cases import in_case
from tests.optim.test_hard_losses import OF_A_LOSS

D = torch.float64
LEARNING = {name: OF_A_LOSS[name] for name in ("BFGS", "LBFGS", "ConjugateGradient", "Hager-Zhang")}
STARTS = ((0.0, 0.0, 0.0), (3.0, -2.0, 5.0), (1e-3, 2e-3, 0.0))


def bowl(x):
    return (torch.tensor([1.0, 2.0, 3.0]).to(x) * (x - 1).square()).sum()


def valley(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def minimized(make, f, start, size, unit, dtype, max_iter=300):
    """Where a method ends on size · f(x / unit), in units of `unit`."""
    x = torch.nn.Parameter(unit * torch.tensor(start, dtype=dtype))
    optimizer = make([x], max_iter=max_iter, tolerance_grad=0, tolerance_change=0)
    optimizer.step(lambda: size * f(x / unit))
    return x.detach() / unit, optimizer


def fits(dtype, size, unit):
    """Whether a loss, its slopes, its curvatures and their inverses have all digits of the dtype."""
    reach = 1e-30 if dtype is torch.float32 else 1e-250
    return all(reach < value < 1 / reach for value in (size, unit, size / unit, size / unit**2))


@pytest.mark.long
@pytest.mark.parametrize("make", LEARNING.values(), ids=LEARNING)
@settings(max_examples=25)
@given(
    st.integers(-36, 36), st.integers(-36, 36), st.sampled_from(STARTS), st.sampled_from([torch.float32, D])
)
def test_whatever_the_units_the_minimum_is_found(make, size, unit, start, dtype):
    assume(fits(dtype, 10.0**size, 10.0**unit))
    found, optimizer = minimized(make, bowl, start, 10.0**size, 10.0**unit, dtype)
    assert optimizer.status in ("gradient", "precision")
    torch.testing.assert_close(found, torch.ones_like(found), rtol=0, atol=1e-4 if dtype is D else 1e-2)
    assert optimizer.memory["evaluations"] <= 400


@pytest.mark.long
@pytest.mark.parametrize("make", LEARNING.values(), ids=LEARNING)
def test_a_curved_valley_in_units_far_from_1(make):
    for size, unit in ((1e-20, 1.0), (1e-36, 1.0), (1e20, 1e20), (1.0, 1e10), (1.0, 1e-10)):
        for dtype in (torch.float32, D):
            if fits(dtype, size, unit):
                with in_case(size, unit, dtype):
                    found, _ = minimized(make, valley, (-1.2, 1.0), size, unit, dtype)
                    torch.testing.assert_close(found, torch.ones_like(found), rtol=0, atol=1e-3)


@pytest.mark.long
@pytest.mark.parametrize("size", [1e-36, 1e-20, 1.0, 1e20])
def test_a_loss_without_a_minimum_is_told_in_any_unit(size):
    for make in LEARNING.values():
        for f in (lambda x: x.sum(), lambda x: -x.square().sum(), lambda x: 5 - x.sum()):
            with pytest.raises(Unbounded, match="still falls where it has reached -"):
                minimized(make, f, (1.0, 2.0), size, 1.0, D)
