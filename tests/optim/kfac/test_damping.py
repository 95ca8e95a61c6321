import pytest
import torch

from book.optim.kfac.damping import damped_inverses, inverse, natural
from tests.cases import each
from tests.optim.kfac.blocks import normal, relative


def factor(seed, n, scale=1.0):
    rows = normal(seed, 3 * n, n)
    return scale * rows.T @ rows / len(rows)


def test_the_inverses_are_those_of_the_damped_product():
    A, B, damping = factor(0, 4, 9.0), factor(1, 3, 0.01), 0.05
    pi = ((B.trace() / 3) / (A.trace() / 4)).sqrt()
    root = damping**0.5
    right, left = A + root / pi * torch.eye(4).double(), B + root * pi * torch.eye(3).double()
    G = normal(2, 3, 4)
    found = natural(G, *damped_inverses(A, B, damping))
    expected = torch.linalg.solve(torch.kron(left, right), G.flatten()).reshape(3, 4)
    assert relative(found, expected) < 1e-10


def test_one_of_the_terms_is_the_damping_asked_for():
    A, B, damping = factor(0, 4), factor(1, 3, 100.0), 0.3
    inverses = damped_inverses(A, B, damping)
    right, left = (torch.linalg.inv(inverse) for inverse in inverses)
    assert relative(torch.kron(left - B, right - A), damping * torch.eye(12).double()) < 1e-10


def test_a_layer_without_slopes_is_damped_evenly():
    A_inverse, B_inverse = damped_inverses(torch.eye(2), torch.zeros(3, 3), 0.25)
    torch.testing.assert_close(A_inverse, torch.eye(2) / 1.5)
    torch.testing.assert_close(B_inverse, torch.eye(3) / 0.5)


@each("dtype", [torch.float32, torch.float64])
@each("kind", ["zero", "rank 1", "indefinite", "nan"])
def test_a_singular_factor_is_an_error(kind, dtype):
    ones = torch.ones(4, 4, dtype=dtype) / 3
    singular = {
        "zero": 0 * ones,
        "rank 1": ones,
        "indefinite": -torch.eye(4, dtype=dtype),
        "nan": ones / 0 * 0,
    }
    with pytest.raises(RuntimeError, match=r"factor of shape \(4, 4\) is singular .* more damping"):
        inverse(singular[kind])


def test_the_inverse_of_a_positive_definite_matrix():
    M = factor(0, 6)
    assert relative(inverse(M) @ M, torch.eye(6).double()) < 1e-10


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_how_small_a_pivot_may_be(dtype):
    eps = torch.finfo(dtype).eps
    wide = torch.diag(torch.tensor([8.0, 32 * eps], dtype=dtype))
    torch.testing.assert_close(inverse(wide) @ wide, torch.eye(2, dtype=dtype))
    with pytest.raises(RuntimeError, match="singular"):
        inverse(torch.diag(torch.tensor([8.0, 2 * eps], dtype=dtype)))
