"""The error by eigenvalue in the browser: numbers against the library's, sentences against the numbers."""

import math
from collections.abc import Callable
from itertools import product

import pytest
import torch

from book.explorers import ErrorByEigenvalue
from book.optim import Momentum, trajectory
from book.optim.heavy_ball import best, rate
from book.optim.noisy_ball import hovering_square
from tests.browser.computed import evaluated
from tests.browser.error_oracle import (
    BESIDE,
    COUNT,
    SAME,
    curvatures_of,
    rate_of_descent,
    runs_of,
    state_of,
    states,
    steps_of,
)
from tests.browser.facts import WHOLE, tells

pytestmark = pytest.mark.browser

TAG = ErrorByEigenvalue.tag
SHOWN = "given.map((state) => { const numbers = numbersOf(state); return [numbers, wordsOf(numbers)]; })"
THREE, FOUR = {"digits": 3}, {"digits": 4}


@pytest.fixture(scope="module")
def shown(browser):
    return list(zip(states(), evaluated(browser, TAG, SHOWN, states()), strict=True))


def test_every_number_is_the_librarys(shown):
    assert len(shown) > 60
    for given, (numbers, _) in shown:
        kappa = given["kappa"]
        assert numbers["steps"] == steps_of(kappa)
        assert numbers["t"] == min(given["t"], numbers["steps"])
        assert numbers["curvatures"] == pytest.approx(curvatures_of(kappa), rel=1e-12)
        assert tuple(numbers["best"].values()) == pytest.approx(best(1 / kappa, 1.0), rel=1e-12)
        for name, wanted in runs_of(given).items():
            mine = numbers[name]
            size = wanted["losses"].cummax(0).values
            for part in ("losses", "transient", "fluctuation", "parts"):
                found = torch.tensor(mine[part], dtype=torch.float64)
                assert found.shape == wanted[part].shape, (given, part)
                assert bool(((found - wanted[part]).abs() <= 1e-9 * size).all()), (given, name, part)
            assert mine["factors"] == pytest.approx(wanted["factors"], rel=1e-9)
            assert mine["factor"] == max(mine["factors"])
            assert mine["floor"] == pytest.approx(wanted["floor"], rel=1e-9)
            for key in ("small", "takeover", "limit"):
                assert mine[key] == wanted[key], (given, name, key)
            check_here(mine["here"], wanted, int(numbers["t"]))


def check_here(here: dict | None, wanted: dict, t: int) -> None:
    if t >= len(wanted["losses"]):
        assert here is None
        return
    parts = wanted["parts"][:, t]
    assert here["loss"] == pytest.approx(parts.sum().item(), rel=1e-9, abs=1e-9)
    if parts.sum() > 1e-9:
        assert parts[int(here["largest"])].item() == pytest.approx(parts.max().item(), rel=1e-6)
        assert here["share"] == pytest.approx((parts.max() / parts.sum()).item(), rel=1e-6)


def test_without_noise_the_bands_are_those_of_the_optimizer(browser):
    """On a quadratic of twelve curvatures at once."""
    lr, momentum, kappa = 1.3, 0.6, 40.0
    [[numbers, _]] = evaluated(browser, TAG, SHOWN, [state_of(lr, momentum, kappa)])
    λ = torch.tensor(curvatures_of(kappa), dtype=torch.float64)
    make = lambda p: Momentum(p, lr=lr, momentum=momentum)  # noqa: E731
    path = trajectory(make, lambda x: (λ * x * x).sum() / 2, (2 / (COUNT * λ)).sqrt(), numbers["steps"])
    bands = torch.tensor(numbers["yours"]["parts"], dtype=torch.float64)
    torch.testing.assert_close(bands, (λ * path * path / 2).T, rtol=1e-9, atol=1e-12)


# --- in words ---

PHRASES = {  # what is said in this story alone
    "flat": "The smallest curvature limits you now",
    "steep": "The largest curvature limits you now",
    "both": "Both ends limit you now",
    "all": f"All {COUNT} curvatures go the same pace",
    "best": "This is the best pair",
    "marginal": "never settles",
    "diverging": "You diverge",
}


def told(given: dict) -> list[tuple]:
    """The numbers of the story, in their order."""
    descent, yours = runs_of(given).values()
    flat, steep = ((yours["factors"][i], FOUR) for i in (0, -1))
    slowest, fastest = (max(yours["factors"]), FOUR), (best(1 / given["kappa"], 1.0)[1], FOUR)
    bound = [(2, WHOLE), (1, WHOLE), (2 * (1 + given["momentum"]), FOUR)]
    pace = {
        "flat": [flat, steep],
        "steep": [steep, flat],
        "both": [flat],
        "all": [(COUNT, WHOLE), slowest, fastest],
        "best": [slowest, (COUNT, WHOLE)],
        "marginal": bound,
        "diverging": [steep, *bound],
    }[yours["limit"]]
    return pace + _arrival(given, descent, yours) + _noise(given, descent, yours)


def _arrival(given: dict, descent: dict, yours: dict) -> list[tuple]:
    if yours["limit"] == "diverging":
        return []
    steps, small = (steps_of(given["kappa"]), WHOLE), yours["small"]
    you = [steps, (1, WHOLE)] if small is None else [(1, WHOLE), (small, WHOLE)]
    descending = rate_of_descent(*(given[name] for name in ("lr", "momentum", "kappa", "beside")))
    if not given["momentum"] and descending == given["lr"]:
        return [*you, (0, WHOLE)]
    if descent["limit"] == "diverging":
        return you
    if descent["small"] is not None:
        return [*you, (descent["small"], WHOLE)]
    return you if small is None else [*you, steps]


def _noise(given: dict, descent: dict, yours: dict) -> list[tuple]:
    if not given["noise"] or yours["limit"] in ("diverging", "marginal"):
        return []
    floors = [(run["floor"], THREE) for run in (yours, descent) if run["floor"] < math.inf]
    if yours["takeover"] is None:
        return [*floors, (steps_of(given["kappa"]), WHOLE)]
    return [(yours["takeover"], WHOLE), *floors]


def test_every_sentence_tells_its_numbers(shown):
    seen = set()
    for given, (_, words) in shown:
        kind, story = runs_of(given)["yours"]["limit"], words["story"]
        assert {name for name, phrase in PHRASES.items() if phrase in story} == {kind}, (given, story)
        assert tells(story, told(given)), (given, story)
        seen.add(kind)
    assert seen == set(PHRASES)


def test_a_sentence_says_who_is_compared_and_what_noise_does(shown):
    seen = set()
    for given, (_, words) in shown:
        (descent, yours), story = runs_of(given).values(), words["story"]
        says = {
            "diverges": "; descent" in story and " diverges." in story,
            "neither": "neither does descent" in story,
            "late": "does not get there" in story,
            "same": "this is plain descent" in story,
            "noise": "noise is the larger part" in story,
            "none yet": "it has not taken over" in story,
        }
        moves, settles = yours["limit"] != "diverging", yours["limit"] not in ("diverging", "marginal")
        plain = "this is plain descent" in story
        ends = descent["limit"] == "diverging"
        assert says["diverges"] == (moves and ends and not plain), story
        unfinished = moves and not plain and not ends and descent["small"] is None
        assert says["neither"] == (unfinished and yours["small"] is None)
        assert says["late"] == (unfinished and yours["small"] is not None)
        assert says["noise"] == (settles and yours["takeover"] is not None)
        assert says["none yet"] == (settles and given["noise"] > 0 and yours["takeover"] is None)
        seen |= {name for name, said in says.items() if said}
    assert seen == {"diverges", "neither", "late", "same", "noise", "none yet"}


ROWS = ("lr", "factor", "small", "takeover", "floor", "here")


def test_the_table_tells_its_numbers(shown):
    for given, (numbers, words) in shown:
        for name, run in runs_of(given).items():
            row = {
                key: words[f"{name}_{key}"] for key in ("lr", "factor", "small", "takeover", "floor", "here")
            }
            late = [(numbers["steps"], WHOLE)]
            diverging = run["limit"] == "diverging"
            for key, step in (("small", run["small"]), ("takeover", run["takeover"])):
                wanted = [] if diverging else late if step is None else [(step, WHOLE)]
                if key == "takeover" and not given["noise"]:
                    wanted = []
                assert tells(row[key], wanted), (given, row)
            assert tells(row["lr"], [(numbers[name]["lr"], FOUR)])
            assert tells(row["factor"], [(max(run["factors"]), FOUR)])
            assert tells(row["floor"], [(run["floor"], THREE)])
            here = numbers[name]["here"]
            assert tells(row["here"], [(here["loss"], THREE)] if here else [])
            place, share = (words[f"{name}_{key}"] for key in ("largest", "share"))
            whole = bool(here and here["loss"])
            curvature = numbers["curvatures"][int(here["largest"])] if whole else None
            assert tells(place, [(curvature, THREE)] if whole else [])
            assert tells(share, [(100 * here["share"], THREE)] if whole else [])


def test_the_titles_say_which_rate_runs_beside(browser):
    given = [state_of(1.0, 0.5, 9, beside=beside) for beside in BESIDE]
    names = [words["descent_name"] for _, words in evaluated(browser, TAG, SHOWN, given)]
    assert names == [
        "Descent at its best rate: η = 1.8",
        "Descent at the same η: η = 1",
        "Descent at the equal effective rate: η = 2",
    ]


# --- what the sentences advise ---


def slowest(lr: float, momentum: float, kappa: float) -> float:
    return max(rate(lr, momentum, λ) for λ in (1 / kappa, 1.0))


def floor(lr: float, momentum: float, kappa: float, noise: float) -> float:
    return sum(λ / 2 * hovering_square(lr, momentum, λ, noise) for λ in curvatures_of(kappa))


def grid() -> list[dict]:
    found = []
    for kappa, noise, momentum in product((3, 20, 100, 300), (0.0, 0.1), (k / 20 for k in range(20))):
        balanced, limit = 2 * (1 + momentum) * kappa / (1 + kappa), 2 * (1 + momentum)
        rates = [0.02, 0.3, 0.9, 1.7, 2.4, 3.1, 3.9, balanced, (balanced + limit) / 2]
        found += [state_of(lr, momentum, kappa, noise) for lr in rates]
    return found


def advised(state: dict) -> dict[str, Callable[[], bool]]:
    """What may be advised, and whether it makes smaller what it is said to."""
    lr, momentum, kappa, noise = (state[name] for name in ("lr", "momentum", "kappa", "noise"))
    now, fastest = slowest(lr, momentum, kappa), best(1 / kappa, 1.0)
    less = (momentum + fastest[1]) / 2
    rates = [i / 100 for i in range(1, 400)]
    return {
        "A larger η lowers the first": lambda: slowest(lr * (1 + 1e-9), momentum, kappa) < now,
        "A smaller η lowers the first": lambda: slowest(lr * (1 - 1e-9), momentum, kappa) < now,
        "Less momentum": lambda: slowest(ErrorByEigenvalue(less, kappa).lr, less, kappa) < now,
        "no other η keeps less": lambda: min(slowest(η, momentum, kappa) for η in rates) >= now - SAME,
        "no other η and μ keep less": lambda: now <= math.sqrt(fastest[1]) + SAME,
        "A smaller η lowers that": lambda: (
            floor(0.999 * lr, momentum, kappa, noise) < floor(lr, momentum, kappa, noise)
        ),
    }


def test_the_advice_is_right(browser):
    given, heard = states() + grid(), set()
    stories = evaluated(browser, TAG, "given.map((state) => wordsOf(numbersOf(state)).story)", given)
    for state, story in zip(given, stories, strict=True):
        for words, holds in advised(state).items():
            if words in story:
                assert holds(), (state, story)
                heard.add(words)
    assert heard == set(advised(given[0]))
