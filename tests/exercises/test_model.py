"""Verdicts for every sort of answer."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch

from book.exercises.reading import read_number, same
from tests.exercises.sample_definitions import choice, code, double, number

RIGHT = [
    150,
    150.0,
    151,
    "150",
    " 1.5e2 ",
    "1.5·10^2",
    "300/2",
    np.float32(150),
    np.array(150),
    torch.tensor(150),
    torch.tensor([150.0], dtype=torch.bfloat16),
    torch.tensor(150.0, requires_grad=True),
    Fraction(150),
    Decimal("150"),
]
NOT_NUMBERS = [
    "about 150",
    "1,5",
    "2^",
    "1e",
    "--1",
    "1//2",
    [150],
    torch.ones(2),
    True,
    1j,
    b"150",
    {},
    double,
]


@pytest.mark.parametrize("answer", RIGHT, ids=repr)
def test_a_number_of_any_kind_is_right(answer):
    assert number().verdict(answer).state == "right"
    assert str(number().verdict(answer)) == "Right. Counted."


@pytest.mark.parametrize("answer", NOT_NUMBERS)
def test_what_is_no_number_meets_one_sentence(answer):
    assert str(number().verdict(answer)).startswith("Not yet. Give one number, such as `0.25`")


@pytest.mark.parametrize(
    "answer", [math.inf, -math.inf, math.nan, "inf", "nan", 10**400, "1/0", "9^999"], ids=repr
)
def test_infinities_and_nan_are_wrong_not_errors(answer):
    assert str(number().verdict(answer)) == "Not yet. Count again."


@pytest.mark.parametrize("answer", [math.inf, "∞", "+Infinity", "10^400"])
def test_infinity_can_be_the_answer(answer):
    assert number(answer=math.inf).verdict(answer).state == "right"
    assert number(answer=math.nan).verdict(answer).state == "wrong"
    assert number(answer=math.nan).verdict("NaN").state == "right"


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (140, "One factor too few."),
        (141.3, "One factor too few."),
        (75.5, "Per half step."),
        (300, "You are off by a factor of two."),
        (-150, "The size is right, the sign is not."),
        (1.5, "The digits are right, the power of ten is not."),
        (
            150 * math.log(10),
            "You are off by a factor of ln 10 ≈ 2.303: `log` has base e, `log10` has base ten.",
        ),
        (
            150 / math.log(2),
            "You are off by a factor of ln 2 ≈ 0.693: `log` has base e, `log2` has base two.",
        ),
        (77, "Count again."),
    ],
)
def test_a_wrong_number_meets_the_hint_that_fits(answer, hint):
    assert str(number().verdict(answer)) == f"Not yet. {hint}"


def test_a_listed_mistake_goes_before_a_common_slip():
    assert str(number(mistakes={300: "Both ways?", 1: "One?"}).verdict(300)) == "Not yet. Both ways?"


def test_zero_tolerance_asks_for_the_exact_number():
    exact = number(answer=127, mistakes={128: "One too many.", 126: "One too few."}, rtol=0)
    assert [exact.verdict(n).state for n in (127, "127.0", 127.0001)] == ["right", "right", "wrong"]
    assert str(exact.verdict(128)) == "Not yet. One too many."


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2^-24", 2**-24),
        ("2**10", 1024),
        ("-2^2", -4),
        (".5", 0.5),
        ("5.", 5),
        ("1/2/2", 0.25),
        ("2×10^-3", 2e-3),
    ],
)
def test_powers_and_products_are_read_exactly(text, value):
    assert read_number(text) == value


def test_only_zero_is_zero():
    assert same(0.0, 0.0, 0.1)
    assert not same(1e-300, 0.0, 0.1)


@pytest.mark.parametrize("answer", ["b", " B ", "`exp(x)`", "`EXP(x)`"])
def test_a_choice_is_made_by_key_or_by_text(answer):
    assert str(choice().verdict(answer)) == "Right. Second."


@pytest.mark.parametrize("answer", ["e", 2, 0.5, torch.ones(2), ["b"]], ids=repr)
def test_an_unknown_option_lists_the_keys(answer):
    assert str(choice().verdict(answer)) == "Not yet. Choose one of a, b, c, d."


def forgot_return(x):
    x * 2


def unfinished(x):
    scale = ...
    return scale * x


def in_place(x):
    return x.mul_(2)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (double, "Right. Doubled."),
        (in_place, "Right. Doubled."),
        (lambda x: ..., "Not attempted yet."),
        (unfinished, "Not attempted yet."),
        (forgot_return, "Not yet. Your function returned `None`: end it with `return`."),
        (lambda x: x, "Not yet. Double each element."),
        (lambda x: "2x", "Not yet. Double each element."),
        (lambda x: 2 * x.flatten(), "Not yet. Keep the shape."),
        (lambda x: (2 * x).nan_to_num(), "Not yet. What is twice minus infinity?"),
        (
            lambda: 2,
            "Not yet. Your function raised `TypeError`: <lambda>() takes 0 positional arguments but 1 was",
        ),
        (
            lambda x: x.twice(),
            "Not yet. Your function raised `AttributeError`: 'Tensor' object has no attribute 'twice'.",
        ),
        (
            lambda x: [2.0, 4.0],
            "Not yet. What your function returned could not be checked (`AttributeError`: 'list'",
        ),
        (torch.ones(2), "Not yet. Give the function itself, without calling it: "),
        (2.0, "Not yet. Give the function itself, without calling it: "),
    ],
)
def test_a_function_is_judged_case_by_case(answer, message):
    assert str(code().verdict(answer)).startswith(message)


def test_an_exception_carries_the_hint_of_its_case():
    assert str(code().verdict(lambda x: x.twice())).endswith(" Double each element.")


def test_the_probe_is_never_overwritten():
    exercise = code()
    exercise.verdict(in_place)
    assert torch.equal(exercise.probe[0], torch.ones(2))
