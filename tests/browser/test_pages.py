"""Every page in a real browser: alone on the network, whole, accessible, no wider than a telephone."""

import re

import pytest

from book.site.moved import table
from book.site.paths import ROOT
from tests.browser.accessibility import violations
from tests.browser.letters import cut_letters, small_letters

pytestmark = pytest.mark.browser

LAID_OUT = "section { content-visibility: visible !important; }"  # else only what is near the screen is
CONTENTS = (ROOT / "_toc.yml").read_text("utf-8")
NAMES = ["index", *re.findall(r"file: (\S+)", CONTENTS), "search"]
CHAPTERS = [name for name in NAMES if name[0].isdigit()]
FORMER = "1-numbers/floating-point"  # some of its sections stand in other chapters now
# Down the page, in steps that leave out nothing: what comes near the screen is loaded before it is seen.
# Meanwhile nothing is painted, which would take longer than all else.
WALK = """async () => {
  document.body.style.visibility = "hidden";
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight + 600) {
    scrollTo({ top: y, behavior: "instant" });
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  }
  document.body.style.visibility = "";
}"""
ALL_THERE = """() => !document.querySelector(":not(:defined)") && document.fonts.status === "loaded"
  && [...document.images].filter((image) => image.checkVisibility()).every((image) => image.complete)"""
# Marks the first of all texts that look alike in both themes, unless the look is known, and what it stands
# in; returns all looks, and leaves the page dark, for a change of theme takes as long as some of the rules.
# To the look of a link belongs that of its sentence. What is not marked becomes bare characters where it is
# part of a formula or of code, or stands in a line with nothing but a class: axe takes a second for some
# thousands of elements, finds nothing in these, and takes longer for texts.
MARK_LOOKS = """(known) => {
  const texts = [...document.querySelectorAll("body *")].filter(
    (e) => [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && e.checkVisibility(),
  );
  const looks = texts.map((e) => [e.localName, e.className]);
  for (document.documentElement.dataset.theme of ["light", "dark"]) {
    const grounds = new Map([[null, null]]);
    const groundOf = (e) => {
      if (!grounds.has(e)) {
        const { backgroundColor } = getComputedStyle(e), none = backgroundColor === "rgba(0, 0, 0, 0)";
        grounds.set(e, none ? groundOf(e.parentElement) : backgroundColor);
      }
      return grounds.get(e);
    };
    const sentenceOf = (e) => (getComputedStyle(e).display === "inline" ? sentenceOf(e.parentElement) : e);
    const lookOf = (e) => {
      const { color, fontSize, fontWeight, opacity } = getComputedStyle(e);
      const around = e.localName === "a" && sentenceOf(e) !== e ? lookOf(sentenceOf(e)) : [];
      return [color, fontSize, fontWeight, opacity, groundOf(e), ...around];
    };
    texts.forEach((e, i) => looks[i].push(...lookOf(e)));
  }
  const seen = new Set(known);
  texts.forEach((text, i) => {
    if (!seen.has(looks[i].join())) for (let e = text; e; e = e.parentElement) e.dataset.look = "";
    seen.add(looks[i].join());
  });
  const inExplorer = (e) => e && (e.localName.includes("-") || inExplorer(e.parentElement));
  const bare = (e) => e.getAttributeNames().every((name) => name === "class");
  const plain = [...document.querySelectorAll("article :is(span, em, strong, code, math):not([data-look])")]
    .filter((e) => bare(e) && (e.localName === "math" || [...e.querySelectorAll("*")].every(bare)))
    .filter((e) => ["inline", "math"].includes(getComputedStyle(e).display) && !inExplorer(e));
  const parts = document.querySelectorAll(":is(math, .highlight pre) :not([data-look])");
  for (const e of [...plain, ...parts]) e.replaceWith(e.textContent);
  return [...seen];
}"""
# An explorer with a marked text stays whole, for it draws itself anew while it is looked at.
LEAVE_LOOKS = """() => {
  const explorerOf = (e) => (!e || e.localName.includes("-") ? e : explorerOf(e.parentElement));
  for (const e of document.querySelectorAll("body :not([data-look])"))
    if (e.isConnected && !explorerOf(e)?.matches("[data-look]")) e.remove();
}"""
OF_LOOKS = ["color-contrast", "link-in-text-block"]  # rules that take long, and need one text of each look
LEFT = "net::ERR_ABORTED"  # what the page still waited for when the reader went on to the next
PREDICT_NOTHING = """() => document.querySelectorAll(".predict")
  .forEach((box) => [...box.querySelectorAll("button")].at(-1)?.click())"""
SCREEN, PHONE = {"width": 1280, "height": 720}, {"width": 360, "height": 740}
WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FORMULAS = "[...document.querySelectorAll('article math')].filter(m => m.checkVisibility())"
WIDE_FORMULAS = """[...document.querySelectorAll("div.math")]
  .filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.textContent)"""
# A phone has room for the table of symbols and for each word at the foot, and shows where more is there.
WIDE_SYMBOLS = """[...document.querySelectorAll(".symbols .table-box")]
  .filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.scrollWidth - box.clientWidth)"""
BROKEN_TITLES = """[...document.querySelectorAll(".turn a")].filter((a) => {
  a.style.overflowWrap = "normal";
  return a.scrollWidth > a.clientWidth;
}).map((a) => a.textContent)"""
CUT_WITHOUT_A_SIGN = """[...document.querySelectorAll(".picture.scrolls")]
  .filter((box) => box.scrollWidth > box.clientWidth && getComputedStyle(box).maskImage === "none").length"""
MATHEMATICAL_FACE = "[...document.fonts].some(f => f.family === 'Math' && f.status === 'loaded')"
CUT_OFF = r"""[...document.querySelectorAll('.highlight pre')]
  .filter((b) => b.checkVisibility() && b.scrollWidth > b.clientWidth)
  .map((b) => b.textContent)
  .filter((text) => text.split("\n").every((line) => line.length <= 90))"""
EMPTY_FORMULAS = (
    FORMULAS + ".filter(m => !(m.getBoundingClientRect().width * m.getBoundingClientRect().height))"
)


@pytest.fixture(scope="module")
def known_looks() -> set[str]:
    """The looks of texts that stand out enough, seen on one page: they need not be measured on the next."""
    return set()


def open_whole(page, address: str) -> None:
    """Open a page with its answers shown, its folds open and its sections laid out, and walk down it once."""
    page.goto(address)
    page.add_style_tag(content=LAID_OUT)
    page.evaluate(PREDICT_NOTHING)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    page.evaluate(WALK)
    page.wait_for_function(ALL_THERE)


def faint(page) -> dict[str, list[str]]:
    """What stands out too little from its ground or its sentence, by theme, among the marked looks."""
    found = {"light": [], "dark": []}
    if page.locator("[data-look]").count() == 0:
        return found
    page.evaluate(LEAVE_LOOKS)
    for theme in ("dark", "light"):
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        found[theme] = violations(page, runOnly=OF_LOOKS)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_whole_accessible_and_fits_a_phone(page, site, built_site, name, known_looks):
    """In one visit, for opening a page takes long; what it asks others for, the fixture sees."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size(PHONE)
    open_whole(page, f"{site}{name}.html")
    check_nothing_overflows(page, name in CHAPTERS)
    assert small_letters(page, built_site) == []
    assert cut_letters(page) == []
    assert page.evaluate(WIDE_FORMULAS) == []
    assert page.evaluate(WIDE_SYMBOLS) == page.evaluate(BROKEN_TITLES) == []
    assert page.evaluate(CUT_WITHOUT_A_SIGN) == 0
    page.set_viewport_size(SCREEN)
    page.wait_for_function(ALL_THERE)
    check_it_is_whole(page, name in CHAPTERS)
    looks = page.evaluate(MARK_LOOKS, sorted(known_looks))
    assert violations(page, rules={rule: {"enabled": False} for rule in OF_LOOKS}) == []
    assert faint(page) == {"light": [], "dark": []}
    known_looks.update(looks)


def check_it_is_whole(page, chapter: bool) -> None:
    assert page.locator("h1").is_visible()
    assert page.evaluate(f"{EMPTY_FORMULAS}.map(m => m.textContent)") == []
    assert page.evaluate("document.fonts.check('19px \"Source Serif\"')")
    if chapter:
        assert page.evaluate(f"{FORMULAS}.length") > 5
        assert page.evaluate(MATHEMATICAL_FACE)
        boxed = "e => parseFloat(getComputedStyle(e).borderTopWidth) > 0"
        assert page.locator("math .boxed").evaluate_all(f"boxes => boxes.every({boxed})")


def check_nothing_overflows(page, chapter: bool) -> None:
    assert page.evaluate(WIDER_THAN_THE_SCREEN) == 0
    boxes = "[...document.querySelectorAll('.highlight pre, div.math, .table-box, .picture.scrolls')]"
    wide = f"{boxes}.filter(b => b.checkVisibility() && b.scrollWidth > b.clientWidth)"
    assert not chapter or page.evaluate(f"{wide}.length") > 0
    page.wait_for_function(f"{wide}.every(b => b.tabIndex === 0)")  # the keyboard reaches what scrolls


@pytest.mark.parametrize(("theme", "colour"), [("light", "#999"), ("dark", "#555")])
def test_a_faint_text_is_found_wherever_it_stands(page, site, theme, colour):
    page.goto(f"{site}index.html")
    style = f"[data-theme={theme}] article section:last-of-type p:last-of-type {{ color: {colour} }}"
    page.add_style_tag(content=style)
    page.evaluate(MARK_LOOKS, [])
    found = faint(page)
    assert "color-contrast" in "".join(found.pop(theme))
    assert list(found.values()) == [[]]


def test_letters_too_small_for_a_phone_are_found(page, site, built_site):
    page.set_viewport_size(PHONE)
    page.goto(f"{site}index.html")
    assert small_letters(page, built_site) == []
    page.add_style_tag(content=".picture img { width: 200px }")
    assert [letter < 9 for _, letter in small_letters(page, built_site)] == [True]


def test_code_of_90_columns_is_not_cut_off(page, site):
    open_whole(page, f"{site}3-first-order/adam.html")
    for width in (768, 1024, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(CUT_OFF) == [], width


def test_the_theme_changes_by_keyboard_and_is_remembered(page, site):
    page.emulate_media(color_scheme="light")
    page.goto(f"{site}{CHAPTERS[0]}.html")
    picture = page.locator("article .picture").first
    picture.scroll_into_view_if_needed()
    button = page.get_by_role("button", name="Dark theme")
    assert button.get_attribute("aria-pressed") == "false"
    button.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    assert picture.locator(".only-dark").is_visible()
    assert not picture.locator(".only-light").is_visible()
    page.goto(f"{site}index.html")
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_search_finds_overflow_with_an_excerpt(page, site):
    page.goto(f"{site}index.html")
    page.keyboard.press("/")
    page.keyboard.type("overflow")
    page.keyboard.press("Enter")
    chapter = page.locator("#search-results a", has_text="Floating point").first
    chapter.wait_for()
    page.locator("#search-results .context").first.wait_for()
    chapter.click()
    page.wait_for_url("**/1-numbers/floating-point.html*")


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(page, site):
    page.set_viewport_size(PHONE)
    page.goto(f"{site}{CHAPTERS[0]}.html")
    menu = page.locator("nav.book")
    button = page.locator("#menu-button")
    assert not menu.is_visible()
    button.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.wait_for_function("getComputedStyle(document.querySelector('nav.book')).visibility === 'hidden'")
    assert button.evaluate("b => b === document.activeElement")
    button.click()
    menu.get_by_role("link", name="Glossary").click()
    page.wait_for_url("**/glossary.html")


def test_a_copy_button_copies_the_code_alone(page, site):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{site}{CHAPTERS[0]}.html")
    block = page.locator(".cell > .cell_input .highlight").first  # not of a fold
    block.scroll_into_view_if_needed()
    block.locator(".copy").press("Enter")
    block.get_by_text("Copied").wait_for()
    code = block.locator("pre").inner_text().strip()
    assert page.evaluate("navigator.clipboard.readText()").strip() == code
    assert "Copy" not in code


def test_a_term_shows_its_definition_on_hover_and_on_focus(page, site):
    page.goto(f"{site}1-numbers/floating-point.html")
    term = page.locator("a.term").first
    definition = page.get_by_role("tooltip")
    term.focus()
    assert definition.inner_text() == term.get_attribute("data-definition")
    assert term.get_attribute("aria-describedby") == definition.get_attribute("id")
    page.keyboard.press("Escape")
    assert not definition.is_visible()
    page.locator("h1").hover()
    term.hover()
    assert definition.is_visible()


def test_a_folded_solution_opens_by_keyboard(page, site):
    page.goto(f"{site}{CHAPTERS[0]}.html")
    fold = page.locator("details", has_text="Solution").first
    fold.locator("summary").press("Enter")
    assert fold.get_attribute("open") is not None


def test_the_book_reads_from_a_folder(browser, built_site):
    with browser.new_context() as context:
        page = context.new_page()
        faults = []
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on(
            "requestfailed", lambda r: None if r.failure == LEFT else faults.append(f"{r.url} {r.failure}")
        )
        page.on("request", lambda r: None if r.url.startswith("file:") else faults.append(r.url))
        page.goto((built_site / "index.html").as_uri())
        page.get_by_role("link", name="Read it").click()
        page.locator("#search-box").fill("overflow")
        page.locator("#search-box").press("Enter")
        page.locator("#search-results a", has_text="Floating point").first.click()
        page.locator("h1", has_text="Floating point").wait_for()
        assert page.evaluate("document.fonts.check('19px \"Source Serif\"')")
        assert page.locator("math").count() > 5
        assert faults == []


# Enters one anchor after the other, and returns where the page would have gone.
LED_TO = """async (anchors) => {
  const found = [];
  navigation.addEventListener("navigate", (event) => {
    if (event.hashChange) return;
    event.preventDefault();
    found.push(event.destination.url);
  });
  for (const anchor of anchors) {
    const entered = new Promise((done) => addEventListener("hashchange", done, { once: true }));
    location.hash = anchor;
    await entered;
  }
  return found;
}"""


def test_an_old_address_of_a_section_that_moved_leads_to_it(page, site):
    """The first is opened and followed; that a section is there is held for all in site/test_moved.py."""
    moved = {old: "{}{}.html#{}".format(site, *new.split("#")) for old, new in table()[FORMER].items()}
    first, place = next(iter(moved.items()))
    page.goto(f"{site}{FORMER}.html#{first}", wait_until="commit")
    page.wait_for_url(place, wait_until="commit")
    page.locator(f"[id='{place.partition('#')[2]}']").wait_for(state="attached")
    page.goto(f"{site}{FORMER}.html")
    assert page.evaluate(LED_TO, list(moved)) == list(moved.values())
