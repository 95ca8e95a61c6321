"""The built site: nothing from elsewhere, nothing dead, light, and readable by whoever cannot see it."""

import re
from pathlib import Path

import pytest

from book.figures.palette import LIGHT
from book.site.paths import ASSETS
from tests.site.pages import anchors, loads, soup, target, weight

HEAVIEST = 300_000
ELSEWHERE = re.compile(r"^(https?:)?//")
STYLE_ADDRESS = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")
ALT_TEXT_LENGTH = 40


@pytest.fixture(scope="module")
def pages(built_site) -> list[Path]:
    return sorted(built_site.rglob("*.html"))


@pytest.fixture(scope="module")
def chapters(pages) -> list[Path]:
    return [page for page in pages if page.parent.name[0].isdigit()]


def in_the_mathematical_face() -> set[int]:
    """Return the code points that the recipe of the face asks for."""
    recipe = (ASSETS / "static" / "fonts" / "subset.sh").read_text("utf-8")
    ranges = re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", re.search(r"^math=(.*)$", recipe, re.M)[1])
    return {code for first, last in ranges for code in range(int(first, 16), int(last or first, 16) + 1)}


def test_every_page_of_the_contents_is_there(built_site, pages):
    names = {page.relative_to(built_site).as_posix() for page in pages}
    assert {"index.html", "search.html", "glossary.html", "claims.html", "status.html"} <= names
    assert sum(name.startswith("1-numbers/") for name in names) == 6


def test_a_page_loads_nothing_from_elsewhere(pages):
    assert [(p.name, a) for p in pages for a in loads(p) if ELSEWHERE.match(a)] == []


def test_no_style_and_no_script_names_another_host(built_site):
    for path in built_site.glob("_static/**/*.css"):
        found = STYLE_ADDRESS.findall(path.read_text("utf-8"))
        assert found, f"{path.name} should load its fonts"
        assert [a or b for a, b in found if ELSEWHERE.match(a or b)] == []
    for path in built_site.glob("_static/**/*.js"):
        assert not re.search(r"(import|fetch|src)\b[^\n]{0,20}['\"]https?://", path.read_text("utf-8")), path


def test_the_theme_sends_none_of_its_own_files(built_site, pages):
    everything = " ".join(path.name.lower() for path in built_site.rglob("*"))
    for name in ("fontawesome", "fa-solid", "bootstrap", "mathjax", "thebe", "require.js"):
        assert name not in everything
        assert not any(name in address.lower() for page in pages for address in loads(page))


def test_every_address_and_anchor_exists(pages):
    dead = []
    for page in pages:
        links = [a["href"] for a in soup(page).find_all("a", href=True)]
        for address in [*links, *loads(page)]:
            if re.match(r"[a-z]+:|//", address):
                continue
            path, anchor = target(page, address)
            if not path.exists() or (anchor and path.suffix == ".html" and anchor not in anchors(path)):
                dead.append(f"{page.name}: {address}")
    assert dead == []


def test_every_picture_says_what_is_seen_and_how_large_it_is(pages):
    for page in pages:
        for image in soup(page).select("article img"):
            assert len(image["alt"]) >= ALT_TEXT_LENGTH, f"{page.name}: {image['src']}"
            assert int(image["width"]) > 0
            assert int(image["height"]) > 0


def test_formulas_are_drawn_at_build_time(chapters):
    for page in chapters:
        assert len(soup(page).find_all("math")) > 5, page.name
        prose = " ".join(p.get_text() for p in soup(page).select("article p"))
        assert not re.search(r"\\(frac|sum|mathbf|operatorname)", prose), page.name


def test_the_mathematical_face_holds_every_character_of_the_formulas(pages):
    held = in_the_mathematical_face()
    used = {char for page in pages for math in soup(page).find_all("math") for char in math.get_text()}
    missing = {char for char in used if ord(char) not in held and not char.isspace()}
    assert missing == set(), "add them to assets/static/fonts/subset.sh and run it"


def test_a_chapter_page_is_light(built_site, chapters):
    heavy = {p.name: weight(p, built_site) for p in chapters if weight(p, built_site) > HEAVIEST}
    assert heavy == {}


def test_a_script_is_sent_to_the_pages_that_use_it_alone(pages):
    for page in pages:
        body = page.read_text("utf-8").partition("<body")[2]
        tags = {Path(a).stem for a in loads(page) if "_static/elements/" in a}
        assert tags == {tag for tag in tags | {"descent-exercise", "descent-float-bits"} if f"<{tag}" in body}


def test_chapters_and_their_sections_are_numbered(chapters):
    for page in chapters:
        spans = soup(page).select(":is(h1, h2) .section-number")
        numbers = [span.get_text(strip=True) for span in spans]
        assert len(numbers) > 3, page.name
        assert all(re.fullmatch(r"\d+(\.\d+)*\.", number) for number in numbers)


def test_search_engines_and_screen_readers_get_what_they_need(pages):
    titles, descriptions = set(), set()
    for page in pages:
        html = soup(page).html
        assert html["lang"] == "en"
        titles.add(html.title.get_text())
        descriptions.add(html.find("meta", attrs={"name": "description"})["content"])
        assert len(soup(page).find_all("h1")) == 1, page.name
    assert len(titles) == len(descriptions) == len(pages)
    assert all(30 <= len(text) <= 160 for text in descriptions), descriptions


def test_without_an_address_there_is_no_colab_button(chapters):
    for page in chapters:
        strip = soup(page).select_one(".strip").get_text()
        assert "Download the notebook" in strip
        assert "Colab" not in strip


def test_every_claim_leads_to_the_run_that_settled_it(built_site):
    links = soup(built_site / "claims.html").select(".claim-link a")
    assert len(links) >= 9
    for link in links:
        page, anchor = target(built_site / "claims.html", link["href"])
        assert anchor in anchors(page), link["href"]


def test_a_dark_figure_holds_no_colour_of_the_light_theme(built_site, pages):
    images = [(page, image) for page in pages for image in soup(page).select(".only-dark > *")]
    dark = {target(page, image.get("src") or image["srcset"])[0] for page, image in images}
    assert len(dark) > 100
    for path in dark:
        svg = path.read_text("utf-8").lower()
        assert [colour for colour in LIGHT.values() if colour in svg] == [], path.name
