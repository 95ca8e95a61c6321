"""BFGS: the update against scipy's and against what it is the nearest of, and whole problems."""

import numpy as np
import pytest
import scipy.optimize
import torch
from hypothesis import given
from hypothesis import strategies as st

from book.optim import BFGS, LBFGS
from book.optim.bfgs import curved_upwards, first_scale, inverse_update
from tests.cases import each
from tests.optim.closures import error, examples, network, rosenbrock, valley


def definite(n, seed, spread=1.0):
    generator = torch.Generator().manual_seed(seed)
    Q, _ = torch.linalg.qr(torch.randn(n, n, generator=generator, dtype=torch.float64))
    return Q @ torch.diag(torch.logspace(-spread, spread, n, dtype=torch.float64)) @ Q.T


def pair(n, seed):
    """A step and the change of a convex quadratic's gradient along it, and the quadratic's Hessian."""
    H = definite(n, seed + 100)
    s = torch.randn(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return s, H @ s, H


@given(st.integers(1, 7), st.integers(0, 50))
def test_the_update_is_scipys(n, seed):
    scipys = scipy.optimize.BFGS(init_scale=1.0)
    scipys.initialize(n, "inv_hess")
    B = torch.eye(n, dtype=torch.float64)
    for k in range(4):
        s, y, _ = pair(n, seed + k)
        scipys.update(s.numpy(), y.numpy())
        B = inverse_update(B, s, y)
        assert np.abs(B.numpy() - scipys.get_matrix()).max() < 1e-9 * np.abs(scipys.get_matrix()).max()


@given(st.integers(1, 7), st.integers(0, 50))
def test_the_update_is_the_product_and_fulfils_the_secant_condition(n, seed):
    s, y, _ = pair(n, seed)
    B, identity, ρ = definite(n, seed), torch.eye(n, dtype=torch.float64), 1 / (y @ s)
    by_hand = (identity - ρ * torch.outer(s, y)) @ B @ (identity - ρ * torch.outer(y, s)) + ρ * torch.outer(
        s, s
    )
    found = inverse_update(B, s, y)
    assert (found - by_hand).abs().max() < 1e-10 * by_hand.abs().max()
    assert (found @ y - s).abs().max() < 1e-9 * s.abs().max()
    assert torch.linalg.eigvalsh(found).min() > 0


@pytest.mark.parametrize(
    ("size", "scale"), [(1e-20, 1e-10), (4.0, 2.0), (2.0**50 - 1, 2.0**25), (2.0**50, 2.0**50), (1e30, 1e30)]
)
def test_the_first_matrix_is_the_root_of_the_size_up_to_where_no_search_gets_from_it(size, scale):
    assert first_scale(size) == pytest.approx(scale)


def nearest(B, s, y, W):
    """The symmetric X with X y = s that makes ‖W^½ (X − B) W^½‖ smallest, by solving for its entries.

    Lagrange's conditions of the least squares problem in the entries of X, multipliers for both constraints.
    """
    n = len(s)
    entries = [(i, j) for i in range(n) for j in range(i, n)]
    basis = np.zeros((len(entries), n, n))
    for k, (i, j) in enumerate(entries):
        basis[k, i, j] = basis[k, j, i] = 1
    values, vectors = np.linalg.eigh(W)
    root = vectors * np.sqrt(values) @ vectors.T
    weighted = np.stack([(root @ E @ root).ravel() for E in basis], axis=1)
    secant = np.stack([E @ y for E in basis], axis=1)
    system = np.block([[2 * weighted.T @ weighted, secant.T], [secant, np.zeros((n, n))]])
    right = np.concatenate([2 * weighted.T @ (root @ B @ root).ravel(), s])
    solved = np.linalg.lstsq(system, right, rcond=None)[0][: len(entries)]
    return np.tensordot(solved, basis, axes=1)


@each("n", [1, 2, 3, 5])
@each("seed", range(3))
def test_the_update_is_the_nearest_matrix_with_the_secant_condition(n, seed):
    """In the norm weighted by any W with W s = y, such as the mean Hessian along the step."""
    s, y, H = pair(n, seed)
    B = definite(n, seed + 7, spread=0.5)
    found = inverse_update(B, s, y).numpy()
    other = H + 3 * (torch.eye(n, dtype=torch.float64) - torch.outer(s, s) / (s @ s)).matrix_power(2)
    for W in (H, other):
        assert torch.allclose(W @ s, y)
        assert (
            np.abs(nearest(B.numpy(), s.numpy(), y.numpy(), W.numpy()) - found).max()
            < 1e-7 * np.abs(found).max()
        )


@pytest.mark.parametrize("n", [2, 4, 6])
def test_after_n_exact_steps_on_a_quadratic_it_is_the_inverse_hessian(n):
    """With searches that are nearly exact, which the theorem asks for."""
    H = definite(n, 3)
    x = torch.nn.Parameter(torch.ones(n, dtype=torch.float64))
    optimizer = BFGS([x], max_iter=n, c1=1e-9, c2=1e-8, tolerance_grad=0.0, tolerance_change=0.0)
    optimizer.step(lambda: x @ H @ x / 2)
    assert x.abs().max() < 1e-6
    assert (optimizer.memory["inverse"] @ H - torch.eye(n)).abs().max() < 1e-4


def test_the_first_matrix_has_half_the_size_that_the_first_pair_shows():
    params = valley()
    optimizer = BFGS(params)
    start = params[0].detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(rosenbrock(start), start)
    optimizer.step(lambda: rosenbrock(params[0]))
    s = params[0].detach() - start.detach()
    y = params[0].grad - g
    scale = ((s @ y) / (y @ y)).sqrt()
    assert torch.allclose(
        optimizer.memory["inverse"], inverse_update(torch.eye(2).to(s) * scale, s, y), rtol=1e-12
    )


def test_the_first_step_along_the_gradient_is_no_longer_than_1():
    params, tried = valley(), []

    def closure():
        tried.append(params[0].detach().clone())
        return rosenbrock(params[0])

    optimizer = BFGS(params)
    optimizer.step(closure)
    assert (tried[1] - tried[0]).norm() == pytest.approx(1.0)
    evaluated = len(tried)
    before, g, B = params[0].detach().clone(), params[0].grad.clone(), optimizer.memory["inverse"]
    optimizer.step(closure)
    assert torch.allclose(tried[evaluated + 1], before - B @ g, rtol=1e-14)  # from then on, 1 is tried first


@pytest.mark.parametrize("make", [BFGS, LBFGS])
def test_the_first_step_along_a_short_gradient_is_the_gradient(make):
    x, tried = torch.nn.Parameter(torch.tensor([0.3, 0.1], dtype=torch.float64)), []

    def closure():
        tried.append(x.detach().clone())
        return x @ x / 20

    optimizer = make([x])
    optimizer.step(closure)
    assert torch.allclose(tried[1], 0.9 * tried[0], rtol=1e-14)
    assert "repairs" not in optimizer.memory


@pytest.mark.parametrize(("long_s", "long_y"), [(1.0, 1.0), (1e4, 1.0), (1.0, 1e4), (1e-4, 1e-4)])
def test_curvature_is_told_from_rounding_in_any_units(long_s, long_y):
    eps = torch.finfo(torch.float64).eps
    for share, upwards in ((2.0, True), (0.5, False)):
        s = torch.tensor([long_s, 0.0], dtype=torch.float64)
        y = torch.tensor([share * eps, 1.0], dtype=torch.float64) * long_y
        assert curved_upwards(s, y) is upwards


def test_a_pair_without_curvature_is_left_out():
    s = torch.tensor([1.0, 2.0])
    for y, upwards in ((s, True), (-s, False), (torch.tensor([2.0, -1.0]), False), (s * 0, False)):
        assert curved_upwards(s, y) is upwards
    optimizer = BFGS(valley())
    optimizer.observe(s.double(), -s.double())
    assert optimizer.memory == {"skipped": 1}
    with_armijo = BFGS(
        [x := torch.nn.Parameter(torch.tensor([0.1], dtype=torch.float64))], line_search_fn="armijo"
    )
    with_armijo.step(lambda: x.cos().sum())  # curved downwards here
    assert with_armijo.memory["skipped"] == 1
    assert "inverse" not in with_armijo.memory


def test_forgetting_begins_again():
    params = valley()
    optimizer = BFGS(params, max_iter=5)
    optimizer.step(lambda: rosenbrock(params[0]))
    optimizer.forget()
    assert "inverse" not in optimizer.memory


@pytest.mark.parametrize("n", [2, 10])
def test_it_ends_where_scipys_ends_in_no_more_evaluations(n):
    def f(x):
        t = torch.tensor(x, requires_grad=True)
        value = rosenbrock(t)
        return value.item(), torch.autograd.grad(value, t)[0].numpy()

    params = valley(n)
    theirs = scipy.optimize.minimize(
        f, params[0].detach().numpy(), jac=True, method="BFGS", options={"gtol": 1e-7}
    )
    optimizer = BFGS(params, max_iter=500)
    optimizer.step(lambda: rosenbrock(params[0]))
    assert optimizer.status == "gradient"
    assert np.abs(params[0].detach().numpy() - theirs.x).max() < 1e-6
    assert optimizer.memory["evaluations"] <= 1.3 * theirs.nfev


def test_wolfes_search_leaves_no_pair_out():
    params, batch = network(), examples()
    optimizer = BFGS(params, max_iter=200)
    optimizer.step(lambda: error(params, batch))
    assert "skipped" not in optimizer.memory
    assert torch.linalg.eigvalsh(optimizer.memory["inverse"]).min() > 0
