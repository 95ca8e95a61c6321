"""What a stored notebook was made from: digests of its source and of the library modules that it imports."""

import ast
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from book.errors import BookError
from book.site.paths import ROOT

_LOADS = {  # what is read, and the name of its file
    re.compile(r"""\bresults\.load\(["']([^"']+)["']\)"""): "{}",
    re.compile(r"""\bload_comparison\(["']([^"']+)["']\)"""): "compare-{}",
}


def digests(source: Path, root: Path = ROOT) -> dict[str, str]:
    """Return the digest of a chapter's source and of the library code that its outputs depend on.

    Args:
        source: the chapter's `.py` file.
        root: the book's root, which holds `book/` and `assets/`.

    Raises:
        BookError: the source or a module is not valid Python.
    """
    return {"source": _digest([source]), "library": _digest(library(source, root))}


def library(source: Path, root: Path = ROOT) -> list[Path]:
    """Return the files that a chapter reaches: its imports, its exercises, stored results, sample data.

    Examples:
        >>> [path.name for path in library(ROOT / "book" / "errors.py")]
        []
    """
    reached: set[Path] = set()
    waiting = [*_modules(_imported(source), root), *_exercises(source, root)]
    while waiting:
        file = waiting.pop()
        if file not in reached:
            reached.add(file)
            waiting += _modules(_imported(file), root)
    stored = {root / "assets" / "results" / f"{name}.json" for name in _loaded([source, *reached])}
    reached.update(file for file in stored if file.exists())
    if root / "book" / "training" / "data" / "sample.py" in reached:
        reached.update((root / "assets" / "data").glob("*.webp"))
    return sorted(reached)


def _loaded(files: Iterable[Path]) -> set[str]:
    """Return the names of the stored results that files read, by the literal names in their calls."""
    texts = [file.read_text(encoding="utf-8") for file in files]
    return {
        name.format(found) for load, name in _LOADS.items() for text in texts for found in load.findall(text)
    }


def _exercises(source: Path, root: Path) -> list[Path]:
    """Exercises are found by name: chapter `1-numbers/x-y` has its own in `book/exercises/numbers/x_y.py`."""
    part = source.parent.name.partition("-")[2].replace("-", "_")
    file = root / "book" / "exercises" / part / f"{source.stem.replace('-', '_')}.py"
    return [file] if file.exists() else []


def _imported(file: Path) -> set[str]:
    try:
        nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    except SyntaxError as error:
        raise BookError(
            f"{file.name}, line {error.lineno}: this is not valid Python. Correct the line."
        ) from error
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return plain | {name for node in froms for name in _names(node)}


def _names(node: ast.ImportFrom) -> list[str]:
    return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]


def _modules(names: Iterable[str], root: Path) -> list[Path]:
    prefixes = {name.rsplit(".", cut)[0] for name in names for cut in range(name.count(".") + 1)}
    own = (root.joinpath(*name.split(".")) for name in prefixes if name.split(".")[0] == "book")
    candidates = (file for base in own for file in (base.with_suffix(".py"), base / "__init__.py"))
    return [file for file in candidates if file.exists()]


def _digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for file in files:
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
