"""Float bits: the browser's numbers against torch and exact fractions."""

import math
from fractions import Fraction

import pytest
import torch

from book.explorers import FloatBits
from book.explorers.float_bits.widget import readable
from tests.browser.float_oracle import beyond, equal, is_negative, kind, neighbour, stored, typed_size, word
from tests.browser.float_states import float_states, fraction, shown_floats
from tests.explorers.test_float_bits import BAD, GOOD

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shown(browser):
    return shown_floats(browser)


def test_there_are_many_states(shown):
    assert len(shown) > 500


def test_what_is_stored_is_the_nearest_float(shown):
    for (text, name), (numbers, _) in shown.items():
        x = stored(text, name)
        assert equal(numbers["value"], x.item()), (text, name)
        assert numbers["kind"] == kind(x), (text, name)
        if not x.isnan():
            assert numbers["word"] == word(x), (text, name)


def test_neighbours_spacing_and_limits_are_torchs(shown):
    for (text, name), (numbers, _) in shown.items():
        x, info = stored(text, name), torch.finfo(getattr(torch, name))
        for key, step in (("below", -1), ("above", 1)):
            at_the_end = x.isnan() or x == step * math.inf
            assert numbers[key] is None if at_the_end else equal(numbers[key], neighbour(x, step).item())
        assert numbers["limits"]["largest"] == info.max
        assert numbers["limits"]["smallest_normal"] == info.smallest_normal
        assert numbers["limits"]["smallest_subnormal"] == neighbour(torch.zeros_like(x), 1).item()
        if x.isfinite():
            assert fraction(numbers["spacing"]) == beyond(neighbour(x.abs(), 1)) - beyond(x.abs()), (
                text,
                name,
            )
        else:
            assert numbers["spacing"] is None


def test_the_parts_multiply_to_the_value(shown):
    for state, (numbers, _) in shown.items():
        if math.isfinite(numbers["value"]):
            size = Fraction(2) ** int(numbers["power"]) * fraction(numbers["significand"])
            assert size == abs(fraction(numbers["exact"])) == abs(Fraction(numbers["value"])), state


def test_the_error_is_what_is_stored_less_what_was_typed(shown):
    for (text, name), (numbers, _) in shown.items():
        size = typed_size(text)
        if size is None or math.isinf(numbers["value"]):
            assert numbers["error"] is None
        else:
            error = Fraction(numbers["value"]) - (-size if is_negative(text) else size)
            assert fraction(numbers["error"]) == error, (text, name)
            assert fraction(numbers["spacings"]) == abs(error) / fraction(numbers["spacing"]), (text, name)


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("nan", "0 11111 1000000000"),
        ("-nan 0x7c01", "1 11111 0000000001"),
        ("nan 0x1", "0 11111 1000000000"),
        ("-0", "1 00000 0000000000"),
        ("-inf", "1 11111 0000000000"),
    ],
)
def test_special_values_keep_their_bits(shown, text, bits):
    assert shown[text, "float16"][1]["bits"] == bits


def test_beyond_the_infinities_there_is_nothing(shown):
    words = shown["inf", "float16"][1]
    assert (words["below"], words["above"], words["spacing"]) == ("65504.0", "none", "none")
    assert shown["nan", "float16"][1]["below"] == "none"


def test_both_languages_take_the_same_texts(run):
    """The browser reads what the widget takes, as the same text, and refuses what it refuses."""
    texts = [*GOOD, *BAD, *(text for text, _ in float_states()), "  1  /  4 "]
    for text, typed in zip(texts, run(FloatBits.tag, "given.map(parse)", texts), strict=True):
        assert (typed is None) == (text in BAD), text
        if typed is not None:
            assert typed["text"] == readable(text)
            assert typed["negative"] == is_negative(text)
            size = typed_size(text)
            assert typed["size"] is None if size is None else fraction(typed["size"]) == size, text
