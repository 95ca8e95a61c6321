"""Any real number is one, whatever its type; what is none gets one sentence."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from book.numerics.number_types import number, whole
from tests.cases import each

FORMS = (
    float,
    np.float64,
    np.float32,
    np.float16,
    np.array,
    Fraction,
    torch.tensor,
    lambda v: torch.tensor([[v]], dtype=torch.float64),
    lambda v: torch.nn.Parameter(torch.tensor(v)),
)


@given(st.floats(width=16, allow_nan=False, allow_infinity=False), st.sampled_from(FORMS))
def test_a_real_number_in_any_form_is_that_number(value, form):
    found = number("x", form(value))
    assert type(found) in (int, float)
    assert found == value


@given(
    st.integers(-(2**31), 2**31 - 1),
    st.sampled_from([int, np.int64, np.array, torch.tensor, Fraction, float]),
)
def test_a_whole_number_in_any_form_is_that_number(value, form):
    found = whole("x", form(value))
    assert type(found) is int
    assert found == value


SLIPS = [True, np.bool_(True), torch.tensor(True)]
NOTHING = [*SLIPS, None, "1", b"1", 1j, torch.tensor(1j), [1.0], (), {}, Decimal(1)]


@each("value", [*NOTHING, np.array("1"), object(), float])
@each("ask", [number, whole])
def test_what_is_no_number_is_refused_by_its_name(ask, value):
    with pytest.raises(TypeError, match="epochs must be a number; got") as error:
        ask("epochs", value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("value", [0.5, math.nan, math.inf, -math.inf, np.float32(1.5), torch.tensor(2.5)])
def test_what_is_not_whole_is_refused(value):
    with pytest.raises(ValueError, match=r"^epochs must be a whole number; got "):
        whole("epochs", value, least=1)


@pytest.mark.parametrize("value", [0, -1, np.int64(0), 0.0, torch.tensor(-3)])
def test_a_count_below_the_least_is_refused(value):
    with pytest.raises(ValueError, match=r"^epochs start at 1; got "):
        whole("epochs", value, least=1)
    with pytest.raises(ValueError, match=r"^seed starts at 4; got "):
        whole("seed", value, least=4)


def test_a_count_above_the_most_is_refused():
    assert whole("seed", 4, most=4) == 4
    with pytest.raises(ValueError, match="seed ends at 4; got 5"):
        whole("seed", 5, most=4)


def test_what_no_float_can_hold_is_infinite():
    assert (number("x", 10**400), number("x", -(10**400))) == (math.inf, -math.inf)
    assert number("x", 2**1000) == 2**1000
    with pytest.raises(ValueError, match="x must be a whole number; got inf"):
        whole("x", 10**400)
    assert number("x", Fraction(10**400)) == math.inf
    assert number("x", -Fraction(10**400)) == -math.inf


@pytest.mark.parametrize("value", [torch.ones(2), torch.ones(0)])
def test_a_tensor_holds_one_number(value):
    with pytest.raises(ValueError, match="Tensor x must be 1-element"):
        number("x", value)
