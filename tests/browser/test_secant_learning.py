"""Secant learning: the browser's BFGS is the library's to 1e-9, its words are its numbers."""

import math
import random

import pytest
import torch

from book.explorers import SecantLearning
from book.explorers.secant_learning.widget import MOST_STEPS, NAMES
from book.explorers.shared.ground import picture
from book.surfaces import SURFACES
from tests.browser.computed import computed
from tests.browser.facts import numbers_in, rounds
from tests.explorers.secant_states import after

pytestmark = pytest.mark.browser

TAG = SecantLearning.tag
COMPARED = ("x", "loss", "gradient", "inverse", "hessian", "model", "path", "believed", "truth", "shares")
FIRST = 12  # steps; later ones are compared to 1e-6, as rounding grows along a curved valley
LATE = 1e-12  # a loss below which the pairs are differences of nearly equal gradients, and hold few digits


def states() -> list[dict]:
    """For each surface its own start and some others, at several numbers of steps."""
    draw, found = random.Random(7), []
    for name in NAMES:
        starts = [tuple(map(float, SURFACES[name].start))]
        box = picture(SURFACES[name])
        starts += [tuple(map(float, place)) for place in SURFACES[name].minima[:1]]
        starts += [tuple(round(draw.uniform(*side), 2) for side in box) for _ in range(6)]
        for start in starts:
            found += [
                {"surface": name, "start": list(start), "steps": k}
                for k in (0, 1, 2, 3, 5, 8, 12, 20, MOST_STEPS)
            ]
    return found


@pytest.fixture(scope="module")
def shown(browser):
    """Each state with what the browser computes and writes."""
    return list(zip(states(), computed(browser, TAG, states()), strict=True))


def flat(value) -> list[float]:
    return [entry for part in value for entry in flat(part)] if isinstance(value, list | tuple) else [value]


def near(found, wanted, tolerance=1e-9) -> bool:
    found, wanted = (torch.tensor(flat(value), dtype=torch.float64) for value in (found, wanted))
    return bool((found - wanted).abs().max() <= tolerance * wanted.abs().max().clamp(min=1))


def test_every_number_is_the_librarys(shown):
    compared = 0
    for state, (numbers, _) in shown:
        wanted = after(state)
        if wanted["loss"] < LATE:
            continue
        compared += 1
        tolerance = 1e-9 if wanted["taken"] <= FIRST else 1e-6
        assert numbers["taken"] == wanted["taken"], state
        for name in COMPARED:
            assert (numbers[name] is None) == (wanted[name] is None), (state, name)
            assert wanted[name] is None or near(numbers[name], wanted[name], tolerance), (state, name)
        for name in ("seen", "said"):
            assert wanted[name] is None or near([numbers[name]], [wanted[name]], tolerance), (state, name)
        if wanted["angle"] is not None:
            cosines = [math.cos(math.radians(angle)) for angle in (numbers["angle"], wanted["angle"])]
            assert cosines[0] == pytest.approx(cosines[1], abs=tolerance), state
    assert compared > 150


def test_every_walk_ends_where_the_librarys_ends(shown):
    for state, (numbers, _) in shown:
        wanted = after(state | {"steps": MOST_STEPS})
        assert abs(numbers["end"] - wanted["end"]) <= 1, (
            state
        )  # the last digits may decide about the last step
        if state["steps"] == MOST_STEPS:
            assert near(numbers["x"], wanted["x"], 1e-6), state
            assert max(map(abs, numbers["gradient"])) <= 1e-6


def test_the_secant_condition_holds_after_every_step(shown):
    for state, (numbers, _) in shown:
        if numbers["s"] is None or numbers["skipped"]:
            continue
        B, s, y = (torch.tensor(numbers[name], dtype=torch.float64) for name in ("inverse", "s", "y"))
        assert (B @ y - s).norm() <= 1e-9 * s.norm(), state


def story(numbers) -> str:
    """Which sentence is due, written again."""
    if numbers["taken"] == 0:
        return "start" if numbers["end"] else "rest"
    if numbers["skipped"]:
        return "skipped"
    flat = max(map(abs, numbers["gradient"])) <= 1e-7
    if numbers["taken"] == MOST_STEPS and not flat:
        return "unfinished"
    if numbers["truth"][0] <= 0:
        return "bends"
    learned = all(abs(share - 1) <= 0.05 for share in numbers["shares"])
    if numbers["taken"] == numbers["end"] or flat:
        return "arrived" if learned else "early"
    return "learned" if learned else "first" if numbers["taken"] == 1 else "learning"


def test_which_story_is_told(shown):
    told = set()
    for state, (numbers, _) in shown:
        assert numbers["story"] == story(numbers), state
        told.add(numbers["story"])
    assert told >= {"rest", "start", "first", "learning", "learned", "bends", "arrived"}


SAID = {
    "rest": "The slope is zero where you start",
    "start": "Nothing is known yet",
    "first": "One pair is known",
    "learning": "Along the last step both gradients said",
    "learned": "The ellipse is the Hessian's",
    "bends": "bends down in a direction",
    "skipped": "the pair was left out",
    "arrived": "and its ellipse is the Hessian's",
    "early": "before it had learned all",
}


def test_the_sentence_is_of_its_story_and_names_its_numbers(shown):
    for state, (numbers, words) in shown:
        said = words["story"]
        assert [key for key, text in SAID.items() if text in said] == [numbers["story"]], state
        wanted = {
            "first": [numbers["seen"]],
            "learning": [numbers["seen"], *(numbers["shares"] or []), 1, 1],
            "learned": numbers["shares"],
            "bends": numbers["truth"],
            "arrived": [numbers["taken"]],
            "early": [numbers["taken"], *(numbers["shares"] or [])],
        }.get(numbers["story"], [])
        written = numbers_in(said)
        assert len(written) == len(wanted), said
        assert all(rounds(text, value, digits=3) for text, value in zip(written, wanted, strict=True)), said


def test_a_walk_that_is_cut_off_has_not_arrived(browser):
    far = {"surface": "Beale", "start": [-1, 0.3], "steps": MOST_STEPS}  # down a valley without an end
    ((numbers, words),) = computed(browser, TAG, [far])
    assert max(map(abs, numbers["gradient"])) > 1e-7
    assert (numbers["story"], story(numbers)) == ("unfinished", "unfinished")
    assert "it has not arrived" in words["story"]
    taken, loss = numbers_in(words["story"])
    assert rounds(taken, numbers["taken"], digits=3)
    assert rounds(loss, numbers["loss"], digits=3)


def test_the_facts_are_the_numbers_written_out(shown):
    for state, (numbers, words) in shown:
        assert words["count"] == f"{numbers['taken']:.0f} of {numbers['end']:.0f}"
        assert rounds(words["loss"], numbers["loss"], digits=4)
        for name in ("believed", "truth", "shares"):
            if numbers[name] is None:
                assert words[name] == "–"
                continue
            texts = words[name].split(", ")
            pairs = zip(texts, numbers[name], strict=True)
            assert all(rounds(text, value, digits=3) for text, value in pairs), (state, name)
        if numbers["seen"] is not None:
            seen, said = words["along"].split("; ")
            assert rounds(seen, numbers["seen"], digits=3)
            assert rounds(said, numbers["said"], digits=3)
        if numbers["angle"] is None or numbers["taken"] == numbers["end"]:
            assert words["angle"] == "–"
        else:
            angle = 0.0 if numbers["angle"] < 1e-3 else numbers["angle"]
            assert rounds(words["angle"].removesuffix("°"), angle, digits=3)
