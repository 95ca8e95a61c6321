"""One step in the browser: its lines against Python's, and the buttons, the fields, the methods."""

import random

import pytest

from book.explorers import OneStep
from book.explorers.one_step.widget import ENTRIES, METHODS, after, readout, work
from book.explorers.shared.bundle import joined
from tests.browser.explorer_pages import state

pytestmark = pytest.mark.browser

TAG = OneStep.tag


def states() -> list[list]:
    """Runs of up to six steps of every method, with gradients of all sizes; the numbers are Python's."""
    draw, made = random.Random(11), []
    for rule in list(METHODS) * 5:
        lr, x, memory = METHODS[rule].hyper["lr"], [1.0, -2.0, 0.5], [0.0] * (2 * ENTRIES)
        for t in range(6):
            g = [round(draw.uniform(-9, 9), draw.randint(0, 9)) * 10.0 ** draw.randint(-4, 4) for _ in x]
            made.append([rule, lr, t, x, g, memory])
            kept = len(METHODS[rule].memory)
            slots = [memory[i : kept * ENTRIES : ENTRIES] for i in range(ENTRIES)]
            new = [after(rule, work(rule, lr, t + 1, *entry)) for entry in zip(x, g, slots, strict=True)]
            x = [entry for entry, _ in new]
            memory = [new[i][1][slot] for slot in range(kept) for i in range(ENTRIES)]
            memory += [0.0] * (2 * ENTRIES - len(memory))
    return made


def test_every_string_is_pythons(browser):
    page = browser.new_page()
    script = f"(given) => {{ {joined(TAG)}\nreturn given.map((state) => readout(...state)); }}"
    theirs = page.evaluate(script, states())
    page.close()
    assert len(theirs) == 240
    for given, shown in zip(states(), theirs, strict=True):
        assert shown == readout(*given), given


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
