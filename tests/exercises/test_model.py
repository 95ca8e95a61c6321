"""Verdicts for every sort of answer."""

import math
from decimal import Decimal
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import torch

from book.exercises import Case
from book.exercises.reading import read_number, same
from tests.cases import each
from tests.exercises.sample_definitions import CASES, choice, code, double, number

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
    150 + 0j,
    torch.tensor(150 + 0j),
    np.array([150.0]),
    np.longdouble(150),
    np.str_("150"),
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
    np.True_,
    torch.tensor(True),
    None,
    np.ones(0),
    "1\x1c5",
    1j,
    b"150",
    {},
    double,
]


@each("answer", RIGHT)
def test_a_number_of_any_kind_is_right(answer):
    assert number().verdict(answer).state == "right"
    assert str(number().verdict(answer)) == "Right. Counted."


@each("answer", NOT_NUMBERS)
def test_what_is_no_number_meets_one_sentence(answer):
    assert str(number().verdict(answer)).startswith("Not yet. Give one number, such as `0.25`")


@each("answer", [math.inf, -math.inf, math.nan, "inf", "nan", 10**400, "1/0", "9^999"])
def test_infinities_and_nan_are_wrong_not_errors(answer):
    assert str(number().verdict(answer)) == "Not yet. Count again."


@pytest.mark.parametrize("answer", [math.inf, "∞", "+Infinity", "10^400"])
def test_infinity_can_be_the_answer(answer):
    assert number(answer=math.inf).verdict(answer).state == "right"
    assert number(answer=math.nan).verdict(answer).state == "wrong"
    assert number(answer=math.nan).verdict("NaN").state == "right"


@each(
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


NOT_FUNCTIONS = [torch.ones(2), 2.0, None, "", "double"]


@pytest.mark.parametrize("answer", ["e", None, 2, 0.5, torch.ones(2), ["b"]], ids=repr)
def test_an_unknown_option_lists_the_keys(answer):
    assert str(choice().verdict(answer)) == "Not yet. Choose one of a, b, c, d."


def stub(x): ...


def described_stub(x):
    """Doubles."""
    return ...


def passes(x):
    pass


def returns_none(x):
    return None


def forgot_return(x):
    x * 2


def unfinished(x):
    scale = ...
    return scale * x


def in_place(x):
    return x.mul_(2)


def test_a_lambda_in_the_middle_of_a_line_is_no_stub():
    for answer in (lambda x: None, lambda x: 0):  # whose source, alone, is no Python
        assert code().verdict(answer).state == "wrong"


@pytest.mark.parametrize("answer", [..., stub, described_stub, lambda x: ..., lambda: ...])
def test_only_the_stub_is_not_attempted(answer):
    assert str(code().verdict(answer)) == "Not attempted yet."


@each(
    ("answer", "message"),
    [
        (double, "Right. Doubled."),
        (in_place, "Right. Doubled."),
        (forgot_return, "Not yet. Your function returned `None`: end it with `return`."),
        (passes, "Not yet. Your function returned `None`: end it with `return`."),
        (returns_none, "Not yet. Your function returned `None`: end it with `return`."),
        (partial(stub), "Not yet. Your function returned `None`: end it with `return`."),
        (lambda x: x, "Not yet. Double each element."),
        (lambda x: "2x", "Not yet. Double each element."),
        (lambda x: x and ... if x.ndim else ..., "Not yet. "),
        (lambda x: 2 * x.flatten(), "Not yet. Keep the shape."),
        (lambda x: (2 * x).nan_to_num(), "Not yet. What is twice minus infinity?"),
        (
            lambda: 2,
            "Not yet. Your function raised `TypeError`: <lambda>() takes 0 positional arguments but 1 was",
        ),
        (
            lambda x: [2.0, 4.0],
            "Not yet. What your function returned could not be checked (`AttributeError`: 'list'",
        ),
        *((answer, "Not yet. Give the function itself, without calling it: ") for answer in NOT_FUNCTIONS),
    ],
)
def test_a_function_is_judged_case_by_case(answer, message):
    assert str(code().verdict(answer)).startswith(message)


class Mute(Exception):
    def __str__(self):
        raise ValueError("no words")


class OfMyOwn(BaseException):
    pass


ERRORS = [
    (ValueError("no such size"), "`ValueError`: no such size"),
    (NotImplementedError(), "`NotImplementedError`"),
    (NotImplementedError("'log_softmax' not implemented for 'Long'"), "`NotImplementedError`: 'log_softmax'"),
    (
        TypeError("unsupported operand: 'ellipsis' and 'int'"),
        "`TypeError`: unsupported operand: 'ellipsis' and",
    ),
    (AssertionError("Ellipsis"), "`AssertionError`: Ellipsis"),
    (RecursionError("too deep.\nReally."), "`RecursionError`: too deep, in line"),
    (SystemExit(2), "`SystemExit`: 2"),
    (GeneratorExit(), "`GeneratorExit`"),
    (StopIteration(), "`StopIteration`"),
    (OfMyOwn("mine"), "`OfMyOwn`: mine"),
    (Mute(), "`Mute`, in line"),
    (MemoryError("`torch` wants 9 GB"), "`MemoryError`: 'torch' wants 9 GB"),
]


@each(("error", "named"), ERRORS)
def test_whatever_a_function_raises_is_named_with_the_line_that_raised(error, named):
    def helper(x):
        raise error

    def answer(x):
        half = x / 2
        return helper(half)

    message = str(code().verdict(answer))
    line = helper.__code__.co_firstlineno + 1
    assert message.startswith(f"Not yet. Your function raised {named}")
    assert message.endswith(f", in line {line}, `raise error`. Double each element.")


def test_the_line_is_the_learners_even_where_a_library_raised():
    def answer(x):
        return torch.nn.functional.softmax(x, dim=7)

    line = answer.__code__.co_firstlineno + 1
    assert f", in line {line}, `return torch.nn.functional.softmax(x, dim=7)`. Double" in str(
        code().verdict(answer)
    )


def test_endless_recursion_and_the_placeholder_in_the_middle_are_errors():
    def endless(x):
        return endless(x)

    assert "raised `RecursionError`: maximum recursion depth exceeded" in str(code().verdict(endless))
    assert "raised `TypeError`: unsupported operand" in str(code().verdict(unfinished))


def test_an_error_in_the_middle_is_named_where_it_came():
    def second_case_fails(x):
        if x.ndim == 2:
            raise LookupError("rows?")
        return 2 * x

    message = str(code().verdict(second_case_fails))
    assert "raised `LookupError`: rows?, in line" in message
    assert message.endswith("Keep the shape.")


def test_what_is_returned_may_raise_too():
    def generator(x):
        yield 2 * x[0]
        raise LookupError("no second one")

    assert "Your function raised `LookupError`: no second one" in str(code().verdict(generator))
    later = code(cases=(Case(lambda f: f(1)(2) == 3, "Later?"), *CASES[:2]))
    assert "Your function raised `ZeroDivisionError`" in str(later.verdict(lambda x: lambda y: y / 0))


def test_ctrl_c_ends_the_check():
    def interrupted(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        code().verdict(interrupted)


def test_what_was_set_outside_the_function_does_not_judge_it():
    exercise = code(
        cases=(
            Case(lambda f: f(torch.ones(2)).dtype == torch.float32, "The dtype?"),
            Case(lambda f: f(torch.ones(2, requires_grad=True)).requires_grad, "The graph?"),
            *CASES[:1],
        )
    )
    torch.set_default_dtype(torch.float64)
    try:
        with torch.inference_mode(), torch.device("meta"):
            assert exercise.verdict(double).state == "right"
            assert torch.get_default_device().type == "meta"
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("method", ["__float__", "__array__"])
def test_an_object_that_fails_to_say_its_number_is_no_number(method):
    def fails(*_, **__):
        raise ZeroDivisionError

    assert read_number(type("Odd", (), {method: fails})()) is None
