"""Sections that moved to another chapter: the page on which they stood still has their anchors.

The table is `assets/moved.yml`. Each old anchor is an entry of a folded list at the end of its old page, with
a link to the new place; `page.js` follows the link of an entry that an address names. Without JavaScript the
browser shows the entry.
"""

import posixpath

import yaml

from book.site.paths import ASSETS

FILE = ASSETS / "moved.yml"


def table() -> dict[str, dict[str, str]]:
    """Return by page, then by old anchor, where the section stands now: "1-numbers/sixteen-bits#one-nan"."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8")) or {}


def links(docname: str) -> str:
    """Return the list of what moved away from a page, as HTML; empty where nothing did.

    Examples:
        >>> print(links("1-numbers/floating-point").splitlines()[2])
        <li id="cancellation"><a href="sums-and-cancellation.html#cancellation">Cancellation</a></li>
        >>> links("1-numbers/conditioning")
        ''
    """
    entries = [_entry(docname, anchor, place) for anchor, place in table().get(docname, {}).items()]
    if not entries:
        return ""
    opening = '<details class="moved"><summary>What moved from here to other chapters</summary>'
    return "\n".join([opening, "<ul>", *entries, "</ul>", "</details>"])


def _entry(docname: str, anchor: str, place: str) -> str:
    page, _, section = place.partition("#")
    address = posixpath.relpath(page, posixpath.dirname(docname) or ".")
    text = anchor.replace("-", " ").capitalize()
    return f'<li id="{anchor}"><a href="{address}.html#{section}">{text}</a></li>'
