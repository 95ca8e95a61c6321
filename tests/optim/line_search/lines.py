"""Functions φ of a step, with their slopes, and what a search along them is asked."""

import math
from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st

from book.optim.line_search import Found, Trial


class Counted:
    """φ, which remembers each step at which it was computed."""

    def __init__(self, phi: Callable[[float], tuple[float, float]]):
        self.phi, self.steps = phi, []

    def __call__(self, step: float) -> tuple[float, float]:
        self.steps.append(step)
        return self.phi(step)

    def start(self) -> Trial:
        return Trial(0.0, *map(float, self.phi(0.0)))


def quartic(at, curvature, cubic):
    """A minimum at `at`, lopsided, convex: a u² + k u³ + a u⁴ is where 9 k² ≤ 24 a²."""
    a = curvature
    k = max(-1.4 * a, min(1.4 * a, cubic))

    def phi(t):
        u = t / at - 1
        return a * u**2 + k * u**3 + a * u**4, (2 * a * u + 3 * k * u**2 + 4 * a * u**3) / at

    return phi


def waves(at, size, often):
    """A parabola with waves on it: many minima."""
    w = often / at
    return lambda t: (
        (t / at - 1) ** 2 + size * math.cos(w * t),
        2 * (t / at - 1) / at - size * w * math.sin(w * t),
    )


def kink(at, slope):
    """A corner at `at`, to the right of which it goes up: no slope there is small."""
    return lambda t: (slope * abs(t / at - 1), slope / at * (1 if t > at else -1))


def barrier(wall):
    """−log(wall − t) − t … a minimum before a wall, behind which nothing is finite."""
    return lambda t: (
        (t / wall - 0.7) ** 2 - 0.01 * math.log(1 - t / wall) if t < wall else math.inf,
        2 * (t / wall - 0.7) / wall + 0.01 / (wall - t) if t < wall else math.nan,
    )


def nowhere(start, end, value):
    """A parabola with its minimum at 1, of another value between two steps."""

    def phi(t):
        return (value, value) if start < t < end else ((t - 1) ** 2, 2 * (t - 1))

    return phi


def scaled(phi, height, width, level):
    """φ in other units, and from another level."""

    def other(t):
        value, slope = phi(t / width)
        return height * value + level, height * slope / width

    return other


sizes = st.floats(0.1, 10)
smooth = st.one_of(
    st.builds(quartic, sizes, sizes, st.floats(-5, 5)),
    st.builds(waves, sizes, st.floats(0.01, 0.5), st.floats(0, 20)),
)
hard = st.one_of(
    st.builds(kink, sizes, sizes),
    st.builds(barrier, sizes),
    st.builds(
        nowhere, st.floats(0.1, 0.8), st.floats(1.5, 50), st.sampled_from([math.inf, math.nan, -math.nan])
    ),
    st.builds(nowhere, st.just(1.2), st.just(math.inf), st.sampled_from([math.inf, math.nan])),
)


def downhill(phi) -> bool:
    """Whether φ falls at 0, and is finite there."""
    value, slope = phi(0.0)
    return math.isfinite(value) and math.isfinite(slope) and slope < 0


def conditions(found: Found, start: Trial, c1: float, c2: float) -> tuple[bool, bool]:
    """Whether the step is low enough, and whether it is flat enough."""
    trial = found.trial
    return (
        trial.value <= start.value + c1 * trial.length * start.slope,
        abs(trial.slope) <= c2 * abs(start.slope),
    )


def of_the_paper() -> dict[str, Callable[[float], tuple[float, float]]]:
    """The six functions of Moré and Thuente, "Line search algorithms with guaranteed sufficient decrease",
    ACM Transactions on Mathematical Software, 1994, section 5."""

    def first(a, β=2):
        return -a / (a * a + β), (a * a - β) / (a * a + β) ** 2

    def second(a, β=0.004):
        return (a + β) ** 5 - 2 * (a + β) ** 4, 5 * (a + β) ** 4 - 8 * (a + β) ** 3

    def third(a, β=0.01, l=39):  # noqa: E741
        if a <= 1 - β:
            base, slope = 1 - a, -1
        elif a >= 1 + β:
            base, slope = a - 1, 1
        else:
            base, slope = (a - 1) ** 2 / (2 * β) + β / 2, (a - 1) / β
        wave = l * math.pi / 2 * a
        return base + 2 * (1 - β) / (l * math.pi) * math.sin(wave), slope + (1 - β) * math.cos(wave)

    def yanai(β1, β2):
        g1, g2 = (np.sqrt(1 + β**2) - β for β in (β1, β2))

        def phi(a):
            one, two = np.hypot(1 - a, β2), np.hypot(a, β1)
            return float(g1 * one + g2 * two), float(-g1 * (1 - a) / one + g2 * a / two)

        return phi

    return {
        "1": first,
        "2": second,
        "3": third,
        "4": yanai(0.001, 0.001),
        "5": yanai(0.01, 0.001),
        "6": yanai(0.001, 0.01),
    }
