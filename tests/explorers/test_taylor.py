"""Taylor: forecasts of curves with known derivatives, and what is refused."""

import math

import mpmath
import pytest
import traitlets

from book.explorers import Taylor
from book.explorers.taylor.widget import CURVES, readout

EXACT = {
    "cubic": lambda x: -(x**3) + 3 * x,
    "sine": mpmath.sin,
    "exponential": mpmath.exp,
    "fourth power": lambda x: x**4,
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "smooth |x|": lambda x: mpmath.sqrt(x * x + mpmath.mpf("0.01")),
}


@pytest.mark.parametrize("curve", CURVES)
def test_derivatives_and_forecasts_are_mpmaths(curve):
    low, high = CURVES[curve].box
    for share in (0.1, 0.35, 0.5, 0.77, 0.9):
        x, step = low + share * (high - low), 0.3 * (0.5 - share)
        shown = readout(curve, x, step)
        with mpmath.workdps(40):
            terms = [mpmath.diff(EXACT[curve], x, n) / mpmath.factorial(n) for n in range(3)]
            linear, quadratic = mpmath.polyval([terms[1], terms[0]], step), mpmath.polyval(terms[::-1], step)
            real = EXACT[curve](mpmath.mpf(x) + mpmath.mpf(step))
        wanted = {
            "value": terms[0],
            "slope": terms[1],
            "curvature": 2 * terms[2],
            "linear": linear,
            "quadratic": quadratic,
        }
        for key, value in (wanted | {"real": real}).items():
            assert shown[key] == pytest.approx(float(value), rel=1e-9, abs=1e-12), (key, x)


def test_one_step_of_descent_at_the_best_rate_reaches_the_parabolas_lowest_point():
    start = readout("fourth power", 1.0, 0)
    assert start["best_rate"] == pytest.approx(1 / 12)
    shown = readout("fourth power", 1.0, 0, lr=1 / 12)
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


@pytest.mark.parametrize(("curve", "x", "step", "story"), STORIES)
def test_the_story_compares_the_drops(curve, x, step, story):
    assert readout(curve, x, step)["story"] == story


REFUSED = [
    ({"curve": "tangent"}, "expected any of"),
    ({"x": 3}, "choose x from -2.6 to 2.6"),
    ({"x": math.nan}, "is outside the picture"),
    ({"step": 6}, "choose one from -5.2 to 5.2"),
    ({"lr": -1}, "must be from 0 to 1000, or None; got -1"),
    ({"lr": math.nan}, "must be from 0 to 1000"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        Taylor(**options)


def test_another_curve_keeps_the_point_if_it_can():
    widget = Taylor("sine", 5, 4)
    widget.curve = "fourth power"
    assert (widget.x, widget.step) == (1, -0.5)
    widget.curve = "cubic"
    assert (widget.x, widget.step) == (1, -0.5)


def test_what_the_page_sends_is_taken():
    widget = Taylor("fourth power")
    widget.set_state({"curve": "sine", "x": 5, "step": -8, "lr": None})
    assert widget.settings() == {"curve": "sine", "x": 5, "step": -8, "lr": None}
