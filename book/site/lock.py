"""`chapters/lock.json`: what each chapter's outputs were made from and how long its run took.

One line a chapter, so that two branches that ran different chapters merge without a conflict.
"""

import json
from pathlib import Path
from typing import Any

from filelock import FileLock

from book.errors import BookError
from book.site.finding import RUN_AGAIN
from book.site.paths import ROOT, docname, sources
from book.whole_files import write_whole

NAME = "lock.json"
KEYS = ("seconds", "source", "digests")
Entry = dict[str, Any]


def file(root: Path = ROOT) -> Path:
    """Return the lock file's path."""
    return root / "chapters" / NAME


def read(root: Path = ROOT) -> dict[str, Entry]:
    """Return the entry of each chapter: `seconds` of its run, digest of its `source`, `digests` by name.

    Raises:
        BookError: the file is damaged, by a merge for one.

    Examples:
        >>> sorted(read()["1-numbers/conditioning"])
        ['digests', 'seconds', 'source']
    """
    path = file(root)
    if not path.exists():
        return {}
    try:
        entries = json.loads(path.read_text(encoding="utf-8")).items()
        return {name: {key: entry[key] for key in KEYS} for name, entry in entries}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BookError(
            f"chapters/{NAME} cannot be read. Keep one line for each chapter, then {RUN_AGAIN}."
        ) from error


def store(source: Path, entry: Entry, root: Path = ROOT) -> None:
    """Write a chapter's entry; those of other chapters stay, whoever writes at the same time."""
    with FileLock(root / "chapters" / ".lock"):
        entries = read(root) | {docname(source, root): entry}
        present = {docname(path, root) for path in sources(root)}
        kept = sorted(present & entries.keys())
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(entries[name])}" for name in kept)
        write_whole(file(root), f"{{\n{lines}\n}}\n")
