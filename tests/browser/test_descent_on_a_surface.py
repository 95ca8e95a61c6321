"""What Descent on a surface tells: numbers against autograd's, sentences against the numbers."""

from itertools import chain

import pytest
import torch

from book.explorers.descent_on_a_surface.widget import RATES
from book.surfaces import SURFACES
from tests.browser.agreement import curvature_on, generator, points_in, same
from tests.browser.descents import descended
from tests.browser.facts import WHOLE, tells
from tests.explorers.descent_paths import after, descent

pytestmark = pytest.mark.browser

FRACTIONS = (0.1, 0.5, 0.9)  # of 1/λ, λ the largest curvature on the way
KEYS = ("surface", "start", "lr", "steps")
TWO, THREE = {"digits": 2}, {"digits": 3}
SHOWN = """given.map((state) => {
  const { whole, next, hessian, ...numbers } = numbersOf(state);
  return [numbers, wordsOf(numbersOf(state), state)];
})"""
TELLING = [
    ["saddle", [1.5, 0.0], 0.25, 200],
    ["bowl, κ = 10", [2.0, 1.0], 0.21, 60],
    ["bowl, κ = 10", [2.0, 1.0], 0.15, 200],
    ["bowl, κ = 50, turned by 30°", [2.0, 1.0], 0.041, 3],
    ["noisy bowl, κ = 10", [0.5, 0.1], 0.1, 6],
    ["noisy bowl, κ = 10", [2.4, 2.4], 0.25, 0],
    ["Himmelblau", [-0.27084459, -0.92303856], 0.01, 0],
    ["monkey saddle", [0.0, 0.0], 0.1, 5],
    ["monkey saddle", [1.0, 0.0], 0.1, 5],
    ["plateau", [4.0, 4.0], 0.5, 10],
    ["plateau", [2.5, 2.0], 0.5, 10],
    ["saddle", [1.5, 0.01], 0.1, 60],
    ["Rosenbrock", [-1.2, 1.0], 0.01, 200],
    ["Himmelblau", [0.0, -3.9], 0.018, 0],
]


def states() -> list[list[dict]]:
    """For each surface random starts in the box, stable rates, and how many steps."""
    found = []
    for seed, name in enumerate(RATES):
        draw, surface = generator(seed), SURFACES[name]
        curvature = curvature_on(points_in(surface, 50, seed=2), surface)
        found.append([])
        for start in points_in(surface, 11, seed).tolist():
            for fraction in FRACTIONS:
                steps = int(torch.randint(0, 40, (), generator=draw))
                found[-1].append(state_of(name, start, fraction / curvature, steps))
    return found


def state_of(*values) -> dict:
    return dict(zip(KEYS, values, strict=True))


def wanted(given: list[dict]) -> list[dict]:
    """The library's numbers in each state of a surface; all of them are walked to at once."""
    surface = SURFACES[given[0]["surface"]]
    starts, lrs = (torch.tensor([state[key] for state in given], dtype=torch.float64) for key in KEYS[1:3])
    most = max(state["steps"] for state in given)
    paths = descended(surface, starts, lrs, most + 1).unbind(1)
    return [
        after(surface, path[: state["steps"] + 2], state["steps"])
        for path, state in zip(paths, given, strict=True)
    ]


def shown(in_browser, *given) -> list:
    return in_browser(SHOWN, [state_of(*state) for state in given])


PHRASES = {  # what is said in this story alone
    "left": "leaves the picture",
    "minimum": "This is a minimum",
    "saddle": "stopped at a saddle",
    "maximum": "stands on a maximum",
    "undecided": "do not tell what this point is",
    "uphill": "next step goes uphill",
    "bends down": "the surface bends down",
    "up": "longer than 2/λ",
    "over": "passes the lowest point ahead",
    "short": "shorter than the best one",
}
MORE = ("goes on for ever", "diverges", "and it does", "Really it still falls", "along the gradient:")


def told(numbers: dict, state: dict) -> tuple[list[tuple], list[str]]:
    """The numbers in the story, and which of the phrases `MORE` it has."""
    story, surface = numbers["story"], SURFACES[state["surface"]]
    if story == "left":
        left, first, loss = (numbers["left"], WHOLE), (numbers["first"], THREE), (numbers["loss"], THREE)
        if not surface.minima:
            return [left], ["goes on for ever"]
        return ([left, first, loss], ["diverges"]) if loss[0] > first[0] else ([left], [])
    if story in ("minimum", "saddle", "maximum", "undecided"):
        return [(value, THREE) for value in numbers["eigenvalues"]], []
    if story in ("uphill", "bends down"):
        return [], []
    ratio = 2 * (1 - numbers["quadratic"] / numbers["linear"])  # sᵀHs / gᵀs
    curvature = [] if surface.noise else [(ratio / state["lr"], THREE)]
    along = ["along the gradient:"] if curvature else []
    facts = [(2 if story == "up" else 1, WHOLE), *curvature]
    if story == "up":
        return facts, ["and it does" if numbers["real"] < 0 else "Really it still falls", *along]
    return facts + ([(50 * ratio, TWO)] if story == "short" else []), along


def test_the_numbers_are_autograds_and_the_sentences_tell_them(in_browser):
    seen, heard = set(), set()
    random, telling = states(), [state_of(*state) for state in TELLING]
    given = [*chain(*random), *telling]
    oracle = [*chain(*map(wanted, random)), *(descent(**state) for state in telling)]
    assert len(given) > 300
    for state, mine, (numbers, words) in zip(given, oracle, in_browser(SHOWN, given), strict=True):
        size = max(1.0, abs(mine["loss"]))
        for key, value in mine.items():
            assert same(value, numbers[key], size), (state, key, value, numbers[key])
        facts, more = told(numbers, state)
        assert tells(words, facts), (state, words)
        assert [name for name, phrase in PHRASES.items() if phrase in words] == [mine["story"]], words
        assert {one for one in MORE if one in words} == set(more), (state, words)
        seen.add(mine["story"])
        heard |= set(more)
    assert (seen, heard) == (set(PHRASES), set(MORE))


def test_one_step_on_a_bowl_by_hand(in_browser):
    """At (2, 1) on ½(x² + 10 y²): g = (2, 10), gᵀg = 104, gᵀHg = 1004."""
    [[numbers, _]] = shown(in_browser, ["bowl, κ = 10", [2, 1], 0.1, 0])
    assert numbers["gradient"] == [2, 10]
    assert numbers["best_rate"] == pytest.approx(104 / 1004)
    assert numbers["linear"] == pytest.approx(10.4)
    assert numbers["quadratic"] == pytest.approx(10.4 - 0.005 * 1004)
    assert numbers["real"] == pytest.approx(7 - 1.8**2 / 2)
    assert numbers["eigenvalues"] == pytest.approx([1, 10])


STORIES = [
    ("bowl, κ = 10", (2, 1), 0.15, 200, "minimum"),
    ("saddle", (1.5, 0), 0.25, 200, "saddle"),
    ("Himmelblau", (-0.27084459, -0.92303856), 0.01, 0, "maximum"),
    ("monkey saddle", (0, 0), 0.1, 3, "undecided"),
    ("plateau", (4, 4), 0.5, 10, "undecided"),
    ("saddle", (1.5, 0.01), 0.1, 60, "left"),
    ("bowl, κ = 10", (2, 1), 0.25, 0, "up"),
    ("bowl, κ = 10", (2, 1), 0.15, 0, "over"),
    ("bowl, κ = 10", (2, 1), 0.05, 0, "short"),
    ("saddle", (0.1, 1), 0.1, 0, "bends down"),
    ("noisy bowl, κ = 10", (0.5, 0.1), 0.1, 6, "uphill"),
]


def test_the_story_names_what_happens(in_browser):
    found = shown(in_browser, *(state for *state, _ in STORIES))
    assert [numbers["story"] for numbers, _ in found] == [story for *_, story in STORIES]


def test_a_path_that_diverges_is_followed_to_ten_times_the_picture(in_browser):
    [[numbers, _]] = shown(in_browser, ["bowl, κ = 10", (2, 1), 0.25, 200])
    sizes = [max(map(abs, point)) / 2.4 for point in numbers["path"]]
    assert sizes[-1] > 10 >= max(sizes[:-1])
    assert sizes[numbers["left"]] > 1 >= max(sizes[: numbers["left"]])


def test_noise_keeps_descent_away_from_the_minimum(in_browser):
    [[numbers, _]] = shown(in_browser, ["noisy bowl, κ = 10", (2.0, 1.0), 0.1, 200])
    path = torch.tensor(numbers["path"])[100:]
    assert 0.05 < path.square().sum(-1).sqrt().mean() < 1
