"""Finding the exercises: every module of `book/exercises/<part>/` holds a tuple `EXERCISES`."""

import difflib
import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from types import ModuleType

from book.errors import BookError
from book.exercises.model import Exercise


@cache
def exercises() -> dict[str, Exercise]:
    """Return every exercise of the book by its id, in the order of parts and chapters.

    Examples:
        >>> all(exercise.id == identifier for identifier, exercise in exercises().items())
        True
    """
    return collect(importlib.import_module("book.exercises"))


def find(identifier: str) -> Exercise:
    """Return the exercise with this id.

    Raises:
        BookError: there is none; the ids that look alike are named.
    """
    known = exercises()
    if isinstance(identifier, str) and identifier in known:
        return known[identifier]
    near = difflib.get_close_matches(str(identifier), known, n=3, cutoff=0.5)
    advice = f"Did you mean {' or '.join(near)}?" if near else "Look it up in the chapter's text."
    raise BookError(f"There is no exercise {identifier!r}. {advice}")


def collect(root: ModuleType) -> dict[str, Exercise]:
    """Return the exercises of every module of the packages below `root`.

    Raises:
        ValueError: an id occurs twice, or does not begin with its own part.
    """
    found: dict[str, Exercise] = {}
    for module in _modules(root):
        for exercise in module.EXERCISES:
            _accept(exercise, module, found)
            found[exercise.id] = exercise
    return found


def _modules(root: ModuleType) -> list[ModuleType]:
    packages = [importlib.import_module(info.name) for info in _below(root) if info.ispkg]
    return [importlib.import_module(info.name) for package in packages for info in _below(package)]


def _below(package: ModuleType) -> Iterable[pkgutil.ModuleInfo]:
    return pkgutil.iter_modules(package.__path__, f"{package.__name__}.")


def _accept(exercise: Exercise, module: ModuleType, found: dict[str, Exercise]) -> None:
    part = module.__name__.split(".")[-2].replace("_", "-")
    name = f"Exercise {exercise.id}, in {module.__name__}"
    if exercise.id in found:
        raise ValueError(f"{name}: the id is taken already; choose another one.")
    if exercise.id.split("/")[0].partition("-")[2] != part:
        raise ValueError(f"{name}: the id must begin with the number and the name of its part, {part!r}.")
