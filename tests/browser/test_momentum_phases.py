"""Momentum phase diagram in the browser: numbers against the library's, sentences against the numbers."""

import cmath
import math
import random

import pytest
import torch

from book.explorers import MomentumPhases
from book.optim import Momentum, trajectory
from book.optim.heavy_ball import best, critical_momentum, eigenvalues, iteration, rate, regime
from tests.browser.facts import WHOLE, tells
from tests.explorers.race_paths import walk

pytestmark = pytest.mark.browser

TAG = MomentumPhases.tag
TELLING = [(0, 0.5, 1), (0, 1, 4), (1, 0, 1), (3, 0.5, 1), (3, 0.5, 9), (4.4, 1.1, 100), (4, 1, 1), (2, 0, 1)]
TELLING += [(0.25, 0.25, 1), (2.25, 0.25, 1), (1, 0.81, 4), (0.5, 1, 1), (1.125, 0, 1), (1e-9, 0.5, 100)]


def states() -> list[list[float]]:
    draw = random.Random(11)
    found = [*TELLING, *([*best(1 / kappa, 1.0), kappa] for kappa in (1, 1.5, 4, 25, 81, 100))]
    for kappa in (1, 1, 1.05, 3, 10, 33.3, 100):
        for _ in range(40):
            lr, momentum = draw.uniform(0, 4.4), draw.uniform(0, 1.1)
            found.append([lr, momentum, kappa])
            found.append([round(lr, 2), round(momentum, 2), kappa])
            near = critical_momentum(lr, 1.0) + draw.uniform(-1e-3, 1e-3)
            found.append([lr, min(1.1, max(0.0, near)), kappa])
    return [list(given) for given in found]


SHOWN = """given.map(([lr, momentum, kappa]) => {
  const numbers = numbersOf({ lr, momentum, kappa });
  return [numbers, wordsOf(numbers)];
})"""
FOUR, THREE = {"digits": 4}, {"digits": 3}
SAME, CLOSE = 1e-6, 0.02  # how near is the same, how near is critical


def test_every_number_is_the_librarys(run):
    for given, (numbers, _) in zip(states(), run(TAG, SHOWN, states()), strict=True):
        lr, momentum, kappa = given
        assert list(numbers["best"].values()) == pytest.approx(
            [*best(1 / kappa, 1.0), math.sqrt(best(1 / kappa, 1.0)[1])], abs=1e-9
        )
        for name, curvature in (("steep", 1.0), ("flat", 1 / kappa)):
            mine = numbers[name]
            assert mine["product"] == pytest.approx(lr * curvature, rel=1e-9)
            assert mine["regime"] == kind_of(lr, momentum, curvature), given
            wanted = eigenvalues(lr, momentum, curvature)
            assert [complex(*root) for root in mine["roots"]] == pytest.approx(wanted, abs=1e-9), given
            assert mine["factor"] == pytest.approx(rate(lr, momentum, curvature), rel=1e-9)


def kind_of(lr: float, momentum: float, curvature: float) -> str:
    """The regime, or "critical" where it converges and the eigenvalues all but meet."""
    first, second = eigenvalues(lr, momentum, curvature)
    meet = abs((first - second).real) + abs((first - second).imag) <= CLOSE
    name = regime(lr, momentum, curvature)
    return "critical" if meet and name not in ("marginal", "diverging") else name


def told(lr: float, momentum: float, kappa: float) -> tuple[str, list[tuple]]:
    """Which story belongs to a state, and the numbers in it."""
    if kappa == 1:
        kind = kind_of(lr, momentum, 1.0)
        return kind, _of_one(kind, lr, momentum)
    steep, flat, fastest = (
        rate(lr, momentum, 1.0),
        rate(lr, momentum, 1 / kappa),
        math.sqrt(best(1 / kappa, 1.0)[1]),
    )
    slowest = max(steep, flat)
    if slowest >= 1:
        if regime(lr, momentum, 1.0) != "diverging":
            return "never settles", [(1, WHOLE)]
        return "both diverge" if flat >= 1 else "steep diverges", _limit(momentum)
    words = [(kappa, FOUR), *_tenth(fastest), *_tenth((kappa - 1) / (kappa + 1))]
    if slowest - fastest <= SAME:
        return "best", words
    if abs(steep - flat) <= SAME:
        return "same", [(flat, FOUR), *_tenth(slowest), *words]
    return "flat" if flat > steep else "steep", [
        (slowest, FOUR),
        (min(steep, flat), FOUR),
        *_tenth(slowest),
        *words,
    ]


def _of_one(kind: str, lr: float, momentum: float) -> list[tuple]:
    first, critical = eigenvalues(lr, momentum, 1.0)[0], (critical_momentum(lr, 1.0), FOUR)
    return {
        "critical": lambda: [(first.real, {"digits": 2})],
        "monotone": lambda: [(abs(first), FOUR), (1, WHOLE), critical],
        "oscillating": lambda: [
            *((abs(first), FOUR), (2 * math.pi / cmath.phase(first), THREE)),
            *((1, WHOLE), critical),
        ],
        "alternating": lambda: [(1, WHOLE), critical],
        "marginal": lambda: [(0 if lr == 0 else 1, WHOLE)],
        "diverging": lambda: _limit(momentum),
    }[kind]()


def _limit(momentum: float) -> list[tuple]:
    return [(1, WHOLE)] if momentum > 1 else [(2, WHOLE), (1, WHOLE), (2 * (1 + momentum), FOUR)]


def _tenth(size: float) -> list[tuple]:
    return [(math.log(10) / -math.log(size), THREE)] if 0 < size < 1 else []


PHRASES = {  # what is said in this story alone
    "critical": "no other momentum is faster",
    "monotone": "real and positive",
    "oscillating": "complex pair",
    "alternating": "real and negative",
    "marginal": "",
    "diverging": "x grows",
    "never settles": "one direction never settles",
    "both diverge": "Both directions diverge",
    "steep diverges": "The steep direction diverges",
    "best": "This is the best pair",
    "same": "Both directions have the same factor |r|",
    "flat": "The flat direction is the slower one",
    "steep": "The steep direction is the slower one",
}


def test_every_sentence_tells_its_numbers(run):
    given, seen = [*states(), *(state for state, *_ in KINDS)], set()
    assert len(given) > 800
    for state, (numbers, words) in zip(given, run(TAG, SHOWN, given), strict=True):
        kind, facts = told(*state)
        assert numbers["story"] == kind, state
        assert tells(words["story"], facts), (state, words["story"])
        found = {name for name, phrase in PHRASES.items() if phrase and phrase in words["story"]}
        assert found == {kind} - {"marginal"}, (state, words["story"])
        seen.add(kind)
        for name, curvature in (("steep", 1.0), ("flat", 1 / state[2])):
            check_row(*state[:2], curvature, {key: words[f"{name}_{key}"] for key in ROWS})
    assert seen == set(PHRASES)


ROWS = ("product", "regime", "eigenvalues", "factor", "tenth")


def check_row(lr: float, momentum: float, curvature: float, texts: dict[str, str]) -> None:
    first, second = eigenvalues(lr, momentum, curvature)
    size = rate(lr, momentum, curvature)
    twice = abs((first - second).real) + abs((first - second).imag) <= SAME
    pair = [first.real] if twice else [first.real, first.imag] if first.imag else [first.real, second.real]
    assert texts["regime"] == kind_of(lr, momentum, curvature)
    assert tells(texts["product"], [(lr * curvature, FOUR)])
    assert tells(texts["factor"], [(size, FOUR)])
    assert tells(texts["tenth"], _tenth(size))
    assert tells(texts["eigenvalues"], [(part, FOUR) for part in pair]), texts
    assert texts["eigenvalues"].endswith("i") == (bool(first.imag) and not twice)


def test_the_paths_are_those_of_the_optimizer(run):
    """Eight rates at once, as curvatures of eight directions at the rate 1."""
    draw = random.Random(3)
    for momentum in [0, 0.25, 0.5, 0.9, 1, 1.1, *(draw.uniform(0, 1.1) for _ in range(6))]:
        p = torch.tensor([0, *(draw.uniform(0, 4.4) for _ in range(7))], dtype=torch.float64)
        make = lambda x, momentum=momentum: Momentum(x, lr=1.0, momentum=momentum)  # noqa: E731
        f = lambda x, p=p: (p * x.square()).sum() / 2  # noqa: E731
        mine = walk(make, f, torch.ones_like(p), [torch.zeros_like(p)] * 200)
        paths = run(TAG, "given[0].map((p) => pathOf(p, given[1], 200))", [p.tolist(), momentum])
        size = mine.abs().cummax(0).values
        assert bool(((mine - torch.tensor(paths, dtype=torch.float64).T).abs() <= 1e-9 * size).all())


def test_the_level_lines_lie_on_their_factor(run):
    """But for the few cells that the kink of critical damping crosses."""
    levels = [0.2, 0.4, 0.6, 0.8, 0.9]
    for level, rings in zip(levels, run(TAG, "levelsOfFactor()", None)[:5], strict=True):
        points = [(max(0, p) ** 2, up**2) for ring in rings for p, up in ring if up > 0.1]
        off = [abs(rate(1.0, momentum, p) - level) for p, momentum in points]
        assert len(points) > 25
        assert sorted(off)[int(0.9 * len(off))] < 0.02


def test_factors_and_eigenvalues_are_lapacks(run):
    given = [[*point, kappa] for point in POINTS for kappa in (1, 7.5, 100)]
    for (lr, momentum, kappa), (numbers, _) in zip(given, run(TAG, SHOWN, given), strict=True):
        for name, curvature in (("steep", 1.0), ("flat", 1 / kappa)):
            found = torch.linalg.eigvals(iteration(lr, momentum, curvature))
            mine = torch.tensor([complex(*root) for root in numbers[name]["roots"]], dtype=found.dtype)
            assert torch.allclose(mine.real.sort().values, found.real.sort().values, atol=1e-9)
            assert torch.allclose(mine.imag.sort().values, found.imag.sort().values, atol=1e-9)
            assert numbers[name]["factor"] == pytest.approx(found.abs().max().item(), rel=1e-9)


POINTS = [(0.1, 0.9), (0.05, 0.2), (0.4, 0.0), (1.9, 0.01), (2.9, 0.5), (3.2, 0.5), (1.0, 0.5)]


def test_a_factor_of_ten_takes_as_many_steps_as_the_optimizer_needs(run):
    """Over 200 steps of a monotone path, where no swing hides the factor."""
    lr, momentum = 0.02, 0.6
    start = torch.ones(1, dtype=torch.float64)
    path = trajectory(
        lambda p: Momentum(p, lr=lr, momentum=momentum), lambda x: x.square().sum() / 2, start, 400
    )
    per_step = (path[400] / path[200]).item() ** (1 / 200)
    [[_, words]] = run(TAG, SHOWN, [[lr, momentum, 1]])
    assert float(words["steep_tenth"]) == pytest.approx(-1 / math.log10(per_step), rel=5e-3)


def test_what_is_advised_lowers_the_factor(run):
    """Each way that a sentence names, a little of it and all, on a grid of states."""
    grid = [[lr / 10 + 0.001, μ / 25, 1] for lr in range(44) for μ in range(26)]
    grid += [[lr, (1 - math.sqrt(lr)) ** 2, 1] for lr in (0.01, 0.3, 0.9, 1.7, 3.1, 3.9)]
    heard = set()
    for (lr, μ, _), (numbers, words) in zip(grid, run(TAG, SHOWN, grid), strict=True):
        now, story = rate(lr, μ, 1.0), words["story"]
        critical = critical_momentum(lr, 1.0)
        small, whole = (rate(lr, μ + share * (critical - μ), 1.0) for share in (1e-6, 1))
        advised = {
            "monotone": "with more momentum, up to",
            "oscillating": "Less momentum, down to",
            "alternating": "and so is more momentum, up to",
        }.get(numbers["story"])
        if advised:
            assert advised in story, story
            assert (critical < μ) == (numbers["story"] == "oscillating"), (lr, μ)
            assert whole < small < now, (lr, μ, story)
        if "a smaller ηλ is faster" in story:
            assert rate(lr * (1 - 1e-6), μ, 1.0) < now
        if "no other momentum is faster" in story:
            assert min(rate(lr, k / 500, 1.0) for k in range(551)) > now - CLOSE
        heard.add(numbers["story"])
    assert {"monotone", "oscillating", "alternating", "critical", "diverging"} <= heard


# --- in words ----------------------------------------------------------------------------------------------

KINDS = [
    ((0.1, 0.2, 1), "monotone", "with more momentum, up to μ = (1 − √ηλ)² = 0.4675"),
    ((0.25, 0.25, 1), "critical", "the two eigenvalues meet at 0.5."),
    ((1, 0.0, 1), "critical", "the two eigenvalues meet at 0."),
    ((0.1, 0.9, 1), "oscillating", "a period of 19.5 steps, and with its velocity it runs in on a spiral."),
    ((2.4, 0.25, 1), "alternating", "changes its sign at every step"),
    ((0, 0.5, 1), "marginal", "nothing moves"),
    ((3, 0.5, 1), "marginal", "A factor |r| of exactly 1"),
    ((3.2, 0.5, 1), "diverging", "must stay below 2(1 + μ) = 3."),
    ((0.5, 1.05, 1), "diverging", "The momentum must stay below 1."),
    ((0.8, 0.6, 25), "oscillating", "The flat direction is the slower one, 0.9051 a step against 0.7746."),
    ((2.95, 0.5, 4), "alternating", "The steep direction is the slower one"),
    ((1, 0.81, 4), "oscillating", "Both directions have the same factor |r|, 0.9."),
    ((3.2, 0.5, 4), "diverging", "The steep direction diverges"),
    ((3.2, 1.05, 4), "diverging", "Both directions diverge"),
    ((3, 0.5, 4), "marginal", "one direction never settles"),
]


def test_the_regime_and_the_story(run):
    shown = run(TAG, SHOWN, [state for state, *_ in KINDS])
    for (_, kind, sentence), (numbers, words) in zip(KINDS, shown, strict=True):
        assert numbers["steep"]["regime"] == words["steep_regime"] == kind
        assert sentence in words["story"]


def test_the_best_pair_is_told_and_known_when_it_is_reached(run):
    (numbers, _), (_, there) = run(TAG, SHOWN, [[1.0, 0.3, 25], [*best(1 / 25, 1.0), 25]])
    assert numbers["best"] == pytest.approx({"lr": 25 / 9, "momentum": 4 / 9, "factor": 2 / 3})
    assert (there["steep_eigenvalues"], there["flat_eigenvalues"]) == ("−0.6667 twice", "0.6667 twice")
    story = there["story"]
    assert story.startswith("This is the best pair for κ = 25: both directions are critically damped.")
    assert "takes 5.68 steps; the best that plain descent can do is 28.8." in story


def test_what_never_shrinks_says_so(run):
    (_, never), (_, at_once) = run(TAG, SHOWN, [[3.2, 0.5, 1], [1, 0, 1]])
    assert (never["steep_tenth"], at_once["steep_tenth"]) == ("never", "at once")
