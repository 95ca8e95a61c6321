"""Hutchinson's estimates: unbiased, with the variance that is predicted, exactly and by chance."""

import itertools

import pytest
import torch

from book.calculus.matrix_free import (
    Hessian,
    Kronecker,
    diagonal_variance,
    hutchinson_diagonal,
    hutchinson_trace,
    random_probes,
    trace_variance,
)
from tests.calculus.matrix_free.small_networks import F64, apart, case, normal
from tests.cases import each

KINDS = ["rademacher", "gaussian"]
PROBES = 4000


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def matrix():
    A = normal(6, 6)
    return A  # not symmetric: a trace and a diagonal do not ask for it


def every_sign(n):
    """All 2ⁿ Rademacher probes, as columns: their mean is the expectation exactly."""
    return torch.tensor(list(itertools.product((-1.0, 1.0), repeat=n)), dtype=F64).T


def test_over_all_signs_mean_and_variance_are_the_predicted_ones_exactly(matrix):
    Z = every_sign(6)
    traces, diagonals = (Z * (matrix @ Z)).sum(0), Z * (matrix @ Z)
    assert traces.mean().item() == pytest.approx(matrix.trace().item(), rel=1e-12)
    assert traces.var(correction=0).item() == pytest.approx(trace_variance(matrix).item(), rel=1e-12)
    torch.testing.assert_close(diagonals.mean(1), matrix.diagonal(), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(
        diagonals.var(1, correction=0), diagonal_variance(matrix), rtol=1e-12, atol=1e-12
    )


def test_gaussian_moments_by_quadrature():
    """Three points of Gauss and Hermite are exact to degree 5, and the variance is of degree 4."""
    A = normal(4, 4, seed=2)
    points, weights = (
        torch.tensor([-(3**0.5), 0.0, 3**0.5], dtype=F64),
        torch.tensor([1 / 6, 2 / 3, 1 / 6], dtype=F64),
    )
    Z = torch.cartesian_prod(*[points] * 4).T
    w = torch.cartesian_prod(*[weights] * 4).prod(1)
    traces, diagonals = (Z * (A @ Z)).sum(0), Z * (A @ Z)
    assert (w @ traces).item() == pytest.approx(A.trace().item(), rel=1e-10)
    assert (w @ (traces - A.trace()) ** 2).item() == pytest.approx(
        trace_variance(A, "gaussian").item(), rel=1e-10
    )
    torch.testing.assert_close(diagonals @ w, A.diagonal(), rtol=1e-10, atol=1e-10)
    spread = (diagonals - A.diagonal()[:, None]).square() @ w
    torch.testing.assert_close(spread, diagonal_variance(A, "gaussian"), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_the_trace_lies_within_its_predicted_error(matrix, kind):
    """|z| < 4 with a fixed seed; the same bound fails for an estimate that is off by a sixth."""
    found = hutchinson_trace(matrix, PROBES, kind, seeded())
    predicted = (trace_variance(matrix, kind) / PROBES).sqrt()
    z = (found.value - matrix.trace()) / predicted
    assert z.abs() < 4
    assert found.standard_error.item() == pytest.approx(predicted.item(), rel=0.1)
    assert (matrix.trace() / 6 / predicted).abs() > 4


@pytest.mark.parametrize("kind", KINDS)
def test_the_diagonal_lies_within_its_predicted_error(matrix, kind):
    """Each |z| < 4.5, and their mean square near 1: neither too far nor too near."""
    found = hutchinson_diagonal(matrix, PROBES, kind, seeded())
    predicted = (diagonal_variance(matrix, kind) / PROBES).sqrt()
    z = (found.value - matrix.diagonal()) / predicted
    assert z.abs().max() < 4.5
    assert 0.1 < z.square().mean() < 3
    torch.testing.assert_close(found.standard_error, predicted, rtol=0.1, atol=0)


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_over_many_seeds_z_has_mean_0_and_variance_1(matrix, kind):
    found = torch.stack([hutchinson_trace(matrix, 20, kind, seeded(s)).value for s in range(400)])
    z = (found - matrix.trace()) / (trace_variance(matrix, kind) / 20).sqrt()
    assert z.mean().abs() < 4 / 20  # 4 of its own standard errors
    assert 0.75 < z.var() < 1.3  # ± 4 √(2/400)


@each("kind", KINDS)
@each("probes", [1, 16, 17, 40])
def test_probes_in_parts_are_those_drawn_at_once(matrix, kind, probes):
    Z = random_probes(6, probes, kind, generator=seeded(), dtype=F64)
    products = Z * (matrix @ Z)
    trace = hutchinson_trace(matrix, probes, kind, seeded())
    diagonal = hutchinson_diagonal(matrix, probes, kind, seeded())
    assert trace.value.item() == pytest.approx(products.sum(0).mean().item(), rel=1e-12)
    torch.testing.assert_close(diagonal.value, products.mean(1), rtol=1e-12, atol=1e-12)
    if probes > 1:
        assert trace.standard_error.item() == pytest.approx(
            (products.sum(0).std() / probes**0.5).item(), rel=1e-10
        )
        torch.testing.assert_close(
            diagonal.standard_error, products.std(1) / probes**0.5, rtol=1e-8, atol=1e-12
        )
    else:
        assert trace.standard_error.isnan()
        assert diagonal.standard_error.isnan().all()


def test_signs_find_a_diagonal_matrix_with_one_probe():
    A = torch.diag(normal(5))
    assert torch.equal(hutchinson_diagonal(A, 1, generator=seeded()).value, A.diagonal())
    assert hutchinson_trace(A, 1, generator=seeded()).value.item() == pytest.approx(A.trace().item())
    assert trace_variance(A) == 0


def test_two_probes_have_an_error_and_on_a_diagonal_matrix_it_is_0():
    A = normal(5, 5)
    Z = random_probes(5, 2, generator=seeded(), dtype=F64)
    one, other = (Z * (A @ Z)).T
    found = hutchinson_diagonal(A, 2, generator=seeded())
    torch.testing.assert_close(found.standard_error, (one - other).abs() / 2, rtol=1e-9, atol=1e-12)
    flat = hutchinson_diagonal(torch.diag(normal(5)), 3, generator=seeded())
    assert flat.standard_error.max() < 1e-7


def test_probes_are_what_they_say():
    signs = random_probes(1000, 3, generator=seeded(), dtype=F64)
    assert signs.shape == (1000, 3)
    assert signs.abs().eq(1).all()
    assert abs(signs.mean().item()) < 4 / 3000**0.5
    normals = random_probes(1000, 3, "gaussian", generator=seeded(), dtype=F64)
    assert abs(normals.mean().item()) < 4 / 3000**0.5
    assert normals.var().item() == pytest.approx(1, abs=4 * (2 / 3000) ** 0.5)


def test_operators_are_taken_as_matrices_are():
    one = case("perceptron", "cross-entropy")
    H, whole = Hessian(one.model, one.loss, one.data), one.hessian()
    for estimate in (hutchinson_trace, hutchinson_diagonal):
        found, expected = (estimate(A, 20, generator=seeded()).value for A in (H, whole))
        assert apart(found, expected) <= 1e-10
    K = Kronecker(normal(2, 2), normal(3, 3, seed=1))
    found = hutchinson_trace(K, PROBES, generator=seeded())
    assert (found.value - K.trace()).abs() < 4 * (trace_variance(K.to_dense()) / PROBES).sqrt()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hutchinson_trace(torch.ones(2, 3), 1), "square"),
        (lambda: hutchinson_diagonal(torch.ones(2), 1), "square"),
        (lambda: hutchinson_trace(torch.ones(2, 2), 0), "1 probe or more"),
        (lambda: hutchinson_diagonal(torch.ones(2, 2), -1), "1 probe or more"),
        (lambda: hutchinson_trace(torch.ones(2, 2), 1, "cauchy"), "kind is"),
    ],
)
def test_what_it_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@each("power", [-18, 0, 3, 18])  # of ten: squares beyond float32 on both sides
@each("probes", [2, 16, 17, 40])
@each("kind", KINDS)
def test_the_error_of_a_diagonal_is_the_spread_of_its_probes_at_any_size(power, probes, kind):
    """From sums of squares: nan where these overflow, and rounding where the values are nearly alike."""
    A = (torch.full((3, 3), 1e-3) + 1e3 * torch.eye(3)) * 10.0**power
    z = random_probes(3, probes, kind, generator=seeded()).double()
    truth = (z * (A.double() @ z)).std(1) / probes**0.5
    found = hutchinson_diagonal(A, probes, kind, generator=seeded()).standard_error.double()
    rounding = 8 * torch.finfo(torch.float32).eps * A.abs().max().double()
    torch.testing.assert_close(found, truth, rtol=1e-4, atol=rounding.item())
