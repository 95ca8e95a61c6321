"""Why a chapter has to run again: what its stored outputs were made from, against what stands there now."""

from pathlib import Path

from book.site import lock
from book.site.checks.outputs import output_findings
from book.site.digests import digests, source_digest
from book.site.pairs import compare
from book.site.paths import ROOT, docname, sources

NAMED = 3  # of the dependencies that changed


def reason(source: Path, entries: dict[str, lock.Entry], root: Path = ROOT) -> str | None:
    """Return why a chapter's outputs are not up to date, or None where they are.

    Args:
        source: the chapter's `.py` file.
        entries: of the lock.
        root: the book's root.

    Examples:
        >>> reason(ROOT / "chapters" / "no-such-chapter.py", {})
        'it was never run'
    """
    notebook, entry = source.with_suffix(".ipynb"), entries.get(docname(source, root))
    if entry is None or not notebook.exists():
        return "it was never run"
    if entry["source"] != source_digest(source):
        return f"{source.name} changed"
    if differences := differing(entry["digests"], digests(source, root)):
        more = len(differences) - NAMED
        return ", ".join(differences[:NAMED]) + (f" and {more} more" if more > 0 else "")
    faults = compare(source, root) or output_findings(notebook, root)
    return next((f"cell {fault.cell}: {fault.what}" for fault in faults), None)


def differing(stored: dict[str, str], now: dict[str, str]) -> list[str]:
    """Return what differs between two tables of digests, in words.

    Examples:
        >>> differing({"book.errors": "1", "book.results": "2"}, {"book.errors": "3", "book.display": "4"})
        ['book.errors changed', 'book.display is new to it', 'book.results is no longer used']
    """
    changed = [f"{name} changed" for name in now if stored.get(name, now[name]) != now[name]]
    new = [f"{name} is new to it" for name in now if name not in stored]
    gone = [f"{name} is no longer used" for name in stored if name not in now]
    return changed + new + gone


def explain(root: Path = ROOT) -> None:
    """Print for each chapter whether `execute` would run it, and why."""
    entries, count = lock.read(root), 0
    for source in sources(root):
        why = reason(source, entries, root)
        count += why is not None
        print(f"{docname(source, root)}: {f'runs: {why}' if why else 'up to date'}")
    print(f"{count} of {len(sources(root))} chapters would run.")
