"""Slowness in the browser: every step against the library's, sentences against the numbers."""

import math
from functools import partial

import pytest
import torch
from torch.nn.functional import pad

from book.explorers.slowness.widget import MOST_STEPS
from book.optim import SGD, Momentum, trajectory
from book.optim.heavy_ball import best
from tests.browser.facts import WHOLE, tells
from tests.explorers.invented_picture import Slowness, noisy_picture, smooth_picture

pytestmark = pytest.mark.browser

TAG = Slowness.tag
PICTURES = {"smooth": smooth_picture(), "noisy": noisy_picture()}
SEEN = [0, 1, 2, 3, 10, 47, 300]  # steps whose every pixel is compared
LOW, HIGH = (4 + sign * 4 * math.cos(math.pi / 33) for sign in (-1, 1))


def mismatch(x: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
    """Half the squared errors of the differences, with grey outside."""
    error = pad(x.view_as(picture) - picture, (1, 1, 1, 1))
    return sum(error.diff(dim=side).square().sum() for side in (-1, -2)) / 2


@pytest.fixture(scope="module")
def films() -> dict[str, dict[str, torch.Tensor]]:
    """x at each step minus the picture, by the library, for each picture and each method."""
    lr, momentum = best(LOW, HIGH)
    methods = {
        "descent": partial(SGD, lr=2 / (LOW + HIGH)),
        "momentum": partial(Momentum, lr=lr, momentum=momentum),
    }
    found = {}
    for name, picture in PICTURES.items():
        goal = picture.double() / 255 - 0.5
        f, grey = partial(mismatch, picture=goal), torch.zeros(goal.numel(), dtype=torch.float64)
        found[name] = {
            method: trajectory(make, f, grey, MOST_STEPS) - goal.flatten() for method, make in methods.items()
        }
    return found


def shares_of(films, name: str) -> dict[str, list[float]]:
    sizes = {method: film.norm(dim=1) for method, film in films[name].items()}
    return {method: (size / size[0]).tolist() for method, size in sizes.items()}


ERRORS = """(([pixels, seen]) => {
  const goal = goalFrom(pixels);
  return Object.entries(METHODS).map(([name, pair]) => {
    const found = [], errors = errorsOf(goal, pair);
    for (let t = 0; t <= MOST_STEPS; t += 1) {
      const { value } = errors.next();
      if (seen.includes(t)) found.push([...PLACES].map((place) => value[place]));
    }
    return [name, found];
  });
})(given)"""


@pytest.mark.parametrize("name", PICTURES)
def test_every_pixel_is_the_librarys(run, films, name):
    for method, found in run(TAG, ERRORS, [Slowness(PICTURES[name]).pixels, SEEN]):
        wanted = films[name][method][SEEN]
        assert torch.allclose(torch.tensor(found, dtype=torch.float64), wanted, rtol=0, atol=1e-9), method


SHOWN = """(([pixels, steps]) => {
  const films = filmsOf(goalFrom(pixels));
  return steps.map((step) => {
    const numbers = numbersOf(films, { steps: step });
    return [numbers, wordsOf(numbers)];
  });
})(given)"""
EVERY_STEP = list(range(MOST_STEPS + 1))


@pytest.fixture(scope="module")
def told(run):
    """Numbers and words at every step, for each picture."""
    return {
        name: run(TAG, SHOWN, [Slowness(picture).pixels, EVERY_STEP]) for name, picture in PICTURES.items()
    }


def as_near(shares: dict[str, list[float]], step: int) -> int | None:
    """The first step at which descent has no more left than momentum at this one."""
    return next((t for t, left in enumerate(shares["descent"]) if left <= shares["momentum"][step]), None)


def test_every_distance_is_the_librarys(told, films):
    for name, steps in told.items():
        shares = shares_of(films, name)
        for step, (numbers, _) in enumerate(steps):
            assert numbers["steps"] == step
            for method, left in shares.items():
                assert numbers[method] == pytest.approx(left[step], abs=1e-9), (name, step)
            assert numbers["same"] == as_near(shares, step), (name, step)


def test_every_sentence_tells_its_numbers(told, films):
    seen = set()
    for name, steps in told.items():
        shares = shares_of(films, name)
        for step, (_, words) in enumerate(steps):
            lefts, facts = {method: left[step] for method, left in shares.items()}, []
            for method, left in lefts.items():
                fact = [(1, WHOLE)] if left < 0.01 else [(100 * left, WHOLE)]
                facts += fact
                assert tells(words[method], fact), (name, step, words)
                assert words[method].startswith("<") == (left < 0.01)
            assert tells(words["step"], [(step, WHOLE)])
            assert tells(words["now"], [(step, WHOLE), *facts]), words["now"]
            kind, numbers = story_of(shares, step)
            assert kind in words["story"], (name, step, words["story"])
            assert tells(words["story"], numbers), (name, step, words["story"])
            seen.add(kind)
    assert len(seen) == 4


def story_of(shares, step: int) -> tuple[str, list[tuple]]:
    """What is said at a step in these words alone, and the numbers in it."""
    same = as_near(shares, step)
    if step == 0:
        return "Both begin with grey", []
    if shares["descent"][step] <= shares["momentum"][step]:
        return "no further away than momentum", []
    if same is None:
        return "does not come as near", [(MOST_STEPS, WHOLE)]
    return "is as near at step", [(same, WHOLE), (same / step, {"digits": 2})]


FRAMES = """(([pixels, seen]) => {
  const films = filmsOf(goalFrom(pixels));
  return Object.entries(films).map(([name, { frames }]) => [name, seen.map((t) => [...frames[t]])]);
})(given)"""


@pytest.mark.parametrize("name", PICTURES)
def test_what_is_drawn_is_rounded_and_cut_off(run, films, name):
    """Red, green, blue and opaque for each pixel; a value whose rounding is in doubt may be one off."""
    goal = PICTURES[name].double() / 255
    for method, found in run(TAG, FRAMES, [Slowness(PICTURES[name]).pixels, SEEN]):
        drawn = torch.tensor(found, dtype=torch.float64).view(len(SEEN), 32, 32, 4)
        exact = 255 * (films[name][method][SEEN].view(-1, 3, 32, 32) + goal).clamp(0, 1)
        assert bool((drawn[..., 3] == 255).all())
        assert bool(((drawn[..., :3].permute(0, 3, 1, 2) - exact).abs() <= 0.5 + 1e-6).all()), method
