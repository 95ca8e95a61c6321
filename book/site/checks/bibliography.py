"""Checks on the bibliography: no work stands in it twice, and a page says as many pages as the entry has."""

import re
from collections.abc import Iterator
from pathlib import Path

from book.site.checks.text import Page
from book.site.finding import Finding

FILE = Path("assets/references.bib")
WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ENTRY = re.compile(r"^@\w+\s*\{\s*([^,\s]+)\s*,(.*?)^\}", re.S | re.M)
_FIELD = re.compile(r"^\s*(\w+)\s*=\s*\{(.*?)\}\s*,?\s*$", re.M)
_CLAIM = re.compile(r"\{cite:t\}`([^`,]+)`(?:(?!\{cite:t\}).)*?\bin (\w+) pages?\b")


def entries(root: Path) -> dict[str, dict[str, str]]:
    """Return the fields of each entry by its key; a key that is there twice keeps its last entry."""
    file = root / FILE
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return {key: dict(_FIELD.findall(body)) for key, body in _ENTRY.findall(text)}


def bibliography_findings(pages: list[Page], root: Path) -> list[Finding]:
    """Return works that have two entries, and page counts in the text that the entries deny."""
    known = entries(root)
    counted = [page.finding(*fault) for page in pages for fault in _wrong_counts(page, known)]
    return [*_twice(known), *counted]


def _twice(known: dict[str, dict[str, str]]) -> Iterator[Finding]:
    first: dict[tuple[str, str, str], str] = {}
    for key, fields in known.items():
        other = first.setdefault(_work(key, fields), key)
        if other != key:
            what = f"{other} and {key} are one work: the same author, year and first words of the title"
            yield Finding(FILE, None, what, f"keep {other} and cite it in place of {key}")


def _work(key: str, fields: dict[str, str]) -> tuple[str, str, str]:
    if not {"author", "year", "title"} <= fields.keys():
        return key, "", ""
    author = re.split(r",| and ", fields["author"])[0]
    words = re.findall(r"\w+", re.sub(r"[{}]", "", fields["title"].lower()))
    return author.strip("{} ").lower(), fields["year"], " ".join(words[:4])


def _wrong_counts(page: Page, known: dict[str, dict[str, str]]) -> Iterator[tuple[int | None, str, str]]:
    for cell, text in page.passages:
        for key, word in _CLAIM.findall(text):
            first, _, last = known.get(key, {}).get("pages", "").partition("--")
            said = int(word) if word.isdigit() else _count(word.lower())
            if said and first.isdigit() and last.isdigit() and int(last) - int(first) + 1 != said:
                what = f"{key} is said to have {word} pages, and its entry has {first} to {last}"
                yield cell, what, f"correct the count, or the pages in {FILE}"


def _count(word: str) -> int:
    return 1 + WORDS.index(word) if word in WORDS else 0
