"""Schedule designer in the browser: numbers against the library's, sentences against the numbers."""

import ast
import inspect
import json
import math
import random
import re

import numpy as np
import pytest
import torch

from book.explorers import ScheduleDesigner
from book.explorers.schedule_designer.widget import SETTINGS, defaults
from book.optim import schedules
from tests.browser.facts import WHOLE, rounds, tells

pytestmark = pytest.mark.browser

TAG = ScheduleDesigner.tag
CURVATURES, START, SIGMA = np.array([1.0, 0.02]), 10.0, 1.0
FOUR = {"digits": 4}
SHOWN = "given.map((state) => [numbersOf(state), wordsOf(numbersOf(state), state)])"
FACTORS = "given.map(({ schedule, parameters, total_steps }) => factorsOf(schedule, parameters, total_steps))"


def states(count: int = 40) -> list[dict]:
    """Of each schedule: its defaults, its ends, and random settings."""
    draw, found = random.Random(22), []
    for name, wanted in SETTINGS.items():
        found += [[name, defaults(name, total), total, 0.5, 50] for total in (100, 400, 1000)]
        ends = [[low for _, low, *_ in wanted.values()], [high for _, _, high, _ in wanted.values()]]
        found += [[name, parameters, 1000, 1.9, 999] for parameters in ends]
        for _ in range(count):
            total = draw.randint(100, 1000)
            parameters = [_drawn(draw, total, *limits) for limits in wanted.values()]
            lr = round(10 ** draw.uniform(-3, 0.27), draw.randint(3, 16))
            found.append([name, parameters, total, max(0.001, lr), draw.randrange(total)])
    keys = ("schedule", "parameters", "total_steps", "lr", "t")
    return [dict(zip(keys, state, strict=True)) for state in found]


def _drawn(draw, total: int, default: float, low: float, high: float, scale: str) -> float:
    if scale == "whole":
        return draw.randint(low, min(high, total - 1))
    value = low * (high / low) ** draw.random() if low > 0 else draw.uniform(low, high)
    return min(high, max(low, round(value, draw.randint(2, 16))))


def arguments(state: dict) -> dict[str, float]:
    """What the schedule of the library is called with, in its own order."""
    names = inspect.signature(getattr(schedules, state["schedule"])).parameters
    own = iter(state["parameters"])
    return {name: state["total_steps"] if name == "total_steps" else next(own) for name in names}


def factors(state: dict) -> list[float]:
    factor = getattr(schedules, state["schedule"])(**arguments(state))
    return [factor(t) for t in range(state["total_steps"])]


def expected(rates: np.ndarray) -> tuple[float, float]:
    """What is left of the start after these steps, and each step's noise as far as the later ones keep it."""
    kept = (1 - np.multiply.outer(rates, CURVATURES)) ** 2
    later = np.vstack([np.cumprod(kept[::-1], axis=0)[::-1][1:], np.ones((1, 2))])[: len(rates)]
    start = CURVATURES @ (START**2 * kept.prod(axis=0)) / 2
    return start, CURVATURES @ ((rates * SIGMA) ** 2 @ later) / 2


def numbers_of(state: dict) -> dict[str, float]:
    rates = state["lr"] * np.array(factors(state))
    parts = {"": expected(rates), "_constant": expected(np.full(len(rates), state["lr"]))}
    found = {"rate": rates[state["t"]], "loss_at": sum(expected(rates[: state["t"]])), "way": rates.sum()}
    for suffix, (start, noise) in parts.items():
        found |= {f"start{suffix}": start, f"noise{suffix}": noise, f"loss{suffix}": start + noise}
    return found | {"share": 100 * rates.mean() / state["lr"]}


def test_every_setting_is_an_argument_of_its_schedule_in_its_order():
    own = [f for f in vars(schedules).values() if getattr(f, "__module__", "") == schedules.__name__]
    public = [f.__name__ for f in own if inspect.isfunction(f) and f.__name__[0] != "_"]
    assert set(SETTINGS) == set(public)
    for name, wanted in SETTINGS.items():
        signature = inspect.signature(getattr(schedules, name)).parameters
        assert [key for key in signature if key != "total_steps"] == list(wanted)
        for key, (default, low, high, _) in wanted.items():
            assert low <= default <= high
            own = signature[key].default
            if key != "warmup" and own is not inspect.Parameter.empty:
                assert own == default


def test_every_factor_is_the_librarys(run):
    """At every step of every run, to 1e-12 of the peak rate, and where it is small to 1e-12 of itself."""
    given = states(60)
    theirs = json.loads(run(TAG, f"JSON.stringify({FACTORS})", given))  # much faster than as values
    assert len(theirs) > 400
    for state, found in zip(given, theirs, strict=True):
        np.testing.assert_allclose(found, factors(state), rtol=1e-12, atol=1e-15, err_msg=str(state))


def test_every_number_and_what_is_told_of_it(run):
    seen = set()
    for state, (numbers, words) in zip(states(), run(TAG, SHOWN, states()), strict=True):
        wanted = numbers_of(state)
        assert {key: numbers[key] for key in wanted} == pytest.approx(wanted, rel=1e-9, abs=1e-15), state
        check_texts(state, wanted, words)
        seen |= check_story(state, wanted, words["story"])
    assert seen == {"At the constant rate", "as at the constant", "above the", "below the", "start", "noise"}


def check_texts(state: dict, wanted: dict, words: dict) -> None:
    for key, number in wanted.items():
        text = words[key].removesuffix(" %")
        assert text == "< 1e−9" if 0 < number < 1e-9 else rounds(text, number, **FOUR), (state, key, text)
    call = ast.parse(words["code"]).body[0].value.args[1]
    given = {one.arg: ast.literal_eval(one.value) for one in call.keywords}
    assert (call.func.id, list(given.items())) == (state["schedule"], list(arguments(state).items()))
    whole = [key for key, (*_, scale) in SETTINGS[state["schedule"]].items() if scale == "whole"]
    assert {key for key, value in given.items() if type(value) is int} - {"total_steps"} == set(whole)


def check_story(state: dict, wanted: dict, story: str) -> set[str]:
    """Return which sentences the story has."""
    ratio = wanted["loss"] / wanted["loss_constant"]
    first, facts = "At the constant rate", [(wanted["loss"], FOUR)]
    if state["schedule"] != "constant":
        assert f"With {state['schedule']} the run" in story
        if abs(ratio - 1) < 0.01:
            first, facts = "as at the constant", [*facts, (1, WHOLE)]
        else:
            first = "above the" if ratio > 1 else "below the"
            facts += [(max(ratio, 1 / ratio), FOUR), (wanted["loss_constant"], FOUR)]
    assert tells(story, facts), (state, story)
    left = re.search("What is left is mostly (?:the )?(start|noise)", story)[1]
    assert left == ("start" if wanted["start"] > wanted["noise"] else "noise")
    firsts = ("At the constant rate", "as at the constant", "above the", "below the")
    assert [one for one in firsts if one in story] == [first], (state, story)
    return {first, left}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_line_of_python_gives_the_rates(run, name):
    """With `LambdaLR` and an optimizer, over a whole run."""
    state = {"schedule": name, "parameters": defaults(name, 150), "total_steps": 150, "lr": 0.3, "t": 77}
    [[numbers, words]] = run(TAG, SHOWN, [state])
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    scope = {**vars(schedules), "LambdaLR": torch.optim.lr_scheduler.LambdaLR, "optimizer": optimizer}
    scheduler, rates = eval(words["code"], scope), []
    for _ in range(150):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert rates == pytest.approx([0.3 * factor for factor in run(TAG, FACTORS, [state])[0]])
    found = [numbers["rate"], numbers["way"], numbers["share"]]
    assert found == pytest.approx([rates[77], sum(rates), 100 * np.mean(rates) / 0.3])


@pytest.mark.parametrize("name", ["constant", "step", "warmup_cosine"])
def test_the_expected_loss_is_the_mean_of_many_runs(run, name):
    state = {"schedule": name, "parameters": defaults(name, 120), "total_steps": 120}
    rates = [0.4 * factor for factor in factors(state)]
    x, wanted = np.full((20_000, 2), START), run(TAG, "expectedOf(given)", rates)
    draw = np.random.default_rng(1)
    for rate, parts in zip(rates, wanted[:-1], strict=True):
        losses = (CURVATURES * x**2).sum(1) / 2
        assert losses.mean() == pytest.approx(sum(parts), abs=5 * losses.std() / math.sqrt(len(x)) + 1e-9)
        x = x - rate * (CURVATURES * x + SIGMA * draw.standard_normal(x.shape))


def test_the_parts_of_a_constant_rate_have_closed_forms(run):
    steps, rates = 300, [0.01, 0.5, 1.0, 1.9]
    given = [[rate] * steps for rate in rates]
    for rate, found in zip(rates, run(TAG, "given.map(expectedOf)", given), strict=True):
        kept = (1 - rate * CURVATURES) ** 2
        start = (CURVATURES * START**2 * kept**steps / 2).sum()
        noise = (CURVATURES * (rate * SIGMA) ** 2 * (1 - kept**steps) / (1 - kept) / 2).sum()
        assert found[-1] == pytest.approx([start, noise], rel=1e-9)
        assert len(found) == steps + 1


STORIES = [
    (("constant", [], 400, 0.5, 0), "At the constant rate the run ends at an expected loss of 0.2926. "),
    (
        ("cosine", [400, 0.0], 400, 0.5, 0),
        "a factor of 3.471 below the constant rate's 0.2926. What is left is",
    ),
    (("cosine", [400, 0.0], 400, 0.5, 0), "mostly noise that the steps have brought in."),
    (("step", [100, 0.1], 400, 0.1, 0), "above the constant rate's"),
    (("step", [100, 0.1], 400, 0.1, 0), "mostly the start, not yet forgotten"),
    (("cosine", [400, 1.0], 400, 0.5, 0), "0.2926, as at the constant rate to within 1 %."),
]


def test_the_story(run):
    given = [dict(zip(states(0)[0], state, strict=True)) for state, _ in STORIES]
    for (_, sentence), (_, words) in zip(STORIES, run(TAG, SHOWN, given), strict=True):
        assert sentence in words["story"]


def test_what_is_too_small_to_matter_says_so(run):
    given = [["constant", [], 1000, 1.5, 0], ["cosine", [100, 0.0], 200, 0.5, 150]]
    given = [dict(zip(states(0)[0], state, strict=True)) for state in given]
    (_, small), (_, zero) = run(TAG, SHOWN, given)
    assert (small["start"], zero["rate"]) == ("< 1e−9", "0")
