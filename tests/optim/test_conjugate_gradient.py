"""Linear conjugate gradient: scipy's iterates, the polynomials behind it, its bounds, and what it refuses."""

import math

import numpy as np
import pytest
import scipy.sparse.linalg as sparse
import torch
from scipy.optimize import linprog

from book.optim.conjugate_gradient import chebyshev_bound, conjugate_directions, conjugate_gradient
from tests.cases import each

D = torch.float64
SPECTRA = {
    "spread": torch.logspace(0, 2, 30, dtype=D),
    "clusters": torch.tensor([1.0] * 10 + [8.0] * 10 + [50.0] * 10, dtype=D),
    "outliers": torch.cat([torch.linspace(1, 2, 27, dtype=D), torch.tensor([6.0, 9.0, 14.0], dtype=D)]),
}


def turned(eigenvalues, seed=0):
    """A symmetric matrix with these eigenvalues, and a right-hand side."""
    rng = torch.Generator().manual_seed(seed)
    n = len(eigenvalues)
    Q, _ = torch.linalg.qr(torch.randn(n, n, generator=rng, dtype=D))
    A = Q @ torch.diag(eigenvalues) @ Q.T
    return (A + A.T) / 2, torch.randn(n, generator=rng, dtype=D), Q


def jacobi(A):
    return lambda r: r / A.diagonal()


def points(A, b, steps, **options):
    visits = conjugate_directions(lambda v: A @ v, b, **options)
    return [visit for visit, _ in zip(visits, range(steps + 1), strict=False)]


def energy(A, e):
    return math.sqrt(e @ A @ e)


@each("name", SPECTRA)
@each("preconditioned", [False, True])
@each("far", [False, True])
def test_the_iterates_are_scipys(name, preconditioned, far):
    A, b, _ = turned(SPECTRA[name])
    scale = torch.linspace(1, 2, 30, dtype=D)
    A = scale[:, None] * A * scale  # so that the diagonal says something
    x0 = torch.linspace(-3, 5, 30, dtype=D) if far else None
    theirs = []
    M = sparse.LinearOperator((30, 30), lambda r: r / A.diagonal().numpy()) if preconditioned else None
    sparse.cg(
        sparse.LinearOperator((30, 30), lambda v: (A @ torch.tensor(v)).numpy(), dtype=float),
        b.numpy(),
        x0=None if x0 is None else x0.numpy(),
        rtol=1e-30,
        maxiter=8,
        M=M,
        callback=lambda x: theirs.append(x.copy()),
    )
    ours = points(A, b, 8, x0=x0, preconditioner=jacobi(A) if preconditioned else None)
    for visit, x in zip(ours[1:], theirs, strict=True):
        assert np.abs(visit.x.numpy() - x).max() <= 1e-10 * np.abs(x).max()


@pytest.mark.parametrize("preconditioned", [False, True])
def test_a_whole_solution_takes_scipys_steps_and_ends_where_it_says(preconditioned):
    A, b, _ = turned(SPECTRA["spread"])
    M = jacobi(A) if preconditioned else None
    count = []
    sparse.cg(
        A.numpy(),
        b.numpy(),
        rtol=1e-6,
        M=sparse.LinearOperator((30, 30), lambda r: r / A.diagonal().numpy()) if M else None,
        callback=count.append,
    )
    products = []
    found = conjugate_gradient(
        lambda v: products.append(v) or A @ v, b, preconditioner=M, tol=1e-6, max_iter=100
    )
    assert (found.reason, found.iterations, len(products)) == ("residual", len(count), len(count))
    assert len(found.residuals) == found.iterations + 1
    for visit, size in zip(points(A, b, found.iterations, preconditioner=M), found.residuals, strict=True):
        assert size == pytest.approx((b - A @ visit.x).norm().item(), rel=1e-6)
    assert found.residuals[-1] <= 1e-6 * b.norm() < found.residuals[-2]


def test_gradients_are_at_right_angles_and_directions_conjugate():
    A, b, _ = turned(torch.linspace(1, 20, 8, dtype=D))
    visits = points(A, b, 8)
    R = torch.stack([visit.residual for visit in visits[:8]])
    P = torch.stack([visit.direction for visit in visits[1:]])
    for products in (R @ R.T, P @ A @ P.T):
        sizes = products.diagonal().sqrt()
        assert (products / torch.outer(sizes, sizes) - torch.eye(8, dtype=D)).abs().max() < 1e-8
    for visit in visits[1:]:
        assert visit.curvature == pytest.approx((visit.direction @ A @ visit.direction).item(), rel=1e-12)
        assert (visit.residual - (b - A @ visit.x)).norm() < 1e-12 * b.norm() * 20


@pytest.mark.parametrize("preconditioned", [False, True])
def test_each_point_is_the_lowest_of_its_krylov_space(preconditioned):
    A, b, _ = turned(SPECTRA["outliers"][::3])
    M = torch.diag(1 / A.diagonal()) if preconditioned else torch.eye(len(b), dtype=D)
    solution = torch.linalg.solve(A, b)
    visits = points(A, b, 5, preconditioner=(lambda r: M @ r) if preconditioned else None)
    basis = [M @ b]
    for visit in visits[1:]:
        K, _ = torch.linalg.qr(torch.stack(basis, dim=1))
        lowest = K @ torch.linalg.solve(K.T @ A @ K, K.T @ b)
        assert energy(A, visit.x - lowest) <= 1e-8 * energy(A, solution)
        basis.append(M @ A @ basis[-1] / A.diagonal().max())


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_n_dimensions_take_n_steps_and_different_eigenvalues_count(n):
    A, b, _ = turned(torch.linspace(1, 10, n, dtype=D))
    found = conjugate_gradient(lambda v: A @ v, b, tol=1e-10)
    assert (found.reason, found.iterations <= n) == ("residual", True)
    A, b, _ = turned(SPECTRA["clusters"])
    found = conjugate_gradient(lambda v: A @ v, b, tol=1e-9)
    assert (found.reason, found.iterations) == ("residual", 3)


def test_a_start_in_few_eigenvectors_takes_as_many_steps():
    A, _, Q = turned(SPECTRA["spread"])
    b = Q[:, [2, 17, 25]] @ torch.tensor([1.0, -2.0, 3.0], dtype=D)
    assert conjugate_gradient(lambda v: A @ v, b, tol=1e-9).iterations == 3


def best_polynomial(eigenvalues, k):
    """The least max |p(λ)| over polynomials of degree k with p(0) = 1, by linear programming."""
    top = eigenvalues.max().item()
    powers = [(eigenvalues / top).numpy() ** j for j in range(1, k + 1)]
    columns = np.stack(powers, axis=1)
    ones = np.ones((len(eigenvalues), 1))
    return linprog(
        [0.0] * k + [1.0],
        A_ub=np.vstack([np.hstack([columns, -ones]), np.hstack([-columns, -ones])]),
        b_ub=np.concatenate([-ones, ones]).ravel(),
        bounds=[(None, None)] * k + [(0, None)],
    ).fun


@pytest.mark.parametrize("name", SPECTRA)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_error_stays_below_every_bound(name, seed):
    λ = SPECTRA[name]
    A, b, _ = turned(λ, seed)
    solution = torch.linalg.solve(A, b)
    errors = [energy(A, visit.x - solution) for visit in points(A, b, 8)]
    kappa, inner = (λ[-1] / λ[0]).item(), (λ[-4] / λ[0]).item()
    for k, error in enumerate(errors):
        share = error / errors[0]
        polynomial = best_polynomial(λ, k) if k else 1.0
        assert share <= polynomial * (1 + 1e-6) + 1e-9
        assert polynomial <= chebyshev_bound(kappa, k) * (1 + 1e-6) + 1e-9
        assert share <= chebyshev_bound(inner, k, outliers=3) + 1e-9


def test_outliers_cost_a_step_each():
    λ = SPECTRA["outliers"]
    assert chebyshev_bound(2.0, 11, outliers=3) < 1e-5 < chebyshev_bound(14.0, 20)
    A, b, _ = turned(λ)
    assert conjugate_gradient(lambda v: A @ v, b, tol=1e-6).iterations <= 12


@pytest.mark.parametrize("kappa", [1.0, 2.0, 9.0, 1e4])
def test_the_bound_is_twice_its_factor_to_the_power_and_at_most_1(kappa):
    root = math.sqrt(kappa)
    for k in range(1, 30):
        assert chebyshev_bound(kappa, k) == pytest.approx(
            min(1, 2 * ((root - 1) / (root + 1)) ** k), rel=1e-14
        )
        assert chebyshev_bound(kappa, k + 2, outliers=2) == chebyshev_bound(kappa, k)
        # 1 / T_k, the least maximum on the whole interval, is below it, and above half of it
        least = 1 / math.cosh(k * math.acosh((kappa + 1) / (kappa - 1))) if kappa > 1 else 0.0
        assert chebyshev_bound(kappa, k) / 2 <= least * (1 + 1e-9) <= chebyshev_bound(kappa, k) * (1 + 2e-9)


def test_negative_curvature_is_reported_and_not_divided_by():
    A = torch.diag(torch.tensor([2.0, 1.0, -1.0], dtype=D))
    for b, steps in (([0.0, 0.0, 1.0], 0), ([1.0, 1.0, 0.5], 1)):
        found = conjugate_gradient(lambda v: A @ v, torch.tensor(b, dtype=D))
        assert (found.reason, found.iterations) == ("curvature", steps)
        assert found.direction @ A @ found.direction == pytest.approx(found.curvature)
        assert found.curvature < 0
        assert found.x.equal(points(A, torch.tensor(b, dtype=D), steps)[-1].x)
        assert len(found.residuals) == steps + 1
    flat = conjugate_gradient(lambda v: 0 * v, torch.ones(2, dtype=D))
    assert (flat.reason, flat.curvature, flat.x.tolist()) == ("curvature", 0.0, [0.0, 0.0])


def test_it_ends_at_max_iter_and_needs_none_where_it_starts_at_the_solution():
    A, b, _ = turned(SPECTRA["spread"])
    found = conjugate_gradient(lambda v: A @ v, b, max_iter=4)
    assert (found.reason, found.iterations, len(found.residuals)) == ("max_iter", 4, 5)
    assert found.x.equal(points(A, b, 4)[-1].x)
    assert conjugate_gradient(lambda v: A @ v, b, max_iter=0).x.tolist() == [0.0] * 30
    for b, x0 in ((torch.zeros(30, dtype=D), None), (A @ torch.ones(30, dtype=D), torch.ones(30, dtype=D))):
        found = conjugate_gradient(lambda v: A @ v, b, x0)
        assert (found.reason, found.iterations, found.direction) == ("residual", 0, None)


def test_without_a_limit_it_takes_ten_steps_an_unknown():
    scale = torch.logspace(0, 14, 30, dtype=torch.float64)
    found = conjugate_gradient(lambda v: scale * v, torch.ones_like(scale), tol=1e-12)
    assert (found.reason, found.iterations) == ("max_iter", 300)


def test_with_tolerance_0_it_goes_on_to_where_rounding_is_all_there_is():
    A, b, _ = turned(SPECTRA["outliers"])
    found = conjugate_gradient(lambda v: A @ v, b, tol=0, max_iter=10_000)
    assert found.reason == "residual"
    torch.testing.assert_close(found.x, torch.linalg.solve(A, b), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_short_floats_are_solved_to_their_own_rounding(dtype):
    A = torch.tensor([[4.0, 1.0], [1.0, 3.0]], dtype=dtype)
    found = conjugate_gradient(lambda v: A @ v, torch.tensor([1.0, 2.0], dtype=dtype), tol=1e-2)
    assert found.x.dtype == dtype
    torch.testing.assert_close(
        found.x.double(), torch.tensor([1 / 11, 7 / 11], dtype=D), rtol=0.05, atol=0.02
    )


@pytest.mark.parametrize("size", [1e-90, 1e-3, 1e120])
def test_the_size_of_b_is_the_size_of_x(size):
    A, b, _ = turned(SPECTRA["clusters"])
    one, other = (conjugate_gradient(lambda v: A @ v, b * scale, tol=1e-9) for scale in (1.0, size))
    assert other.iterations == one.iterations
    torch.testing.assert_close(other.x / size, one.x, rtol=1e-7, atol=1e-9)


def test_arguments_stay_as_they_are():
    A, b, _ = turned(SPECTRA["spread"])
    x0, kept = torch.ones(30, dtype=D), b.clone()
    plain = conjugate_gradient(lambda v: A @ v, b, x0).x
    spoiled = conjugate_gradient(lambda v: v.copy_(A @ v), b, x0, lambda r: r.mul_(2)).x
    torch.testing.assert_close(plain, spoiled, rtol=1e-9, atol=1e-12)
    assert b.equal(kept)
    assert x0.equal(torch.ones(30, dtype=D))


REFUSED = [
    ({"b": [1.0, 2.0]}, TypeError, "conjugate_gradient takes a tensor"),
    ({"b": torch.ones(2, 2)}, ValueError, r"shape \(2, 2\)"),
    ({"product": lambda v: v[:1]}, ValueError, r"a product of b's shape \(2,\); got \(1,\)"),
    ({"product": lambda v: v.double()}, TypeError, "a product of b's dtype torch.float32; got torch.float64"),
    ({"product": lambda v: v.tolist()}, TypeError, "a product of b's dtype torch.float32; got list"),
    ({"product": lambda v: v * math.nan}, ValueError, "a product that is finite"),
    ({"x0": torch.ones(3)}, ValueError, r"an? x0 of b's shape"),
    ({"preconditioner": lambda r: -r}, ValueError, "rᵀMr is no number above 0 at a residual"),
    ({"preconditioner": lambda r: 0 * r}, ValueError, "a preconditioner M that is positive definite"),
    ({"preconditioner": lambda r: r * math.inf}, ValueError, "a preconditioner that is finite"),
    ({"b": torch.full((2,), 1e-200, dtype=D)}, ValueError, "a size whose square is a number"),
    ({"b": torch.full((2,), 1e200, dtype=D)}, ValueError, "a size whose square is a number"),
    ({"tol": -1.0}, ValueError, "tol must be in"),
    ({"max_iter": -1}, ValueError, "max_iter starts at 0"),
]


@each(("wrong", "error", "sentence"), REFUSED)
def test_what_makes_no_system_is_refused(wrong, error, sentence):
    given = {"product": lambda v: 2 * v, "b": torch.tensor([1.0, 2.0])} | wrong
    with pytest.raises(error, match=sentence):
        conjugate_gradient(**given)


@pytest.mark.parametrize("wrong", [(0.5, 1, 0), (math.nan, 1, 0), (2.0, -1, 0), (2.0, 1, -1)])
def test_a_bound_of_what_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match=r"at least 1|start"):
        chebyshev_bound(*wrong)


def test_a_solution_beyond_the_dtype_is_told_and_never_nan():
    b = torch.tensor([1e30, 1e30])
    found = conjugate_gradient(lambda v: 1e-30 * v * torch.tensor([1.0, 2.0]), b)
    assert found.reason == "overflow"
    assert found.x.tolist() == [0, 0]
    assert len(found.residuals) == found.iterations + 1
    wide = conjugate_gradient(lambda v: 1e-30 * v * torch.tensor([1.0, 2.0], dtype=D), b.double())
    assert (wide.reason, wide.x.tolist()) == ("residual", pytest.approx([1e60, 5e59]))
