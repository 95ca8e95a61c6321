"""Checks on a lesson: each Predict has an Answer that nothing gives away, and what is finished is short."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from book.site.checks.text import Page
from book.site.checks.typed import told
from book.site.finding import Finding
from book.site.myst import blocks, directive
from book.site.reading import FOLDED, LIMITS, amounts

_ANSWER = re.compile(r'<details class="answer"(?: data-right="([^"]*)")?>')
_OLD = re.compile(r"\*\*Predict\b[^*]*[:,.?]\*\*|\*\*Predict\*\*[:,]")
_ITEM = re.compile(r"^ {0,3}[-*+] +(?:`([a-z])`)?", re.M)
_NUMBER = re.compile(r"(?<![\w.,])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?(?!\w|[.,]\d)")
UNSEEN = FOLDED | {"remove-cell"}
SMALL = 12  # a right number up to this stands in many texts by chance


@dataclass(frozen=True)
class Event:
    """What a reader meets: a heading, a Predict, its Answer, or a visible cell that tells what is seen."""

    what: str
    cell: int
    kind: str = ""
    text: str = ""


def predict_findings(page: Page) -> list[Finding]:
    """Return each Predict without its Answer, and each whose answer is given away before it."""
    found, asked, before = [], None, ""
    for event in _events(page):
        if event.what == "old":
            found.append(
                page.finding(event.cell, "a Predict stands in a paragraph", "write a {predict} block")
            )
        if event.what in ("heading", "predict"):
            if asked:
                found.append(page.finding(asked.cell, "a Predict has no Answer", _ANSWER_IT))
            asked, before = (event, before) if event.what == "predict" else (None, "")
        elif event.what == "answer" and asked is None:
            found.append(page.finding(event.cell, "an Answer has no Predict before it", "ask before the run"))
        elif event.what == "answer" and asked:
            found += _unfit(page, asked, event, before)
            asked = None
        elif event.what == "told" and asked:
            what = f"the cell tells what the Predict of cell {asked.cell} asks"
            found.append(page.finding(event.cell, what, 'fold it with the tag "hide-input"'))
        before += "" if asked else event.text
    if asked:
        found.append(page.finding(asked.cell, "a Predict has no Answer", _ANSWER_IT))
    return found


_ANSWER_IT = "answer it in the same section: reveal(…) in a folded cell, or an {answer} block"


def _unfit(page: Page, asked: Event, answer: Event, before: str) -> list[Finding]:
    """Return what is wrong between a Predict with options or a number and the answer that is called right."""
    right, keys = answer.kind, _ITEM.findall(asked.text)
    if asked.kind == "open":
        return []
    if not right:
        return [
            page.finding(answer.cell, f"the Answer to a {asked.kind} does not say which is right", "say it")
        ]
    if asked.kind == "choice" and (len(keys) < 2 or "" in keys or len(set(keys)) < len(keys)):
        what = "the options of a Predict need a letter each, `a`, `b`, …, and there are two or more"
        return [page.finding(asked.cell, what, "write '- `a`: …'")]
    if asked.kind == "choice" and right not in keys:
        what = f"the right option is {right!r}, and the Predict has {', '.join(keys)}"
        return [page.finding(answer.cell, what, "name one of them")]
    if asked.kind == "number" and not _NUMBER.fullmatch(right):
        return [page.finding(answer.cell, f"the right number is {right!r}", "write it in digits")]
    if asked.kind == "number" and _told_before(float(right.replace(",", "")), before):
        return [
            page.finding(asked.cell, f"the answer {right} stands before the question", "ask before you tell")
        ]
    return []


def _told_before(right: float, before: str) -> bool:
    told = {float(number.replace(",", "")) for number in _NUMBER.findall(before)}
    return right in told and not (right.is_integer() and abs(right) <= SMALL)


def _events(page: Page) -> Iterator[Event]:
    for number, cell in enumerate(page.cells, start=1):
        if cell.cell_type == "markdown":
            yield from _written(cell.source, number)
            continue
        if not UNSEEN & set(cell.metadata.get("tags", [])) and _tells(cell.source):
            yield Event("told", number)
        for output in cell.get("outputs", []):
            printed = output.get("data", {}).get("text/markdown", "")
            match = _ANSWER.search(printed)
            yield Event("answer", number, match[1] or "") if match else Event("printed", number, text=printed)


def _written(markdown: str, number: int) -> Iterator[Event]:
    for token in blocks(markdown):
        inside = directive(token)
        if token.type == "heading_open" and int(token.tag[1]) <= 3:
            yield Event("heading", number)
        elif inside and inside.name == "predict":
            listed = "choice" if _ITEM.search(inside.body) else "open"
            yield Event("predict", number, inside.argument or listed, inside.body)
        elif inside and inside.name == "answer":
            yield Event("answer", number, inside.argument)
        elif token.type == "inline":
            yield Event("old" if _OLD.search(token.content) else "prose", number, text=token.content + "\n")


def _tells(source: str) -> bool:
    """Whether a cell's own text says what is seen: an alt text, a sentence."""
    return any(len(text) > 20 for text in told(source))


def finished(page: Page) -> bool:
    """Whether the chapter's header declares it finished."""
    return bool(page.metadata.get("finished"))


def length_findings(page: Page) -> list[Finding]:
    """Return what of a finished chapter's core is over its limit."""
    if not finished(page):
        return []
    core, _ = amounts(page)
    mend = 'move a section below "Going further", or fold what serves'
    return [
        page.finding(None, f"the core has {getattr(core, what):.0f} {what}, at most {most}", mend)
        for what, most in LIMITS.items()
        if getattr(core, what) > most
    ]
