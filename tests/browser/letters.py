"""How large the letters of figures and explorers are as a page shows them, in CSS pixels."""

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page

from book.site.pictures import size
from tests.figures.letters import LEAST, smallest_letter

SHOWN = """() => [...document.querySelectorAll(".picture picture")].flatMap((p) => {
  if (!p.checkVisibility()) return [];
  const twin = [...p.querySelectorAll("source")].find((s) => matchMedia(s.media).matches);
  const image = p.querySelector("img");
  return [[twin ? new URL(twin.srcset, location).href : image.src, image.clientWidth]];
})"""
# In a drawing a letter is as large as its font times the drawing's scale.
OF_EXPLORERS = """(least) => [...document.querySelectorAll("*")]
  .filter((e) => e.localName.startsWith("descent-"))
  .flatMap((explorer) => [...explorer.querySelectorAll("*")]
    .filter((e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .filter((e) => !e.closest(".unseen, math") && e.getBoundingClientRect().width > 2)
    .map((e) => {
      const scale = e.ownerSVGElement ? Math.hypot(e.getScreenCTM().a, e.getScreenCTM().b) : 1;
      return [explorer.localName, e.textContent.trim(), scale * parseFloat(getComputedStyle(e).fontSize)];
    }))
  .filter(([, , size]) => size < least - 0.01)"""

# A line of letters is a group that is moved and scaled; what passes the drawing's edge is not seen.
CUT = """async (addresses) => {
  const box = document.body.appendChild(document.createElement("div")), found = [];
  box.style = "position: absolute; top: 0; visibility: hidden";
  for (const address of addresses) {
    const drawing = await (await fetch(address)).text();
    box.innerHTML = drawing.slice(drawing.indexOf("<svg")).replace(/<image[^>]*>/g, "");
    const edge = box.querySelector("svg").getBoundingClientRect();
    const lines = [...box.querySelectorAll('g[transform*="scale(0."]')].map((g) => g.getBoundingClientRect());
    const across = (r) => r.right > edge.right + 1 || r.left < edge.left - 1;
    const along = (r) => r.bottom > edge.bottom + 1 || r.top < edge.top - 1;
    if (lines.some((r) => r.width && (across(r) || along(r)))) found.push(address);
  }
  box.remove();
  return found;
}"""


def cut_letters(page: Page) -> list[str]:
    """Return the figures of a page, as it is shown now, with words that their edge cuts."""
    return page.evaluate(CUT, [address for address, _ in page.evaluate(SHOWN)])


def small_letters(page: Page, site: Path) -> list:
    """Return what has letters below 9 px on a page as it is shown now, with their sizes.

    Args:
        page: laid out, its folds open.
        site: the folder of the built site.
    """
    figures = []
    for address, width in page.evaluate(SHOWN):
        svg = (site / urlsplit(address).path.lstrip("/")).read_text("utf-8")
        letter = smallest_letter(svg) * width / size(svg)[0]
        if letter < LEAST - 0.01:
            figures.append((address, round(letter, 1)))
    return figures + page.evaluate(OF_EXPLORERS, LEAST)
