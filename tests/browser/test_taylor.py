"""What Taylor tells: numbers against autograd's and mpmath's, sentences against the numbers."""

import re

import mpmath
import pytest
import torch

from book.calculus import best_rate, gradient, linear_prediction, quadratic_prediction
from book.explorers import Taylor
from book.explorers.taylor.widget import CURVES
from book.surfaces import cubic
from tests.browser.agreement import generator, same
from tests.browser.facts import WHOLE, tells

pytestmark = pytest.mark.browser

TAG = Taylor.tag
KEYS = ("curve", "x", "step", "lr")
TWO, FOUR = {"digits": 2}, {"digits": 4}
SHOWN = "given.map((state) => [numbersOf(state), wordsOf(numbersOf(state), state)])"
FUNCTIONS = {
    "cubic": lambda x: cubic(x[None]),
    "sine": torch.sin,
    "exponential": torch.exp,
    "fourth power": lambda x: x**4,
    "softplus": lambda x: torch.log1p(torch.exp(x)),
    "smooth |x|": lambda x: torch.sqrt(x * x + 0.01),
}
EXACT = {
    "cubic": lambda x: -(x**3) + 3 * x,
    "sine": mpmath.sin,
    "exponential": mpmath.exp,
    "fourth power": lambda x: x**4,
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "smooth |x|": lambda x: mpmath.sqrt(x * x + mpmath.mpf("0.01")),
}


def states() -> list[dict]:
    found, draw = [], generator(9)
    for name, curve in CURVES.items():
        low, high = curve["box"]
        for a, b, c in torch.rand(60, 3, dtype=torch.float64, generator=draw).tolist():
            x, step, lr = low + a * (high - low), (2 * b - 1) * (high - low) / 2, 10 ** (2 * c - 2)
            found.append([name, x, step, None if c < 0.5 else lr])
        found += [
            [name, 0.0, 0.0, None],
            [name, 0.0, 0.5, None],
            [name, 0.0, 0.0, 0.3],
            [name, 1.0, 1.0, 0.25],
        ]
    found += [["fourth power", 1.0, 0.0, 1 / 12], ["fourth power", 1.0, 0.0, 0.1], ["cubic", 1.0, -2.5, None]]
    return given(*found)


def given(*states) -> list[dict]:
    return [dict(zip(KEYS, state, strict=True)) for state in states]


def numbers_of(state: dict) -> dict[str, float]:
    """By autograd."""
    f, at = FUNCTIONS[state["curve"]], torch.tensor(state["x"], dtype=torch.float64)
    slope = gradient(f, at)
    s = torch.tensor(state["step"], dtype=torch.float64) if state["lr"] is None else -state["lr"] * slope
    found = {"step": s, "value": f(at), "slope": slope, "curvature": gradient(lambda u: gradient(f, u), at)}
    found |= {"linear": linear_prediction(f, at, s), "quadratic": quadratic_prediction(f, at, s)}
    found |= {"real": f(at + s)}
    return {key: value.item() for key, value in found.items()} | {"best_rate": best_rate(f, at)}


def story_of(numbers: dict) -> str:
    if numbers["step"] == 0:
        return "no slope" if numbers["slope"] == 0 else "no step"
    gap, curvature = numbers["real"] - numbers["linear"], numbers["curvature"]
    if gap == 0:
        return "equal"
    why = "no f″" if curvature == 0 else "as f″" if gap * curvature > 0 else "against f″"
    return f"{'smaller' if gap > 0 else 'larger'}, {why}"


def told(numbers: dict, lr: float | None) -> tuple[list[tuple], set[str]]:
    """The numbers in the words, and which of `PHRASES` are among them."""
    story, curvature = numbers["story"], numbers["curvature"]
    facts, phrases = ([], {PHRASE[story]}) if story in PHRASE else _of_step(numbers)
    if lr is None or numbers["slope"] == 0:
        return facts, phrases
    if curvature <= 0:
        return facts, phrases | {"no rate is best"}
    times = lr * curvature
    if abs(times - 1) < 1e-3:
        return [*facts, (1, WHOLE)], phrases | {"This is the best rate"}
    if times > 1:
        return [*facts, (2 if times > 2 else 1, WHOLE)], phrases | {"above 2" if times > 2 else "passes the"}
    return [*facts, (times, TWO), (1, WHOLE)], phrases | {"times the best one"}


def _of_step(numbers: dict) -> tuple[list[tuple], set[str]]:
    promised, drop = numbers["value"] - numbers["linear"], numbers["value"] - numbers["real"]
    facts = [(abs(drop), FOUR), (0, WHOLE)]
    why = {"as": "since", "no": "only higher derivatives", "against": "although"}[numbers["story"].split()[1]]
    sign = (
        set()
        if why == "only higher derivatives"
        else {"bends up" if numbers["curvature"] > 0 else "bends down"}
    )
    if promised == 0:
        return facts, {why, "is level", *sign}
    what, larger = ("drop", drop > promised) if promised > 0 else ("rise", drop < promised)
    return [(abs(promised), FOUR), *facts], {why, f"the {what} is {'larger' if larger else 'smaller'}", *sign}


PHRASE = {
    "no slope": "descent stands still",
    "no step": "The step is zero",
    "equal": "right to the last digit",
}
PHRASES = {
    *PHRASE.values(),
    *("is level", "since", "although", "only higher derivatives", "bends up", "bends down"),
    *(f"the {what} is {how}" for what in ("drop", "rise") for how in ("smaller", "larger")),
    *("no rate is best", "This is the best rate", "above 2", "passes the", "times the best one"),
}


def test_the_numbers_are_autograds_and_the_sentences_tell_them(run):
    seen, heard = set(), set()
    assert len(states()) > 300
    for state, (numbers, words) in zip(states(), run(TAG, SHOWN, states()), strict=True):
        mine = numbers_of(state)
        for key, value in mine.items():
            assert same(value, numbers[key]), (state, key, value, numbers[key])
        assert numbers["story"] == story_of(mine), state
        facts, phrases = told(numbers, state["lr"])
        assert tells(words, facts), (state, words)
        assert {phrase for phrase in PHRASES if phrase in words} == phrases, (state, words)
        check_verbs(numbers, words)
        seen.add(numbers["story"])
        heard |= phrases
    assert seen >= {"no slope", "no step", "smaller, as f″", "larger, as f″", "smaller, against f″"}
    assert PHRASES - heard <= {"right to the last digit"}  # by chance alone


def check_verbs(numbers: dict, words: str) -> None:
    drops = [numbers["value"] - numbers[key] for key in ("linear", "real")]
    verbs = re.findall(r"(falls|rises) by", words)
    wanted = ["rises" if drop < 0 else "falls" for drop in drops]
    assert verbs == wanted[len(wanted) - len(verbs) :]


def test_the_straight_line_may_be_right_to_the_last_digit(run):
    """A step so short that the parabola is lost in rounding."""
    [[numbers, words]] = run(TAG, SHOWN, given(["exponential", 0.0, 2.0**-40, None]))
    assert (numbers["story"], words) == ("equal", "The straight line is right to the last digit.")


def test_the_functions_are_those_of_the_library_and_of_the_formulas():
    assert CURVES["cubic"]["box"] == list(cubic.box[0])
    assert set(CURVES) == set(FUNCTIONS) == set(EXACT)


def test_derivatives_and_forecasts_are_mpmaths(run):
    shares = (0.1, 0.35, 0.5, 0.77, 0.9)
    places = [
        (name, low + share * (high - low), 0.3 * (0.5 - share), None)
        for name, curve in CURVES.items()
        for low, high in [curve["box"]]
        for share in shares
    ]
    for (name, x, step, _), (shown, _) in zip(places, run(TAG, SHOWN, given(*places)), strict=True):
        with mpmath.workdps(40):
            terms = [mpmath.diff(EXACT[name], x, n) / mpmath.factorial(n) for n in range(3)]
            linear, quadratic = mpmath.polyval([terms[1], terms[0]], step), mpmath.polyval(terms[::-1], step)
            real = EXACT[name](mpmath.mpf(x) + mpmath.mpf(step))
        wanted = {"value": terms[0], "slope": terms[1], "curvature": 2 * terms[2]}
        for key, value in (wanted | {"linear": linear, "quadratic": quadratic, "real": real}).items():
            assert shown[key] == pytest.approx(float(value), rel=1e-9, abs=1e-12), (key, x)


def test_one_step_of_descent_at_the_best_rate_reaches_the_parabolas_lowest_point(run):
    (start, _), (shown, _) = run(
        TAG, SHOWN, given(["fourth power", 1.0, 0, None], ["fourth power", 1.0, 0, 1 / 12])
    )
    assert start["best_rate"] == pytest.approx(1 / 12)
    assert shown["step"] == pytest.approx(-4 / 12)
    assert shown["quadratic"] == pytest.approx(1 - 4**2 / 24)


STORIES = [
    ("cubic", -2, 0.8, "smaller, as f″"),
    ("cubic", 0.5, -0.5, "larger, as f″"),
    ("cubic", 1.0, -2.5, "larger, as f″"),
    ("cubic", 0.5, -2.5, "smaller, against f″"),
    ("cubic", -0.1, 1, "larger, against f″"),
    ("cubic", 0, 1, "larger, no f″"),
    ("cubic", 0, -1, "smaller, no f″"),
    ("sine", 1, 0, "no step"),
    ("fourth power", 0, 0, "no slope"),
]


def test_the_story_compares_the_drops(run):
    found = run(TAG, SHOWN, given(*([*state, None] for *state, _ in STORIES)))
    assert [numbers["story"] for numbers, _ in found] == [story for *_, story in STORIES]
