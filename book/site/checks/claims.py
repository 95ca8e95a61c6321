"""Checks on claims: what `assets/claims.yml` says is word for word what a chapter's run printed."""

import re
from collections import Counter
from pathlib import Path

import yaml

from book.site.checks.text import Page
from book.site.finding import RUN_AGAIN, Finding
from book.site.paths import ROOT
from book.site.unchanged import read_once

FILE = Path("assets/claims.yml")
_EVIDENCE = re.compile(
    r'<span id="claim-[^"]+"></span>\n\n> \*\*Claim (\w+)\.\*\* (?P<claim>.+?)'
    r"\n\n\*\*Verdict: (?P<verdict>[^*]+)\.\*\* (?P<evidence>.+?)(?:\n\n\*\*So what\?\*\* (?P<so>.+?))?"
    r'(?:\n\n<details class="more"><summary>[^<]*</summary>\n\n(?P<more>.+)\n\n</details>)?',
    re.S,
)


def claims(root: Path = ROOT) -> list[dict]:
    """Return the entries of the claims file in its order; as long as it has not changed it is read once."""
    file = root / FILE
    return _entries(file) if file.exists() else []


@read_once
def _entries(file: Path) -> list[dict]:
    return yaml.safe_load(file.read_text(encoding="utf-8")) or []


def claim_findings(pages: list[Page], entries: list[dict]) -> list[Finding]:
    """Return where entries of the claims file and the evidence printed in the chapters differ."""
    told = {entry["id"]: entry for entry in entries}
    twice = [name for name, count in Counter(entry["id"] for entry in entries).items() if count > 1]
    printed = {found[1]: (page, cell, found.groupdict()) for page in pages for cell, found in _printed(page)}
    repeated = [Finding(FILE, None, f"claim {name} has two entries", "keep one of them") for name in twice]
    without_run = [_no_evidence(told[name]) for name in told if name not in printed]
    return (
        repeated
        + without_run
        + [_so_what(told[name]) for name in told if not told[name].get("so")]
        + [fault for name in printed for fault in _differences(name, told.get(name), *printed[name])]
    )


def _printed(page: Page) -> list[tuple[int | None, re.Match]]:
    found = ((cell, _EVIDENCE.fullmatch(text)) for cell, text in page.passages)
    return [(cell, match) for cell, match in found if match]


def _no_evidence(entry: dict) -> Finding:
    mend = f'print it there with evidence("{entry["id"]}", …), then {RUN_AGAIN}'
    return Finding(
        FILE, None, f"claim {entry['id']} has no evidence in {entry.get('chapter', 'any chapter')}", mend
    )


def _so_what(entry: dict) -> Finding:
    what = f"claim {entry['id']} does not say what follows from it"
    return Finding(FILE, None, what, "write one line as its `so`, here and in the chapter's evidence(…)")


def _differences(
    name: str, entry: dict | None, page: Page, cell: int | None, printed: dict[str, str | None]
) -> list[Finding]:
    mend = f"copy what the cell prints into {FILE}"
    if entry is None:
        return [page.finding(cell, f"claim {name} is settled here but {FILE} has no entry for it", mend)]
    here = {"chapter": page.document} | printed
    here = {key: " ".join((value or "").split()) for key, value in here.items()}
    return [
        page.finding(
            cell, f"claim {name} has the {key} {value!r} here and {_told(entry, key)!r} in {FILE}", mend
        )
        for key, value in here.items()
        if _told(entry, key) != value
    ]


def _told(entry: dict, key: str) -> str:
    return " ".join(str(entry.get(key, "")).split())
