"""What the functions of `book.numerics` refuse, and that they say why."""

import math

import pytest
import torch

from book import numerics
from tests.cases import each

ALONG_A_DIM = ("naive_softmax", "softmax", "logsumexp", "log_softmax")


@each("name", [*ALONG_A_DIM, "sigmoid", "softplus", "ulp", "naive_sum", "pairwise_sum", "kahan_sum"])
def test_what_is_not_a_float_tensor_is_refused(name):
    function = getattr(numerics, name)
    with pytest.raises(TypeError, match=f"{name} takes a tensor and got list"):
        function([1.0, 2.0])
    for dtype in (torch.int64, torch.bool, torch.complex64, torch.float8_e5m2):
        with pytest.raises(TypeError, match="use float16, bfloat16, float32 or float64"):
            function(torch.zeros(2, dtype=dtype))


DENSE = {
    "round_to": lambda x: numerics.round_to(x, 4),
    "round_stochastically": lambda x: numerics.round_stochastically(x, 4),
    "condition_number": lambda x: numerics.condition_number(torch.stack([x, x])),
    "cross_entropy": lambda x: numerics.cross_entropy(torch.stack([x, x]), torch.tensor([0, 1])),
}


@each("name", [*ALONG_A_DIM, "sigmoid", "softplus", "ulp", "naive_sum", "pairwise_sum", "kahan_sum", *DENSE])
def test_a_sparse_tensor_is_refused_in_one_sentence(name):
    with pytest.raises(
        TypeError, match=rf"^{name} takes a dense tensor, .*convert it first: x\.to_dense\(\)\.$"
    ):
        DENSE.get(name, getattr(numerics, name))(torch.tensor([1.0, 0.0]).to_sparse())


@pytest.mark.parametrize("name", ALONG_A_DIM)
def test_a_dim_that_is_not_there_is_refused(name):
    with pytest.raises(IndexError, match="Dimension out of range"):
        getattr(numerics, name)(torch.zeros(2, 3), dim=2)


def test_what_cross_entropy_refuses():
    logits = torch.zeros(2, 3)
    for target, error, match in (
        (torch.tensor([0, 3]), ValueError, "outside 0 to 2"),
        (torch.tensor([0, -1]), ValueError, "outside 0 to 2"),
        (torch.tensor([0]), ValueError, "2 rows of logits need as many targets"),
        (torch.tensor([0.0, 1.0]), TypeError, "class indices are torch.int64"),
    ):
        with pytest.raises(error, match=match):
            numerics.cross_entropy(logits, target)
    with pytest.raises(ValueError, match="takes a matrix"):
        numerics.cross_entropy(torch.zeros(3), torch.tensor([0, 1, 2]))


@pytest.mark.parametrize("name", ["naive_sum", "pairwise_sum", "kahan_sum"])
def test_sums_of_anything_but_a_vector_are_refused(name):
    for shape in ((), (2, 3)):
        with pytest.raises(ValueError, match=rf"{name} takes a vector of shape \(n,\) and got shape"):
            getattr(numerics, name)(torch.zeros(shape))


def test_what_condition_number_refuses():
    with pytest.raises(ValueError, match="takes a matrix"):
        numerics.condition_number(torch.zeros(2, 2, 2))
    with pytest.raises(ValueError, match=r"shape \(0, 3\) is empty"):
        numerics.condition_number(torch.zeros(0, 3))
    with pytest.raises(TypeError, match="use float16"):
        numerics.condition_number(torch.eye(2, dtype=torch.int64))


def test_what_relative_condition_refuses():
    with pytest.raises(TypeError, match="relative_condition takes a tensor and got float"):
        numerics.relative_condition(torch.log, 2.0)
    with pytest.raises(ValueError, match="it must act entry by entry"):
        numerics.relative_condition(torch.sum, torch.ones(3))
    with pytest.raises(ValueError, match="torch does not see it"):
        numerics.relative_condition(lambda x: x.detach().exp(), torch.ones(3))


def test_what_digits_lost_and_hilbert_refuse():
    with pytest.raises(ValueError, match="never negative"):
        numerics.digits_lost(-1.0)
    with pytest.raises(ValueError, match="at least one row"):
        numerics.hilbert(0)
    with pytest.raises(TypeError, match="use float16"):
        numerics.hilbert(3, torch.int64)


def test_what_the_depths_and_bits_refuse():
    for factor in (0.0, 1.0, -1.0, 2.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="do not shrink"):
            numerics.vanishing_depth(factor, torch.float32)
    for factor in (0.0, 1.0, -1.0, 0.5, math.nan, math.inf):
        with pytest.raises(ValueError, match="do not grow"):
            numerics.overflow_depth(factor, torch.float32)
    for function in (numerics.vanishing_depth, numerics.overflow_depth, numerics.bits):
        with pytest.raises(TypeError, match="use float16, bfloat16, float32 or float64"):
            function(0.5, torch.int32)
