"""Newton against scipy's linear algebra, its repairs against their definitions, its promise on quadratics."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given
from hypothesis import strategies as st

from book.optim import Newton
from book.optim.newton import REPAIRS, newton_direction, shifted_cholesky
from tests.cases import each
from tests.optim.closures import error, examples, network, plain, rosenbrock, valley

REPAIRING = [repair for repair in REPAIRS if repair != "none"]


def symmetric(eigenvalues, seed=0):
    """A matrix with these eigenvalues, and its eigenvectors."""
    generator = torch.Generator().manual_seed(seed)
    n = len(eigenvalues)
    Q, _ = torch.linalg.qr(torch.randn(n, n, generator=generator, dtype=torch.float64))
    H = Q @ torch.diag(torch.tensor(eigenvalues, dtype=torch.float64)) @ Q.T
    return (H + H.T) / 2, Q


def vector(n, seed=1):
    return torch.randn(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@given(st.integers(1, 8), st.integers(0, 99), st.sampled_from(REPAIRS))
def test_where_the_hessian_is_positive_definite_all_are_newtons(n, seed, repair):
    H, _ = symmetric(np.geomspace(1e-2, 1e2, n), seed)
    g = vector(n, seed)
    expected = -scipy.linalg.solve(H.numpy(), g.numpy(), assume_a="pos")
    assert np.abs(newton_direction(H, g, repair).numpy() - expected).max() < 1e-10 * np.abs(expected).max()


@each("eigenvalues", [(3.0, -2.0, 0.5), (-1.0, -4.0), (1e-20, 2.0, 0.0), (0.0, 0.0), (1.0, 0.0)])
@each("repair", REPAIRING)
def test_a_repaired_direction_goes_downhill(eigenvalues, repair):
    H, _ = symmetric(eigenvalues)
    g = vector(len(eigenvalues))
    d = newton_direction(H, g, repair)
    assert d.isfinite().all()
    assert d @ g < 0


@pytest.mark.parametrize("eigenvalues", [(3.0, -2.0, 0.5), (-1.0, -4.0, 2.0, 0.0)])
def test_eigenvalues_are_replaced_as_the_repair_says(eigenvalues):
    H, Q = symmetric(eigenvalues)
    g = vector(len(eigenvalues))
    λ, (floor, n) = (
        torch.tensor(eigenvalues, dtype=torch.float64),
        (2.0**-26 * max(map(abs, eigenvalues)), len(g)),
    )
    for repair, sizes in (("saddle_free", λ.abs()), ("eigenvalues", λ)):
        by_hand = sum(-(Q[:, i] @ g) / max(sizes[i].item(), floor) * Q[:, i] for i in range(n))
        found = newton_direction(H, g, repair)
        assert (found - by_hand).norm() < 1e-7 * by_hand.norm()  # a zero eigenvalue is one of 1e-16 in H


def test_the_shift_is_the_first_of_its_row_that_cholesky_takes():
    for eigenvalues in ((3.0, -2.0, 0.5), (1.0, -1e-9), (-4.0, -4.0), (0.0, 0.0, 5.0)):
        H, _ = symmetric(eigenvalues)
        A, beta = H.numpy(), 1e-3 * H.abs().max().item()
        shift, tried = (0.0 if A.diagonal().min() > 0 else beta - A.diagonal().min()), []
        while True:
            tried.append(shift)
            try:
                expected = scipy.linalg.cholesky(A + shift * np.eye(len(A)), lower=True)
                break
            except np.linalg.LinAlgError:
                shift = max(2 * shift, beta)
        assert np.abs(shifted_cholesky(H).numpy() - expected).max() < 1e-12
        assert len(tried) < 15


@each("scale", [1e-150, 1e-30, 1.0, 1e30, 1e150])
@each("repair", REPAIRING)
def test_repairs_know_no_units(repair, scale):
    H, _ = symmetric((3.0, -2.0, 0.5))
    g = vector(3)
    expected = newton_direction(H, g, repair)
    assert torch.allclose(newton_direction(H * scale, g * scale, repair), expected, rtol=1e-9)


@pytest.mark.parametrize("repair", REPAIRING)
def test_where_the_hessian_is_zero_it_goes_along_the_gradient(repair):
    g = vector(3)
    assert torch.equal(newton_direction(torch.zeros(3, 3, dtype=torch.float64), g, repair), -g)


def test_singular_without_a_repair_is_refused():
    with pytest.raises(RuntimeError, match="singular here, so −H⁻¹g does not exist; choose a repair"):
        newton_direction(torch.diag(torch.tensor([1.0, 0.0])), torch.ones(2), "none")
    params = valley()
    with pytest.raises(RuntimeError, match="singular"):
        Newton(params, repair="none", line_search_fn=None).step(lambda: params[0].sum())
    assert torch.equal(plain(params)[0], plain(valley())[0])


@each("repair", REPAIRS)
@each("wrong", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(repair, wrong):
    """Cholesky's row of shifts has no end there."""
    for H, g in ((torch.eye(2) * wrong, torch.ones(2)), (torch.eye(2), torch.tensor([1.0, wrong]))):
        with pytest.raises(FloatingPointError, match="not finite"):
            newton_direction(H, g, repair)


@given(st.integers(1, 6), st.integers(0, 20), st.sampled_from(REPAIRS), st.floats(-3, 3))
def test_a_quadratic_takes_one_step(n, seed, repair, power):
    H, _ = symmetric(np.geomspace(1, 10.0**power, n), seed)
    at = vector(n, seed)
    x = torch.nn.Parameter(torch.zeros(n, dtype=torch.float64))
    optimizer = Newton([x], repair=repair)
    optimizer.step(lambda: (x - at) @ H @ (x - at) / 2 + 7)
    assert optimizer.memory["step"] == 1
    assert (x - at).abs().max() < 1e-9
    assert (optimizer.memory["evaluations"], optimizer.memory["products"]) == (2, n)


def test_steps_are_those_of_a_plain_loop():
    """Without a search, on Rosenbrock's function, beside numpy."""
    params = valley()
    optimizer = Newton(params, repair="none", line_search_fn=None)
    x = np.array([-1.2, 1.0])
    for _ in range(7):
        optimizer.step(lambda: rosenbrock(params[0]))
        a, b = x
        g = np.array([-400 * a * (b - a * a) - 2 * (1 - a), 200 * (b - a * a)])
        H = np.array([[1200 * a * a - 400 * b + 2, -400 * a], [-400 * a, 200]])
        x = x - np.linalg.solve(H, g)
        assert np.abs(params[0].detach().numpy() - x).max() < 1e-10
    assert np.abs(x - 1).max() < 1e-10


def test_digits_double():
    params = valley()
    optimizer = Newton(params)
    distances = []
    for _ in range(25):
        optimizer.step(lambda: rosenbrock(params[0]))
        distances.append((params[0].detach() - 1).norm().item())
    near = [d for d in distances if 1e-8 < d < 1e-2]
    assert len(near) >= 2
    for before, after in pairwise(distances):
        if 1e-7 < before < 1e-2:
            assert after < 50 * before**2


@pytest.mark.parametrize(
    ("repair", "end"), [("none", 0.0), ("saddle_free", 1.0), ("eigenvalues", 1.0), ("cholesky", 1.0)]
)
def test_newton_is_drawn_to_a_saddle_and_its_repairs_are_not(repair, end):
    """x²/2 + y⁴/4 − y²/2 has a saddle at 0 and minima at y = ±1."""
    x = torch.nn.Parameter(torch.tensor([1.0, 0.3], dtype=torch.float64))
    search = None if repair == "none" else "strong_wolfe"
    optimizer = Newton([x], repair=repair, line_search_fn=search, max_iter=60)
    optimizer.step(lambda: x[0] ** 2 / 2 + x[1] ** 4 / 4 - x[1] ** 2 / 2)
    assert optimizer.status == "gradient"
    assert abs(abs(x[1].item()) - end) < 1e-6


def test_damping_is_added_to_the_hessian():
    x = torch.nn.Parameter(torch.tensor([3.0, 2.0], dtype=torch.float64))
    Newton([x], damping=2.0, line_search_fn=None).step(lambda: x[0] ** 2 + 3 * x[1] ** 2)
    assert torch.allclose(x.data, torch.tensor([3.0 - 6 / 4, 2.0 - 12 / 8], dtype=torch.float64), rtol=1e-14)


@pytest.mark.parametrize("repair", REPAIRING)
def test_a_network_is_trained_to_its_minimum(repair):
    params, batch = network(), examples()
    optimizer = Newton(params, repair=repair, max_iter=200)
    optimizer.step(lambda: error(params, batch))
    assert optimizer.status == "gradient"
    H = torch.autograd.functional.hessian(lambda *p: error(p, batch), tuple(params))
    rows = [torch.cat([b.reshape(p.numel(), -1) for b in row], 1) for row, p in zip(H, params, strict=True)]
    assert torch.linalg.eigvalsh(torch.cat(rows)).min() > 0
