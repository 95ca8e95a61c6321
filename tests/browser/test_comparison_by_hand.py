"""Comparison, on a page with no kernel: drawings against the record, handles, keyboard."""

import random

import pytest

from book.project.comparison_file import load_comparison
from tests.browser.explorer_pages import drag, overflowing, shown, state
from tests.browser.facts import rounds
from tests.browser.test_comparison import PER_CENT, SHOWN, ranks, results, states
from tests.explorers.invented_comparison import ComparisonExplorer, stored

pytestmark = pytest.mark.browser

TAG = ComparisonExplorer.tag
ELEMENT = f"document.querySelector('{TAG}')"


# --- what is drawn ---------------------------------------------------------------------------------------


def drawn(page, chart: str, mark: str):
    return page.evaluate(f"{ELEMENT}.{chart}.{mark}.values[0]")


def errors(accuracies: list[float]) -> list[float]:
    return pytest.approx([100 - accuracy for accuracy in accuracies])


def test_each_trial_is_a_dot_or_a_cross_and_the_winner_has_a_ring(explorers):
    page = explorers(ComparisonExplorer(method="momentum"))
    mine = results()["mlp"]["methods"]["momentum"]
    points = drawn(page, "rates", "line")
    assert [10**x for x, _ in points] == pytest.approx(mine["rates"])
    assert [y for _, y in points] == errors([accuracy for accuracy, _ in mine["trials"]])
    fell = [point for point, (_, diverged) in zip(points, mine["trials"], strict=True) if diverged]
    assert drawn(page, "rates", "crosses") == fell != []
    assert drawn(page, "rates", "dots") == [point for point in points if point not in fell]
    assert drawn(page, "rates", "winner") == points[mine["rates"].index(mine["chosen"]["lr"])]
    assert len(drawn(page, "rates", "others")) == len(results()["mlp"]["methods"]) - 1


def test_a_line_from_edge_to_edge_marks_what_is_looked_at(explorers):
    page = explorers(ComparisonExplorer(method="adam", setting=0.01, tries=3))
    for chart, at in (("rates", pytest.approx(-2)), ("tries", 3)):
        (left, low), (right, high) = drawn(page, chart, "cursor")
        assert left == right == at
        assert [low, high] == page.evaluate(f"{ELEMENT}.{chart}.plane.y")


@pytest.mark.parametrize(("setting", "other"), [("chosen", "defaults"), ("defaults", "chosen")])
def test_the_mean_its_band_and_the_other_setting(explorers, setting, other):
    page = explorers(ComparisonExplorer(method="nesterov", setting=setting))
    mine = results()["mlp"]["methods"]["nesterov"]
    means, halves = zip(*mine[setting]["epochs"], strict=True)
    assert [y for _, y in drawn(page, "epochs", "line")] == errors(means)
    assert drawn(page, "epochs", "reported") == [6, 100 - means[-1]]
    assert [y for _, y in drawn(page, "epochs", "less")] == errors(
        [mean for mean, _ in mine[other]["epochs"]]
    )
    [name] = [name for name in drawn(page, "epochs", "names") if name["text"] in ("chosen", "defaults")]
    assert (name["text"], name["point"]) == (other, drawn(page, "epochs", "less")[-1])
    band = [y for _, y in drawn(page, "epochs", "band")]
    assert band[:6] == errors([mean + half for mean, half in zip(means, halves, strict=True)])
    assert band[:5:-1] == errors([mean - half for mean, half in zip(means, halves, strict=True)])
    seeds = drawn(page, "epochs", "seeds")
    assert [[x for x, _ in seed] for seed in seeds] == [[1, 2, 3, 4, 5, 6]] * 5
    assert [seed[-1][1] for seed in seeds] == errors([after[-1] for after in mine[setting]["accuracies"]])


def test_a_rate_without_final_runs_has_no_band(explorers):
    page = explorers(ComparisonExplorer(method="adam", setting=0.0001))
    assert [drawn(page, "epochs", mark) for mark in ("line", "band", "seeds")] == [None] * 3
    assert len(drawn(page, "epochs", "less")) == 2
    assert "Adam at rate 0.0001 has only the trial" in shown(page, "note")
    assert page.locator("[data-key=setting] :checked").count() == 0


def test_who_wins_at_which_budget(explorers):
    page = explorers(ComparisonExplorer(method="rmsprop", tries=3))
    methods = results()["mlp"]["methods"]
    best = [dict(ranks(methods, tries))["RMSProp"] for tries in range(1, 9)]
    assert [y for _, y in drawn(page, "tries", "line")] == errors(best)
    page.get_by_role("slider", name="Tries").focus()
    page.keyboard.press("ArrowLeft")
    assert state(page, TAG)["tries"] == 2
    rows = page.locator(".dx-numbers tbody tr").all_inner_texts()
    wanted = ranks(methods, 2)
    for place, (row, (title, accuracy)) in enumerate(zip(rows, wanted, strict=True), 1):
        name, text = row.split("\t")
        assert name == f"{place}. {title}"
        assert rounds(text.removesuffix(" %"), accuracy, **PER_CENT)
    place = 1 + [title for title, _ in wanted].index("RMSProp")
    assert page.locator(".dx-truth th").all_inner_texts() == [f"{place}. RMSProp"]


# --- hands -----------------------------------------------------------------------------------------------

PRESS_RIGHT = f"""() => {{
  const event = new KeyboardEvent("keydown", {{ key: "ArrowRight", bubbles: true }});
  document.activeElement.dispatchEvent(event);
  return {ELEMENT}.story.textContent; // in the same turn
}}"""


def test_the_keys_visit_each_rate_of_each_method(explorers, run):
    """And the page shows the words of each in the same turn."""
    page, visited, told = explorers(ComparisonExplorer()), [], []
    for name, method in results()["mlp"]["methods"].items():
        lowest, *others = method["rates"]
        page.locator(".dx-who").get_by_label(method["title"], exact=True).check(force=True)
        page.evaluate(f"{ELEMENT}.set({{ setting: {lowest} }})")
        handle = page.get_by_role("slider", name="Rate")
        handle.focus()
        for rate in others:
            story = page.evaluate(PRESS_RIGHT)
            setting = "chosen" if rate == method["chosen"]["lr"] else rate
            assert state(page, TAG)["setting"] == setting, name
            visited.append(state(page, TAG))
            told.append((story, handle.get_attribute("aria-valuetext")))
    wanted = run(TAG, SHOWN, {"results": results(), "states": visited})
    assert told == [(words["story"], words["handle"]) for _, words in wanted]


def test_dragging_the_rate(explorers):
    page = explorers(ComparisonExplorer(method="adagrad"))
    drag(page, "Rate", 600, 0)
    page.mouse.up()
    assert state(page, TAG)["setting"] == 0.2
    drag(page, "Rate", -600, 0)
    page.mouse.up()
    assert state(page, TAG)["setting"] == 0.001
    page.get_by_label("torch's defaults").check(force=True)
    assert state(page, TAG)["setting"] == "defaults"
    drag(page, "Rate", 2, 0)
    page.mouse.up()
    assert state(page, TAG)["setting"] != "defaults"


def test_another_task_keeps_what_it_has(explorers):
    page = explorers(ComparisonExplorer(method="adamw", setting=0.0002, tries=6))
    page.get_by_label("CNN on CIFAR-10").check(force=True)
    assert state(page, TAG) == {"task": "cnn", "method": "adamw", "setting": 0.0002, "tries": 6}
    assert page.locator(".dx-who label").all_inner_texts() == ["Adam", "SGD", "AdamW"]
    page.locator(".dx-who").get_by_label("SGD").check(force=True)
    assert state(page, TAG) == {"task": "cnn", "method": "sgd", "setting": "chosen", "tries": 6}
    page.get_by_label("MLP on MNIST").check(force=True)
    page.locator(".dx-who").get_by_label("Nesterov").check(force=True)
    page.get_by_label("CNN on CIFAR-10").check(force=True)
    assert state(page, TAG)["method"] == "adam"
    page.get_by_label("VGG13 on CIFAR-10").check(force=True)
    assert state(page, TAG) == {"task": "vgg13", "method": "adam", "setting": "chosen", "tries": 3}


@pytest.mark.parametrize("width", [360, 700])
@pytest.mark.parametrize("kind", ["invented", *stored()])
def test_nothing_overflows(explorers, width, kind):
    given = None if kind == "invented" else {kind: load_comparison(kind)}
    page = explorers(ComparisonExplorer(given), width=width)
    right = "getBoundingClientRect().right"
    names = f"[...document.querySelectorAll('.dx-names text')].some((e) => e.{right} > element.{right})"
    assert overflowing(page, TAG, random.Random(1).sample(states(results(kind)), 30), names) == []
