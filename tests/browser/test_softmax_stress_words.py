"""Softmax under stress: each sentence, number and flag against the numbers it is about."""

import math
from decimal import Decimal

import pytest
import torch

from book.explorers import SoftmaxStress
from tests.browser.facts import numbers_in
from tests.browser.softmax_states import shown_softmax

pytestmark = pytest.mark.browser

DIGITS = {"float16": 4, "bfloat16": 3, "float32": 4, "float64": 4}


@pytest.fixture(scope="module")
def shown(browser):
    return shown_softmax(browser)


def words_at(shown, logits: list, dtype: str, offset: float = 0) -> dict:
    state = {"logits": logits, "offset": offset, "dtype": dtype}
    return next(words for given, _, words in shown if given == state)


def g(x: float, digits: int) -> str:
    """A number as Python writes it; a zero without its sign."""
    return f"{x + 0.0:.{digits}g}"


NOTES = {"exps": "exp", "probabilities": "probability", "logs": "log"}


def note(column: str, x: float, dtype: str) -> str:
    if math.isnan(x):
        return "undefined"
    if math.isinf(x):
        return "log of 0" if column == "logs" else "overflow"
    if column == "logs":
        return ""
    if x == 0:
        return "underflow"
    return "subnormal" if x < torch.finfo(getattr(torch, dtype)).smallest_normal else ""


def test_the_table_holds_the_numbers_and_flags_what_is_wrong(shown):
    flags = set()
    for state, numbers, words in shown:
        dtype, digits = state["dtype"], DIGITS[state["dtype"]]
        wanted = {f"z_{i}": g(z, 6) for i, z in enumerate(numbers["z"])}
        for name in ("naive", "stable"):
            way = numbers[name]
            wanted |= {f"{name}_exponent_{i}": g(x, 6) for i, x in enumerate(way["exponents"])}
            cells = {"sum": (way["total"], "total")}
            cells |= {f"{NOTES[key]}_{i}": (x, key) for key in NOTES for i, x in enumerate(way[key])}
            for cell, (x, column) in cells.items():
                wanted |= {f"{name}_{cell}": g(x, digits), f"{name}_{cell}_note": note(column, x, dtype)}
                flags.add(note(column, x, dtype))
        assert {key: text for key, text in words.items() if "story" not in key} == wanted, state
    assert flags == {"", "undefined", "log of 0", "overflow", "underflow", "subnormal"}


def test_the_input_story_names_what_was_rounded(shown):
    for state, numbers, words in shown:
        pairs = [(g(a, 6), g(b, 6)) for a, b in zip(numbers["wanted"], numbers["z"], strict=True)]
        changed = [text for pair in pairs if pair[0] != pair[1] for text in pair]
        assert numbers_in(words["input_story"]) == changed
        assert bool(words["input_story"]) == bool(changed) == (state["dtype"] in words["input_story"])


def closeness(way: dict) -> list[str]:
    """The number in "right to … digits" or "wrong by up to … %"."""
    error = way["error"]
    if error < 1e-12:
        return ["12"]
    return [g(100 * error, 2)] if error >= 0.01 else [str(-Decimal(error).adjusted() - 1)]


def naive_story(numbers: dict) -> tuple[str, list[str]]:
    """A key to what the sentence tells, and the numbers that stand in it."""
    way, digits = numbers["naive"], DIGITS[numbers["dtype"]]
    exps, chances = way["exps"], way["probabilities"]
    if math.inf in exps:
        largest = torch.finfo(getattr(torch, numbers["dtype"])).max
        start = [g(way["exponents"][exps.index(math.inf)], 6), g(largest, 4), "inf", "inf", "inf"]
        return ("alone", start) if set(exps) == {math.inf} else ("others", [*start, "inf", "0"])
    if sum(exps) == 0:
        return "underflows", ["0", "0", "0"]
    if math.isinf(way["total"]):
        return "sum overflows", ["inf", "0"]
    if min(chances) == 0:
        i = chances.index(0)
        return "no harm", [str(i + 1), "0", "-inf", g(numbers["stable"]["logs"][i], digits)]
    smallest = torch.finfo(getattr(torch, numbers["dtype"])).smallest_normal
    return "few bits" if min(exps) < smallest else "normal number", closeness(way)


SAID = {
    "alone": ("is larger than", "nan."),
    "others": ("is larger than", "The others"),
    "underflows": ("Every exp underflows", "nan"),
    "sum overflows": ("sum overflows", "every probability"),
    "no harm": ("no harm", "log-softmax keeps"),
    "few bits": ("subnormal", "few bits"),
    "normal number": ("Every exp is a normal number",),
}


def test_the_naive_story_names_what_broke(shown):
    told = set()
    for state, numbers, words in shown:
        kind, wanted = naive_story(numbers)
        told.add(kind)
        said = words["naive_story"]
        assert all(key in said for key in SAID[kind]), (state, said)
        assert ("The others" in said) == (kind == "others")
        assert numbers_in(said) == wanted, (state, said)
        assert ("wrong by" in said) == (
            kind in ("few bits", "normal number") and numbers["naive"]["error"] >= 0.01
        )
    assert told == set(SAID)


def test_the_stable_story_names_what_was_kept(shown):
    told = set()
    for state, numbers, words in shown:
        way, said = numbers["stable"], words["stable_story"]
        wanted = ["0", "1", str(len(state["logits"]))]
        if 0 in way["probabilities"]:
            i = way["probabilities"].index(0)
            wanted += [str(i + 1), "0", g(way["logs"][i], DIGITS[state["dtype"]])]
        else:
            wanted += closeness(way)
        assert numbers_in(said) == wanted, (state, said)
        told.add(("yet its log" in said, "wrong by" in said, "or more" in said))
        assert ("yet its log" in said) == (0 in way["probabilities"])
        assert ("or more" in said) == (0 not in way["probabilities"] and way["error"] < 1e-12)
    assert len(told) >= 3


EXAMPLES = [
    (
        [1000, 990, 980],
        "float32",
        "naive",
        "exp(1000) is larger than 3.403e+38, the largest float32, so it becomes inf, and inf / inf is nan.",
    ),
    ([100, 0], "float32", "naive", "The others are divided by inf and become 0."),
    (
        [11, 11, 10],
        "float16",
        "naive",
        "Each exp is finite, but their sum overflows to inf: every probability becomes 0.",
    ),
    ([-1000, -990, -980], "float64", "naive", "Every exp underflows to 0, and 0 / 0 is nan."),
    (
        [0, -5, -120],
        "float32",
        "naive",
        "The probability of logit 3 rounds to 0, which does no harm. Its log does: "
        "-inf, where log-softmax keeps -120.",
    ),
    (
        [0, -5, -120],
        "float32",
        "stable",
        "The largest exponent is 0, so the sum lies between 1 and 3: nothing "
        "overflows. Probability 3 rounds to 0, yet its log is -120.",
    ),
    ([-14, -15], "float16", "naive", "Some exp is subnormal and keeps few bits: the probabilities are "),
    (
        [2, 1, 0],
        "float64",
        "naive",
        "Every exp is a normal number: the probabilities are right to 12 digits or more.",
    ),
    ([1000, 990], "bfloat16", "input", "Stored in bfloat16, 990 becomes 992."),
]


@pytest.mark.parametrize(("row", "dtype", "way", "said"), EXAMPLES)
def test_one_sentence_of_each_kind(shown, row, dtype, way, said):
    assert said in words_at(shown, row, dtype)[f"{way}_story"]


def test_the_offset_changes_the_naive_way_alone(shown):
    low, high = (words_at(shown, [20, 10, 0], "float32", offset) for offset in (0, 980))
    assert {low[k] == high[k] for k in low if k.startswith("stable")} == {True}
    assert high["naive_probability_0"] == "nan" != low["naive_probability_0"]


def test_the_page_shows_the_words(explorers, shown):
    page, words = explorers(SoftmaxStress()), words_at(shown, [1000, 990, 980], "float32")
    assert page.locator(".dx-stable tr[data-series='1'] .dx-value").all_inner_texts() == [
        words[f"stable_{column}_1"] for column in ("exponent", "exp", "probability", "log")
    ]
    assert page.locator(".dx-naive .dx-verdict").inner_text() == words["naive_story"]
