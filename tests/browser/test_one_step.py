"""One step in the browser: its lines against the library's update; buttons, fields, methods."""

import math
import random
import re
from itertools import chain, pairwise

import pytest
import torch

from book.explorers import OneStep
from book.explorers.one_step.widget import ENTRIES, ONE_STEP
from book.explorers.shared.tables import RULES
from tests.browser.explorer_pages import state
from tests.browser.facts import numbers_in, rounds, value_of

pytestmark = pytest.mark.browser

TAG = OneStep.tag
RUNS, STEPS = 5, 6


def rate(rule: str) -> float:
    return ONE_STEP["rates"].get(rule, ONE_STEP["rate"])


def states() -> list[dict]:
    """Runs of up to six steps of every method by the library, with gradients of all sizes."""
    draw, made = random.Random(11), []
    for rule in list(RULES) * RUNS:
        x = torch.nn.Parameter(torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64))
        optimizer = RULES[rule].make([x], lr=rate(rule))
        for t in range(STEPS + 1):
            g = [round(draw.uniform(-9, 9), draw.randint(0, 9)) * 10.0 ** draw.randint(-4, 4) for _ in x]
            kept = [optimizer.state[x][name].tolist() for name in memory_of(rule) if x in optimizer.state]
            memory = [*chain.from_iterable(kept), *[0.0] * ENTRIES * (2 - len(kept))]
            start = {"rule": rule, "lr": rate(rule), "t": t, "x": x.tolist(), "memory": memory}
            made.append(start | {"g": g})
            x.grad = torch.tensor(g, dtype=torch.float64)
            optimizer.step()
    return made


def memory_of(rule: str) -> list[str]:
    """What the method remembers without options that ask for more, in the order of its formula."""
    return [name for name, option in RULES[rule].make.memory.items() if option is None]


def test_the_step_is_the_librarys(run):
    """Every state, once stepped in the browser, is the library's next one."""
    theirs = run(TAG, "given.map(stepped)", states())
    assert len(theirs) == len(RULES) * RUNS * (STEPS + 1)
    for (now, wanted), found in zip(pairwise(states()), theirs, strict=False):
        if wanted["t"] == 0:
            continue
        assert (found["t"], found["rule"]) == (wanted["t"], now["rule"])
        for name in ("x", "memory"):
            assert found[name] == pytest.approx(wanted[name], rel=1e-12, abs=1e-300), (now, name)


def worked(text: str) -> float:
    """The value of a line with its numbers in their places: `0.9 · 2 + (−3)`, `1 − 0.1 · 2 / (√4 + 0)`."""
    python = text.replace("−", "-").replace("·", "*").replace("²", "**2").replace("^", "**")
    python = re.sub(r"√(\([^()]*\)|[\d.e+-]+)", r"sqrt(\1)", python.replace("sign", "sign_of"))
    return eval(python, {"sqrt": math.sqrt, "sign_of": lambda v: (v > 0) - (v < 0)})


def test_every_line_comes_to_what_stands_behind_it(run):
    """The numbers shown have four digits, so a line is right to what these leave of it."""
    seen = set()
    for given, words in zip(states(), run(TAG, "given.map(wordsOf)", states()), strict=True):
        for line in words["lines"]:
            for cell in line:
                places, _, result = cell.rpartition(" = ")
                sizes = [abs(value_of(number)) for number in numbers_in(places)]
                slack = 2e-3 * max(*sizes, *[a * b for a in sizes for b in sizes], abs(value_of(result)))
                if "/" not in places:
                    assert worked(places) == pytest.approx(value_of(result), rel=2e-3, abs=slack), cell
                    seen.add(given["rule"])
    assert seen == set(RULES)


def test_the_line_of_x_and_the_story_tell_the_step(run):
    after = run(TAG, "given.map(stepped)", states())
    factors = set()
    rows = run(TAG, "given.map((s) => RULES[s.rule].lines.findLastIndex(([name]) => name === 'x'))", states())
    shown = run(TAG, "given.map(wordsOf)", states())
    for given, then, words, row in zip(states(), after, shown, rows, strict=True):
        for i, cell in enumerate(words["lines"][row]):
            assert rounds(cell.rpartition(" = ")[2], then["x"][i], digits=4)
        moves = [new - old for new, old in zip(then["x"], given["x"], strict=True)]
        step, *told = numbers_in(words["story"])
        assert step == str(given["t"] + 1)
        assert all(rounds(text, move, digits=4) for text, move in zip(told[:3], moves, strict=True))
        telling = all(moves) and all(given["g"])
        assert ("factor" in words["story"]) == telling
        factors.add(telling)
        if telling:
            spread = [max(map(abs, some)) / min(map(abs, some)) for some in (given["g"], moves)]
            assert all(rounds(text, value, digits=5) for text, value in zip(told[3:], spread, strict=True))
    assert factors == {True, False}


def test_the_numbers_stand_in_the_formulas_places(run):
    assert run(TAG, "formulas('AdaDelta')[1]", None) == "d ← √(u + ε) / √(v + ε) · g"
    assert run(TAG, "formulas('Adam')[2]", None) == "m̂ ← m / (1 − β₁ᵗ)"
    given = {"rule": "Adam", "lr": 0.1, "t": 1, "x": [1, 1, 1], "g": [-3, 0, 2]}
    shown = run(TAG, "wordsOf(given)", given | {"memory": [0.5, 0, 0, 0.01, 0, 0]})
    lines = [line[0] for line in shown["lines"]]
    assert lines[:3] == [
        "0.9 · 0.5 + (1 − 0.9) · (−3) = 0.15",
        "0.999 · 0.01 + (1 − 0.999) · (−3)² = 0.01899",
        "0.15 / (1 − 0.9^2) = 0.7895",
    ]
    assert shown["story"].startswith("Step 2. The entries move by −0.02561, 0 and")
    shown = run(
        TAG, "wordsOf(given)", given | {"rule": "SGD", "t": 0, "g": [100, 1, 0.01], "memory": [0] * 6}
    )
    assert shown["story"] == (
        "Step 1. The entries move by −10, −0.1 and −0.001. The gradients differ by a factor of 10000, "
        "the moves by a factor of 10000."
    )


def cells(page, row: int) -> list[str]:
    return page.locator(f"{TAG} tbody tr").nth(row).locator("td").all_text_contents()


def test_steps_are_taken_and_taken_back(explorers):
    page = explorers(OneStep("Momentum", (1, -2, 0)))
    assert cells(page, 0)[0] == "0.9 · 0 + 1 = 1"
    page.get_by_role("button", name="Take this step").click()
    assert cells(page, 0)[0] == "0.9 · 1 + 1 = 1.9"
    assert state(page, TAG)["x"] == [0.9, 1.2, 1]
    assert "1 step taken" in page.locator(".dx-steps").inner_text()
    page.get_by_role("button", name="flip signs").click()
    assert cells(page, 0)[:2] == ["0.9 · 1 + (−1) = −0.1", "0.9 · (−2) + 2 = 0.2"]
    page.get_by_role("button", name="Start again").click()
    assert state(page, TAG) == {
        "rule": "Momentum",
        "lr": 0.1,
        "t": 0,
        "g": [-1, 2, 0],
        "x": [1, 1, 1],
        "memory": [0] * 6,
    }


def test_another_method_starts_anew_with_its_own_rate_and_lines(explorers):
    page = explorers(OneStep("SGD"))
    page.get_by_role("button", name="Take this step").focus()
    page.keyboard.press("Enter")
    page.get_by_label("AdaDelta", exact=True).check(force=True)
    now = state(page, TAG)
    assert (now["t"], now["lr"], now["x"]) == (0, 1, [1, 1, 1])
    names = page.locator(f"{TAG} tbody th").all_text_contents()
    assert [name.split(" ")[0] for name in names] == ["v", "d", "u", "x"]


def test_fields_take_numbers_and_leave_alone_what_is_none(explorers):
    page = explorers(OneStep("SGD"))
    page.get_by_label("Gradient of entry 2").fill("-5")
    page.get_by_label("Learning rate").fill("2")
    assert cells(page, 0)[1] == "1 − 2 · (−5) = 11"
    page.get_by_label("Learning rate").fill("-1")
    page.get_by_label("Gradient of entry 1").fill("")
    page.get_by_label("Gradient of entry 3").fill("1e300")
    assert state(page, TAG)["g"] == [100, -5, 0.01]
    assert state(page, TAG)["lr"] == 2


def test_a_step_too_far_for_doubles_is_not_taken(explorers):
    page = explorers(OneStep("SGD", (1e9, 1, 1), lr=1e9, x=(1.7e308, 1, 1)))
    page.get_by_role("button", name="Take this step").click()
    assert state(page, TAG)["t"] == 1


def test_a_link_restores_the_whole_state(explorers):
    given = OneStep("Adam", (1, 2, 3), t=2, x=(0.5, 1, 2), memory=(1, 2, 3, 4, 5, 6))
    page = explorers(given)
    link = page.evaluate(f"document.querySelector('{TAG}').toLink()")
    again = explorers(OneStep(), link=link)
    assert state(again, TAG) == given.settings()
    broken = explorers(OneStep(), link="#dx-one-step=rule:Adam;memory:0,0,0,-99,0,0")
    assert state(broken, TAG) == OneStep().settings()
