"""Float bits: each sentence and each fact against the numbers it is about."""

import math
from fractions import Fraction

import pytest
import torch

from book.explorers import FloatBits
from tests.browser.facts import numbers_in, rounds
from tests.browser.float_oracle import neighbour, story, typed_size
from tests.browser.float_states import fraction, shown_floats

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shown(browser):
    return shown_floats(browser)


SAID = {
    "infinity": "exponent is all ones and the fraction is zero",
    "not a number": "differs even from itself",
    "overflow": "overflows",
    "exact": "without error",
    "underflow": "underflows",
    "tie": "halfway between",
    "near": "The nearest one is",
}


def test_the_sentence_tells_what_happened_with_its_numbers(shown):
    told = set()
    for (text, name), (numbers, words) in shown.items():
        happened, said = story(text, name), words["story"]
        told.add(happened)
        assert numbers["story"] == happened, (text, name)
        assert [other for other, key in SAID.items() if key in said] == [happened], (text, name, said)
        if typed_size(text) is not None:
            plain = " ".join(text.split())
            assert said.startswith(f"{plain} "), said
            assert (name in said) == (happened != "tie")
            check_the_numbers(happened, numbers, numbers_in(said.removeprefix(plain)))
    assert told == set(SAID)


def check_the_numbers(happened: str, numbers: dict, written: list[str]) -> None:
    """Each number of the sentence is the one that it should be, to the digits shown."""
    value, sign = numbers["value"], -1 if numbers["value"] < 0 else 1
    if numbers["kind"] == "subnormal":
        *written, left, whole = written
        rank = Fraction(abs(value)) / Fraction(numbers["limits"]["smallest_subnormal"])
        assert (int(left), whole) == (int(rank).bit_length(), significant_bits(numbers))
    wanted = []
    if happened == "overflow":
        largest = Fraction(numbers["limits"]["largest"])
        edge = largest + (largest - Fraction(penultimate(numbers))) / 2
        wanted = [(sign * largest, 17), (sign * edge, 17), (sign * math.inf, 1)]
    elif happened == "underflow":
        wanted = [(0, 1), (0, 1)]
    elif happened == "tie":
        wanted = [(numbers["other"], 17), (value, 17), (0, 1)]
        gap = Fraction(value) - Fraction(numbers["other"])
        assert 2 * fraction(numbers["error"]) == gap
    elif happened == "near":
        wanted = [(Fraction(value), 20), (fraction(numbers["spacings"]), 2)]
    assert len(written) == len(wanted), (written, wanted)
    for text, (wanted_value, digits) in zip(written, wanted, strict=True):
        assert rounds(text, wanted_value, digits=digits), (text, wanted_value)


def form_of(numbers: dict) -> torch.dtype:
    return getattr(torch, numbers["stored"]["form"]["name"])


def significant_bits(numbers: dict) -> str:
    return str(round(1 - math.log2(torch.finfo(form_of(numbers)).eps)))


def penultimate(numbers: dict) -> float:
    return neighbour(torch.tensor(numbers["limits"]["largest"], dtype=form_of(numbers)), -1).item()


def test_the_facts_are_the_numbers_written_out(shown):
    for state, (numbers, words) in shown.items():
        python = str(numbers["value"])
        assert words["python"] == python, state
        for key in ("below", "above"):
            assert words[key] == ("none" if numbers[key] is None else str(numbers[key])), state
        assert [words[key] for key in numbers["limits"]] == list(map(str, numbers["limits"].values()))
        sign, exponent, mantissa = words["bits"].split(" ")
        assert int(sign + exponent + mantissa, 2) == numbers["word"]
        assert words["sign"] == "+-"[int(sign)]
        if numbers["exact"] is None:
            assert (words["exact"], words["spacing"], words["power"]) == (python, "none", "all ones")
            assert words["error"] == ("inf" if numbers["story"] == "overflow" else "none")
            continue
        assert words["power"] == f"2^{int(numbers['power'])}"
        assert is_expansion(words["exact"], fraction(numbers["exact"]), 60)
        assert is_expansion(words["significand"], fraction(numbers["significand"]), 20)
        power, size = words["spacing"].removeprefix("2^").split(" = ")
        assert Fraction(2) ** int(power) == fraction(numbers["spacing"])
        assert rounds(size, fraction(numbers["spacing"]), digits=6)
        check_the_error(words["error"], numbers)


def is_expansion(text: str, value: Fraction, most: int) -> bool:
    """Tell whether a text is a binary fraction in full, or its first digits and how many there are."""
    if "…" not in text:
        return Fraction(text) == value
    shown, count = text.removesuffix(" digits)").split(" (")
    mantissa, power = shown.split("…")
    exponent = int(power.removeprefix(" × 10^") or 0)
    unit = Fraction(10) ** (exponent - len(mantissa.partition(".")[2]))
    cut = abs(value) // unit * unit == abs(Fraction(mantissa)) * Fraction(10) ** exponent
    whole = abs(value).numerator * 5 ** (value.denominator.bit_length() - 1)
    digits = len(mantissa.replace(".", "").lstrip("-0"))
    return cut and digits == most and int(count) == len(str(whole).rstrip("0"))


def check_the_error(text: str, numbers: dict) -> None:
    if fraction(numbers["error"]) == 0:
        assert text == "0"
    else:
        error, spacings = text.removesuffix(" of a spacing)").split(" (")
        assert rounds(error, fraction(numbers["error"]), digits=4)
        assert rounds(spacings, fraction(numbers["spacings"]), digits=2)


EXAMPLES = [
    ("0.1", "float16", "0.1 is not a float16. The nearest one is 0.0999755859375, 0.4 of a spacing away."),
    (
        "-2051",
        "float16",
        "-2051 lies exactly halfway between -2050.0 and -2052.0. The tie goes to the one whose last "
        "bit is 0.",
    ),
    (
        "65520",
        "float16",
        "65520 overflows. float16 ends at 65504.0; from 65520 on, everything rounds to inf.",
    ),
    (
        "1e-8",
        "float16",
        "1e-8 underflows. It is nearer to 0 than to any other float16, so 0 is what is stored.",
    ),
    ("3/2", "bfloat16", "3/2 is a bfloat16: it is stored without error."),
    ("inf", "float32", "Infinity: the exponent is all ones and the fraction is zero."),
    (
        "nan",
        "float32",
        "Not a number: the exponent is all ones and the fraction is not zero. It differs even from itself.",
    ),
]


@pytest.mark.parametrize(("text", "dtype", "said"), EXAMPLES)
def test_one_sentence_of_each_kind(shown, text, dtype, said):
    assert shown[text, dtype][1]["story"] == said


def test_a_subnormal_is_called_one(shown):
    assert shown["5.96e-8", "float16"][1]["story"].endswith(
        " It is subnormal: 1 of 11 significant bits are left."
    )
    assert all((n["kind"] == "subnormal") == ("subnormal" in w["story"]) for n, w in shown.values())


def test_the_page_shows_the_words(explorers, shown):
    page = explorers(FloatBits("0.1"))
    for text, dtype in [("1/3", "bfloat16"), ("1e400", "float32"), ("5e-324", "float64")]:
        patch = {"value": text, "dtype": dtype}
        element = page.locator(FloatBits.tag)
        element.evaluate("(element, patch) => element.set(patch)", patch)
        parts = element.evaluate(
            "({ parts }) => Object.keys(parts).map((key) => [key, parts[key].dataset.text])"
        )
        words = shown[text, dtype][1]
        assert dict(parts) == {key: words[key] for key, _ in parts}
        assert "".join(page.locator(".dx-bit").all_inner_texts()) == words["bits"].replace(" ", "")
