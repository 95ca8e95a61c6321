"""A linear operator of one's own."""

import pytest
import torch

from book.calculus import lanczos
from book.calculus.matrix_free import Kronecker, LinearOperator


class Difference(LinearOperator):
    """v ↦ the differences of neighbours, (n − 1, n)."""

    def __init__(self, n):
        super().__init__((n - 1, n), torch.float64, "cpu")

    def columns(self, V):
        return V[1:] - V[:-1]


def test_vectors_matrices_and_the_dense_form():
    D = Difference(3)
    expected = torch.tensor([[-1.0, 1.0, 0.0], [0.0, -1.0, 1.0]], dtype=torch.float64)
    assert torch.equal(D.to_dense(), expected)
    v = torch.tensor([1.0, 4.0, 9.0], dtype=torch.float64)
    assert (D @ v).tolist() == [3.0, 5.0]
    assert torch.equal(
        D @ torch.stack([v, 2 * v], 1), torch.tensor([[3.0, 6.0], [5.0, 10.0]], dtype=torch.float64)
    )
    assert repr(D) == "Difference(shape=(2, 3), dtype=torch.float64)"


def test_lanczos_takes_an_operators_product():
    K = Kronecker(
        torch.diag(torch.tensor([1.0, 2.0]).double()), torch.diag(torch.tensor([3.0, 5.0]).double())
    )
    values = lanczos(K.__matmul__, torch.ones(4, dtype=torch.float64), 4).values
    assert values.tolist() == pytest.approx([3, 5, 6, 10])


def test_a_base_without_a_product_says_what_is_missing():
    with pytest.raises(NotImplementedError, match="columns"):
        LinearOperator((2, 2), torch.float32, "cpu") @ torch.ones(2)
