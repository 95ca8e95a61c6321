"""Sparse tensors and those on the device meta, without a number at each place, are refused in a sentence."""

import pytest
import torch
from torch import nn

from book.calculus import gradient, hessian, hvp
from book.numerics.vector import f64
from book.optim import (
    BFGS,
    SGD,
    AdaHessian,
    Newton,
    Shampoo,
    conjugate_gradient,
    descend,
    exact,
    minimize,
    trajectory,
)
from book.optim.constrained import (
    Multipliers,
    Problem,
    augmented_lagrangian,
    kkt_residual,
    project_ball,
    project_box,
    project_box_and_plane,
    project_half_space,
    project_simplex,
    projected_gradient,
    quadratic_penalty,
    smo,
)
from book.optim.natural_gradient import natural_direction
from book.optim.newton import newton_direction, shifted_cholesky
from book.optim.trust_region import steihaug

v, A = f64(1, 2), torch.eye(2, dtype=torch.float64)
PROBLEM = Problem(lambda x: x @ x, lambda x: x.sum()[None] - 2)


def squares(x):
    return x @ x


OF_A_VECTOR = {
    "minimize": lambda x: minimize(BFGS, squares, x),
    "trajectory": lambda x: trajectory(lambda p: SGD(p, lr=0.1), squares, x, steps=1),
    "descend": lambda x: descend(squares, x, 0.1, 1),
    "exact": lambda x: exact(squares, x, v),
    "a direction of exact": lambda x: exact(squares, v, x),
    "gradient": lambda x: gradient(squares, x),
    "hessian": lambda x: hessian(squares, x),
    "a direction of hvp": lambda x: hvp(squares, v, x),
    "augmented_lagrangian": lambda x: augmented_lagrangian(PROBLEM, x),
    "quadratic_penalty": lambda x: quadratic_penalty(PROBLEM, x),
    "kkt_residual": lambda x: kkt_residual(PROBLEM, x),
    "its multipliers": lambda x: kkt_residual(PROBLEM, v, Multipliers(x, v[:0])),
    "projected_gradient": lambda x: projected_gradient(squares, project_ball, x),
    "project_box": lambda x: project_box(x, 0.0, 1.0),
    "its bound": lambda x: project_box(v, x, 3.0),
    "project_ball": project_ball,
    "its center": lambda x: project_ball(v, 1.0, x),
    "project_simplex": project_simplex,
    "project_half_space": lambda x: project_half_space(x, v),
    "its normal": lambda x: project_half_space(v, x),
    "project_box_and_plane": lambda x: project_box_and_plane(x, 0.0, 1.0, v, 1.0),
    "its normal too": lambda x: project_box_and_plane(v, 0.0, 1.0, x, 1.0),
    "labels": lambda x: smo(A, x),
    "conjugate_gradient": lambda x: conjugate_gradient(A.mv, x),
    "newton_direction": lambda x: newton_direction(A, x),
    "natural_direction": lambda x: natural_direction(A, x),
    "steihaug": lambda x: steihaug(A.mv, x, 1.0),
}
OF_A_MATRIX = {
    "a kernel": lambda A: smo(A, f64(1, -1)),
    "a Hessian": lambda A: newton_direction(A, v),
    "a Hessian to shift": shifted_cholesky,
    "a Fisher matrix": lambda A: natural_direction(A, v),
}


@pytest.mark.parametrize("name", [*OF_A_VECTOR, *OF_A_MATRIX])
def test_a_tensor_without_values_is_refused(name):
    call, given = (OF_A_VECTOR[name], v) if name in OF_A_VECTOR else (OF_A_MATRIX[name], A)
    with pytest.raises(TypeError, match=r"a dense tensor, .* torch.sparse_coo; convert it first: x.to_dense"):
        call(given.to_sparse())
    with pytest.raises(ValueError, match=r"with values, and (one|those) on the device meta ha\w+ none; m"):
        call(given.to("meta"))


@pytest.mark.filterwarnings("ignore:Sparse CSR")
def test_other_layouts_are_no_dense_ones_either():
    with pytest.raises(TypeError, match=r"torch.sparse_csr; convert it first"):
        newton_direction(A.to_sparse_csr(), v)


def test_a_sparse_parameter_of_a_second_order_method_is_refused():
    for method in (Newton, BFGS):
        with pytest.raises(TypeError, match=f"{method.__name__} takes a dense tensor"):
            method([nn.Parameter(v.to_sparse())])


@pytest.mark.parametrize("method", [Shampoo, AdaHessian])
def test_a_step_on_the_device_meta_is_refused(method):
    x = nn.Parameter(torch.ones(2, device="meta"))
    x.grad = torch.ones_like(x)
    with pytest.raises(ValueError, match=r"those on the device meta have none; .*to_empty"):
        method([x], lr=0.1).step()
