"""Squared errors with all columns in one pass, which torch's own kernel does not do (torch 2.13)."""

import pytest
import torch

from book.calculus.matrix_free import Fisher, GaussNewton, Hessian


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("kind", [Fisher, GaussNewton, Hessian])
def test_of_a_linear_model_with_squared_errors_all_are_the_inputs_second_moment(kind, reduction):
    generator = torch.Generator().manual_seed(0)
    X, y = (torch.randn(5, n, generator=generator, dtype=torch.float64) for n in (3, 2))
    model = torch.nn.Linear(3, 2, bias=False).double()
    dense = kind(model, torch.nn.MSELoss(reduction=reduction), (X, y)).to_dense()
    expected = torch.kron(torch.eye(2, dtype=torch.float64), 2 * X.T @ X)
    torch.testing.assert_close(dense, expected / (10 if reduction == "mean" else 1), rtol=1e-12, atol=1e-12)
