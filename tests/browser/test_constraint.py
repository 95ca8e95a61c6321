"""The explorer of constraints: its conditions are `kkt_residual`'s, its words tell its numbers."""

import random
from functools import partial

import numpy as np
import pytest
import torch

from book.calculus import gradient
from book.explorers import Constraint
from book.explorers.constraint.widget import DEFAULTS, KINDS, TABLE
from book.numerics.vector import f64
from book.optim.constrained import Problem, kkt_residual
from tests.browser.computed import computed
from tests.browser.facts import numbers_in, rounds

pytestmark = pytest.mark.browser

TAG, TOUCH, HOLDS = Constraint.tag, TABLE["touch"], TABLE["holds"]
EQUALITIES = ("line", "circle")


def f(center, x):
    return ((x[0] - center[0]) ** 2 + 2 * (x[1] - center[1]) ** 2) / 2


def direction(degrees):
    angle = np.deg2rad(degrees)
    return f64(np.cos(angle), np.sin(angle))


def walls(given, x):
    """What is asked to be at most 0, or 0: written again from its meaning."""
    kind, away = given["kind"], x - f64(*given["place"])
    axis = direction(given["angle"])
    across = f64(-axis[1], axis[0])
    if kind in ("wall", "line"):
        return (axis @ away)[None]
    if kind in ("disc", "circle"):
        return ((away @ away - given["radius"] ** 2) / 2)[None]
    if kind == "corner":
        return torch.stack([direction(given["angle"] + 50) @ away, direction(given["angle"] - 50) @ away])
    u, v = axis @ away, across @ away
    return torch.stack([v + u**3, -v + u**3])


def problem(given):
    asked = {"equalities" if given["kind"] in EQUALITIES else "inequalities": partial(walls, given)}
    return Problem(partial(f, given["center"]), **asked)


def states():
    """For each kind its first state, the tip, the middle, and random ones; solutions are added later."""
    draw = random.Random(4)
    apart = {"center": [2.4, 0], "place": [0, 0], "angle": 0, "x": [-0.025, 0]}
    found = [DEFAULTS | apart]
    for kind in KINDS:
        found.append(DEFAULTS | {"kind": kind})
        found.append(DEFAULTS | {"kind": kind, "x": DEFAULTS["place"]})
        found.append(DEFAULTS | {"kind": kind, "x": DEFAULTS["center"]})
        for _ in range(40):
            point = lambda: [round(draw.uniform(-2.4, 2.4), 2) for _ in range(2)]  # noqa: E731
            given = {"kind": kind, "center": point(), "place": point(), "x": point()}
            given |= {"angle": float(draw.randint(-180, 180)), "radius": round(draw.uniform(0.4, 2), 2)}
            found.append(given)
    return found


@pytest.fixture(scope="module")
def shown(browser):
    given = states()
    first = computed(browser, TAG, given)
    solved = [one | {"x": numbers["best"]["x"]} for one, (numbers, _) in zip(given, first, strict=True)]
    return list(zip(given + solved, first + computed(browser, TAG, solved), strict=True))


def test_every_number_is_the_librarys(shown):
    assert len(shown) > 400
    for given, (numbers, _) in shown:
        x = f64(*given["x"])
        wanted = kkt_residual(problem(given), x, tol=TOUCH)
        size = 1e-9 * (1 + max(abs(m) for m in torch.cat(list(wanted.multipliers)).tolist()))
        assert numbers["value"] == pytest.approx(f(given["center"], x).item(), abs=1e-12)
        assert numbers["pull"] == pytest.approx(
            (-gradient(partial(f, given["center"]), x)).tolist(), abs=1e-12
        )
        found = [wall["multiplier"] for wall in numbers["walls"]]
        assert found == pytest.approx(torch.cat(list(wanted.multipliers)).tolist(), rel=1e-9, abs=size), given
        assert numbers["left"] == pytest.approx((-wanted.stationarity).tolist(), abs=size)
        equality = given["kind"] in EQUALITIES
        sizes = {
            "stationarity": wanted.size("stationarity"),
            "feasibility": wanted.size("equality" if equality else "inequality"),
        }
        if not equality:
            sizes |= {name: wanted.size(name) for name in ("sign", "complementarity")}
        assert numbers["conditions"].keys() == sizes.keys()
        for name, size_of in sizes.items():
            assert numbers["conditions"][name] == pytest.approx(size_of, rel=1e-9, abs=size), (given, name)
        assert numbers["failing"] == [
            name for name, size_of in numbers["conditions"].items() if size_of > HOLDS
        ]


def test_the_solution_is_allowed_and_no_allowed_point_is_lower(shown):
    for given, (numbers, _) in shown:
        if given["x"] != numbers["best"]["x"]:
            continue
        x = f64(*given["x"])
        asked = problem(given)
        assert asked.violation(x) < 1e-12
        assert numbers["best"]["value"] == pytest.approx(f(given["center"], x).item(), abs=1e-12)
        judged = kkt_residual(asked, x, tol=1e-9)
        if given["kind"] == "cusp" and numbers["best"]["where"] == "tip":
            assert judged.rank < 2
        else:
            assert judged.largest < 1e-9, given
        lowest = lowest_of_many(given)
        assert numbers["best"]["value"] <= lowest + 1e-12, given


def lowest_of_many(given):
    """Of many allowed points, on a grid or on the line, the lowest."""
    a, b = given["center"]
    if given["kind"] in EQUALITIES:
        s = np.linspace(-8, 8, 200_001)
        axis, (p, q) = direction(given["angle"]).numpy(), given["place"]
        turn, r = 2 * np.pi * s / 16, given["radius"]
        x, y = (
            (p - axis[1] * s, q + axis[0] * s)
            if given["kind"] == "line"
            else (p + r * np.cos(turn), q + r * np.sin(turn))
        )
        return (((x - a) ** 2 + 2 * (y - b) ** 2) / 2).min()
    return lowest_on_a_grid(given)


def lowest_on_a_grid(given):
    x = np.linspace(-4, 4, 801)
    y = x[:, None]
    a, b = given["center"]
    axis, (p, q) = direction(given["angle"]).numpy(), given["place"]
    u, v = axis[0] * (x - p) + axis[1] * (y - q), -axis[1] * (x - p) + axis[0] * (y - q)
    turn = np.deg2rad(50)
    allowed = {
        "wall": lambda: u <= 0,
        "disc": lambda: (x - p) ** 2 + (y - q) ** 2 <= given["radius"] ** 2,
        "corner": lambda: (
            (np.cos(turn) * u + np.sin(turn) * v <= 0) & (np.cos(turn) * u - np.sin(turn) * v <= 0)
        ),
        "cusp": lambda: np.abs(v) <= -(u * u * u),
    }[given["kind"]]()
    return ((x - a) ** 2 / 2 + (y - b) ** 2).min(where=allowed, initial=np.inf)


SAID = {
    "forbidden": "This point is not allowed",
    "off": "is not 0. Feasibility fails",
    "free": "Nothing holds x here",
    "sliding": "points along it",
    "pulling": "would have to pull",
    "apart": "A push without touch",
    "cusp": "there are no multipliers",
    "held": "pull and push cancel",
    "idle": "no wall is felt",
    "balanced": "its sign is free",
}


def test_the_story_is_that_of_the_failing_condition(shown):
    told = set()
    for given, (numbers, words) in shown:
        story, said, failing = numbers["story"], words["story"], set(numbers["failing"])
        assert [key for key, text in SAID.items() if text in said] == [story], given
        told.add(story)
        if story in ("held", "idle", "balanced"):
            assert failing == set(), given
        if story in ("forbidden", "off"):
            assert "feasibility" in failing
        if story == "pulling":
            assert "sign" in failing
        if story in ("free", "sliding", "cusp"):
            assert "stationarity" in failing
        if story == "apart":
            assert failing == {"complementarity"}
    assert told == set(SAID)


def test_the_sentences_tell_their_numbers(shown):
    for _, (numbers, words) in shown:
        left = float(np.hypot(*numbers["left"]))
        values = [wall["value"] for wall in numbers["walls"]]
        multipliers = [wall["multiplier"] for wall in numbers["walls"]]
        strongest = max(multipliers, key=abs)
        wanted = {
            "forbidden": [max(values), 0],
            "off": [values[0], 0],
            "free": [float(np.hypot(*numbers["pull"])), float(np.abs(numbers["pull"]).max())],
            "sliding": [strongest, left],
            "pulling": [min(multipliers)],
            "apart": [strongest, 0],
            "cusp": [left],
            "held": [m for m in multipliers if m > 1e-9],
            "idle": [0],
            "balanced": [multipliers[0]],
        }[numbers["story"]]
        written = numbers_in(words["story"])
        assert len(written) == len(wanted), words["story"]
        for text, value in zip(written, wanted, strict=True):
            assert rounds(text, 0 if abs(value) < 1e-9 else value, digits=3), (words["story"], wanted)


def test_the_table_says_what_fails(shown):
    for given, (numbers, words) in shown:
        for name, told in words["conditions"].items():
            if name not in numbers["conditions"]:
                assert told == {"size": "—", "verdict": "not asked"}
                assert given["kind"] in EQUALITIES
                continue
            size = numbers["conditions"][name]
            assert told["verdict"] == ("fails" if size > HOLDS else "holds")
            assert rounds(told["size"], 0 if size < 1e-9 else size, digits=3)
        assert words["names"] == (["h(x)", "ν"] if given["kind"] in EQUALITIES else ["c(x)", "λ"])


# --- known on paper --------------------------------------------------------------------------------------


def test_a_wall_s_multiplier_by_hand(browser):
    # f = (x₁² + 2 x₂²) / 2 around (2, 0), and x₁ ≤ 1: the pull is 1 at (1, 0), and so is λ.
    given = DEFAULTS | {"kind": "wall", "center": [2, 0], "place": [1, 0], "angle": 0, "x": [1, 0]}
    [[numbers, words]] = computed(browser, TAG, [given])
    assert numbers["walls"][0]["multiplier"] == pytest.approx(1, abs=1e-12)
    assert numbers["best"]["x"] == pytest.approx([1, 0], abs=1e-12)
    assert words["story"].startswith("All four conditions hold: pull and push cancel, with λ = 1.")


def test_a_wall_that_nothing_presses_on_takes_nothing_up(browser):
    # The middle lies on the wall x₁ = 0.3 but for rounding: the pull runs along it, and λ is 5e-17.
    given = DEFAULTS | {"kind": "wall", "center": [0.1 + 0.2, 0.9], "place": [0.3, 0], "angle": 0}
    [[numbers, words]] = computed(browser, TAG, [given | {"x": [0.3, -0.9]}])
    assert numbers["walls"][0]["touches"]
    assert abs(numbers["walls"][0]["multiplier"]) < 1e-15
    assert words["story"].startswith("Nothing holds x here: a pull of length 3.6 is left over")


def test_the_multiplier_is_the_price_of_the_wall(browser):
    given = DEFAULTS | {"kind": "disc", "center": [2, 1.5], "place": [0, 0], "radius": 1.0}
    d = 1e-5  # c ≤ δ is a disc of radius √(r² + 2δ)
    radii = [(1 + 2 * shift) ** 0.5 for shift in (-d, 0, d)]
    low, here, high = (found for found, _ in computed(browser, TAG, [given | {"radius": r} for r in radii]))
    at = given | {"x": here["best"]["x"]}
    [[numbers, _]] = computed(browser, TAG, [at])
    slope = (high["best"]["value"] - low["best"]["value"]) / (2 * d)
    assert -slope == pytest.approx(numbers["walls"][0]["multiplier"], rel=1e-6)
