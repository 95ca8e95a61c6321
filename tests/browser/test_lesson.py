"""Predict and Answer on a page: kept back until the reader commits; without JavaScript all is there."""

import itertools
import shutil

import pytest

from book.site.paths import ASSETS
from book.site.styles import style_sheet
from tests.browser.accessibility import violations
from tests.browser.site import watched

pytestmark = pytest.mark.browser

OUTPUT = (
    '<div class="cell"><details class="hide above-input"><summary>Show the code</summary><pre>x = 1</pre>'
    '</details><div class="cell_output"><p>It crossed 40 times.</p></div></div>'
)
FURTHER = (
    '<h2>Going further</h2><section id="more"><details class="further"><summary><h3>More</h3></summary>'
    '<p id="deep">Deep.</p></details></section>'
)
FRAME = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">
<title>A lesson</title><link rel="stylesheet" href="style.css"><script defer src="js/lesson.js"></script>
<script defer src="js/page.js"></script></head><body><div hidden><button id="menu-button"></button>
<nav id="book-nav"></nav><button id="theme-button"></button></div>
<main id="main"><h1>A lesson</h1><p class="strip"><button id="folds-button" type="button"
aria-pressed="false" hidden>Open every fold</button></p>PIECES</main></body></html>"""


def predict(kind, text):
    opening = f'<div class="predict" data-kind="{kind}" role="group" aria-label="Predict">'
    return f'{opening}<p class="predict-title">Predict</p>{text}</div>'


CHOICE = predict(
    "choice",
    "<p>Which?</p><ul><li><p><code>a</code>: first</p></li><li><p><code>b</code>: second</p></li></ul>",
)
NUMBER = predict("number", "<p>How many?</p>")
OPEN = predict("open", "<p>What shape?</p>")


def answer(right=""):
    given = f' data-right="{right}"' if right else ""
    return f'<details class="answer"{given}><summary>Answer</summary><p>So it was.</p></details>'


@pytest.fixture
def lesson(browser, tmp_path):
    """A function that opens a page of some pieces of a lesson; a fault fails the test."""
    shutil.copytree(ASSETS / "static" / "js", tmp_path / "js")
    shutil.copytree(ASSETS / "static" / "fonts", tmp_path / "fonts")
    (tmp_path / "style.css").write_text(style_sheet(), "utf-8")
    seen = []

    def open_page(*pieces, link="", **options):
        (tmp_path / "page.html").write_text(FRAME.replace("PIECES", "".join(pieces)), "utf-8")
        page = browser.new_context(**options).new_page()
        address = (tmp_path / "page.html").as_uri()
        seen.append((page, watched(page, address.removesuffix("page.html"))))
        page.goto(address + link)
        return page

    yield open_page
    for page, faults in seen:
        page.context.close()
        assert faults == []


def test_the_answer_to_a_choice_waits_for_a_prediction_and_is_remembered(lesson):
    page = lesson(CHOICE, OUTPUT, answer("b"))
    said = page.locator(".predicted")
    assert not page.get_by_text("40 times").is_visible()
    assert page.get_by_text("once you have predicted").is_visible()
    page.get_by_role("button", name="Commit").click()
    assert said.inner_text() == "Choose one first."
    page.locator("label").first.click()
    page.get_by_role("button", name="Commit").press("Enter")
    assert said.inner_text() == "You predicted a; it is b."
    assert page.locator("details.answer summary").evaluate("e => e === document.activeElement")
    assert page.get_by_text("40 times").is_visible()
    assert page.get_by_text("So it was").is_visible()
    page.reload()
    assert said.inner_text() == "You predicted a; it is b."
    assert page.get_by_text("So it was").is_visible()


def test_an_explorer_between_the_two_stays_in_sight(lesson):
    # nested as the site's build writes it
    output = '<div class="output text_html"><descent-race>Race</descent-race></div>'
    explorer = f'<div class="cell"><div class="cell_output docutils container">{output}</div></div>'
    page = lesson(CHOICE, explorer, OUTPUT, answer("b"))
    assert page.get_by_text("Race").is_visible()
    assert not page.get_by_text("40 times").is_visible()


CLAIM = (
    '<div class="cell"><div class="cell_output"><span id="claim-f5"></span><p>Verdict: false.</p></div></div>'
)


def test_a_claim_settled_after_the_answer_waits_with_it(lesson):
    page = lesson("<h2>One</h2>", CHOICE, OUTPUT, answer("b"), "<p>Prose.</p>", CLAIM)
    assert not page.get_by_text("Verdict").is_visible()
    assert page.get_by_text("Prose").is_visible()
    page.locator("input[value=b]").press("Space")
    page.get_by_role("button", name="Commit").click()
    assert page.get_by_text("Verdict").is_visible()


def test_a_claim_without_outputs_before_the_answer_waits_too(lesson):
    page = lesson(CHOICE, answer("b"), CLAIM)
    assert not page.get_by_text("Verdict").is_visible()
    assert page.get_by_text("once you have predicted").count() == 0  # nothing came out between the two


def test_a_claim_of_another_section_or_before_a_predict_does_not_wait(lesson):
    page = lesson(CLAIM, CHOICE, answer("b"), OUTPUT, "<h3>Two</h3>", CLAIM)
    assert page.get_by_text("Verdict").first.is_visible()
    assert page.get_by_text("Verdict").last.is_visible()
    assert page.get_by_text("40 times").is_visible()  # an output after the answer tells what it likes


def test_a_link_to_a_claim_reveals_it(lesson):
    page = lesson(CHOICE, OUTPUT, answer("b"), CLAIM, link="#claim-f5")
    page.get_by_text("Verdict").wait_for()
    assert page.get_by_text("40 times").is_visible()


def test_the_right_choice_is_told(lesson):
    page = lesson(CHOICE, OUTPUT, answer("b"))
    page.locator("input[value=b]").press("Space")
    page.get_by_role("button", name="Commit").click()
    assert page.locator(".predicted").inner_text() == "You predicted b, and so it is."


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("many", "Write a number with a point, such as 0.25 or 2,000."),
        ("0,222", "Write a number with a point, such as 0.25 or 2,000."),
        ("2/9", "Write a number with a point, such as 0.25 or 2,000."),
        ("2048 steps", "You predicted 2048 steps, and so it is."),
        ("3,000", "You predicted 3,000; it is 2048."),
        ("2,048", "You predicted 2,048, and so it is."),
        ("−1", "You predicted −1; it is 2048."),
    ],
)
def test_a_number_is_predicted(lesson, typed, told):
    page = lesson(NUMBER, OUTPUT, answer("2048"))
    page.get_by_label("Your number").fill(typed)
    page.keyboard.press("Enter")
    assert page.locator(".predicted").inner_text() == told
    assert page.get_by_text("40 times").is_visible() == told.startswith("You")


def test_an_open_question_and_one_that_is_skipped(lesson):
    page = lesson(OPEN, OUTPUT, answer(), CHOICE, OUTPUT, answer("b"))
    page.get_by_role("button", name="I have one: show me").click()
    assert page.get_by_text("40 times").first.is_visible()
    assert not page.get_by_text("40 times").last.is_visible()
    page.get_by_role("button", name="Show it without predicting").click()
    assert page.get_by_text("40 times").last.is_visible()
    assert page.locator(".predicted").last.inner_text() == "Here is what came out."
    page.reload()
    assert page.get_by_text("40 times").last.is_visible()


def test_an_answer_that_waits_sends_to_the_question(lesson):
    page = lesson(CHOICE, OUTPUT, answer("b"))
    page.locator("details.answer summary").click()
    assert page.locator("details.answer").get_attribute("open") is None
    assert "without predicting" in page.locator(".predicted").inner_text()
    assert page.locator("input[value=a]").evaluate("e => e === document.activeElement")


def test_one_switch_opens_and_folds_all_code_and_is_remembered(lesson):
    page = lesson(OUTPUT, FURTHER, OUTPUT)
    button = page.locator("#folds-button")
    assert button.inner_text() == "Open every fold"
    opened = "[...document.querySelectorAll('main details')].map((d) => d.open)"
    assert page.evaluate(opened) == [False, False, False]
    button.press("Enter")
    assert page.evaluate(opened) == [True, True, True]
    page.reload()
    assert page.evaluate(opened) == [True, True, True]
    assert button.inner_text() == "Close every fold"
    button.click()
    assert page.evaluate(opened) == [False, False, False]


def test_the_switch_leaves_an_answer_that_waits_folded_with_its_code(lesson):
    page = lesson(CHOICE, OUTPUT, answer("b"), OUTPUT)
    page.locator("#folds-button").click()
    folds = "[...document.querySelectorAll('main details')].map((d) => d.open)"
    assert page.evaluate(folds) == [False, False, True]
    page.get_by_role("button", name="Show it without predicting").click()
    assert page.evaluate(folds) == [True, True, True]


def test_a_link_to_what_is_kept_back_shows_it(lesson):
    claim = OUTPUT.replace("<p>It", '<p id="claim-d5">It')
    page = lesson(CHOICE, claim, answer("b"), link="#claim-d5")
    assert page.get_by_text("40 times").is_visible()


def test_a_fold_that_was_closed_opens_when_its_link_is_followed_again(lesson):
    page = lesson(FURTHER, '<p><a href="#more">More</a></p>')
    for _ in range(2):
        page.get_by_role("link", name="More").click()
        page.locator("details.further[open]").wait_for()
        page.locator("details.further").evaluate("fold => { fold.open = false; }")


def test_an_address_with_a_stray_percent_sign_stops_nothing(lesson):
    page = lesson(CHOICE, OUTPUT, answer("b"), link="#50%")
    page.get_by_role("button", name="Show it without predicting").click()
    assert page.get_by_text("40 times").is_visible()


def test_after_print_all_is_as_before(lesson):
    page = lesson(CHOICE, OUTPUT, answer("b"), FURTHER)
    page.pdf()
    page.wait_for_timeout(100)
    assert not page.get_by_text("40 times").is_visible()
    assert page.locator("main details[open]").count() == 0


def test_an_option_without_a_letter_gets_one(lesson):
    options = "<p>Which?</p><ul><li>first</li><li>second</li></ul>"
    page = lesson(predict("choice", options), OUTPUT, answer("b"))
    page.locator("label").last.click()
    page.get_by_role("button", name="Commit").click()
    assert page.locator(".predicted").inner_text() == "You predicted b, and so it is."


@pytest.mark.parametrize("link", ["#deep", "#more"])
def test_a_link_opens_what_goes_further(lesson, link):
    page = lesson(CHOICE, FURTHER, link=link)
    assert page.get_by_text("Deep.").is_visible()


def test_a_page_without_folds_has_no_switch(lesson):
    assert not lesson("<p>Text</p>").locator("#folds-button").is_visible()


def test_without_javascript_nothing_is_hidden_for_good(lesson):
    page = lesson(CHOICE, OUTPUT, answer("b"), FURTHER, java_script_enabled=False)
    assert page.get_by_text("40 times").is_visible()
    page.locator("details.answer summary").click()
    assert page.get_by_text("So it was").is_visible()
    page.locator("details.further summary").press("Enter")
    assert page.get_by_text("Deep.").is_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_print_shows_everything(lesson, scripts):
    page = lesson(CHOICE, OUTPUT, answer("b"), FURTHER, java_script_enabled=scripts)
    page.emulate_media(media="print")
    for text in ("40 times", "So it was", "Deep."):
        assert page.get_by_text(text).is_visible()


def test_axe_finds_nothing(lesson):
    page = lesson(CHOICE, OUTPUT, answer("b"), NUMBER, OUTPUT, answer("3"), OPEN, OUTPUT, answer(), FURTHER)
    assert violations(page, preload=False) == []
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.get_by_role("button", name="Show it without predicting").first.click()
    assert violations(page, preload=False) == []


FOLDED = (  # as MyST-NB writes a cell whose code is folded
    '<div class="cell"><details class="hide above-input"><summary><p class="collapsed">Show the code</p>'
    '<p class="expanded">Hide the code</p></summary><div class="cell_input">x = 1</div></details>'
)
PICTURE = '<div class="cell_output"><div class="output"><p class="picture">A picture</p></div></div></div>'


@pytest.mark.parametrize(("width", "room"), [(1280, 0), (360, 24)])
def test_the_mark_of_folded_code_is_named_found_by_the_keyboard_and_takes_little_room(lesson, width, room):
    page = lesson(FOLDED + PICTURE, viewport={"width": width, "height": 600})
    cell, picture, mark = (page.locator(it).bounding_box() for it in (".cell", ".picture", ".cell summary"))
    assert picture["y"] - cell["y"] == room
    assert min(mark["width"], mark["height"]) >= 20
    assert mark["x"] + mark["width"] <= width
    name = page.get_by_text("Show the code")
    summary = page.locator(".cell summary")
    assert summary.aria_snapshot() == "- paragraph: Show the code"
    assert name.evaluate("e => getComputedStyle(e).opacity") == "0"
    page.keyboard.press("Tab")
    while not summary.evaluate("e => e === document.activeElement"):
        page.keyboard.press("Tab")
    assert name.evaluate("e => getComputedStyle(e).opacity") == "1"
    page.keyboard.press("Enter")
    assert page.get_by_text("x = 1").is_visible()
    assert summary.aria_snapshot() == "- paragraph: Hide the code"


def test_marks_of_two_cells_of_folded_code_do_not_cover_each_other(lesson):
    page = lesson(
        "<p>Text.</p>",
        FOLDED + "</div>",
        FOLDED + "</div>",
        FOLDED + PICTURE,
        viewport={"width": 1280, "height": 600},
    )
    tops = [box["y"] for box in (mark.bounding_box() for mark in page.locator(".cell summary").all())]
    assert all(later - sooner >= 20 for sooner, later in itertools.pairwise(tops)), tops


def test_before_a_prediction_one_line_stands_for_what_is_kept_back(lesson):
    page = lesson(CHOICE, FOLDED + PICTURE, FOLDED + PICTURE, answer("b"))
    assert [mark.is_visible() for mark in page.locator(".cell summary").all()] == [False, False]
    box, kept = page.locator(".predict").bounding_box(), page.locator("details.answer").bounding_box()
    assert kept["y"] - box["y"] - box["height"] < 60
    assert (
        page.locator("details.answer summary").inner_text()
        == "Answer, with what came out, once you have predicted"
    )
    page.get_by_role("button", name="Show it without").click()
    assert page.locator("details.answer summary").inner_text() == "Answer"
    assert all(mark.is_visible() for mark in page.locator(".cell summary").all())


SOLUTION = (
    '<div class="cell"><div class="cell_output"><details open><summary>Solution</summary>'
    '<div class="highlight-python"><div class="highlight"><pre>WIDE</pre></div></div>'
    "<p>So it is.</p></details></div></div>"
)


def test_below_the_code_of_a_solution_there_is_room(lesson):
    page = lesson(SOLUTION.replace("WIDE", "x = 1"))
    code, text = (page.locator(it).bounding_box() for it in ("pre", "details p"))
    assert text["y"] - code["y"] - code["height"] >= 8


def test_code_that_is_cut_off_has_a_shadow_there_and_other_code_has_none(lesson):
    shadow = "e => getComputedStyle(e).backgroundImage.includes('gradient')"
    for text, cut in (("x = 1", False), (200 * "x", True)):
        code = lesson(SOLUTION.replace("WIDE", text)).locator("pre")
        code.page.wait_for_function(
            "cut => document.querySelector('pre').hasAttribute('tabindex') === cut", arg=cut
        )
        assert code.evaluate(shadow) == cut


def test_a_number_in_a_table_keeps_its_unit_beside_it(lesson):
    cells = '<td class="text-right"><span>1,074.0 ms</span></td>' + 9 * "<td><span>narrow cells</span></td>"
    page = lesson(f"<table><tr>{cells}</tr></table>", viewport={"width": 360, "height": 600})
    lines = page.locator("td span").evaluate_all("spans => spans.map(e => e.getClientRects().length)")
    assert lines == [1] + 9 * [2]


def test_on_a_phone_the_copy_button_covers_no_code_until_that_is_touched(lesson):
    code = f'<div class="cell_input"><div class="highlight"><pre>{200 * "x"}</pre></div></div>'
    page = lesson(code, has_touch=True, is_mobile=True, viewport={"width": 360, "height": 600})
    button = page.locator(".copy")
    button.wait_for(state="attached")
    assert button.evaluate("e => getComputedStyle(e).opacity") == "0"
    page.locator("pre").tap()
    assert button.evaluate("e => getComputedStyle(e).opacity") == "1"


def test_code_that_is_cut_off_keeps_its_ground(lesson):
    code = '<div class="highlight"><pre>WIDE</pre></div>'
    page = lesson(code.replace("WIDE", "x"), code.replace("WIDE", 200 * "x"))
    page.wait_for_function("document.querySelectorAll('pre[tabindex]').length === 1")
    grounds = page.locator("pre").evaluate_all("all => all.map(e => getComputedStyle(e).backgroundColor)")
    assert grounds[0] == grounds[1] != "rgba(0, 0, 0, 0)"
