"""Descent on a surface, on a page with no kernel, by mouse, by finger and by keyboard."""

import pytest

from book.explorers import DescentOnASurface
from tests.browser.explorer_pages import drag, middle, shown, state
from tests.explorers.descent_paths import descent

pytestmark = pytest.mark.browser

DESCENT = DescentOnASurface.tag


def test_dragging_the_start_takes_the_path_with_it(explorers):
    page = explorers(DescentOnASurface())
    before = page.locator(".dx-facts").inner_text()
    side = page.locator(".dx-frame").first.bounding_box()["width"]
    drag(page, "Start", -side / 4, side / 8)
    x, y = state(page, DESCENT)["start"]
    assert x == pytest.approx(2 - 4.8 / 4, abs=0.05)
    assert y == pytest.approx(1 - 4.8 / 8, abs=0.05)
    assert page.locator(".dx-dragging").count() == 1
    page.mouse.up()
    assert page.locator(".dx-dragging").count() == 0
    assert page.locator(".dx-facts").inner_text() != before
    drag(page, "Start", 2000, -2000)
    page.mouse.up()
    assert state(page, DESCENT)["start"] == [2.4, 2.4]


def test_a_press_on_the_ground_puts_the_start_there(explorers):
    page = explorers(DescentOnASurface())
    page.mouse.click(*middle(page.locator(".dx-frame").first))
    assert state(page, DESCENT)["start"] == pytest.approx([0, 0], abs=0.02)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Start"


def finger(page, place, by, steps=6):
    """Lay a finger on a place, move it and lift it, as the screen tells the browser."""
    session = page.context.new_cdp_session(page)
    for i in range(steps + 1):
        point = {axis: start + i / steps * way for axis, start, way in zip("xy", place, by, strict=True)}
        kind = "touchMove" if i else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_finger_drags_the_start_and_taps_the_ground(explorers):
    page = explorers(DescentOnASurface(), width=360, has_touch=True)
    page.touchscreen.tap(*middle(page.locator(".dx-frame").first))
    assert state(page, DESCENT)["start"] == pytest.approx([0, 0], abs=0.03)
    grip = page.locator(".dx-grip").first
    before = middle(grip)
    finger(page, before, by=(30, -60))
    assert middle(grip) == pytest.approx((before[0] + 30, before[1] - 60), abs=2)
    assert page.evaluate("document.documentElement.scrollHeight > innerHeight && scrollY") == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.dx-plane')).touchAction") != "none"
    size = page.locator(".dx-reach").first.bounding_box()
    assert min(size["width"], size["height"]) >= 24


def test_the_keyboard_moves_the_start(explorers):
    page = explorers(DescentOnASurface("Rosenbrock"))
    handle = page.get_by_role("slider", name="Start")
    handle.focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowUp", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    assert state(page, DESCENT)["start"] == pytest.approx([-1.2 + 0.04 - 0.4, 1.08])
    assert handle.get_attribute("aria-valuetext") == "x −1.56, y 1.08"
    for _ in range(5):
        page.keyboard.press("Shift+ArrowLeft")
    assert state(page, DESCENT)["start"][0] == -2


def test_everything_is_reached_by_the_tab_key(explorers):
    """In the order of reading, and with a ring around the handle that has the focus."""
    page, seen = explorers(DescentOnASurface()), []
    for _ in range(11):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "(e => e.ariaLabel ?? e.labels?.[0]?.innerText ?? e.innerText)(document.activeElement)"
            )
        )
        if seen[-1] == "Start":
            ring = "getComputedStyle(document.querySelector('.dx-ring')).opacity"
            assert page.evaluate(ring) == "1"
    assert seen[1:] == [
        *("Start", "quadratic model here", "Learning rate, as a number", "Learning rate η"),
        *("Run", "Step", "Back to start", "Reset", "Copy link"),
        seen[-1],
    ]


def test_the_learning_rate_by_slider_and_by_number(explorers):
    page = explorers(DescentOnASurface("bowl, κ = 10"))
    page.get_by_label("Learning rate, as a number").fill("0.25")
    assert state(page, DESCENT)["lr"] == 0.25
    assert "diverges" in shown(page, "story")
    slider = page.get_by_label("Learning rate η")
    assert float(slider.input_value()) == pytest.approx(-0.6, abs=0.01)
    slider.focus()
    page.keyboard.press("Home")
    assert state(page, DESCENT)["lr"] == 0.0001
    page.keyboard.press("ArrowRight")
    assert state(page, DESCENT)["lr"] == 0.000102
    assert slider.get_attribute("aria-valuetext") == "0.000102"
    page.get_by_label("Learning rate, as a number").fill("-3")
    assert state(page, DESCENT)["lr"] == 0.000102


def test_steps_one_by_one_and_back(explorers):
    page = explorers(DescentOnASurface(steps=0))
    step, back = page.get_by_role("button", name="Step"), page.get_by_role("button", name="Back to start")
    assert back.get_attribute("aria-disabled") == "true"
    for _ in range(3):
        step.click()
    assert state(page, DESCENT)["steps"] == 3
    assert "3 steps" in shown(page, "count")
    back.click()
    assert state(page, DESCENT)["steps"] == 0


def test_a_run_goes_step_by_step_and_stops_when_a_hand_is_laid_on(explorers):
    page = explorers(DescentOnASurface(steps=0))
    page.get_by_role("button", name="Run").click()
    page.wait_for_function(f"document.querySelector('{DESCENT}').state.steps > 3")
    page.get_by_role("button", name="Pause").click()
    steps = state(page, DESCENT)["steps"]
    assert 3 < steps < 200
    page.get_by_role("button", name="Run").click()
    page.get_by_label("Learning rate, as a number").fill("0.01")
    assert page.get_by_role("button", name="Run").count() == 1


def test_a_run_ends_where_the_path_ends_and_begins_again(explorers):
    page = explorers(DescentOnASurface("saddle", (1.5, 0.5), 0.4, 0))
    page.get_by_role("button", name="Run").click()
    page.wait_for_function("document.querySelector('.dx-main').textContent === 'Run'")
    end = state(page, DESCENT)["steps"]
    assert 3 < end < 20
    assert "leaves the picture at step" in shown(page, "story")
    assert page.locator(".dx-drop").all_inner_texts() == ["–"] * 3  # it is not followed any further
    step = page.get_by_role("button", name="Step")
    assert step.get_attribute("aria-disabled") == "true"
    step.click(force=True)
    assert state(page, DESCENT)["steps"] == end
    page.get_by_role("button", name="Run").click()
    assert state(page, DESCENT)["steps"] < end


SENTENCES = [
    (("bowl, κ = 10", (2, 1), 0.25, 0), "longer than 2/λ, with the curvature λ = 9.65 along the gradient"),
    (("bowl, κ = 10", (2, 1), 0.25, 0), "the loss rises, and it does."),
    (
        ("saddle", (1.5, 0.0), 0.25, 200),
        "stopped at a saddle: the gradient is zero, but the curvatures −2 and 2",
    ),
    (("bowl, κ = 10", (2, 1), 0.25, 60), "leaves the picture at step"),
    (("bowl, κ = 10", (2, 1), 0.15, 200), "both curvatures, 1 and 10, are positive. This is a minimum."),
]


@pytest.mark.parametrize(("settings", "sentence"), SENTENCES)
def test_a_sentence_says_what_happened(explorers, settings, sentence):
    assert sentence in shown(explorers(DescentOnASurface(*settings)), "story")


def test_the_page_shows_the_librarys_numbers(explorers):
    page = explorers(DescentOnASurface("Rosenbrock", (-0.5, 2.5), 0.002, 12))
    wanted = descent("Rosenbrock", (-0.5, 2.5), 0.002, 12)
    for key in ("linear", "quadratic", "real"):
        text = page.locator(f".dx-forecast-{key} .dx-drop").inner_text()
        assert float(text.replace("−", "-")) == pytest.approx(wanted[key], rel=1e-3)
    assert float(shown(page, "number-of").split(": ")[1]) == pytest.approx(wanted["loss"], rel=1e-3)
    ends = page.evaluate("document.querySelector('.dx-area .dx-dot').getAttribute('cx')")
    width = page.locator(".dx-frame").first.bounding_box()["width"]
    assert float(ends) == pytest.approx((wanted["path"][-1][0] + 2) / 4 * width, abs=0.6)


def test_another_surface_brings_its_own_start_and_rate_and_reset_brings_all_back(explorers):
    page = explorers(DescentOnASurface("Rosenbrock", lr=0.001, steps=5))
    page.get_by_label("Himmelblau").check(force=True)
    himmelblau = {"surface": "Himmelblau", "start": [0, 0], "lr": 0.01, "steps": 12}
    assert state(page, DESCENT) == himmelblau
    page.get_by_role("button", name="Reset").click()
    assert state(page, DESCENT) == {"surface": "Rosenbrock", "start": [-1.2, 1], "lr": 0.001, "steps": 5}


def test_the_quadratic_model_can_be_hidden(explorers):
    page = explorers(DescentOnASurface())
    model = page.locator(".dx-area .dx-mark-purple").first
    assert model.is_visible()
    page.get_by_label("quadratic model here").uncheck()
    assert not model.is_visible()


def test_the_level_lines_are_computed_once_a_surface(explorers):
    """Dragging leaves the very elements of the level lines where they are."""
    page = explorers(DescentOnASurface())
    page.evaluate("document.querySelector('.dx-levels path').mine = true")
    page.get_by_role("slider", name="Start").focus()
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Step").click()
    assert page.evaluate("document.querySelector('.dx-levels path').mine") is True
    page.get_by_label("Beale").check(force=True)
    assert page.evaluate("document.querySelector('.dx-levels path').mine") is None


def test_the_plot_follows_the_width_of_its_container(explorers):
    page = explorers(DescentOnASurface())
    widths = []
    for width in (900, 360, 620):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(100)
        frame = page.locator(".dx-frame").first.bounding_box()
        assert frame["width"] == pytest.approx(frame["height"], abs=1)
        widths.append(round(frame["width"]))
        x, y = middle(page.get_by_role("slider", name="Start").locator(".dx-grip"))
        assert x == pytest.approx(frame["x"] + frame["width"] * (2 + 2.4) / 4.8, abs=2)
        assert y == pytest.approx(frame["y"] + frame["height"] * (2.4 - 1) / 4.8, abs=2)
    assert len(set(widths)) == 3
