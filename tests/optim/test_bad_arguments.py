"""The functions beside the methods: what they cannot work with is refused in one sentence, and none hangs."""

import math

import pytest
import torch
from torch import nn

from book.calculus.matrix_free import (
    Fisher,
    GaussNewton,
    Hessian,
    Kronecker,
    diagonal_variance,
    hutch_plus_plus,
    hutchinson_diagonal,
    hutchinson_trace,
    random_probes,
    trace_variance,
)
from book.numerics.vector import f64
from book.optim import BFGS, Adam, LevenbergMarquardt, NaturalGradient, conjugate_gradient, minimize
from book.optim.constrained import (
    Infeasible,
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
from book.optim.line_search import Trial, armijo, strong_wolfe
from book.optim.natural_gradient import natural_direction
from book.optim.newton import newton_direction, shifted_cholesky
from book.optim.trust_region import steihaug
from tests.cases import each

A, b, v = torch.diag(f64(2, 1)), f64(1, 2), f64(3, 4)
START = Trial(0.0, 9.0, -6.0)
PROBLEM = Problem(lambda x: x @ x, lambda x: x.sum()[None] - 2)
NET, X, Y = nn.Linear(2, 3), torch.ones(4, 2), torch.zeros(4, dtype=torch.long)
LOSS = nn.CrossEntropyLoss()


def squares(x):
    return (x - 3).square().sum()


WRONG = {
    "a matrix for its product": (lambda: conjugate_gradient(A, b), TypeError, "lambda v: A @ v"),
    "a matrix that preconditions": (
        lambda: conjugate_gradient(A.mv, b, preconditioner=A),
        TypeError,
        "lambda v: A @ v",
    ),
    "a repair misspelt": (lambda: newton_direction(A, b, "saddlefree"), ValueError, "'saddle_free'"),
    "a Hessian in sixteen bits": (
        lambda: newton_direction(A.half(), b.half()),
        TypeError,
        "float32 and float64",
    ),
    "a Hessian of another size": (lambda: newton_direction(torch.eye(3), b), ValueError, r"got \(3, 3\)"),
    "a Hessian of another dtype": (lambda: newton_direction(A.float(), b), TypeError, "convert one"),
    "a matrix of zeros": (lambda: shifted_cholesky(0 * A), FloatingPointError, "it is 0"),
    "a matrix of nan": (lambda: shifted_cholesky(A * math.nan), FloatingPointError, "not finite"),
    "a matrix too large": (lambda: shifted_cholesky(-3e38 * torch.ones(2, 2)), FloatingPointError, "Scale"),
    "a radius in words": (lambda: steihaug(A.mv, b, "wide"), TypeError, "radius must be a number"),
    "a matrix for steihaug": (lambda: steihaug(A, b, 1.0), TypeError, "lambda v: A @ v"),
    "no product": (
        lambda: steihaug(lambda v: None, b, 1.0),
        TypeError,
        "a product .* NoneType",
    ),
    "a complex product": (
        lambda: steihaug(lambda v: v * 1j, b, 1.0),
        TypeError,
        "g's dtype torch.float64; got torch.complex128",
    ),
    "a product of another shape": (lambda: steihaug(lambda v: v[:1], b, 1.0), ValueError, r"got \(1,\)"),
    "a Fisher matrix of nan": (lambda: natural_direction(A * math.nan, b), FloatingPointError, "not finite"),
    "a gradient of nan": (lambda: natural_direction(A, b * math.nan), FloatingPointError, "not finite"),
    "a damping below 0": (lambda: natural_direction(A, b, -1.0), ValueError, "damping"),
    "a Fisher that is no function": (lambda: NaturalGradient([b], fisher=A), TypeError, "lambda: F"),
    "a value without a slope": (lambda: strong_wolfe(lambda s: 1.0, START), TypeError, "two numbers"),
    "a start that is no trial": (lambda: armijo(squares, (0.0, 9.0, -6.0)), TypeError, "Trial"),
    "a share that is a switch": (
        lambda: strong_wolfe(squares, START, c1=True),
        TypeError,
        "c1 must be a number",
    ),
    "trials in halves": (lambda: armijo(squares, START, max_eval=2.5), ValueError, "whole number"),
    "a bound for each entry and row": (
        lambda: project_box(v, torch.zeros(2, 1), 1.0),
        ValueError,
        r"\(2, 1\)",
    ),
    "nan in a box": (lambda: project_box(v * math.nan, 0.0, 1.0), ValueError, "nan"),
    "a center of another shape": (lambda: project_ball(v, 1.0, torch.zeros(2, 1)), ValueError, r"\(2, 1\)"),
    "a center of nan": (lambda: project_ball(v, 1.0, v * math.nan), ValueError, "finite"),
    "infinity in a ball": (lambda: project_ball(v * math.inf), ValueError, "finite"),
    "infinity in a half-space": (lambda: project_half_space(v * math.inf, v), ValueError, "finite"),
    "a normal that is a list": (lambda: project_half_space(v, [1.0, 1.0]), TypeError, "torch.tensor"),
    "a normal of another shape": (lambda: project_half_space(v, v[:, None]), ValueError, "x's shape"),
    "a plane of another shape": (
        lambda: project_box_and_plane(v, 0.0, 1.0, torch.ones(3), 1.0),
        ValueError,
        "x's shape",
    ),
    "a simplex without entries": (lambda: project_simplex(torch.zeros(0)), ValueError, "an entry or more"),
    "no projection": (lambda: projected_gradient(squares, None, v), TypeError, "a function from a point"),
    "a function for a problem": (lambda: quadratic_penalty(squares, v), TypeError, r"Problem\(f"),
    "a method of another kind": (lambda: quadratic_penalty(PROBLEM, v, inner=Adam), TypeError, "`inner`"),
    "a method of residuals": (
        lambda: augmented_lagrangian(PROBLEM, v, inner=LevenbergMarquardt),
        TypeError,
        "`inner`",
    ),
    "conditions of a function": (lambda: kkt_residual(squares, v), TypeError, r"Problem\(f"),
    "a projection to complex numbers": (
        lambda: projected_gradient(squares, lambda x: x * 1j, v),
        ValueError,
        "a real tensor of its argument's shape",
    ),
    "complex multipliers": (lambda: kkt_residual(PROBLEM, v, (1j * v[:1], v[:0])), TypeError, "real tensors"),
    "complex labels": (lambda: smo(A, 1j * f64(1, -1)), TypeError, "labels as a tensor"),
    "multipliers in lists": (lambda: kkt_residual(PROBLEM, v, ([1.0], [])), TypeError, "two real tensors"),
    "other parameters": (
        lambda: minimize(lambda p: BFGS([nn.Parameter(v)]), squares, v),
        ValueError,
        "no others",
    ),
    "a kernel that is not symmetric": (
        lambda: smo(torch.tensor([[1.0, 5.0], [0.0, 1.0]]), torch.tensor([1.0, -1.0])),
        ValueError,
        "symmetric",
    ),
    "labels in a list": (lambda: smo(A, [1, -1]), TypeError, "labels as a tensor"),
    "a trace of a list": (lambda: hutchinson_trace([[1.0]], 4), TypeError, "torch.tensor"),
    "a trace of whole numbers": (lambda: hutchinson_trace(torch.eye(2).long(), 4), TypeError, "int64"),
    "probes in halves": (lambda: hutchinson_diagonal(A, 2.5), ValueError, "whole number"),
    "probes as a switch": (lambda: random_probes(2, True), TypeError, "probes must be a number"),
    "products in words": (lambda: hutch_plus_plus(A, "six"), TypeError, "products must be a number"),
    "sixteen bits in Hutch++": (lambda: hutch_plus_plus(A.half(), 6), TypeError, "float32 or float64"),
    "a variance of another kind": (lambda: trace_variance(A, "normal"), ValueError, "kind is"),
    "a variance of no square": (lambda: diagonal_variance(torch.ones(2, 3)), ValueError, "square"),
    "a variance of an operator": (lambda: trace_variance(Kronecker(A)), TypeError, "to_dense"),
    "damping in words": (lambda: Kronecker(A, A).damped("some"), TypeError, "damping must be a number"),
    "a factor without entries": (lambda: Kronecker(torch.zeros(0, 0)), ValueError, "with entries"),
    "sixteen bits inverted": (lambda: Kronecker(A.half()).inverse(), TypeError, "float32 and float64"),
    "parameters for a model": (
        lambda: Hessian(list(NET.parameters()), LOSS, (X, Y)),
        TypeError,
        "a model and",
    ),
    "a loss's class": (
        lambda: GaussNewton(NET, nn.CrossEntropyLoss, (X, Y)),
        TypeError,
        "a model and a loss",
    ),
    "a seed in words": (lambda: Hessian(NET, LOSS, (X, Y), seed="a"), TypeError, "seed must be a number"),
    "targets that do not count": (lambda: Hessian(NET, LOSS, (X, Y - 100)), ValueError, "none of these does"),
    "samples in halves": (
        lambda: Fisher(NET, LOSS, (X, Y), kind="sampled", samples=1.5),
        ValueError,
        "whole number",
    ),
}


@each("name", WRONG)
def test_what_is_wrong_is_told_in_one_sentence(name):
    call, error, words = WRONG[name]
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("kind", [Hessian, GaussNewton, Fisher])
def test_no_columns_have_no_products(kind):
    assert (kind(NET, LOSS, (X, Y)) @ torch.ones(9, 0)).shape == (9, 0)


def test_numbers_of_another_kind_are_numbers():
    found = strong_wolfe(lambda s: (torch.tensor((s - 3) ** 2), 2 * (s - 3)), START, first=torch.tensor(3))
    assert (found.trial.length, found.reason) == (3, "wolfe")
    assert project_ball(v, 1.0, torch.zeros(2)).tolist() == pytest.approx([0.6, 0.8])
    assert project_half_space(v.float(), v).dtype == torch.float32


def test_residuals_of_another_dtype_are_cast_to_the_parameters():
    for dtype in (torch.float32, torch.bfloat16):
        x = nn.Parameter(f64(3, 4))
        LevenbergMarquardt([x], max_iter=9).step(lambda x=x, dtype=dtype: (x - 1).to(dtype))
        assert x.tolist() == pytest.approx([1, 1], abs=1e-6)


def test_a_product_may_change_what_it_is_given():
    expected, found = (steihaug(product, b, 10.0) for product in (lambda v: 2 * v, lambda v: v.mul_(2)))
    assert found.p.equal(expected.p)
    assert found.end == "inside"


def test_a_kernel_with_a_graph_leaves_none_behind():
    assert not smo(A.clone().requires_grad_(), f64(1, -1)).alpha.requires_grad


@pytest.mark.parametrize("method", [augmented_lagrangian, quadratic_penalty])
def test_a_constraint_that_is_a_constant_is_infeasible_or_holds(method):
    with pytest.raises(Infeasible, match="one is violated by 3"):
        method(Problem(squares, lambda x: torch.full((1,), 3.0, dtype=x.dtype)), v)
    holds = method(Problem(squares, lambda x: torch.zeros(1, dtype=x.dtype)), v)
    assert holds.status == "solved"
    assert holds.x.tolist() == pytest.approx([3, 3])
