"""The ensemble's distribution, and its chance of being definite against closed forms, mpmath and counts."""

import math

import mpmath
import pytest
import torch

from book.calculus import chance_of_definite, random_symmetric


def test_the_entries_have_variance_one_on_the_diagonal_and_a_half_beside_it():
    M = random_symmetric(100_000, 3, torch.Generator().manual_seed(0))
    assert torch.equal(M, M.mT)
    assert M[:, 0, 0].var().item() == pytest.approx(1, abs=0.03)
    assert M[:, 0, 1].var().item() == pytest.approx(0.5, abs=0.02)


def test_the_generator_decides():
    first, same, other = (random_symmetric(2, 3, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_the_closed_forms_of_small_dimensions():
    closed = [1 / 2, (2 - math.sqrt(2)) / 4, (math.pi - 2 * math.sqrt(2)) / (4 * math.pi)]
    assert [chance_of_definite(d) for d in (1, 2, 3)] == pytest.approx(closed, rel=1e-12)


@pytest.mark.long
@pytest.mark.parametrize("d", [2, 3, 4, 5])
def test_it_agrees_with_the_share_among_samples(d):
    count = 200_000
    info = torch.linalg.cholesky_ex(random_symmetric(count, d, torch.Generator().manual_seed(d))).info
    chance = chance_of_definite(d)
    assert abs((info == 0).double().mean().item() - chance) < 4 * math.sqrt(chance / count)


def by_mpmath(d):
    """The same Pfaffian with 60 digits and mpmath's own quadrature."""
    with mpmath.workdps(60):
        A = mpmath.zeros(d + d % 2)
        for i in range(d):
            for j in range(i + 1, d):
                angular = mpmath.quad(
                    lambda a, i=i, j=j: (
                        mpmath.cos(a) ** i * mpmath.sin(a) ** j - mpmath.cos(a) ** j * mpmath.sin(a) ** i
                    ),
                    [mpmath.pi / 4, mpmath.pi / 2],
                )
                half = mpmath.mpf(i + j) / 2
                A[i, j] = 2**half * mpmath.gamma(half + 1) * angular
                A[j, i] = -A[i, j]
            if d % 2:
                A[i, d] = mpmath.quad(lambda x, i=i: x**i * mpmath.exp(-(x**2) / 2), [0, 2, 6, mpmath.inf])
                A[d, i] = -A[i, d]
        whole = (2 * mpmath.pi) ** (mpmath.mpf(d) / 2)
        for k in range(1, d + 1):
            whole *= mpmath.gamma(1 + mpmath.mpf(k) / 2) / mpmath.gamma(mpmath.mpf(3) / 2)
        return float(mpmath.factorial(d) * mpmath.sqrt(mpmath.det(A)) / whole)


@pytest.mark.long
@pytest.mark.parametrize("d", [4, 7, 10, 12])
def test_float64_is_enough_up_to_twelve(d):
    assert chance_of_definite(d) == pytest.approx(by_mpmath(d), rel=1e-4)


def test_the_logarithm_falls_like_the_leading_term():
    """The second difference of ln P tends to that of −d² ln 3 / 4, which is −ln 3 / 2."""
    logs = [math.log(chance_of_definite(d)) for d in (10, 11, 12)]
    assert logs[0] - 2 * logs[1] + logs[2] == pytest.approx(-math.log(3) / 2, rel=0.02)


@pytest.mark.parametrize("d", [0, 13, -1])
def test_other_dimensions_are_refused(d):
    with pytest.raises(ValueError, match="from 1 to 12"):
        chance_of_definite(d)
