"""What the functions of `book.calculus` refuse, and that they say why and what to do."""

import pytest
import torch

from book import calculus
from tests.cases import each

X = torch.tensor([1.0, 2.0])
ONE_OUTPUT = ("gradient", "hessian", "best_rate", "classify")
ONE_OUTPUT_ALONG = ("directional_derivative", "hvp", "curvature", "linear_prediction", "quadratic_prediction")
MANY_OUTPUTS_ALONG = ("jvp", "vjp")
ALONG = ONE_OUTPUT_ALONG + MANY_OUTPUTS_ALONG
EVERY = (*ONE_OUTPUT, "jacobian", "central_difference", *ALONG)


def call(name, f=None, x=X, v=None):
    f = f or (torch.square if name in MANY_OUTPUTS_ALONG or name == "jacobian" else torch.sum)
    extra = (x if v is None else v,) if name in ALONG else ()
    return getattr(calculus, name)(f, x, *extra)


@each("name", EVERY)
def test_integers_and_lists_are_refused(name):
    with pytest.raises(TypeError, match=r"dtype is torch.int64; use float16, bfloat16, float32 or float64"):
        call(name, x=torch.tensor([1, 2]))
    with pytest.raises(TypeError, match=r"takes a tensor and got list; wrap it: torch.tensor\(x\)"):
        call(name, x=[1.0, 2.0])


@each("name", [*ONE_OUTPUT, *ONE_OUTPUT_ALONG])
def test_more_than_one_output_is_refused(name):
    with pytest.raises(ValueError, match=r"one output, of shape \(\), and f returned \(2,\); sum it, or use"):
        call(name, torch.square)


@pytest.mark.parametrize("name", ["jacobian", *MANY_OUTPUTS_ALONG])
def test_one_output_or_a_matrix_is_refused_where_a_vector_is_asked(name):
    for f, shape in ((torch.sum, r"\(\)"), (lambda x: x[:, None] * x, r"\(2, 2\)")):
        with pytest.raises(ValueError, match=rf"F returned {shape}; use gradient for one output"):
            call(name, f)


@each("name", [name for name in EVERY if name != "central_difference"])
def test_a_function_that_leaves_torch_is_refused(name):
    with pytest.raises(TypeError, match="made of torch operations; this one returned float"):
        call(name, lambda x: 3.0)


@pytest.mark.parametrize("name", ["jacobian", "hessian", "central_difference", "jvp", "vjp", "classify"])
def test_a_point_that_is_no_vector_is_refused(name):
    with pytest.raises(ValueError, match=r"takes a vector of shape \(n,\) and got shape \(1, 2\)"):
        call(name, x=X[None])


@pytest.mark.parametrize("name", ALONG)
def test_a_direction_of_another_shape_or_dtype_is_refused(name):
    with pytest.raises(ValueError, match=r"direction of the point's shape \(2,\) and got \(3,\)"):
        call(name, v=torch.ones(3))
    with pytest.raises(TypeError, match=r"torch.float64 and the point torch.float32; convert one"):
        call(name, v=torch.ones(2, dtype=torch.float64))
    with pytest.raises(TypeError, match="use float16"):
        call(name, v=torch.tensor([1, 2]))


def test_other_arguments_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match='mode is \'backward\'; use "reverse" or "forward"'):
        calculus.jacobian(torch.square, X, mode="backward")
    for h in (0.0, -1e-3, float("nan")):
        with pytest.raises(ValueError, match="step h must be above 0"):
            calculus.central_difference(torch.sum, X, h)
    with pytest.raises(ValueError, match="tolerance must be above 0"):
        calculus.classify(torch.sum, X, tol=0)
    with pytest.raises(TypeError, match="use float16"):
        calculus.difference_step(torch.int32)
