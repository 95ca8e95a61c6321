"""Checks on what a cell tells: a number in it is computed, or it is an input that stands in the code.

An alt text, a sentence, a table or a claim's evidence that says "near 0.047", where no 0.047 stands in the
code, quotes a measurement by hand: the run can change and the sentence cannot. So each number in the fixed
part of such a text must stand in the chapter's code, up to this cell, as a number (a rate, a count of steps)
or in another string (the name of a run). 0, 1 and 2 are free. A count of seeds that is printed is always
computed; in prose it is the number over which the code of the same section runs. What is exact and yet not in
the code stands in `assets/typed_numbers.yml` with its reason. What this does not see: a wrong number that is
by chance an input as well, and a number in words.
"""

import ast
import math
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from book.site.checks.text import Page
from book.site.finding import RUN_AGAIN, Finding
from book.site.paths import ROOT
from book.site.unchanged import read_once

FILE = Path("assets/typed_numbers.yml")
TELLS = {"show": 1, "say": 0, "table": 0, "evidence": 2, "reveal": 0}  # and the first argument that is text
FREE = {0.0, 1.0, 2.0}
WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = re.compile(  # not the base of a power
    r"(?<![\w.,])(?>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w.]*[A-Za-z_]|[\^⁰¹²³⁴-⁹⁻])"
)
_HEADING = re.compile(r"^(?=#{1,6} )", re.M)
_SEEDS = re.compile(rf"\b({'|'.join(WORDS)}|\d+) (?:random |other )?(?:seeds|initialisations)\b", re.I)


def allowed(root: Path = ROOT) -> dict[str, set[str]]:
    """Return what may stand typed, by chapter."""
    file, found = root / FILE, {}
    for entry in _entries(file) if file.exists() else []:
        found.setdefault(entry["chapter"], set()).update(entry["typed"])
    return found


@read_once
def _entries(file: Path) -> list[dict]:
    return yaml.safe_load(file.read_text(encoding="utf-8")) or []


def typed_findings(page: Page, free: set[str]) -> list[Finding]:
    """Return the numbers and the counts of seeds that a chapter types where it could compute them.

    Args:
        page: a chapter.
        free: what may stand typed in it.
    """
    mend = f"compute it in the cell, or give the reason in {FILE}, then {RUN_AGAIN}"
    return [page.finding(cell, what, mend) for cell, typed, what in _typed(page) if typed not in free]


def unused_findings(pages: list[Page], free: dict[str, set[str]]) -> list[Finding]:
    """Return the entries of the list that no chapter needs any more."""
    by_name = {page.document: page for page in pages}
    found = []
    for chapter, typed in free.items():
        needed = {text for _, text, _ in _typed(by_name[chapter])} if chapter in by_name else set()
        found += [
            Finding(FILE, None, f"{text!r} does not stand typed in {chapter}", "drop it from the list")
            for text in sorted(typed - needed)
        ]
    return found


def _typed(page: Page) -> Iterator[tuple[int, str, str]]:
    """Yield cell, what is typed there, and what is wrong with it."""
    inputs = set(FREE)
    for number, source in _code(page):
        inputs |= _inputs(source)
        for text in told(source):
            strange = (m.group() for m in _NUMBER.finditer(text) if _value(m.group()) not in inputs)
            for typed in strange:
                yield number, typed, f"it prints {typed}, which is neither computed nor an input in the code"
            for found in _SEEDS.finditer(text):
                yield number, found.group().lower(), f"it prints {found.group()!r} as typed, not as counted"
    for number, typed, runs in _prose_seeds(page):
        yield number, typed, f"it says {typed!r}, and the code of its section runs over {runs}"


def _code(page: Page) -> Iterator[tuple[int, str]]:
    numbered = enumerate(page.cells, start=1)
    yield from ((number, cell.source) for number, cell in numbered if cell.cell_type == "code")


@lru_cache(maxsize=10_000)
def _nodes(source: str) -> tuple[ast.AST, ...]:
    """Return all of a cell's code; a cell that is not plain Python (`%%time`) tells nothing here."""
    try:
        return tuple(ast.walk(ast.parse(source)))
    except SyntaxError:
        return ()


def told(source: str) -> Iterator[str]:
    """Yield the fixed texts that a cell tells; what an f-string computes has a mark in its place."""
    for node in _telling(source):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "_" for part in node.values)
        else:
            yield node.value


def _telling(source: str) -> Iterator[Any]:
    """Yield the strings among the arguments of the calls that tell something."""
    for node in _nodes(source):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TELLS:
            for argument in (*node.args[TELLS[node.func.id] :], *(key.value for key in node.keywords)):
                yield from _strings(argument)


def _strings(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node
    elif not isinstance(node, ast.Subscript | ast.Compare):
        for child in ast.iter_child_nodes(node):
            yield from _strings(child)


@lru_cache(maxsize=10_000)
def _inputs(source: str) -> set[float]:
    """Return the numbers in a cell's code, and in those of its strings that are not told."""
    told = {id(part) for node in _telling(source) for part in (node, *getattr(node, "values", ()))}
    code = [node.value for node in _nodes(source) if isinstance(node, ast.Constant) and id(node) not in told]
    found = {abs(float(value)) for value in code if isinstance(value, int | float)}
    names = " ".join(value for value in code if isinstance(value, str))
    found |= {_value(match.group()) for match in _NUMBER.finditer(names)}
    digits = {round(-math.log10(value), 9) for value in found if 0 < value < 1}  # 1e-12 is "to 12 digits"
    return found | digits


def _value(digits: str) -> float:
    return float(digits.replace(",", ""))


def _prose_seeds(page: Page) -> Iterator[tuple[int, str, str]]:
    """Yield the counts of seeds in prose that are not those of their section's code."""
    for section in _sections(page):
        code = [text for _, kind, text in section if kind == "code"]
        runs = {count for source in code for count in _seeds_run(source)}
        for number, _, text in (piece for piece in section if runs and piece[1] == "markdown"):
            for found in _SEEDS.finditer(text):
                if _count(found.group(1)) not in runs:
                    yield number, found.group().lower(), " or ".join(map(str, sorted(runs)))


def _sections(page: Page) -> list[list[tuple[int, str, str]]]:
    """Return the page in groups, each from one heading to the next: the cell's number, its kind, the text."""
    groups: list[list[tuple[int, str, str]]] = [[]]
    for number, cell in enumerate(page.cells, start=1):
        markdown = cell.cell_type == "markdown"
        for text in _HEADING.split(cell.source) if markdown else [cell.source]:
            if markdown and text.startswith("#"):
                groups.append([])
            groups[-1].append((number, cell.cell_type, text))
    return groups


def _count(word: str) -> int:
    return int(word) if word.isdigit() else 2 + WORDS.index(word.lower())


def _seeds_run(source: str) -> Iterator[int]:
    """Yield over how many seeds each loop or list of seeds runs."""
    for node in _nodes(source):
        pairs = []
        if isinstance(node, ast.For | ast.comprehension):
            pairs = [(node.target, node.iter)]
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        for target, values in pairs:
            if isinstance(target, ast.Name) and _is_seed(target.id, values):
                yield from _length(values)


def _is_seed(name: str, values: ast.expr) -> bool:
    """Whether a name stands for seeds: "seed" is in it, or it is `s` and counts."""
    return "seed" in name.lower() or (name == "s" and isinstance(values, ast.Call))


def _length(node: ast.expr) -> Iterator[int]:
    match node:
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(n))]):
            yield n
        case ast.Tuple(elts=found) | ast.List(elts=found):
            yield len(found)
