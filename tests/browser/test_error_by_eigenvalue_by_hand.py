"""The error by eigenvalue, on a page with no kernel: sliders, buttons, the step under the hand, the bands."""

from itertools import cycle, pairwise

import pytest

from book.explorers import ErrorByEigenvalue
from book.optim.heavy_ball import best
from tests.browser.error_oracle import run_of, states
from tests.browser.explorer_pages import drag, overflowing, shown, state

pytestmark = pytest.mark.browser

TAG = ErrorByEigenvalue.tag


@pytest.fixture
def opened(explorers):
    """A function that opens a page with some explorers, whose fold it opens too."""

    def open_page(*given, **options):
        page = explorers(*given, **options)
        page.get_by_text("More: κ, noise, numbers").click()
        return page

    return open_page


def test_the_buttons(opened):
    page = opened(ErrorByEigenvalue(0.3, 25, lr=1))
    press = lambda name: page.get_by_role("button", name=name).click()  # noqa: E731
    press("Best rate")
    assert state(page, TAG)["lr"] == pytest.approx(2 * 1.3 * 25 / 26)
    assert shown(page, "story").startswith("Both ends limit you now")
    press("★ Best pair")
    assert (state(page, TAG)["lr"], state(page, TAG)["momentum"]) == pytest.approx(best(1 / 25, 1.0))
    assert shown(page, "story").startswith("This is the best pair")
    press("Noise on")
    assert state(page, TAG)["noise"] == 0.03
    assert "noise is the larger part" in shown(page, "story")
    press("Noise off")
    assert state(page, TAG)["noise"] == 0
    press("No momentum")
    assert state(page, TAG)["momentum"] == 0
    assert "With μ = 0 this is plain descent" in shown(page, "story")
    press("Reset")
    assert state(page, TAG) == ErrorByEigenvalue(0.3, 25, lr=1).settings()


def test_sliders_and_fields(opened):
    page = opened(ErrorByEigenvalue())
    page.get_by_label("Momentum μ", exact=True).focus()
    page.keyboard.press("End")
    assert state(page, TAG)["momentum"] == 0.99
    page.get_by_label("Condition κ, as a number").fill("9")
    page.get_by_label("Rate η, as a number").fill("7")  # too large: refused
    assert state(page, TAG)["kappa"] == 9
    assert state(page, TAG)["lr"] == ErrorByEigenvalue().lr
    page.get_by_label("Rate η, as a number").fill("1.23456")
    assert state(page, TAG)["lr"] == 1.23456
    assert page.get_by_label("Rate η, as a number").input_value() == "1.23456"


def test_descent_beside_it(opened):
    page = opened(ErrorByEigenvalue(0.5, lr=1.5))
    for label, title in (
        ("the same η", "Descent at the same η: η = 1.5"),
        ("the same η/(1 − μ)", "Descent at the equal effective rate: η = 3"),
        ("its best rate", "Descent at its best rate: η = 1.98"),
    ):
        page.get_by_label(label, exact=True).check(force=True)
        assert page.locator(".dx-of-descent").inner_text() == title


def test_the_step_under_the_hand(opened):
    page = opened(ErrorByEigenvalue(0.5, t=20))
    frame = page.locator(".dx-panel .dx-frame").nth(1).bounding_box()
    drag(page, "Step of momentum", frame["width"] * 30 / 150, 40)
    page.mouse.up()
    assert state(page, TAG)["t"] == 50
    assert "Loss at step 50" in page.locator(".dx-numbers").inner_text()
    page.mouse.click(frame["x"] + frame["width"] * 100 / 150, frame["y"] + 50)
    assert state(page, TAG)["t"] == 100
    one = page.get_by_role("slider", name="Step of descent")
    one.focus()
    for key in ("ArrowLeft", "Shift+ArrowRight"):
        page.keyboard.press(key)
    assert state(page, TAG)["t"] == 109
    assert one.get_attribute("aria-valuenow") == "109"
    cell = page.locator(".dx-numbers tr", has_text="Loss at step 109").locator("td").first.inner_text()
    assert one.get_attribute("aria-valuetext").startswith(f"step 109: loss {cell}, most of it at λ = ")
    page.get_by_label("Condition κ, as a number").fill("2")
    assert "Loss at step 20" in page.locator(".dx-numbers").inner_text()  # the last that is drawn


def test_a_finger_taps_a_step(explorers):
    page = explorers(ErrorByEigenvalue(), has_touch=True)
    frame = page.locator(".dx-panel .dx-frame").first.bounding_box()
    page.touchscreen.tap(frame["x"] + frame["width"] * 0.5, frame["y"] + 30)
    assert state(page, TAG)["t"] == 75


BANDS = """([tag, name]) => {
  const chart = document.querySelector(tag).charts[name];
  return chart.bands.map(({ values: [lower, upper] }) => [lower, upper]);
}"""


@pytest.mark.parametrize("scale", ["loss", "share"])
def test_the_bands_lie_on_each_other_and_end_at_the_whole(explorers, scale):
    page = explorers(ErrorByEigenvalue(0.6, 50, 0.02, lr=1.5, scale=scale))
    losses = run_of(1.5, 0.6, 50, 0.02)["losses"].tolist()
    bands = page.evaluate(BANDS, [TAG, "yours"])
    assert len(bands) == 12
    assert set(bands[0][0]) == {0}
    for (_, upper), (lower, _) in pairwise(bands):
        assert upper == lower
    assert losses[0] == pytest.approx(1)
    wanted = [1.0] * len(losses) if scale == "share" else losses
    assert bands[-1][1] == pytest.approx(wanted, abs=1e-9)
    paths = page.evaluate("[...document.querySelectorAll('.dx-band')].map((e) => e.getAttribute('d'))")
    assert len(paths) == 24
    assert all("NaN" not in path and "Infinity" not in path for path in paths)


SHOWN_HEIGHTS = """([tag, step]) => {
  const { plane, bands, whole } = document.querySelector(tag).charts.descent;
  const at = (y) => plane.toPixels([step, y])[1];
  const [lower, upper] = [bands[0].values[0][step], bands.at(-1).values[1][step]];
  return [at(0) - at(bands[0].values[1][step]), at(lower) - at(upper), whole[1].values[0]?.[step][1]];
}"""


@pytest.mark.parametrize("scale", ["loss", "share"])
def test_a_band_is_as_high_as_its_share(explorers, scale):
    page = explorers(ErrorByEigenvalue(scale=scale))
    parts = run_of(200 / 101, 0.0, 100, 0.0)["parts"][:, 20]
    lowest, stack, whole = page.evaluate(SHOWN_HEIGHTS, [TAG, 20])
    assert lowest / stack == pytest.approx((parts[0] / parts.sum()).item(), rel=1e-9)
    assert whole == (pytest.approx(parts.sum().item()) if scale == "share" else None)


LINES = """([tag, name]) => {
  const { curves, whole, bands, percent, plane } = document.querySelector(tag).charts[name];
  const shown = ({ element }) => element.style.display !== "none";
  const label = plane.svg.getAttribute("aria-label");
  const heights = [...curves, whole[1]].map(({ values: [points] }) => points);
  return [heights, bands.some(shown), shown(percent), label];
}"""


def test_on_the_log_axis_are_lines_and_one_percent(explorers):
    page = explorers(ErrorByEigenvalue(0.6, 50, 0.02, lr=1.5))
    assert page.evaluate(LINES, [TAG, "yours"])[1:3] == [True, False]
    page.get_by_label("log lines", exact=True).check(force=True)
    lines, bands, percent, label = page.evaluate(LINES, [TAG, "yours"])
    assert (bands, percent) == (False, True)
    assert "a line for each curvature" in label
    run = run_of(1.5, 0.6, 50, 0.02)
    wanted = [*run["parts"].tolist(), run["losses"].tolist()]
    for line, values in zip(lines, wanted, strict=True):
        assert [y for _, y in line] == pytest.approx([max(1e-5, value) for value in values], abs=1e-9)
    page.get_by_label("loss, stacked", exact=True).check(force=True)
    assert page.evaluate(LINES, [TAG, "yours"])[1:3] == [True, False]


def test_the_lines_of_noise_come_and_go_with_it(opened):
    page = opened(ErrorByEigenvalue(0.6, 50, scale="loss"))
    drawn = "[...document.querySelectorAll('.dx-panel .dx-area')].map((area) => area.querySelectorAll("
    drawn += "'.dx-under:not([style*=none])').length)"
    assert page.evaluate(drawn) == [0, 0]
    assert not page.get_by_text("brought by noise").is_visible()
    page.get_by_role("button", name="Noise on").click()
    assert page.evaluate(drawn) == [3, 3]
    assert page.get_by_text("brought by noise").is_visible()
    page.get_by_label("shares", exact=True).check(force=True)
    assert page.evaluate(drawn) == [2, 2]  # the whole loss, and where noise takes over


@pytest.mark.parametrize("width", [360, 500, 700, 900])
def test_nothing_overflows_and_no_letter_is_small(opened, width):
    page = opened(ErrorByEigenvalue(0.9, 300, 0.03), width=width)
    given = [
        state | {"scale": scale} for state, scale in zip(states()[3::7], cycle(["loss", "share", "log"]))
    ]
    cells = (
        "[...document.querySelectorAll('.dx-numbers :is(td, th)')].some((c) => c.scrollWidth > c.clientWidth)"
    )
    assert overflowing(page, TAG, given, cells) == []
    sizes = """[...document.querySelectorAll('.dx text, .dx tspan, .dx p, .dx th, .dx td, .dx label')]
      .map((e) => parseFloat(getComputedStyle(e).fontSize))"""
    assert min(page.evaluate(sizes)) >= 9


def test_the_numbers_are_in_a_fold(explorers):
    page = explorers(ErrorByEigenvalue())
    table = page.locator(".dx-numbers")
    assert not table.is_visible()
    page.locator(".dx-more summary").focus()
    page.keyboard.press("Enter")
    assert table.is_visible()
