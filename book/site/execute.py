"""`python -m book execute`: run the chapters that changed, side by side, and store their outputs."""

import asyncio
from pathlib import Path

from tqdm import tqdm

from book.cores import cores
from book.errors import BookError
from book.site import lock
from book.site.paths import ROOT, docname, sources
from book.site.runner import in_background, run
from book.site.why import reason


def execute(chapters: list[Path] | None = None, every: bool = False, root: Path = ROOT) -> None:
    """Run the chapters whose source or library code changed since their outputs were stored.

    Args:
        chapters: run exactly these, changed or not.
        every: run all of them.
        root: the book's root.

    Raises:
        BookError: one sentence for each chapter that failed; the others are stored.
    """
    entries = lock.read(root)
    chosen = chapters or [source for source in sources(root) if every or reason(source, entries, root)]
    if not chosen:
        print("Every chapter's outputs are up to date; run all of them again with make execute ALL=1.")
        return
    print(f"Running {announced([docname(source.resolve(), root) for source in chosen], entries)}.")
    failures = in_background(_run_all([source.resolve() for source in chosen], root))
    if failures:
        raise BookError("\n".join(failures))


def announced(names: list[str], entries: dict[str, lock.Entry]) -> str:
    """Name the chapters that will run, each with the seconds that it took the last time.

    Args:
        names: of the chapters.
        entries: of the lock.

    Examples:
        >>> announced(["3-first-order/sgd", "3-first-order/muon"], {"3-first-order/sgd": {"seconds": 27.5}})
        '3-first-order/sgd (27.5 s the last time), 3-first-order/muon (never run); 27.5 s in all'
    """
    took = {name: entries[name]["seconds"] for name in names if name in entries}
    each = [f"{name} ({f'{took[name]} s the last time' if name in took else 'never run'})" for name in names]
    return ", ".join(each) + (f"; {sum(took.values()):.1f} s in all" if len(names) > 1 else "")


async def _run_all(chosen: list[Path], root: Path) -> list[str]:
    free, failures = asyncio.Semaphore(cores()), []

    async def one(source: Path) -> None:
        async with free:
            try:
                note = f"{await run(source, root):6.1f} s"
            except BookError as failure:
                failures.append(str(failure))
                note = "  failed"
        bar.write(f"{note}  {docname(source, root)}")
        bar.update()

    # `disable=None`: a bar on a terminal alone; each chapter that is done prints its line anywhere.
    with tqdm(total=len(chosen), desc="chapters", disable=None) as bar:
        await asyncio.gather(*(one(source) for source in chosen))
    return sorted(failures)
