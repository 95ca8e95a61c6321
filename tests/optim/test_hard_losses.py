"""Losses on which a minimizer must say in one sentence what is wrong, or go on: never a silent nan."""

import math
from contextlib import nullcontext

import pytest
import torch

from book.optim import (
    ConjugateGradient,
    GaussNewton,
    LevenbergMarquardt,
    NaturalGradient,
    Newton,
    NewtonCG,
    TrustRegion,
)
from tests.cases import each
from tests.optim.closures import OF_ANY_LOSS

D = torch.float64
OF_A_LOSS = OF_ANY_LOSS | {
    "eigenvalues": lambda params, **options: Newton(params, repair="eigenvalues", **options),
    "saddle-free": lambda params, **options: Newton(params, repair="saddle_free", **options),
    "Hager-Zhang": lambda params, **options: ConjugateGradient(params, beta="hager_zhang", **options),
}
OF_RESIDUALS = {"GaussNewton": GaussNewton, "LevenbergMarquardt": LevenbergMarquardt}
every_loss_method = pytest.mark.parametrize("make", OF_A_LOSS.values(), ids=OF_A_LOSS)
every_residual_method = pytest.mark.parametrize("make", OF_RESIDUALS.values(), ids=OF_RESIDUALS)


def started(*numbers):
    return torch.nn.Parameter(torch.tensor(numbers, dtype=D))


SINGULAR = {  # the Hessian, or the Jacobian, has not full rank: everywhere, at the start, at the minimum
    "a valley without slope": (lambda x: (x[0] + x[1] - 1).reshape(1), (3.0, -5.0)),
    "no curvature at the start": (lambda x: torch.stack([x[0] ** 2 + x[0], x[1] ** 2 - 1]), (0.0, 1e-3)),
    "flat at the minimum": (lambda x: torch.stack([x[0] ** 2, (x[1] - 2) ** 2]), (1.0, 1.0)),
    "one that does nothing": (lambda x: x[:1] - 2 + 0 * x[1], (7.0, 1.0)),
}


@each("name", SINGULAR)
@every_loss_method
def test_a_singular_hessian_is_no_obstacle(make, name):
    r, start = SINGULAR[name]
    x = started(*start)
    make([x], max_iter=300).step(lambda: r(x).square().sum())
    assert r(x).square().sum() < 1e-7
    assert x.isfinite().all()


@pytest.mark.parametrize("name", SINGULAR)
@every_residual_method
def test_a_jacobian_without_full_rank_is_no_obstacle(make, name):
    r, start = SINGULAR[name]
    x = started(*start)
    make([x], max_iter=300).step(lambda: r(x))
    assert r(x).square().sum() < 1e-7
    assert x.isfinite().all()


UNBOUNDED = {
    "linear": lambda x: x.sum(),
    "parabola": lambda x: -x.square().sum(),
    "exponential": lambda x: -x.exp().sum(),
    "cubic": lambda x: (x**3).sum() + x.sum(),
    "to a pole": lambda x: torch.where(x > 5, -math.inf, -x).sum(),
}


@pytest.mark.long
@each("f", UNBOUNDED.values())
@every_loss_method
def test_a_loss_without_a_minimum_is_told_and_nothing_changes(make, f):
    x = started(1.0, 2.0)
    optimizer = make([x], max_iter=500)
    with pytest.raises(ValueError, match=r"still falls where .*Add a penalty, or check the sign of the loss"):
        optimizer.step(lambda: f(x))
    assert x.tolist() == [1.0, 2.0]
    assert x.grad is None
    assert not optimizer.memory


NOT_FINITE = {
    "the start": (lambda x: x.square().sum(), (math.nan, 1.0)),
    "inf in the start": (lambda x: x.square().sum(), (math.inf, 1.0)),
    "the loss": (lambda x: (x - 3).log().sum(), (1.0, 2.0)),
    "the gradient alone": (lambda x: x.sqrt().sum(), (0.0, 1.0)),
}


@each(("f", "start"), NOT_FINITE.values())
@every_loss_method
def test_a_start_that_is_not_finite_is_refused(make, f, start):
    x = started(*start)
    optimizer = make([x], max_iter=9)
    with pytest.raises(FloatingPointError, match=r"starts where the loss and its gradient are finite"):
        optimizer.step(lambda: f(x))
    torch.testing.assert_close(x.data, started(*start).data, equal_nan=True, rtol=0, atol=0)
    assert not optimizer.memory


@each(("f", "start"), NOT_FINITE.values())
@every_residual_method
def test_residuals_that_are_not_finite_are_refused(make, f, start):
    x = started(*start)
    optimizer = make([x], max_iter=9)
    with pytest.raises(FloatingPointError, match=r"starts where the loss and its gradient are finite"):
        optimizer.step(lambda: f(x).reshape(1))
    assert not optimizer.memory


@every_loss_method
def test_a_hessian_that_is_not_finite_is_no_silent_nan(make):
    """|x|^1.5 has a slope at 0 and no curvature: inf. Who asks for none goes on."""
    x = started(0.0, 1.0)
    optimizer = make([x], max_iter=100)
    curved = pytest.raises(FloatingPointError, match="its second derivative is not; start elsewhere")
    with curved if optimizer.curved else nullcontext():
        optimizer.step(lambda: (x.abs() ** 1.5).sum() + x[0])
    assert x.isfinite().all()
    assert (x.tolist() == [0.0, 1.0]) == optimizer.curved


@every_loss_method
def test_walls_of_nan_are_stepped_back_from(make):
    """The minimum lies before a wall behind which the loss is nan; long steps lead there."""
    x = started(40.0, 1e-3)
    optimizer = make([x], max_iter=200)
    optimizer.step(lambda: (x - x.log()).sum())
    assert optimizer.status in ("gradient", "precision")
    assert x.tolist() == pytest.approx([1.0, 1.0], abs=1e-5)


def test_the_natural_gradient_says_where_its_matrix_is_singular_or_not_finite():
    for wrong in (torch.zeros(2, 2, dtype=D), torch.full((2, 2), math.nan, dtype=D), -torch.eye(2, dtype=D)):
        x = started(1.0, 2.0)
        optimizer = NaturalGradient([x], fisher=lambda wrong=wrong: wrong)
        with pytest.raises((RuntimeError, FloatingPointError), match=r"The Fisher matrix is"):
            optimizer.step(lambda x=x: x.square().sum())
        assert x.tolist() == [1.0, 2.0]


TYPES = pytest.mark.parametrize("dtype", [torch.float32, D])


@pytest.mark.long
@every_loss_method
@TYPES
@each("size", [1e10, 1e20, 1e30, 1e36])
def test_a_loss_so_large_that_squares_of_its_gradient_overflow(make, dtype, size):
    x = torch.nn.Parameter(torch.zeros(3, dtype=dtype))
    weights = torch.tensor([1.0, 2.0, 3.0], dtype=dtype)
    optimizer = make([x], max_iter=200, tolerance_grad=0, tolerance_change=0)
    optimizer.step(lambda: (weights * (x - 1).square() * size).sum())
    assert optimizer.status in ("gradient", "precision")
    torch.testing.assert_close(x.data, torch.ones_like(x), rtol=0, atol=1e-6)


@pytest.mark.parametrize("make", [Newton, NewtonCG, TrustRegion])
@TYPES
@each("size", [1e-20, 1e-36])
def test_a_loss_so_small_that_squares_of_its_gradient_vanish(make, dtype, size):
    x = torch.nn.Parameter(torch.zeros(2, dtype=dtype))
    optimizer = make([x], max_iter=200, tolerance_grad=0, tolerance_change=0)
    optimizer.step(lambda: ((x - 1).square() * torch.tensor([1.0, 2.0], dtype=dtype) * size).sum())
    torch.testing.assert_close(x.data, torch.ones_like(x), rtol=0, atol=1e-6)


@every_residual_method
@TYPES
@pytest.mark.parametrize("size", [1e-17, 1e18])
def test_residuals_whose_squares_leave_float32(make, dtype, size):
    x = torch.nn.Parameter(torch.tensor([-1.2, 1.0], dtype=dtype))
    optimizer = make([x], max_iter=200, tolerance_grad=0, tolerance_change=0)
    optimizer.step(lambda: size * torch.stack([x[0] - 1, 10 * (x[1] - x[0] ** 2)]))
    torch.testing.assert_close(x.data, torch.ones_like(x), rtol=0, atol=1e-5)


def test_a_deep_minimum_is_not_taken_for_none():
    x = torch.nn.Parameter(torch.zeros(2))
    optimizer = TrustRegion([x], max_iter=50)
    optimizer.step(lambda: 1e12 * (x - 1).square().sum() - 1e13)
    torch.testing.assert_close(x.data, torch.ones(2), rtol=0, atol=1e-3)
