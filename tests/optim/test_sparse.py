"""Sparse gradients: the rows that they name move, the others rest with their memory."""

import pytest
import torch

from book.optim import SGD, AdaGrad


def test_sparse_rows_rest_with_their_memory_where_no_gradient_is():
    x = torch.nn.Parameter(torch.ones(4, 2))
    x.grad = torch.sparse_coo_tensor([[1, 1]], torch.ones(2, 2), (4, 2))
    optimizer = AdaGrad([x], lr=0.5)
    optimizer.step()
    assert x.tolist() == [[1, 1], [0.5, 0.5], [1, 1], [1, 1]]  # the two rows of index 1 are one gradient of 2
    assert optimizer.state[x]["sum"].tolist() == [[0, 0], [4, 4], [0, 0], [0, 0]]


@pytest.mark.parametrize("rule", [SGD, AdaGrad])
def test_a_complex_table_takes_a_sparse_gradient_as_a_dense_one(rule):
    sparse, dense = (torch.nn.Parameter(torch.ones(3, dtype=torch.complex64)) for _ in range(2))
    sparse.grad = torch.sparse_coo_tensor([[1, 1]], [2 + 4j, 1], (3,))
    dense.grad = sparse.grad.to_dense()
    for x in (sparse, dense):
        rule([x], lr=0.5).step()
    assert sparse.tolist() == dense.tolist()
    assert sparse.tolist()[::2] == [1, 1] != sparse.tolist()[1]


def test_sparse_gradients_with_weight_decay_are_refused_before_anything_moves():
    first, table = (torch.nn.Parameter(torch.ones(3)) for _ in range(2))
    first.grad, table.grad = torch.ones(3), torch.sparse_coo_tensor([[1]], [1.0], (3,))
    with pytest.raises(RuntimeError, match="weight_decay option is not compatible with sparse gradients"):
        SGD([first, table], lr=1.0, weight_decay=0.1).step()
    assert first.tolist() == [1, 1, 1]
