"""The status page: what each chapter holds and how long its notebook ran."""

from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from book.site import lock
from book.site.checks.cells import opted_out
from book.site.checks.claims import claims
from book.site.checks.text import Page
from book.site.nested import parsed
from book.site.pairs import read
from book.site.paths import ROOT, docname, notebooks
from book.site.reading import amounts, further_minutes

Counted = dict[Path, tuple[tuple[int, int], dict[str, Any]]]


def counts(path: Path, kept: Counted | None = None) -> dict[str, Any]:
    """Return what a chapter holds: minutes to read, run time in seconds, cells, exercises, claims.

    Minutes of the core, with what goes further, and with every line of code.

    Args:
        path: of the stored notebook.
        kept: what was counted in notebooks before, with their files' times and sizes; brought up to date.
    """
    kept, file = {} if kept is None else kept, path.stat()
    stamp = file.st_mtime_ns, file.st_size
    if path not in kept or kept[path][0] != stamp:
        kept[path] = stamp, counted(path)
    return kept[path][1] | {
        "seconds": lock.read().get(docname(path), {}).get("seconds", 0.0),
        "claims": sum(claim["chapter"] == docname(path) for claim in claims()),
    }


def counted(path: Path) -> dict[str, Any]:
    """Return what is counted in a notebook itself, which takes a tenth of a second."""
    notebook, page = read(path), Page(path, ROOT)
    core, whole = amounts(page)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return {
        "core": core.minutes,
        "further": core.minutes + sum(further_minutes(page)),
        "whole": whole.minutes,
        "cells": len(cells),
        "compared": sum(not opted_out(cell) for cell in cells),
        "exercises": sum("solution(" in cell.source for cell in cells),
    }


def in_reading_order() -> list[Path]:
    """Return the notebooks in the order of `_toc.yml`."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    files = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    return sorted(notebooks(), key=lambda path: files.index(docname(path)))


class Status(SphinxDirective):
    """`{status}`: a table with one row a chapter and a last row with the totals."""

    def run(self) -> list[nodes.Node]:
        rows, kept = [], vars(self.env).setdefault("descent_counted", {})  # Sphinx stores it with its pages
        for path in in_reading_order():
            self.env.note_dependency(str(path))
            self.env.note_dependency(str(lock.file()))
            rows.append((f"{{doc}}`/{docname(path)}`", counts(path, kept)))
        rows.append(("**All chapters**", {key: sum(row[key] for _, row in rows) for key in rows[0][1]}))
        return parsed(self, _table(rows))


def _table(rows: list[tuple[str, dict]]) -> list[str]:
    head = [
        "| Chapter | Core | With all folds | Run time | Code cells | Compared | Exercises | Claims |",
        "|:--|--:|--:|--:|--:|--:|--:|--:|",
    ]
    return head + [
        f"| {title} | {row['core']:.0f} min | {row['whole']:.0f} min | {row['seconds']:.1f} s "
        f"| {row['cells']} | {row['compared']} | {row['exercises']} | {row['claims']} |"
        for title, row in rows
    ]
