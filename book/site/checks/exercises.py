"""A check on the headings of exercises: one form in all chapters, counted from 1, with one to three stars."""

import re
from collections.abc import Iterator
from itertools import count

from book.site.checks.text import Page
from book.site.finding import Finding

_HEADING = re.compile(r"^(?:#+ |\*\*)(?:An e|E)xercise\b.*$", re.M)
_COUNTED = re.compile(r"### Exercise (\d+): .+ \(★{1,3}\)")
_AMONG_THE_DEPTH = re.compile(r"#### An exercise: .+ \(★{1,3}\)")


def exercise_findings(page: Page) -> list[Finding]:
    """Return the headings of exercises that are of another form, or out of their order."""
    mend = (
        'write "### Exercise 1: its name (★)" and count on, or "#### An exercise: its name (★)" further down'
    )
    return [page.finding(cell, f"an exercise has the heading {line!r}", mend) for cell, line in _odd(page)]


def _odd(page: Page) -> Iterator[tuple[int | None, str]]:
    numbers = count(1)
    for cell, text in page.passages:
        for line in _HEADING.findall(text):
            counted = _COUNTED.fullmatch(line)
            if not (_AMONG_THE_DEPTH.fullmatch(line) or (counted and int(counted[1]) == next(numbers))):
                yield cell, line
