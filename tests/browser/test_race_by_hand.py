"""Race, on a page with no kernel, by mouse, by finger and by keyboard."""

import pytest

from book.explorers import Race
from book.explorers.race.settings import settings_on
from book.explorers.shared.tables import RULES, SECOND
from tests.browser.explorer_pages import drag, middle, shown, state

pytestmark = pytest.mark.browser

TAG = Race.tag
PATHS = ".dx-ground .dx-area > .dx-line"


WORDS = "wordsOf(numbersOf(given), given)"


def visible(page, selector: str) -> int:
    return sum(one.is_visible() for one in page.locator(selector).all())


def test_dragging_the_start_takes_every_path_with_it(explorers):
    page = explorers(Race())
    drawn = f"[...document.querySelectorAll('{PATHS}')].filter((e) => e.style.display !== 'none')"
    drawn += ".map((e) => e.getAttribute('d'))"
    before, story = page.evaluate(drawn), shown(page, "story")
    side = page.locator(".dx-frame").first.bounding_box()["width"]
    drag(page, "Start", -side / 4, side / 8)
    page.mouse.up()
    x, y = state(page, TAG)["start"]
    assert x == pytest.approx(2 - 4.8 / 4, abs=0.05)
    assert y == pytest.approx(1 - 4.8 / 8, abs=0.05)
    after = page.evaluate(drawn)
    assert len(before) == len(after) == 3
    assert not set(before) & set(after)
    assert shown(page, "story") != story


def test_a_press_and_a_tap_on_the_ground_put_the_start_there(explorers):
    page = explorers(Race())
    page.mouse.click(*middle(page.locator(".dx-frame").first))
    assert state(page, TAG)["start"] == pytest.approx([0, 0], abs=0.02)
    page = explorers(Race(), width=360, has_touch=True)
    page.touchscreen.tap(*middle(page.locator(".dx-frame").first))
    assert state(page, TAG)["start"] == pytest.approx([0, 0], abs=0.03)


def test_the_keyboard_moves_the_start(explorers):
    page = explorers(Race("Rosenbrock"))
    page.get_by_role("slider", name="Start").focus()
    for name in ("ArrowRight", "ArrowUp", "ArrowUp", "Shift+ArrowLeft"):
        page.keyboard.press(name)
    assert state(page, TAG)["start"] == pytest.approx([-1.2 + 0.04 - 0.4, 1.08])


def test_methods_come_and_go_and_keep_their_settings(explorers):
    page = explorers(Race())
    page.get_by_label("Momentum, learning rate η, as a number").fill("0.02")
    for name in ("Momentum", "Nesterov"):
        page.locator(".dx-entrants").get_by_label(name, exact=True).click()
    assert list(state(page, TAG)["methods"]) == ["SGD", "Nesterov", "Adam"]
    assert visible(page, ".dx-lane") == visible(page, ".dx-numbers tbody tr") == visible(page, PATHS) == 3
    page.locator(".dx-entrants").get_by_label("Momentum", exact=True).click()
    assert state(page, TAG)["methods"]["Momentum"] == {"lr": 0.02, "momentum": 0.9}


def test_the_last_method_stays(explorers):
    page = explorers(Race(methods=["Adam"]))
    box = page.locator(".dx-entrants").get_by_label("Adam", exact=True)
    box.click()
    assert box.is_checked()
    assert list(state(page, TAG)["methods"]) == ["Adam"]


def test_every_setting_has_a_slider_and_a_number(explorers):
    page = explorers(Race(methods=[*RULES]))
    names = {
        "lr": "learning rate η",
        "momentum": "momentum μ",
        "alpha": "share kept α",
        "rho": "share kept ρ",
    }
    for method in RULES:
        own = settings_on(Race().surface, method)
        labels = {names[key]: key for key in own if key in names}
        for label, key in labels.items():
            slider = page.get_by_label(f"{method}, {label}", exact=True)
            before = state(page, TAG)["methods"][method][key]
            assert float(slider.get_attribute("aria-valuetext")) == before
            slider.focus()
            page.keyboard.press("ArrowRight")
            assert state(page, TAG)["methods"][method][key] > before
            page.get_by_label(f"{method}, {label}, as a number").fill("0.25")
            assert state(page, TAG)["methods"][method][key] == 0.25
    for label, key, i in [
        ("first beta β₁", "betas", 0),
        ("second beta β₂", "betas", 1),
        ("weight decay λ", "weight_decay", None),
    ]:
        page.get_by_label(f"AdamW, {label}", exact=True).focus()
        page.keyboard.press("Home")
        value = state(page, TAG)["methods"]["AdamW"][key]
        assert (value if i is None else value[i]) == (1e-4 if i is None else 0)


def test_a_number_out_of_range_changes_nothing(explorers):
    page = explorers(Race())
    for label, value in [
        ("SGD, learning rate η", "-3"),
        ("Momentum, momentum μ", "1"),
        ("Adam, second beta β₂", "2"),
    ]:
        before = state(page, TAG)
        page.get_by_label(f"{label}, as a number").fill(value)
        assert state(page, TAG) == before


def test_play_pause_replay_and_scrub(explorers):
    page = explorers(Race(steps=0))
    main = page.locator(".dx-player .dx-main")
    main.click()
    page.wait_for_function(f"document.querySelector('{TAG}').state.steps > 3")
    assert main.inner_text() == "Pause"
    main.click()
    steps = state(page, TAG)["steps"]
    assert 3 < steps < 200
    page.get_by_label("One step on").click()
    assert state(page, TAG)["steps"] == steps + 1
    page.get_by_label("One step back").click()
    assert state(page, TAG)["steps"] == steps
    track = page.get_by_label("Step", exact=True)
    track.focus()
    page.keyboard.press("End")
    assert state(page, TAG)["steps"] == 200
    assert main.inner_text() == "Replay"
    main.click()
    page.wait_for_function(f"document.querySelector('{TAG}').state.steps < 100")
    page.get_by_label("SGD, learning rate η, as a number").fill("0.01")  # a hand laid on stops it
    assert main.inner_text() == "Play"


def test_noise_and_its_seed(explorers):
    page = explorers(Race("bowl, κ = 10"))
    quiet = shown(page, "story")
    page.get_by_label("noisy gradients").check()
    assert "Every method meets the same noise." in shown(page, "story") != quiet
    first = shown(page, "numbers")
    page.get_by_label("seed").fill("1")
    assert shown(page, "numbers") != first
    page.get_by_label("seed").fill("0")
    assert shown(page, "numbers") == first


def test_the_page_shows_the_words_of_its_runs(explorers, run):
    race = Race("Himmelblau", (-1, -0.5), ["SGD", "AdaGrad", "AdamW"], True, 3, 17, 0.5)
    page = explorers(race)
    wanted = run(TAG, WORDS, race.settings())
    assert page.locator(".dx-story").evaluate("e => e.dataset.text") == wanted["story"]
    for name in race.methods:
        row = page.locator(".dx-numbers tbody tr").filter(has_text=name).filter(visible=True).first
        cells = row.locator("td").evaluate_all("all => all.map((e) => e.dataset.text)")
        assert cells == [wanted[f"{part}_{name}"] for part in ("loss", "distance", "reached")]
    assert page.locator(".dx-numbers thead").inner_text().strip().endswith("Reaches 0.5 at")


def test_a_loss_to_reach(explorers):
    page = explorers(Race(methods=["SGD"]))
    page.get_by_label("loss to reach").fill("1000")
    assert page.locator(".dx-reached").first.inner_text() == "0"
    page.get_by_label("loss to reach").fill("-1")
    assert page.locator(".dx-reached").first.inner_text() == "not in 200"


def test_another_surface_brings_what_suits_it_and_reset_brings_all_back(explorers):
    race = Race("Rosenbrock", methods=["Adam", "Momentum"], steps=5)
    page = explorers(race)
    before = state(page, TAG)
    page.get_by_label("Beale").check(force=True)
    now = state(page, TAG)
    assert now["start"] == [1, 1]
    assert now["methods"]["Momentum"] == settings_on("Beale", "Momentum")
    page.get_by_role("button", name="Reset").click()
    assert state(page, TAG) == before


def test_methods_are_told_apart_without_colour(explorers):
    """No two have the same dashes and the same marker."""
    page = explorers(Race(methods=[*RULES, *SECOND]))
    keys = page.locator(".dx-numbers .dx-curve-key").evaluate_all(
        "(all) => all.map(({ children }) => [...children])"
        ".map(([line, dot]) => [line.getAttribute('stroke-dasharray'), dot.getAttribute('d')])"
    )
    assert len({dash for dash, _ in keys}) >= 7
    assert len(set(map(tuple, keys))) == len(keys) == len(RULES) + len(SECOND)


def test_a_method_that_searches_enters_with_its_own_settings(explorers):
    page = explorers(Race("Rosenbrock"))
    page.locator(".dx-entrants").get_by_label("TrustRegion", exact=True).click()
    assert state(page, TAG)["methods"]["TrustRegion"] == {"radius": 1}
    page.get_by_label("TrustRegion, first radius Δ", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert state(page, TAG)["methods"]["TrustRegion"]["radius"] > 1
    assert "TrustRegion may try several losses in a step: steps are not costs." in shown(page, "story")


def test_what_diverges_leaves_the_chart_and_is_named(explorers):
    page = explorers(Race(methods={"SGD": {"lr": 0.1}, "Adam": {}}))
    assert page.locator(".dx-gone .dx-reached").inner_text().startswith("diverged at")
    assert "SGD diverges" in shown(page, "story")
