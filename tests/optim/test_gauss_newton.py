"""Gauss–Newton against numpy's least squares, a plain loop, and scipy."""

import numpy as np
import pytest
import torch
from scipy.optimize import least_squares

from book.optim import GaussNewton
from tests.optim.fits import FITS, residual_function

DOUBLE = torch.float64


def fitted(r, start, **options):
    x = torch.nn.Parameter(torch.tensor(start, dtype=DOUBLE))
    optimizer = GaussNewton([x], max_iter=200, **options)
    optimizer.step(lambda: r(x))
    return x.detach(), optimizer


@pytest.mark.parametrize(("m", "n"), [(8, 3), (3, 3), (3, 5)])
def test_a_linear_fit_takes_one_step_to_numpys_answer(m, n):
    generator = torch.Generator().manual_seed(m)
    A = torch.randn(m, n, generator=generator, dtype=DOUBLE)
    y = torch.randn(m, generator=generator, dtype=DOUBLE)
    x, optimizer = fitted(lambda x: A @ x - y, [0.0] * n)
    assert np.allclose(x, np.linalg.lstsq(A.numpy(), y.numpy(), rcond=None)[0], rtol=1e-12, atol=1e-13)
    assert optimizer.memory["step"] == 1


def test_where_the_rank_is_short_the_step_is_the_shortest():
    A = torch.tensor([[1.0, 1.0, 0.0], [2.0, 2.0, 0.0], [0.0, 0.0, 1.0]], dtype=DOUBLE)
    x, _ = fitted(lambda x: A @ x - torch.tensor([2.0, 4.0, 5.0], dtype=DOUBLE), [0.0] * 3)
    assert np.allclose(x, [1.0, 1.0, 5.0], rtol=1e-13)


def test_the_pure_method_is_the_plain_loop():
    r, start, _ = FITS["beale"]
    x, _ = fitted(r, start, line_search_fn=None, tolerance_change=0.0)
    plain = np.array(start)
    for _ in range(50):
        J = torch.func.jacrev(r)(torch.tensor(plain)).numpy()
        plain = plain + np.linalg.lstsq(J, -residual_function(r)(plain), rcond=None)[0]
    assert np.allclose(x, plain, rtol=1e-10)


@pytest.mark.parametrize("name", ["rosenbrock", "beale", "box", "bard", "osborne"])
def test_it_ends_where_scipy_ends(name):
    r, start, _ = FITS[name]
    x, _ = fitted(r, start)
    theirs = least_squares(residual_function(r), start, method="lm", ftol=1e-15, xtol=1e-15, gtol=1e-15)
    assert 0.5 * r(x).square().sum().item() == pytest.approx(theirs.cost, rel=1e-8, abs=1e-12)


def test_without_residuals_at_the_end_it_is_as_fast_as_newton():
    r, start, _ = FITS["rosenbrock"]
    x = torch.nn.Parameter(torch.tensor(start, dtype=DOUBLE))
    optimizer = GaussNewton([x], line_search_fn=None)
    for _ in range(2):
        optimizer.step(lambda: r(x))
    assert x.tolist() == pytest.approx([1.0, 1.0], rel=1e-14)


def test_a_reload_continues_bit_for_bit():
    r, start, _ = FITS["bard"]
    x = torch.nn.Parameter(torch.tensor(start, dtype=DOUBLE))
    first = GaussNewton([x])
    first.step(lambda: r(x))
    y = torch.nn.Parameter(x.detach().clone())
    second = GaussNewton([y])
    second.load_state_dict(first.state_dict())
    for _ in range(3):
        first.step(lambda: r(x))
        second.step(lambda: r(y))
        assert torch.equal(x, y)
    assert first.memory == second.memory
