"""API pages: the modules of a package, each with what it offers, written by Sphinx from the docstrings."""

import inspect
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import nested_parse_with_titles

BEFORE_NAPOLEON = 400  # Sphinx calls whoever listens in the order of such numbers, and 500 is the default
_CODE = re.compile(r"`([^`]+)`")
_MARKS = re.compile(r"([*|_\\])")


class Api(SphinxDirective):
    """`api`: the docstring of a package or a module, then a section for each module below it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        top = import_module(self.arguments[0])
        lines = [*_automodule(top.__name__, members=bool(offered(top)))]
        for module in modules_below(top):
            title = module.__name__.removeprefix("book.")
            lines += [title, "-" * len(title), "", *_automodule(module.__name__)]
        section = nodes.section()
        section.document = self.state.document
        nested_parse_with_titles(self.state, StringList(lines, top.__name__), section)
        return section.children


def modules_below(top: ModuleType) -> Iterator[ModuleType]:
    """Yield the modules of a package, and of its subpackages, that offer something.

    Examples:
        >>> import book.numerics
        >>> [module.__name__.split(".")[-1] for module in modules_below(book.numerics)][-2:]
        ['values', 'vector']
    """
    for found in pkgutil.walk_packages(getattr(top, "__path__", []), f"{top.__name__}."):
        module = import_module(found.name)
        if offered(module):
            yield module


def offered(module: ModuleType) -> list[str]:
    """Return the public functions and classes that a module defines and describes.

    Examples:
        >>> import book.numerics.exact
        >>> offered(book.numerics.exact)
        ['exact_solve']
    """
    return [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(thing) or inspect.isclass(thing))
        and thing.__module__ == module.__name__
        and thing.__doc__
    ]


def _automodule(name: str, members: bool = True) -> list[str]:
    return [f".. automodule:: {name}", *(["   :members:"] if members else []), ""]


def as_restructured_text(docstring: str) -> str:
    """Return a paragraph of a docstring as Sphinx reads it: code in two backticks, marks as themselves.

    Examples:
        >>> as_restructured_text("`x_` is |x|, or x*y.")
        '``x_`` is \\\\|x\\\\|, or x\\\\*y.'
    """
    pieces = _CODE.split(docstring)
    return "".join(
        f"``{piece}``" if number % 2 else _MARKS.sub(r"\\\1", piece) for number, piece in enumerate(pieces)
    )


def _rewrite(app: Sphinx, what: str, name: str, thing: object, options: dict, lines: list[str]) -> None:
    """Rewrite a docstring in place, its examples aside."""
    text, head, examples = "\n".join(lines).partition("\nExamples:\n")
    lines[:] = (as_restructured_text(text) + head + examples).split("\n")


def setup(app: Sphinx) -> None:
    """Register the directive, and how docstrings are read."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.add_directive("api", Api)
    app.connect("autodoc-process-docstring", _rewrite, priority=BEFORE_NAPOLEON)
