"""What a stored notebook was made from: digests of its source and of all that its outputs depend on."""

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

from book.site.checks.claims import claims
from book.site.files_read import files_read
from book.site.modules import Module, names, read_module
from book.site.paths import ROOT
from book.site.reach import LIBRARY, Reach

LENGTH = 8  # hexadecimal digits: one change in four thousand million goes unseen
PRINTS_SOURCE = ("book.display", "show_source")
Place = tuple[str, int]  # a statement: its module and its number there
Printed = dict[Place, bool]  # whether the docstrings are printed too


def source_digest(source: Path) -> str:
    """Return the digest of a chapter's source."""
    return _digest(source.read_bytes())


def digests(source: Path, root: Path = ROOT) -> dict[str, str]:
    """Return the digests of what a chapter's outputs depend on besides its source.

    Of a module count the definitions that the chapter's names lead to (`book.site.reach`), without comments
    and docstrings, except where the chapter prints them. Exercises and data files count by their bytes, the
    chapter's claims by what they say.

    Args:
        source: the chapter's `.py` file.
        root: the book's root, which holds `book/` and `assets/`.

    Returns:
        Name → digest; the name is a module of the library or a path from the root, with slashes.

    Raises:
        BookError: the source or a module is not valid Python.

    Examples:
        >>> list(digests(ROOT / "book" / "errors.py"))
        []
    """
    chapter, reach = read_module("", source), Reach(root)
    reach.whole(chapter)
    printed, files = _shown(chapter, reach), set()
    if exercises := reach.module(_exercises(source)):
        reach.whole(exercises)
        printed |= _named(exercises, reach)
        files.add(exercises.path)
    files |= files_read(reach)
    own = {"", _exercises(source)}  # the source and the exercises count by their bytes
    found = {
        name: _digest(_counted(reach.module_of(name), numbers, printed).encode())
        for name, numbers in reach.statements.items()
        if numbers and name not in own
    }
    found |= {file.relative_to(root).as_posix(): _digest(file.read_bytes()) for file in files}
    found |= {f"claim {name}": _digest(text.encode()) for name, text in _claims(source, root).items()}
    return dict(sorted(found.items()))


def _claims(source: Path, root: Path) -> dict[str, str]:
    """What the claims say that the chapter settles; their evidence is its own output."""
    settled = {claim["id"]: (root / "chapters" / claim["chapter"], claim["claim"]) for claim in claims(root)}
    return {name: text for name, (chapter, text) in settled.items() if chapter == source.with_suffix("")}


def _exercises(source: Path) -> str:
    """Exercises are found by name: chapter `1-numbers/x-y` has its own in `book/exercises/numbers/x_y.py`."""
    part = source.parent.name.partition("-")[2]
    return f"{LIBRARY}.exercises.{part}.{source.stem}".replace("-", "_")


def _shown(chapter: Module, reach: Reach) -> Printed:
    """The definitions that a chapter hands to `show_source`, which leaves their docstrings out."""
    shown: Printed = {}
    nodes = (node for statement in chapter.statements for node in ast.walk(statement))
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        if PRINTS_SOURCE in (_definition(reach, place) for place in _places(chapter, call.func, reach)):
            for argument in call.args:
                known = list(_places(chapter, argument, reach))
                shown |= dict.fromkeys(known or _all(reach), False)
    return shown


def _named(exercises: Module, reach: Reach) -> Printed:
    """The definitions that exercises name: a worked solution prints one as it stands."""
    return {place: True for tree in exercises.statements for place in _places(exercises, tree, reach)}


def _places(module: Module, node: ast.AST, reach: Reach) -> Iterator[Place]:
    for name in names(node):
        for other, number in reach.definitions(module, name):
            yield other.name, number


def _definition(reach: Reach, place: Place) -> tuple[str, str]:
    module, number = place
    return module, getattr(reach.module_of(module).statements[number], "name", "")


def _all(reach: Reach) -> Iterator[Place]:
    return ((name, number) for name, numbers in reach.statements.items() for number in numbers)


def _counted(module: Module, numbers: set[int], printed: Printed) -> str:
    texts = []
    for number in sorted(numbers):
        texts.append(module.meanings[number])
        if (module.name, number) in printed:
            texts.append(module.printed(number, printed[module.name, number]))
    return "\n".join(texts)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:LENGTH]
