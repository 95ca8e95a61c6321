"""Lanczos' method against dense eigenvalues, scipy's own, and the exact trace of a function of a matrix."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.linalg import LinearOperator, eigsh

from book.calculus import lanczos

F64 = torch.float64


def normal(*shape, seed=0):
    return torch.randn(*shape, dtype=F64, generator=torch.Generator().manual_seed(seed))


def with_spectrum(values, seed=0):
    """A dense symmetric matrix with these eigenvalues along random axes."""
    Q = torch.linalg.qr(normal(len(values), len(values), seed=seed)).Q
    A = Q @ torch.diag(torch.as_tensor(values, dtype=F64)) @ Q.T
    return (A + A.T) / 2


def symmetric(n, seed=0):
    A = normal(n, n, seed=seed)
    return (A + A.T) / 2


def test_all_steps_find_all_eigenvalues():
    A = symmetric(40)
    ritz = lanczos(lambda v: A @ v, normal(40, seed=1), 40)
    torch.testing.assert_close(ritz.values, torch.linalg.eigvalsh(A), atol=1e-10, rtol=0)


def test_the_weights_are_the_shares_of_the_start():
    A, start = symmetric(30), normal(30, seed=1)
    vectors = torch.linalg.eigh(A).eigenvectors
    ritz = lanczos(lambda v: A @ v, start, 30)
    torch.testing.assert_close(ritz.weights, (vectors.T @ (start / start.norm())) ** 2, atol=1e-10, rtol=0)
    assert ritz.weights.sum().item() == pytest.approx(1, abs=1e-12)


def test_a_few_steps_find_both_ends_as_scipy_does():
    A = with_spectrum([-5.0, -3.0, *torch.linspace(-1, 1, 296).tolist(), 4.0, 9.0])
    ritz = lanczos(lambda v: A @ v, normal(300, seed=1), 60)
    operator = LinearOperator((300, 300), matvec=lambda v: A.numpy() @ v, dtype=np.float64)
    ends = np.sort(eigsh(operator, k=4, which="BE", tol=1e-12, return_eigenvectors=False))
    np.testing.assert_allclose(ritz.values[[0, 1, -2, -1]], ends, atol=1e-10)


def test_every_ritz_value_lies_within_the_spectrum_and_the_ends_only_move_out():
    A, start = symmetric(50), normal(50, seed=1)
    true = torch.linalg.eigvalsh(A)
    found = [lanczos(lambda v: A @ v, start, k).values for k in range(1, 26)]
    for values, more in pairwise(found):
        assert true[0] - 1e-12 <= more[0] <= values[0] + 1e-12
        assert values[-1] - 1e-12 <= more[-1] <= true[-1] + 1e-12


def test_nothing_is_found_twice():
    A = with_spectrum([*torch.linspace(0, 1, 197).tolist(), 50.0, 70.0, 100.0])
    values = lanczos(lambda v: A @ v, normal(200, seed=1), 100).values
    assert (values > 2).sum() == 3


def test_a_repeated_eigenvalue_is_found_once_and_carries_the_weight_of_all_its_copies():
    values, start = [1.0] * 7 + [4.0] * 2 + [6.0], normal(10, seed=1)
    A = torch.diag(torch.tensor(values, dtype=F64))
    ritz = lanczos(lambda v: A @ v, start, 10)
    torch.testing.assert_close(ritz.values, torch.tensor([1.0, 4.0, 6.0], dtype=F64), atol=1e-12, rtol=0)
    share = start.square() / start.square().sum()
    expected = torch.stack([share[:7].sum(), share[7:9].sum(), share[9]])
    torch.testing.assert_close(ritz.weights, expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize(("spectrum", "found"), [([2.0] * 5, [2.0]), ([0.0] * 5, [0.0])])
def test_a_multiple_of_the_identity_ends_after_one_step(spectrum, found):
    calls = []
    A = torch.diag(torch.tensor(spectrum, dtype=F64))
    ritz = lanczos(lambda v: calls.append(1) or A @ v, normal(5), 5)
    assert ritz.values.tolist() == pytest.approx(found, abs=1e-12)
    assert len(calls) == 1


def test_an_eigenvector_as_start_sees_itself_alone():
    A = symmetric(12)
    values, vectors = torch.linalg.eigh(A)
    ritz = lanczos(lambda v: A @ v, 3 * vectors[:, 4], 12)
    assert ritz.values.tolist() == pytest.approx([values[4].item()])
    assert ritz.weights.tolist() == pytest.approx([1])


def test_k_steps_give_the_first_2k_moments_of_the_start_exactly():
    A, start, steps = symmetric(40), normal(40, seed=1), 5
    u, ritz = start / start.norm(), lanczos(lambda v: A @ v, start, steps)
    for power in range(2 * steps):
        exact = u @ torch.linalg.matrix_power(A, power) @ u
        assert (ritz.weights * ritz.values**power).sum().item() == pytest.approx(exact.item(), rel=1e-10)


@pytest.mark.long
def test_weights_average_to_the_trace_of_a_function():
    A = with_spectrum(torch.linspace(-1, 1, 100))
    starts = torch.eye(100, dtype=F64)  # one for each axis: their mean is the trace exactly, not by chance
    found = [lanczos(lambda v: A @ v, start, 30) for start in starts]
    for f in (torch.exp, torch.square, lambda x: 1 / (x + 2)):
        sums = [(ritz.weights * f(ritz.values)).sum() for ritz in found]
        exact = f(torch.linalg.eigvalsh(A)).mean()
        torch.testing.assert_close(torch.stack(sums).mean(), exact, atol=1e-10, rtol=0)


@pytest.mark.long
def test_random_starts_estimate_the_trace_within_their_own_spread():
    A = with_spectrum(torch.linspace(-1, 1, 100))
    found = [lanczos(lambda v: A @ v, normal(100, seed=seed), 30) for seed in range(50)]
    sums = torch.stack([(r.weights * r.values.exp()).sum() for r in found])
    exact = torch.linspace(-1, 1, 100, dtype=F64).exp().mean()
    assert (sums.mean() - exact).abs() < 4 * sums.std() / 50**0.5


def test_float32_products_give_float64_values_of_single_accuracy():
    A = symmetric(40)
    ritz = lanczos(lambda v: A.float() @ v, normal(40, seed=1).float(), 40)
    assert ritz.values.dtype == F64
    torch.testing.assert_close(ritz.values[[0, -1]], torch.linalg.eigvalsh(A)[[0, -1]], atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("start", "steps", "message"),
    [
        (torch.ones(2, 2), 3, "a vector"),
        (torch.ones(3), 0, "1 step or more"),
        (torch.zeros(3), 2, "not zero"),
        (torch.tensor([1.0, float("nan")]), 2, "finite"),
        (torch.tensor([1.0, float("inf")]), 2, "finite"),
    ],
)
def test_what_it_refuses(start, steps, message):
    with pytest.raises(ValueError, match=message):
        lanczos(lambda v: v, start, steps)


@pytest.mark.long
@given(st.integers(-30, 30), st.integers(-30, 30), st.sampled_from([torch.float32, F64]))
@settings(max_examples=100)
def test_neither_the_length_of_the_start_nor_of_the_matrix_matters(start, height, dtype):
    A = torch.tensor([1.0, 2.0, 3.0], dtype=dtype) * 10.0**height
    ritz = lanczos(lambda v: v * A, torch.full((3,), 10.0**start, dtype=dtype), 3)
    assert (ritz.values / 10.0**height).tolist() == pytest.approx([1, 2, 3], rel=1e-5)
    assert ritz.weights.tolist() == pytest.approx([1 / 3] * 3, rel=1e-4)


@pytest.mark.parametrize(("dtype", "near"), [(torch.float16, 1e-2), (torch.bfloat16, 5e-2)])
def test_half_precision_gives_what_it_can(dtype, near):
    A = torch.tensor([1.0, 2.0, 3.0], dtype=dtype)
    ritz = lanczos(lambda v: v * A, torch.full((3,), 1e4, dtype=dtype), 3)
    assert ritz.values.tolist() == pytest.approx([1, 2, 3], rel=near)


def test_a_matrix_with_zeros_on_its_diagonal_ends_where_its_subspace_does():
    rest = normal(8, 8, seed=3)
    Q = torch.linalg.qr(rest).Q
    A = Q @ torch.diag(torch.tensor([2.0, -2.0, 0, 0, 0, 0, 0, 0], dtype=F64)) @ Q.T
    ritz = lanczos(lambda v: A @ v, Q[:, 0] + Q[:, 1], 8)
    assert ritz.values.tolist() == pytest.approx([-2, 2], abs=1e-12)


@pytest.mark.parametrize(
    ("matvec", "error", "message"),
    [
        (lambda v: v * torch.tensor([1.0, math.inf, 2.0]), ValueError, "finite products"),
        (lambda v: v[:2], ValueError, r"products of shape \(3,\)"),
        (lambda v: v.double(), TypeError, r"torch\.float32 tensors"),
        (lambda v: v.numpy(), TypeError, "got ndarray"),
        (lambda v: torch.stack([v[1], v[2], v[0]]), ValueError, "one symmetric matrix"),
    ],
)
def test_products_of_no_symmetric_matrix_are_refused(matvec, error, message):
    with pytest.raises(error, match=message):
        lanczos(matvec, torch.tensor([1.0, 2.0, 4.0]), 3)
