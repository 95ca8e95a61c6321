"""Least squares with signs kept, against scipy's and by trying every set."""

from unittest import mock

import numpy as np
import pytest
import torch
from scipy.optimize import nnls

from book.numerics.vector import f64
from book.optim.constrained import multipliers
from book.optim.constrained.multipliers import fitted, nonnegative_least_squares, rank
from tests.cases import each


@each("seed", range(20))
def test_nonnegative_least_squares_is_scipy_s(seed):
    generator = np.random.default_rng(seed)
    n, k = generator.integers(2, 8, size=2)
    A, b = generator.normal(size=(n, k)), generator.normal(size=n)
    if seed % 3 == 0:
        A[:, -1] = A[:, 0]  # dependent columns
    z = nonnegative_least_squares(torch.from_numpy(A), torch.from_numpy(b)).numpy()
    theirs, left = nnls(A, b)
    assert (z >= 0).all()
    assert np.linalg.norm(A @ z - b) == pytest.approx(left, abs=1e-12)
    if np.linalg.matrix_rank(A) == k:
        np.testing.assert_allclose(z, theirs, rtol=0, atol=1e-11)


@each("seed", range(20))
def test_entries_that_joined_and_turn_negative_leave_again(seed):
    """Columns of positive numbers point nearly the same way, so that one takes another's place."""
    generator = np.random.default_rng(seed)
    A = abs(generator.normal(size=(20, 15)))
    b = A @ generator.normal(size=15).clip(0) + generator.normal(size=20)
    ours = nonnegative_least_squares(torch.from_numpy(A), torch.from_numpy(b)).numpy()
    np.testing.assert_allclose(ours, nnls(A, b)[0], rtol=0, atol=1e-11)


def sets_of_lawson_and_hanson(A, b):
    """Every set of columns that is solved for, in a plain loop."""
    inside, z, sets = [], np.zeros(A.shape[1]), []
    while True:
        pull = A.T @ (b - A @ z)
        pull[inside] = -np.inf
        if pull.max() < 1e-9:
            return sets
        inside.append(int(pull.argmax()))
        while True:
            wanted = np.zeros(A.shape[1])
            wanted[inside] = np.linalg.lstsq(A[:, inside], b, rcond=None)[0]
            sets.append(sorted(inside))
            shares = {i: z[i] / (z[i] - wanted[i]) for i in inside if wanted[i] <= 0}
            if not shares:
                break
            z = z + min(shares.values()) * (wanted - z)
            inside = [i for i in inside if i != min(shares, key=shares.get) and z[i] > 1e-12]
            z[[i for i in range(len(z)) if i not in inside]] = 0
        z = wanted


@each("seed", [*range(12), 864])
def test_the_sets_are_those_of_lawson_and_hanson(seed):
    """With seed 864 two columns leave, one after the other; a wrong way to the first turns their order."""
    generator = np.random.default_rng(seed)
    A = abs(generator.normal(size=(15, 14))) ** 3
    b = A @ generator.normal(size=14).clip(0) + 3 * generator.normal(size=15)
    sets = []

    def told(A, b, inside):
        sets.append(inside.nonzero().flatten().tolist())
        return solve(A, b, inside)

    solve = multipliers._solve
    with mock.patch.object(multipliers, "_solve", told):
        nonnegative_least_squares(torch.from_numpy(A), torch.from_numpy(b))
    expected = sets_of_lawson_and_hanson(A, b)
    assert sets[1:] == expected


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_what_rounding_leaves_makes_no_column_join(unit):
    for seed in range(10):
        generator = np.random.default_rng(seed)
        A = generator.normal(size=(6, 4)) * unit
        b = A[:, :2] @ [1.0, 2.0]
        z = nonnegative_least_squares(torch.from_numpy(A), torch.from_numpy(b), free=2)
        assert z[2:].tolist() == [0, 0]


@pytest.mark.parametrize(("pull", "joins"), [(100.5, True), (99.5, False)])
def test_a_pull_of_100_roundings_of_the_sizes_lets_a_column_join(pull, joins):
    eps = torch.finfo(torch.float64).eps
    z = nonnegative_least_squares(2 * f64(1, 0)[:, None], 4 * f64(pull * eps, 1))
    assert (z.item() > 0) == joins


@each("seed", range(10))
def test_free_entries_may_have_either_sign(seed):
    generator = np.random.default_rng(seed)
    A, b = generator.normal(size=(6, 5)), generator.normal(size=6)
    z = nonnegative_least_squares(torch.from_numpy(A), torch.from_numpy(b), free=2).numpy()
    theirs, left = nnls(np.concatenate([A, -A[:, :2]], axis=1), b)  # a free entry is the difference of two
    np.testing.assert_allclose(z[:2], theirs[:2] - theirs[5:], rtol=0, atol=1e-11)
    np.testing.assert_allclose(z[2:], theirs[2:5], rtol=0, atol=1e-11)
    assert np.linalg.norm(A @ z - b) == pytest.approx(left, abs=1e-12)


def test_the_fit_is_numpy_s_where_gradients_are_independent():
    generator = np.random.default_rng(0)
    slope, equal, unequal = (
        generator.normal(size=5),
        generator.normal(size=(1, 5)),
        generator.normal(size=(3, 5)),
    )
    touching = np.array([True, False, True])
    rows = np.concatenate([equal, unequal[touching]])
    expected = np.linalg.lstsq(rows.T, -slope, rcond=None)[0]
    nu, lam = fitted(*map(torch.from_numpy, (slope, equal, unequal, touching)))
    np.testing.assert_allclose(nu, expected[:1], atol=1e-13)
    np.testing.assert_allclose(lam, [expected[1], 0, expected[2]], atol=1e-13)


def test_rank():
    assert rank(torch.zeros(0, 3)) == 0
    assert rank(torch.zeros(2, 3)) == 0
    assert rank(torch.stack([f64(1, 1), f64(1e-20, 0)])) == 2


def test_where_gradients_are_dependent_signs_are_kept_if_they_can_be():
    rows = torch.stack([f64(1, 0), f64(0, 1), f64(1, 1)])  # the shortest fit has the second at −1/3
    nu, lam = fitted(f64(-1, 0), rows[:0], rows, torch.tensor([True, True, True]))
    assert len(nu) == 0
    torch.testing.assert_close(lam, f64(1, 0, 0), rtol=0, atol=1e-14)


def test_masks_lie_where_the_matrix_does():
    A, b = f64(1, 0, 2, 0, 0, 1).reshape(3, 2), f64(1, 2, 3)
    there = nonnegative_least_squares(A, b)
    with torch.device("meta"):  # where tensors land that name no device; they do not mix with others
        assert nonnegative_least_squares(A, b).equal(there)
