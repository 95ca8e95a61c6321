"""Damped least squares against numpy, in every shape and rank, and where normal equations lose digits."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from book.optim.damped import Damped
from tests.cases import each

DOUBLE = torch.float64
SHAPES = [(6, 3), (3, 3), (3, 6), (1, 4), (4, 1)]


def problem(m, n, rank=None, seed=0):
    generator = torch.Generator().manual_seed(seed)
    J = torch.randn(m, n, generator=generator, dtype=DOUBLE)
    if rank is not None:
        J = J[:, :rank] @ torch.randn(rank, n, generator=generator, dtype=DOUBLE)
    return J, torch.randn(m, generator=generator, dtype=DOUBLE)


@each(("m", "n"), SHAPES)
@each("damping", [1e-3, 0.5, 40.0])
def test_the_step_is_that_of_the_longer_least_squares_problem(m, n, damping):
    J, r = problem(m, n)
    longer = np.vstack([J, damping**0.5 * np.eye(n)])
    expected = np.linalg.lstsq(longer, -np.append(r, np.zeros(n)), rcond=None)[0]
    assert np.allclose(Damped.of(J, r).step(damping), expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(("m", "n", "rank"), [(6, 3, None), (3, 6, None), (6, 4, 2), (4, 6, 2), (5, 5, 1)])
def test_without_damping_it_is_the_shortest_of_the_best(m, n, rank):
    J, r = problem(m, n, rank)
    expected = np.linalg.lstsq(J.numpy(), -r.numpy(), rcond=1e-12)[0]
    assert np.allclose(Damped.of(J, r).step(0.0), expected, rtol=1e-10, atol=1e-12)


@each(("m", "n"), SHAPES)
@each("damping", [0.0, 1e-2, 3.0])
def test_length_slope_and_drop_are_those_of_the_step(m, n, damping):
    J, r = problem(m, n)
    model = Damped.of(J, r)
    q = model.step(damping)
    assert model.length(damping) == pytest.approx(q.norm().item(), rel=1e-12)
    assert model.slope(damping) == pytest.approx((r @ J @ q).item(), rel=1e-12)
    drop = (r @ r - (r + J @ q) @ (r + J @ q)).item() / 2
    assert model.drop(damping) == pytest.approx(drop, rel=1e-10)


@given(st.integers(0, 1000), st.floats(-8, 4), st.sampled_from([0.1, 1e-3, 1e-10]))
def test_the_damping_gives_the_step_its_length(seed, power, within):
    J, r = problem(5, 3, seed=seed)
    model, radius = Damped.of(J, r), 10.0**power
    found = model.damping(radius, within=within)
    if found == 0:
        assert model.length(0.0) <= (1 + within) * radius
    else:
        assert model.length(found) == pytest.approx(radius, rel=within * (1 + 1e-6))


@pytest.mark.parametrize("guess", [0.0, 1e-6, 1e6])
def test_a_guess_changes_the_way_and_not_the_end(guess):
    J, r = problem(5, 3)
    model = Damped.of(J, r)
    found = model.damping(0.1, guess, within=1e-12)
    assert found == pytest.approx(model.damping(0.1, within=1e-12), rel=1e-9)


def test_where_the_search_for_the_damping_begins():
    """Within 0.999 the first λ is taken: Newton's from 0, the guess, or ‖Jᵀr‖/Δ, for which ‖q‖ ≤ Δ."""
    J, r = problem(5, 3)
    model, g = Damped.of(J, r), J.T @ r

    def reciprocal(damping):
        return 1 / torch.linalg.solve(J.T @ J + damping * torch.eye(3, dtype=DOUBLE), -g).norm()

    zero = torch.zeros((), dtype=DOUBLE, requires_grad=True)
    (steepness,) = torch.autograd.grad(reciprocal(zero), zero)
    radius = model.length(0.0) / 2.5
    low = ((1 / radius - reciprocal(zero)) / steepness).item()
    high = g.norm().item() / radius
    assert 0 < low < high
    for guess, expected in ((0.0, low), (low / 2, low), ((low + high) / 2, (low + high) / 2), (1e9, high)):
        assert model.damping(radius, guess, within=0.999) == pytest.approx(expected, rel=1e-10)
    small = Damped.of(J / 100, r)  # so that all of this lies below 1
    radius = small.length(0.0) / 2.5
    assert small.damping(radius) == small.damping(radius, 0.0, within=0.1)
    assert small.damping(radius) != small.damping(radius, 1.0)


def test_a_step_that_is_a_little_too_long_needs_no_damping():
    model = Damped.of(*problem(5, 3))
    assert model.damping(model.length(0.0) / 1.05) == 0
    assert model.damping(model.length(0.0) / 1.15) > 0


def test_one_parameter_by_hand():
    model = Damped.of(torch.tensor([[3.0], [4.0]], dtype=DOUBLE), torch.tensor([5.0, 0.0], dtype=DOUBLE))
    assert model.step(0.0).item() == pytest.approx(-0.6, rel=1e-14)  # −15 / 25
    assert model.damping(0.3, within=1e-14) == pytest.approx(25.0, rel=1e-12)  # −15 / 50 is half as long
    assert model.drop(0.0) == pytest.approx(4.5, rel=1e-14)  # ½ · 15² / 25


def test_a_jacobian_of_zeros_has_no_step():
    model = Damped.of(torch.zeros(3, 2, dtype=DOUBLE), torch.ones(3, dtype=DOUBLE))
    assert model.step(0.0).tolist() == [0.0, 0.0]
    assert model.length(0.0) == model.drop(0.0) == model.damping(1.0) == 0


@pytest.mark.parametrize("kappa", [1e3, 1e5, 1e7])
def test_normal_equations_lose_twice_the_digits(kappa):
    ours, normal = [], []
    for seed in range(20):
        J, r = problem(20, 4, seed=seed)
        U, _, Vh = torch.linalg.svd(J, full_matrices=False)
        J = U * torch.logspace(0, -math.log10(kappa), 4, dtype=DOUBLE) @ Vh
        exact, r = r[:4], -J @ r[:4]
        factor = torch.linalg.cholesky(J.T @ J)
        for errors, found in (
            (ours, Damped.of(J, r).step(0.0)),
            (normal, torch.cholesky_solve(-(J.T @ r)[:, None], factor).squeeze(1)),
        ):
            errors.append(((found - exact).norm() / exact.norm()).item())
    assert np.median(ours) < 10 * 2**-52 * kappa
    assert np.median(normal) > kappa / 30 * np.median(ours)


def test_where_the_square_of_a_column_is_lost_the_column_is_not():
    """Läuchli's matrix: its columns differ by ε, and 1 + ε² is 1 in JᵀJ."""
    J = torch.tensor([[1.0, 1.0], [1e-9, 0.0], [0.0, 1e-9]], dtype=DOUBLE)
    exact = torch.tensor([3.0, -2.0], dtype=DOUBLE)
    assert torch.allclose(Damped.of(J, -J @ exact).step(0.0), exact, rtol=1e-6)
    assert torch.linalg.matrix_rank(J.T @ J) == 1
    with pytest.raises(torch.linalg.LinAlgError):
        torch.linalg.cholesky(J.T @ J)
