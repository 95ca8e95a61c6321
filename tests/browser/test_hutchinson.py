"""Hutchinson's probes: numbers against the library's, sentences against the numbers; mouse and keyboard."""

import math
import random

import numpy as np
import pytest
import torch

from book.calculus.matrix_free import diagonal_variance, trace_variance
from book.explorers import Hutchinson
from tests.browser.explorer_pages import drag, overflowing, shown, state
from tests.browser.facts import WHOLE, rounds, tells
from tests.explorers.noise import uniforms

pytestmark = pytest.mark.browser

TAG = Hutchinson.tag
N, MOST = 8, 400
FOUR, TWO = {"digits": 4}, {"digits": 2}
SHOWN = "given.map((state) => [numbersOf(state), wordsOf(numbersOf(state), state)])"
KINDS = {"signs": "rademacher", "normal": "gaussian"}


def states() -> list[dict]:
    draw = random.Random(3)
    found = [
        [coupling, kind, block, probes, 7]
        for coupling in (0, 0.3, 0.95)
        for kind in KINDS
        for block in (1, 2, 4, 8)
        for probes in (1, 30, MOST)
    ]
    for _ in range(80):
        one = [round(draw.uniform(0, 0.95), 2), draw.choice([*KINDS]), draw.choice([1, 2, 4, 8])]
        found.append([*one, draw.randint(1, MOST), draw.randrange(2**32)])
    return [dict(zip(("coupling", "kind", "block", "probes", "seed"), one, strict=True)) for one in found]


def matrix(coupling: float) -> torch.Tensor:
    i = torch.arange(1, N + 1, dtype=torch.float64)
    return coupling ** (i[:, None] - i).abs() * (i[:, None] * i).sqrt()


def probes_of(kind: str, count: int, seed: int) -> torch.Tensor:
    """Probes as columns: signs, or normal numbers by Box and Muller."""
    draw = uniforms(seed)
    if kind == "signs":
        entries = [-1.0 if next(draw) < 0.5 else 1.0 for _ in range(count * N)]
    else:
        entries = [
            math.sqrt(-2 * math.log(1 - next(draw))) * math.cos(2 * math.pi * next(draw))
            for _ in range(count * N)
        ]
    return torch.tensor(entries, dtype=torch.float64).reshape(count, N).T


def averaging(block: int) -> torch.Tensor:
    """The matrix that puts the mean of each block in place of its entries."""
    return torch.kron(torch.eye(N // block), torch.full((block, block), 1 / block)).double()


def numbers_of(coupling, kind, block, probes, seed) -> dict:
    A, B, Z = matrix(coupling), averaging(block), probes_of(kind, probes, seed)
    truth = A.diagonal()
    estimate = B @ (Z * (A @ Z)).mean(1)
    variance = torch.stack([trace_variance(torch.diag(row) @ A, KINDS[kind]) for row in B])
    error = (trace_variance(A, KINDS[kind]) / probes).sqrt()
    stays, random_part = rms(B @ truth - truth), (variance.mean() / probes).sqrt()
    return {
        "trace": estimate.sum(),
        "true_trace": truth.sum(),
        "error": error,
        "off": (estimate.sum() - truth.sum()) / error if error > 0 else None,
        "estimate": estimate,
        "expected": B @ truth,
        "errors": (variance / probes).sqrt(),
        "distance": rms(estimate - truth),
        "predicted": torch.hypot(random_part, stays),
        "random": random_part,
        "stays": stays,
    }


def rms(values: torch.Tensor) -> torch.Tensor:
    return values.square().mean().sqrt()


def told(given: dict, numbers: dict) -> list[tuple]:
    """The numbers of the story, in its order."""
    probes, block = given["probes"], given["block"]
    facts = [(probes, WHOLE), (numbers["trace"], FOUR)]
    if numbers["off"] is not None:
        facts += [(numbers["true_trace"], WHOLE), (abs(numbers["off"]), TWO), (4 * probes, WHOLE)]
    chance = [(numbers["random"], TWO)] if numbers["random"] > 0 else []
    return facts + ([(block, WHOLE), *chance, (numbers["stays"], TWO)] if block > 1 else chance)


def test_every_number_and_every_sentence(run):
    heard = set()
    for given, (numbers, words) in zip(states(), run(TAG, SHOWN, states()), strict=True):
        wanted = numbers_of(**given)
        for name, value in wanted.items():
            if value is None:
                assert numbers[name] is None
            else:
                np.testing.assert_allclose(numbers[name], value, rtol=1e-9, atol=1e-9, err_msg=name)
        for name in ("trace", "error", "distance", "predicted", "random", "stays"):
            assert rounds(words[name], numbers[name], **FOUR), (given, name)
        story = words["story"]
        assert tells(story, told(given, numbers)), (given, story)
        phrases = {
            "which is exact": wanted["off"] is None,
            "by chance": bool(wanted["random"] > 0),
            "for good": given["block"] > 1,
        }
        assert {phrase: phrase in story for phrase in phrases} == phrases
        heard |= {phrase for phrase, is_there in phrases.items() if is_there}
    assert heard == set(phrases)


def test_one_block_of_one_entry_has_the_variance_of_the_diagonal(run):
    for kind in KINDS:
        given = {"coupling": 0.6, "kind": kind, "block": 1, "probes": 1, "seed": 0}
        [numbers] = run(TAG, "given.map(numbersOf)", [given])
        expected = diagonal_variance(matrix(0.6), KINDS[kind]).sqrt()
        np.testing.assert_allclose(numbers["errors"], expected, rtol=1e-9)


def test_the_path_is_the_running_mean(run):
    given = {"coupling": 0.6, "kind": "normal", "seed": 5}
    path = run(TAG, "traceOver(productsOf(given))", given)
    A, Z = matrix(0.6), probes_of("normal", MOST, 5)
    expected = (Z * (A @ Z)).sum(0).cumsum(0) / torch.arange(1, MOST + 1)
    np.testing.assert_allclose(path, expected, rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block", [1, 4])
def test_many_seeds_have_the_predicted_error(run, kind, block):
    of = """given.map(numbersOf).map(({ off, estimate, expected, errors }) =>
      [off, ...estimate.map((value, i) => (value - expected[i]) / errors[i])])"""
    given = [
        {"coupling": 0.6, "kind": kind, "block": block, "probes": 25, "seed": seed} for seed in range(300)
    ]
    z = np.array(run(TAG, of, given))
    assert np.abs(z.mean(0)).max() < 4.5 / 300**0.5
    assert np.abs(z.var(0) - 1).max() < 0.5


# --- hands -------------------------------------------------------------------------------------------------


def test_the_number_of_probes_under_the_hand(explorers):
    page = explorers(Hutchinson(probes=20))
    frame = page.locator(".dx-frame").first.bounding_box()
    drag(page, "Probes that count", frame["width"] * math.log(6) / math.log(MOST), 30)
    page.mouse.up()
    dragged = state(page, TAG)["probes"]
    assert dragged == pytest.approx(120, abs=3)
    page.keyboard.press("ArrowRight")
    assert state(page, TAG)["probes"] == pytest.approx(2 * dragged, abs=1)
    page.keyboard.press("ArrowRight")
    assert state(page, TAG)["probes"] == MOST


def test_slider_field_choices_and_what_is_refused(explorers):
    page = explorers(Hutchinson())
    page.get_by_label("Coupling", exact=True).focus()
    page.keyboard.press("Home")
    assert state(page, TAG)["coupling"] == 0
    assert "which is exact" in shown(page, "story")
    page.get_by_label("normal", exact=True).check(force=True)
    assert "standard errors off" in shown(page, "story")
    page.get_by_label("4", exact=True).check(force=True)
    assert state(page, TAG)["block"] == 4
    assert "for good" in shown(page, "story")
    page.get_by_label("Probes, as a number").fill("0")
    assert state(page, TAG)["probes"] == 4
    page.get_by_label("Probes, as a number").fill("33")
    assert state(page, TAG)["probes"] == 33
    page.get_by_role("button", name="Reset").click()
    assert state(page, TAG) == Hutchinson().settings()


def test_one_more_new_ones_and_play(explorers):
    page = explorers(Hutchinson(probes=2))
    page.get_by_role("button", name="One more").click()
    assert state(page, TAG)["probes"] == 3
    path = page.locator(".dx-path").get_attribute("d")
    page.get_by_role("button", name="New probes").click()
    assert state(page, TAG)["seed"] == 1
    assert page.locator(".dx-path").get_attribute("d") != path
    page.get_by_role("button", name="Add probes").click()
    page.wait_for_function(f"document.querySelector('{TAG}').state.probes > 10")
    page.get_by_role("button", name="Pause").click()
    stopped = state(page, TAG)["probes"]
    page.wait_for_timeout(200)
    assert state(page, TAG)["probes"] == stopped < MOST


# Whether an estimate, or where it should lie, is drawn above or below the diagonal's frame.
OUTSIDE = """(() => {
  const box = (e) => e.getBoundingClientRect(), frame = box(document.querySelector(".dx-frame"));
  const marks = [...document.querySelectorAll(".dx-estimates, .dx-ranges")].map(box);
  return marks.length < 2 || marks.some((m) => m.top < frame.top - 1 || m.bottom > frame.bottom + 1);
})()"""


@pytest.mark.parametrize("width", [360, 500, 700, 900])
def test_nothing_overflows(explorers, width):
    page = explorers(Hutchinson(), width=width)
    assert overflowing(page, TAG, states()[::12], wrong=OUTSIDE) == []
