"""`python -m book execute`: run the chapters that changed, side by side, and store their outputs."""

import asyncio
import os
import sys
from pathlib import Path

from book.errors import BookError
from book.site.checks.outputs import output_findings
from book.site.digests import digests
from book.site.pairs import compare, read
from book.site.paths import ROOT, sources
from book.site.runner import in_background, run

BAR_WIDTH = 24


def execute(chapters: list[Path] | None = None, every: bool = False, root: Path = ROOT) -> None:
    """Run the chapters whose source or library code changed since their outputs were stored.

    Args:
        chapters: run exactly these, changed or not.
        every: run all of them.
        root: the book's root.

    Raises:
        BookError: one sentence for each chapter that failed; the others are stored.
    """
    chosen = chapters or [source for source in sources(root) if every or changed(source, root)]
    if not chosen:
        print("Every chapter's outputs are up to date; run all of them again with make execute ALL=1.")
        return
    failures = in_background(_run_all([source.resolve() for source in chosen], root))
    if failures:
        raise BookError("\n".join(failures))


def changed(source: Path, root: Path = ROOT) -> bool:
    """Return whether a chapter's stored outputs are missing, unsound, or made from other code than today's.

    Examples:
        >>> changed(ROOT / "chapters" / "no-such-chapter.py")
        True
    """
    notebook = source.with_suffix(".ipynb")
    if not notebook.exists():
        return True
    made_from = read(notebook).metadata.get("descent", {})
    if any(made_from.get(name) != digest for name, digest in digests(source, root).items()):
        return True
    return bool(compare(source, root) or output_findings(notebook, root))


async def _run_all(chosen: list[Path], root: Path) -> list[str]:
    progress, cores = Progress(len(chosen)), asyncio.Semaphore(os.cpu_count() or 1)
    failures: list[str] = []

    async def one(source: Path) -> None:
        async with cores:
            try:
                note = f"{await run(source, root):6.1f} s"
            except BookError as failure:
                failures.append(str(failure))
                note = "  failed"
        progress.step(note, source.relative_to(root / "chapters").with_suffix("").as_posix())

    await asyncio.gather(*(one(source) for source in chosen))
    return sorted(failures)


class Progress:
    """A bar on a terminal, and one line with its time for each chapter that is done."""

    def __init__(self, total: int):
        self.total, self.done = total, 0
        self._draw()

    def step(self, note: str, name: str) -> None:
        self.done += 1
        print(f"{self._clear()}{note}  {name}", flush=True)
        self._draw()

    def _clear(self) -> str:
        return "\r\x1b[K" if sys.stdout.isatty() else ""

    def _draw(self) -> None:
        if sys.stdout.isatty():
            full = BAR_WIDTH * self.done // self.total
            bar = "█" * full + "░" * (BAR_WIDTH - full)
            end = "\n" if self.done == self.total else ""
            print(f"{self._clear()}{bar} {self.done} of {self.total} chapters", end=end, flush=True)
