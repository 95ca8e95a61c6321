"""What a function returned, as numbers of its own precision, wherever torch makes new tensors."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from book.numerics.values import as_tensor, check_real, precision
from tests.cases import each

TYPES = {np.float16: torch.float16, np.float32: torch.float32, np.float64: torch.float64}


@each("value", [0.5, Fraction(1, 2), [0.5], np.full(1, 0.5), np.float64(0.5), torch.tensor(0.5)])
def test_numbers_keep_their_digits_and_stay_on_the_processor(value):
    with torch.device("meta"):
        found = as_tensor(value)
    assert found.device.type == "cpu"
    assert found.flatten().tolist() == [0.5]


@each("kind", TYPES)
def test_the_precision_is_that_of_the_part_with_the_fewest_digits(kind):
    assert precision(kind(1)) == precision(np.ones(2, dtype=kind)) == TYPES[kind]
    assert precision([1.0, (kind(1), np.float64(1))]) == TYPES[kind]


@each("value", [3, 0.5, Fraction(1, 2), [], [1], np.arange(2), torch.arange(2)])
def test_numbers_without_a_float_type_are_exact(value):
    assert precision(value) == torch.float64


@each(
    "value",
    [
        torch.tensor(True),
        torch.tensor(1j),
        torch.ones(2).to(torch.float8_e4m3fn),
        torch.ones(2).to_sparse(),
        torch.ones(2, device="meta"),
    ],
)
def test_what_has_no_real_number_at_each_place_is_refused(value):
    with pytest.raises(TypeError, match="exact takes a function"):
        check_real(value, "exact")
