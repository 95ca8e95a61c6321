"""Kronecker products as operators, against torch.kron and dense linear algebra."""

import pytest
import torch

from book.calculus.matrix_free import Kronecker
from book.calculus.matrix_free.kronecker import balance
from tests.cases import each

F64 = torch.float64
SHAPES = [[(3, 3), (4, 4)], [(2, 5), (4, 3)], [(3, 3)], [(2, 2), (3, 3), (4, 4)], [(2, 3), (1, 4), (3, 2)]]


def normal(*shape, seed=0):
    return torch.randn(*shape, dtype=F64, generator=torch.Generator().manual_seed(seed))


def positive(n, seed):
    A = normal(n, 2 * n, seed=seed)
    return A @ A.T / n


def dense(factors):
    whole = factors[0]
    for factor in factors[1:]:
        whole = torch.kron(whole, factor)
    return whole


def close(found, expected, rel=1e-10):
    assert (found - expected).norm() <= rel * expected.norm()


@pytest.fixture
def two():
    return Kronecker(positive(3, 1), positive(4, 2))


@pytest.mark.parametrize("shapes", SHAPES)
def test_products_are_those_of_the_matrix_written_out(shapes):
    factors = [normal(*shape, seed=seed) for seed, shape in enumerate(shapes)]
    K, whole = Kronecker(*factors), dense(factors)
    v, V = normal(K.shape[1], seed=7), normal(K.shape[1], 5, seed=8)
    assert K.shape == whole.shape
    close(K @ v, whole @ v)
    close(K @ V, whole @ V)
    close(K.T.to_dense(), whole.T)
    close(K.to_dense(), whole)
    assert (K @ v).shape == (K.shape[0],)


def test_on_the_weight_of_a_linear_layer_it_is_a_product_from_both_sides():
    A, B, W = normal(3, 3, seed=1), normal(4, 4, seed=2), normal(3, 4, seed=3)
    close((Kronecker(A, B) @ W.reshape(-1)).reshape(3, 4), A @ W @ B.T)


def test_trace_and_diagonal(two):
    close(two.trace(), two.to_dense().trace())
    close(two.diagonal(), two.to_dense().diagonal())


def test_the_inverse_is_that_of_the_matrix(two):
    close(two.inverse().to_dense(), torch.linalg.inv(two.to_dense()))


def test_an_unsymmetric_inverse():
    K = Kronecker(normal(3, 3, seed=1), normal(2, 2, seed=2))
    close(K.inverse().to_dense(), torch.linalg.inv(K.to_dense()))


@pytest.mark.parametrize("damping", [0.0, 1e-3, 10.0])
def test_the_damped_inverse_is_exact(two, damping):
    whole = two.to_dense() + damping * torch.eye(12, dtype=F64)
    close(two.damped_inverse(damping).to_dense(), torch.linalg.inv(whole))
    assert two.damped_inverse(damping).shape == (12, 12)


def test_the_damped_inverse_of_three_factors():
    K = Kronecker(positive(2, 1), positive(3, 2), positive(2, 3))
    whole = K.to_dense() + 0.3 * torch.eye(12, dtype=F64)
    close(K.damped_inverse(0.3).to_dense(), torch.linalg.inv(whole))


def test_an_indefinite_product_is_inverted_too():
    K = Kronecker(torch.diag(torch.tensor([1.0, -2.0], dtype=F64)), positive(2, 1))
    whole = K.to_dense() + 0.1 * torch.eye(4, dtype=F64)
    close(K.damped_inverse(0.1).to_dense(), torch.linalg.inv(whole))


@pytest.mark.parametrize("pi", [None, 0.7])
def test_damping_of_the_factors_is_martens_and_grosses(two, pi):
    A, B = two.factors
    used = ((A.trace() / 3) / (B.trace() / 4)) ** 0.5 if pi is None else pi
    λ = 0.25
    expected = torch.kron(
        A + used * λ**0.5 * torch.eye(3, dtype=F64), B + λ**0.5 / used * torch.eye(4, dtype=F64)
    )
    close(two.damped(λ, pi).to_dense(), expected)


def test_damping_adds_itself_and_two_cross_terms(two):
    A, B = two.factors
    pi, I3, I4 = balance(A, B), torch.eye(3, dtype=F64), torch.eye(4, dtype=F64)
    cross = 0.5 / pi * torch.kron(A, I4) + 0.5 * pi * torch.kron(I3, B)
    rest = two.damped(0.25).to_dense() - two.to_dense() - 0.25 * torch.eye(12, dtype=F64)
    close(rest, cross)


def test_this_pi_makes_the_cross_terms_least_by_trace(two):
    A, B = two.factors

    def cross(pi):  # the bound that π minimizes: both terms in the trace norm, per entry
        return A.trace() / 3 / pi + pi * B.trace() / 4

    best = balance(A, B)
    assert all(cross(best) < cross(best * factor) for factor in (0.9, 1.1))


def test_a_factor_of_zeros_is_damped_with_a_pi_of_one():
    K = Kronecker(torch.zeros(2, 2, dtype=F64), positive(2, 1)).damped(0.25)
    close(K.factors[0], 0.5 * torch.eye(2, dtype=F64))


def test_factors_are_left_as_they_were(two):
    before = [factor.clone() for factor in two.factors]
    two.damped(1.0), two.inverse(), two.damped_inverse(1.0), two @ normal(12)
    assert all(map(torch.equal, before, two.factors))


def test_singular_is_a_matter_of_the_condition_and_not_of_the_scale():
    one = torch.eye(1, dtype=F64)
    for scale in (1e-12, 1.0, 1e12):
        K = Kronecker(scale * torch.eye(2, dtype=F64), one)
        close(K.inverse().to_dense(), torch.eye(2, dtype=F64) / scale)
        close(K.damped_inverse(0.0).to_dense(), torch.eye(2, dtype=F64) / scale)
        thin = Kronecker(scale * torch.diag(torch.tensor([1.0, 1e-17], dtype=F64)), one)
        for call in (thin.inverse, lambda thin=thin: thin.damped_inverse(0.0)):
            with pytest.raises(ValueError, match="singular"):
                call()


def test_a_condition_of_one_over_epsilon_is_where_digits_end():
    eps = torch.finfo(F64).eps
    for share, regular in ((0.75, False), (1.5, True)):
        K = Kronecker(torch.diag(torch.tensor([1.0, share * eps], dtype=F64)), torch.eye(1, dtype=F64))
        if regular:
            close(K.inverse().to_dense(), torch.diag(torch.tensor([1.0, 1 / (share * eps)], dtype=F64)))
        else:
            with pytest.raises(ValueError, match="singular"):
                K.inverse()


def test_rounding_is_no_lack_of_symmetry():
    A = 1e6 * (torch.eye(2, dtype=F64) + 1e-9 * torch.tensor([[0.0, 1.0], [0.0, 0.0]], dtype=F64))
    close(Kronecker(A).damped_inverse(0.0).to_dense(), torch.eye(2, dtype=F64) / 1e6, rel=1e-8)


def test_pi_of_small_factors():
    assert balance(torch.eye(2) * 0.25, torch.eye(3) * 0.04) == pytest.approx(2.5)


def test_float32():
    K = Kronecker(positive(3, 1).float(), positive(4, 2).float())
    v = normal(12).float()
    assert (K @ v).dtype == torch.float32
    torch.testing.assert_close(K.inverse() @ (K @ v), v, rtol=1e-3, atol=1e-3)


SINGULAR = torch.ones(2, 2, dtype=F64)


@each(
    ("call", "error", "message"),
    [
        (lambda: Kronecker(), ValueError, "at least one factor"),
        (lambda: Kronecker(torch.ones(3)), ValueError, "a matrix"),
        (lambda: Kronecker(torch.ones(2, 2, dtype=torch.int64)), TypeError, "float64"),
        (lambda: Kronecker(torch.ones(2, 2), SINGULAR), TypeError, "one dtype"),
        (lambda: Kronecker(SINGULAR, SINGULAR).inverse(), ValueError, "damp it first"),
        (lambda: Kronecker(torch.eye(2) * float("nan")).inverse(), ValueError, "singular"),
        (lambda: Kronecker(SINGULAR, SINGULAR).damped_inverse(0.0), ValueError, "more damping"),
        (lambda: Kronecker(SINGULAR, SINGULAR).damped_inverse(-1.0), ValueError, "at least 0"),
        (lambda: Kronecker(torch.triu(SINGULAR)).damped_inverse(1.0), ValueError, "symmetric"),
        (lambda: Kronecker(torch.ones(2, 3)).inverse(), ValueError, "square factors"),
        (lambda: Kronecker(torch.ones(2, 3)).trace(), ValueError, "square factors"),
        (lambda: Kronecker(SINGULAR).damped(1.0), ValueError, "two factors"),
        (lambda: Kronecker(SINGULAR, SINGULAR).damped(float("nan")), ValueError, "at least 0"),
        (lambda: Kronecker(SINGULAR, SINGULAR).damped(1.0, 0.0), ValueError, "above 0"),
        (lambda: Kronecker(SINGULAR) @ torch.ones(3, dtype=F64), ValueError, r"shape \(2,\)"),
        (lambda: Kronecker(SINGULAR) @ torch.ones(2), TypeError, "convert"),
        (lambda: Kronecker(SINGULAR) @ [1.0, 2.0], TypeError, "multiplies tensors"),
    ],
)
def test_what_it_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()
