"""Hutch++ against its formula written out, and against Hutchinson's estimate."""

import pytest
import torch

from book.calculus.matrix_free import hutch_plus_plus, hutchinson_trace, random_probes, trace_variance
from tests.calculus.matrix_free.small_networks import F64, normal

KINDS = ["rademacher", "gaussian"]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def decaying(n=60, power=2.0):
    """Eigenvalues 1, 2⁻ᵖ, 3⁻ᵖ, … along random axes."""
    Q = torch.linalg.qr(normal(n, n)).Q
    return Q @ torch.diag(torch.arange(1, n + 1, dtype=F64) ** -power) @ Q.T


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_algorithm_1_of_the_paper(kind):
    A, third, generator = decaying(), 5, seeded()
    S = random_probes(60, third, kind, generator=generator, dtype=F64)
    G = random_probes(60, third, kind, generator=generator, dtype=F64)
    Q = torch.linalg.qr(A @ S).Q
    P = torch.eye(60, dtype=F64) - Q @ Q.T
    expected = torch.trace(Q.T @ A @ Q) + torch.trace(G.T @ P @ A @ P @ G) / third
    found = hutch_plus_plus(A, 3 * third, kind, seeded())
    assert found.value.item() == pytest.approx(expected.item(), rel=1e-12)
    assert found.probes == 15


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_guessed_lies_within_its_predicted_error(kind):
    """Over seeds, z = error / predicted of the rest, given Q, has variance 1."""
    A, third, zs = decaying(), 5, []
    for seed in range(300):
        generator = seeded(seed)
        Q = torch.linalg.qr(A @ random_probes(60, third, kind, generator=generator, dtype=F64)).Q
        P = torch.eye(60, dtype=F64) - Q @ Q.T
        predicted = (trace_variance(P @ A @ P, kind) / third).sqrt()
        zs.append((hutch_plus_plus(A, 3 * third, kind, seeded(seed)).value - A.trace()) / predicted)
    z = torch.stack(zs)
    assert z.mean().abs() < 4 / 300**0.5
    assert 0.65 < z.var() < 1.45


def test_it_is_nearer_than_hutchinson_where_the_spectrum_decays():
    A = decaying()
    plain, better = (
        torch.stack([(f(A, 30, generator=seeded(s)).value - A.trace()) ** 2 for s in range(50)]).mean().sqrt()
        for f in (hutchinson_trace, hutch_plus_plus)
    )
    assert better < plain / 5


def test_a_matrix_of_low_rank_leaves_nothing_to_guess():
    factor = normal(40, 3)
    A = factor @ factor.T
    found = hutch_plus_plus(A, 9, generator=seeded())
    assert found.value.item() == pytest.approx(A.trace().item(), rel=1e-10)
    assert found.standard_error < 1e-10


def test_more_products_than_dimensions_give_the_trace():
    A = normal(4, 4)
    assert hutch_plus_plus(A, 300, generator=seeded()).value.item() == pytest.approx(
        A.trace().item(), rel=1e-10
    )


def test_a_matrix_without_entries_has_the_trace_0():
    assert hutch_plus_plus(torch.zeros(0, 0), 3).value == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hutch_plus_plus(torch.ones(2, 2), 2), "3 products or more"),
        (lambda: hutch_plus_plus(torch.ones(2, 3), 3), "square"),
        (lambda: hutch_plus_plus(torch.ones(2, 2), 3, "cauchy"), "kind is"),
    ],
)
def test_what_it_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
