"""A ball in a valley in the browser: paths against the library's, sentences against the numbers."""

import math
import random
import re
from functools import partial

import pytest
import torch

from book.explorers import Valley
from book.explorers.valley.widget import DEFAULTS, PICTURE
from book.optim import Momentum, trajectory
from book.optim.heavy_ball import best, eigenvalues, rate
from tests.browser.facts import WHOLE, tells

pytestmark = pytest.mark.browser

TAG = Valley.tag
THREE = {"digits": 3}
KAPPA, MOST = 50.0, 1000
SHOWN = "given.map((state) => { const numbers = numbersOf(state); return [numbers, wordsOf(numbers)]; })"
C, S = math.cos(math.radians(-10)), math.sin(math.radians(-10))
Q = torch.tensor([[C, -S], [S, C]], dtype=torch.float64)
H = Q @ torch.diag(torch.tensor([1.0, KAPPA], dtype=torch.float64)) @ Q.T


def states() -> list[dict]:
    draw = random.Random(3)
    found = [dict(DEFAULTS), {"lr": 0, "momentum": 0.5, "start": [1, 0.5]}]
    lr, momentum = best(1.0, KAPPA)
    found += [{"lr": lr, "momentum": momentum, "start": [-1.9, 0.8]}]
    found += [
        {"lr": 0.03, "momentum": 0.9, "start": [0, 0]},
        {"lr": 0.0435, "momentum": 0.1, "start": [1, 0.3]},
    ]
    for momentum in (0.0, 0.1, 0.3, 0.5, 0.56, 0.7, 0.9, 0.99):
        for lr in (0.002, 0.02, 0.036, 0.04, 0.06, 0.08):
            found.append({"lr": lr, "momentum": momentum, "start": [draw.uniform(*side) for side in PICTURE]})
    return found


def walk_of(lr, momentum, start) -> torch.Tensor:
    """The ball's points by plain steps, on Python's floats."""
    (a, b), (_, d) = H.tolist()
    (x, y), u, v = start, 0.0, 0.0
    walk = [(x, y)]
    for _ in range(MOST):
        u, v = momentum * u + a * x + b * y, momentum * v + b * x + d * y
        x, y = x - lr * u, y - lr * v
        walk.append((x, y))
    return torch.tensor(walk, dtype=torch.float64)


def needed_of(walk) -> int | None:
    far = walk.norm(dim=1)
    late = [t for t, distance in enumerate(far.tolist()) if not distance <= 0.01 * far[0].item()]
    return 0 if not late else late[-1] + 1 if late[-1] < MOST else None


def story_of(lr, momentum) -> str:
    along, across = rate(lr, momentum, 1.0), rate(lr, momentum, KAPPA)
    if lr == 0:
        return "still"
    if across >= 1:
        return "over the wall"
    if momentum == 0:
        return "no memory"
    fastest = best(1.0, KAPPA)
    beside = abs(lr - fastest[0]) <= 0.0005 and abs(momentum - fastest[1]) <= 0.005
    if beside or max(along, across) - math.sqrt(fastest[1]) <= 0.005:
        return "best"
    if along > across:
        return "creeps"
    return "swings" if eigenvalues(lr, momentum, KAPPA)[0].imag else "jumps"


def test_the_plain_steps_are_the_librarys():
    for state in states()[::11]:
        make = partial(Momentum, lr=state["lr"], momentum=state["momentum"])
        start = torch.tensor(state["start"], dtype=torch.float64)
        wanted = trajectory(make, lambda x: x @ H @ x / 2, start, 20)
        walk = walk_of(state["lr"], state["momentum"], state["start"])[: len(wanted)]
        assert torch.allclose(walk, wanted, rtol=1e-10, atol=1e-12)


@pytest.fixture(scope="module")
def shown(run):
    return list(zip(states(), run(TAG, SHOWN, states()), strict=True))


def test_every_point_is_the_librarys(shown):
    for state, (numbers, _) in shown:
        for name, momentum in (("descent", 0.0), ("ball", state["momentum"])):
            walk = walk_of(state["lr"], momentum, state["start"])
            needed = needed_of(walk)
            path = numbers[name]["path"]
            assert numbers[name]["needed"] == needed, state
            assert len(path) == 1 + (MOST if needed is None else needed)
            for mine, wanted in zip(path[:60], walk.tolist(), strict=False):
                assert mine == pytest.approx(wanted, rel=1e-9, abs=1e-9), state


def test_factors_and_stories_are_the_librarys(shown):
    seen = set()
    for state, (numbers, _) in shown:
        for name, momentum in (("descent", 0.0), ("ball", state["momentum"])):
            wanted = {"along": rate(state["lr"], momentum, 1.0), "across": rate(state["lr"], momentum, KAPPA)}
            assert numbers[name]["factors"] == pytest.approx(wanted, abs=1e-9)
            assert numbers[name]["factor"] == pytest.approx(max(wanted.values()), abs=1e-9)
        assert numbers["story"] == story_of(state["lr"], state["momentum"]), state
        seen.add(numbers["story"])
    assert seen == {"still", "over the wall", "no memory", "best", "creeps", "swings", "jumps"}


def told(state, numbers) -> list[tuple]:
    lr, momentum = best(1.0, KAPPA)
    story = numbers["story"]
    wall = [(state["momentum"], THREE), (2, WHOLE), (1, WHOLE), (KAPPA, WHOLE)]
    begin = {
        "still": [(0, WHOLE)],
        "over the wall": [*wall, (2 * (1 + state["momentum"]) / KAPPA, THREE)],
        "best": [(lr, THREE), (momentum, THREE)],
    }.get(story, [])
    beyond = state["lr"] >= 2 / KAPPA and story not in ("still", "over the wall")
    better = numbers["better"]
    begin += [(better["needed"], WHOLE)] if better else []
    return begin + ([(2, WHOLE), (KAPPA, WHOLE), (2 / KAPPA, THREE)] if beyond else [])


def test_every_sentence_tells_its_numbers(shown):
    for state, (numbers, words) in shown:
        assert tells(words["story"], told(state, numbers)), (state, words["story"])
        for name in ("descent", "ball"):
            needed = numbers[name]["needed"]
            if needed is not None:
                assert words[name] == f"{needed} step{'' if needed == 1 else 's'}"
            elif numbers[name]["factors"]["across"] >= 1:
                assert words[name] == "never arrives"
            else:
                assert words[name] == "more than 1,000 steps"


def grid() -> list[dict]:
    """Settings of both sliders, from the chapter's start and another."""
    momenta = [k / 50 for k in range(50)] + [0.565, 0.655]
    rates = [0.001, 0.004, 0.012, 0.03, 0.036, 0.0395, 0.042, 0.05, 0.058, 0.0615, 0.07, 0.08]
    starts = [DEFAULTS["start"], [0.4, -0.6]]
    return [
        {"lr": lr, "momentum": μ, "start": start}
        for lr in rates
        for μ in momenta
        for start in starts[: 1 + (lr == 0.036)]
    ]


def nearby() -> dict[str, list[tuple[float, float]]]:
    """By how much rate and memory are moved: not, or up to 0.005 and 0.05 to either side."""
    found = {"now": [(0.0, 0.0)]}
    for side, memory, size in ((-1, "less", "smaller"), (1, "more", "larger")):
        found[f"{memory} memory"] = [(0.0, side * k / 100) for k in range(1, 6)]
        found[f"{size} rate"] = [(side * k / 1000, 0.0) for k in range(1, 6)]
    return found


def fewest_nearby(states: list[dict]) -> list[dict[str, float]]:
    """For each state the fewest steps, by where rate and memory are moved; all balls roll at once."""
    names = [name for name, moves in nearby().items() for _ in moves]
    moves = torch.tensor([move for moves in nearby().values() for move in moves], dtype=torch.float64)
    now = torch.tensor([[state["lr"], state["momentum"]] for state in states], dtype=torch.float64)
    η, μ = (now[:, None] + moves).unbind(-1)  # both (states, moves)
    start = torch.tensor([state["start"] for state in states], dtype=torch.float64) @ Q
    here = [x[:, None] + 0 * η for x in start.T]
    near, before, last = 0.01 * torch.hypot(*here), list(here), torch.zeros_like(η)
    for t in range(1, MOST + 1):
        steps = zip((1.0, KAPPA), here, before, strict=True)
        here, before = [(1 + μ - η * λ) * x - μ * old for λ, x, old in steps], here
        last[~(torch.hypot(*here) <= near)] = t
    allowed = (η >= 0) & (η <= 0.08) & (μ >= 0) & (μ <= 0.99) & (last < MOST)
    counts = torch.where(allowed, last + 1, math.inf).tolist()
    return [
        {name: min(c for n, c in zip(names, row, strict=True) if n == name) for name in nearby()}
        for row in counts
    ]


def test_what_is_advised_takes_as_few_steps_as_it_says(run):
    """Held against the counter, which is what a reader sees: each hint and each silence, on a grid."""
    heard, states = set(), grid()
    rows = zip(states, run(TAG, SHOWN, states), fewest_nearby(states), strict=True)
    for state, (numbers, words), fewest in rows:
        story = words["story"]
        if numbers["story"] in ("still", "over the wall"):
            assert " takes " not in story
            continue
        now, there = fewest.pop("now"), min(fewest.values())
        hint = re.search(r"A (?:little|slightly) (\w+ \w+) takes (\d+) steps?\.", story)
        assert (hint is not None) == (there < now), (state, story, now, fewest)
        if hint:
            assert fewest[hint[1]] == int(hint[2]) == there, (state, story, fewest)
        elif numbers["story"] != "best":
            assert ("no fewer steps" in story) == (now < math.inf), (state, story)
        heard.add(hint[1] if hint else "none")
    assert heard == {"less memory", "more memory", "smaller rate", "larger rate", "none"}
