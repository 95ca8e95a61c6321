"""Pages that hold explorers, in the site's own style, read from the disk; and what stands on them."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page

from book.explorers import page_scripts
from book.explorers.shared.base import Explorer
from book.site.paths import ASSETS
from book.site.styles import style_sheet
from tests.browser.site import watch

VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'


@pytest.fixture(scope="session")
def left_pages() -> list[Page]:
    """Pages that a test has left, for the next one: each new page costs the browser a process of its own."""
    return []


@pytest.fixture
def explorers(browser, tmp_path, left_pages):
    """A function that opens a page with some explorers; a fault or a request beyond its folder fails.

    A page with options of its own is a new one.
    """
    used = []

    def open_page(*explorers, link="", theme="light", width=900, **options):
        page = left_pages.pop() if left_pages and not options else browser.new_page(**options)
        page.set_viewport_size({"width": width, "height": 800})
        address = write_page(tmp_path, *explorers, theme=theme)
        used.append((page, bool(options), *watch(page, address.removesuffix("page.html"))))
        page.goto(address + link)
        return page

    yield open_page
    for page, special, _, unwatch in used:
        unwatch()
        if special:
            page.close()
        else:
            leave(page)
            left_pages.append(page)
    assert [fault for _, _, faults, _ in used for fault in faults] == []


def leave(page: Page) -> None:
    """Empty a page; the hand lets go."""
    page.mouse.up()
    page.mouse.move(0, 0)
    page.goto("about:blank")


def write_page(folder: Path, *explorers: Explorer, theme: str = "light") -> str:
    """Write a page with these explorers and return its address."""
    tags = {explorer.tag for explorer in explorers}
    for tag in tags:
        (folder / f"{tag}.js").write_text(page_scripts()[tag], "utf-8")
    (folder / "style.css").write_text(style_sheet(), "utf-8")
    shutil.copytree(ASSETS / "static" / "fonts", folder / "fonts", dirs_exist_ok=True)
    head = f'<meta charset="utf-8">{VIEWPORT}<title>Explorers</title><link rel="stylesheet" href="style.css">'
    head += "".join(f'<script defer src="{tag}.js"></script>' for tag in sorted(tags))
    body = f"<main><h1>Explorers</h1>{''.join(explorer.to_html() for explorer in explorers)}</main>"
    html = (
        f'<!doctype html><html lang="en" data-theme="{theme}"><head>{head}</head><body>{body}</body></html>'
    )
    (folder / "page.html").write_text(f"<!doctype html>{html}", "utf-8")
    return (folder / "page.html").as_uri()


def state(page, tag: str = "descent-float-bits", place: int = 0) -> dict:
    """Return the state of one of the elements of a kind."""
    return page.evaluate("([tag, i]) => document.querySelectorAll(tag)[i].state", [tag, place])


def shown(page, name: str) -> str:
    """Return the text of one part of the first explorer."""
    return page.locator(f".dx-{name}").first.inner_text()


def middle(locator) -> tuple[float, float]:
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, handle: str, dx: float, dy: float) -> None:
    x, y = middle(page.get_by_role("slider", name=handle, exact=True))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2)
    page.mouse.move(x + dx, y + dy)


# By how many pixels the widest number, field or button passes the inner edge of the explorer.
STICKS_OUT = """() => {
  const right = (e) => e.getBoundingClientRect().right, box = document.querySelector(".dx");
  const inner = right(box) - parseFloat(getComputedStyle(box).paddingRight);
  return Math.max(...[...box.querySelectorAll("td, th, dd, input, button")].map(right)) - inner;
}"""
OVERFLOWING = """async ([tag, states]) => {
  const element = document.querySelector(tag), found = [];
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done))); // a plane is laid out by then
  for (const state of states) {
    element.set(state);
    const wider = document.documentElement.scrollWidth - innerWidth, out = (STICKS_OUT)(), wrong = WRONG;
    if (wider !== 0 || !(out <= 1) || wrong) found.push({ state, wider, out, wrong });
  }
  return found;
}"""


def overflowing(page, tag: str, states: list[dict], wrong: str = "false") -> list[dict]:
    """Set an element to one state after another and return those in which something overflows.

    The page is as wide as the screen and nothing sticks out of the explorer by more than a pixel; `wrong` is
    what else must not be, in JavaScript.
    """
    script = OVERFLOWING.replace("STICKS_OUT", STICKS_OUT).replace("WRONG", wrong)
    return page.evaluate(script, [tag, states])
