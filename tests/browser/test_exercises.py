"""Exercises on a page: the verdicts of Python word for word, keyboard, memory, themes, a narrow screen."""

import random
import shutil
from contextlib import contextmanager

import pytest

from book.exercises import Choice, Code, exercises
from book.exercises.element import script
from book.exercises.reading import SLIPS
from book.exercises.verdict import with_code
from book.site.paths import ASSETS
from book.site.styles import style_sheet
from tests.browser.accessibility import violations
from tests.browser.sample_exercises import DOUBLE, INFINITE, LETTER, STEPS
from tests.browser.site import watched

pytestmark = pytest.mark.browser

SAMPLES = [STEPS, INFINITE, LETTER, DOUBLE]
ALL = {exercise.id: exercise for exercise in [*exercises().values(), *SAMPLES]}
ANSWERED = {identifier: exercise for identifier, exercise in ALL.items() if not isinstance(exercise, Code)}
TEXTS = (
    "",
    "  ",
    "inf",
    "-inf",
    "nan",
    "NaN",
    "∞",
    "0",
    "-0",
    "1e400",
    "2^-24",
    "2**10",
    "3 × 10^2",
    "−1/4",
    "1/0",
    "\ufeff",
    "\x1c",
    " \u2003150\ufeff",
    "1\x1f50",
    "1\u008550",
    "150\u00a0",
    " B\u3000",
    "\x1fb",
    "1e-400",
    "1e400/1e400",
    "0^-1",
    "0^0",
    "inf/inf",
    "١٥٠",
    "１５０",
    "1 50",
)
NO_NUMBERS = (
    "abc",
    "1,5",
    "1e",
    "2^",
    "^2",
    "--1",
    "1//2",
    "0x10",
    "1_000",
    "$&",
    "constructor",
    "a",
    "B",
    "e",
)


def answers(exercise) -> list[str]:
    """Return the solution, every mistake, every common slip, odd texts and random numbers, as typed."""
    draw = random.Random(exercise.id)
    typed = [*TEXTS, *NO_NUMBERS]
    if isinstance(exercise, Choice):
        return [*typed, *exercise.options, *exercise.options.values()]
    near = [
        exercise.answer,
        *exercise.mistakes,
        *(exercise.answer * f for factors, _ in SLIPS for f in factors),
    ]
    near += [number * draw.uniform(0.97, 1.03) for number in near for _ in range(5)]
    typed += [
        f"{draw.uniform(-9, 9):.3g}^{draw.randint(-9, 9)}*{draw.uniform(0, 9):.2e}/{n}" for n in range(1, 30)
    ]
    return typed + [repr(number) for number in near]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two pages in the site's own style, read from the disk: every exercise, and the samples alone."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "exercise.js").write_text(script(ALL.values()), "utf-8")
    (folder / "style.css").write_text(style_sheet(), "utf-8")
    shutil.copytree(ASSETS / "static" / "fonts", folder / "fonts")
    for name, held in (("all", ALL.values()), ("samples", SAMPLES)):
        (folder / f"{name}.html").write_text(written(held), "utf-8")
    return folder


def written(held) -> str:
    tags = "".join(
        f'<h2>{number}</h2><descent-exercise exercise="{exercise.id}">Not attempted yet.</descent-exercise>'
        for number, exercise in enumerate(held)
    )
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    head += '<title>Exercises</title><link rel="stylesheet" href="style.css">'
    head += '<script defer src="exercise.js"></script>'
    body = f'<main><h1>Exercises</h1>{tags}<p><a href="notebooks/sample.ipynb">Notebook</a></p></main>'
    return f'<!doctype html><html lang="en" data-theme="light"><head>{head}</head><body>{body}</body></html>'


@contextmanager
def opened(browser, folder, name: str):
    """A page; any error or any request beyond its own folder fails the test."""
    page = browser.new_page()
    faults = watched(page, f"{folder.as_uri()}/")
    page.goto(f"{folder.as_uri()}/{name}.html")
    yield page
    page.close()
    assert faults == []


@pytest.fixture
def page(browser, folder):
    """The page of the samples."""
    with opened(browser, folder, "samples") as page:
        yield page


@pytest.fixture
def whole(browser, folder):
    """The page of all exercises."""
    with opened(browser, folder, "all") as page:
        yield page


def element(page, exercise):
    return page.locator(f'descent-exercise[exercise="{exercise.id}"]')


def test_the_page_judges_as_python_does(whole):
    for identifier, exercise in ANSWERED.items():
        typed = answers(exercise)
        ask = "([id, all]) => all.map((a) => customElements.get('descent-exercise').verdict(id, a))"
        seen = whole.evaluate(ask, [identifier, typed])
        expected = [exercise.verdict(text) for text in typed]
        assert [
            (identifier, text, line["state"], line["message"]) for text, line in zip(typed, seen, strict=True)
        ] == [
            (identifier, text, verdict.state, verdict.message)
            for text, verdict in zip(typed, expected, strict=True)
        ]
        assert {verdict.state for verdict in expected} == {"right", "wrong", "unanswered"}


# Give an answer as a hand would, and return what the page then shows.
GIVEN = """(all) => all.map(([id, answer]) => {
  const place = document.querySelector(`descent-exercise[exercise="${id}"]`);
  const field = place.querySelector("[type=text]");
  if (field) {
    field.value = answer;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  } else place.querySelector(`[value="${answer}"]`).click();
  [...place.querySelectorAll("button")].find((button) => button.textContent === "Check").click();
  return place.querySelector("[role=status]").innerHTML;
})"""


def test_an_answer_given_on_the_page_shows_its_verdict(whole):
    given = [
        (exercise, answer)
        for exercise in ANSWERED.values()
        for answer in (next(iter(getattr(exercise, "hints", None) or exercise.mistakes)), exercise.answer)
    ]
    shown = whole.evaluate(GIVEN, [[exercise.id, str(answer)] for exercise, answer in given])
    for (exercise, answer), text in zip(given, shown, strict=True):
        assert text == with_code(exercise.verdict(answer).message), (exercise.id, answer)


def give(place, exercise, answer):
    if isinstance(exercise, Choice):
        place.locator(f'input[value="{answer}"]').check()
    else:
        place.get_by_label("Your answer").fill(str(answer))
    place.get_by_role("button", name="Check").click()


def test_the_question_is_not_shown_twice_but_names_the_group(page):
    assert (
        element(page, STEPS).get_by_role("group", name="How many steps until exp(x) overflows?").count() == 1
    )
    assert element(page, STEPS).locator("legend").bounding_box()["width"] <= 1


def test_a_number_is_answered_from_the_keyboard_and_tried_again(page):
    place = element(page, STEPS)
    place.get_by_role("textbox").focus()
    page.keyboard.type("77")
    page.keyboard.press("Enter")
    assert place.get_by_role("status").inner_text() == "Not yet. Count again."
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert place.get_by_role("status").inner_text() == ""
    page.keyboard.type("150")
    assert place.get_by_role("textbox").input_value() == "150"


def test_a_choice_is_answered_from_the_keyboard(page):
    place = element(page, LETTER)
    place.get_by_role("radio").first.focus()
    page.keyboard.press("Enter")
    assert place.get_by_role("status").inner_text() == "Not attempted yet."
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert place.get_by_role("status").inner_text() == "Right. Second."


def test_a_changed_answer_takes_its_verdict_away(page):
    place = element(page, STEPS)
    place.get_by_role("textbox").fill("77")
    place.get_by_role("button", name="Check").click()
    assert place.get_by_role("button", name="Try again").is_visible()
    place.get_by_role("textbox").fill("78")
    assert place.get_by_role("status").inner_text() == ""
    assert place.get_by_role("button", name="Try again").is_hidden()


def test_answers_are_remembered_until_tried_again(page):
    give(element(page, STEPS), STEPS, 150)
    give(element(page, LETTER), LETTER, "c")
    page.reload()
    assert element(page, STEPS).get_by_role("textbox").input_value() == "150"
    assert element(page, STEPS).get_by_role("status").inner_text().startswith("Right.")
    assert element(page, LETTER).get_by_role("status").inner_text() == "Not yet. Earlier."
    element(page, STEPS).get_by_role("button", name="Try again").click()
    page.reload()
    assert element(page, STEPS).get_by_role("textbox").input_value() == ""
    assert element(page, LETTER).locator('input[value="c"]').is_checked()


def test_without_storage_everything_but_memory_works(page):
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied'); } })"
    )
    page.reload()
    give(element(page, STEPS), STEPS, 150)
    assert element(page, STEPS).get_by_role("status").inner_text().startswith("Right.")


def test_a_function_is_asked_for_in_the_notebook(whole):
    for place in [element(whole, exercise) for exercise in ALL.values() if isinstance(exercise, Code)]:
        assert place.inner_text() == "Write this one in the notebook."
        assert place.get_by_role("link").get_attribute("href").endswith("notebooks/sample.ipynb")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_before_and_after_an_answer(page, theme):
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    assert violations(page, preload=False) == []  # its style sheets are on file://, out of reach
    element(page, STEPS).get_by_role("textbox").fill("150")
    for place in (STEPS, INFINITE, LETTER):
        element(page, place).get_by_role("button", name="Check").click()
    assert violations(page, preload=False) == []


def test_nothing_overflows_at_360_pixels(whole):
    whole.set_viewport_size({"width": 360, "height": 800})
    for exercise in (STEPS, LETTER):
        element(whole, exercise).get_by_role("button", name="Check").click()
    assert whole.evaluate("document.documentElement.scrollWidth") == 360
    seen = (
        "[...document.querySelectorAll('descent-exercise *')].filter((e) => !e.closest('legend, .dx-unseen'))"
    )
    wide = f"{seen}.filter((e) => e.getBoundingClientRect().right > 360).map((e) => e.outerHTML)"
    assert whole.evaluate(wide) == []
