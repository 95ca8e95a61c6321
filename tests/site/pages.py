"""The built pages, read once, for the tests that look into their HTML."""

import gc
import gzip
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

LOADED = {"link": "href", "script": "src", "img": "src", "source": "src", "iframe": "src"}
LOADING_RELATIONS = {"stylesheet", "icon", "preload", "manifest"}
FONTS_OF_EVERY_PAGE = ("source-serif-normal", "source-serif-italic", "source-serif-greek", "stix-math")


@cache
def soup(page: Path) -> BeautifulSoup:
    """Read a page; it is kept to the end, so that nobody looks for garbage in its hundred thousand parts."""
    gc.disable()
    try:
        return BeautifulSoup(page.read_text("utf-8"), "html.parser")
    finally:
        gc.freeze()
        gc.enable()


@cache
def loads(page: Path) -> list[str]:
    """Return the addresses that a browser fetches for a page, figures included, as the page writes them."""
    found = []
    for name, attribute in LOADED.items():
        for element in soup(page).find_all(name, **{attribute: True}):
            if name != "link" or LOADING_RELATIONS & set(element.get("rel", ())):
                found.append(element[attribute])
    return found + [script["data-src"] for script in soup(page).find_all("script", **{"data-src": True})]


def target(page: Path, address: str) -> tuple[Path, str]:
    """Return the file and the anchor that a relative address names."""
    parts = urlsplit(address)
    path = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    return path, unquote(parts.fragment)


@cache
def anchors(page: Path) -> set[str]:
    return {element["id"] for element in soup(page).find_all(id=True)}


def sent(path: Path) -> int:
    """Return a file's size in bytes as a server sends it; a font is compressed already."""
    data = path.read_bytes()
    return len(data) if path.suffix == ".woff2" else len(gzip.compress(data, 9))


def weight(page: Path, site: Path) -> int:
    """Return what a page weighs as sent, figures aside: HTML, styles, scripts and every text face."""
    files = {target(page, address)[0] for address in loads(page) if not re.search(r"_images/", address)}
    fonts = {site / "_static" / "fonts" / f"{name}.woff2" for name in FONTS_OF_EVERY_PAGE}
    return sum(sent(path) for path in {page, *files, *fonts})
