"""A Python file as its top-level statements: the names that each binds and the names that it uses."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TypeGuard

from book.errors import BookError
from book.site.unchanged import read_once

Names = tuple[str, ...]  # a dotted name, such as ("schedules", "cosine")
VARS = (("vars",), ("builtins", "vars"))
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
# Decorators that only wrap what they decorate; any other may also write it into a table.
WRAPPERS = {"cache", "contextmanager", "dataclass", "lru_cache", "no_grad", "wraps"}
# What anywidget sends to the page and no notebook stores: a script and a style sheet.
NOT_STORED = {"_esm", "_css"}
NEVER_RUN = ("__name__ == '__main__'", "TYPE_CHECKING")


@dataclass(frozen=True)
class Imported:
    """What an import binds: a module, or a name in it."""

    module: str
    name: Names = ()


@dataclass(eq=False)  # one module is one file that was read: found again by `is`
class Module:
    """A file taken apart.

    Args:
        name: as it is imported, "book.optim.adam" for one; a folder's `__init__.py` bears the folder's name.
        path: the file.
        text: what it holds.
    """

    name: str
    path: Path
    text: str
    statements: list[ast.stmt] = field(default_factory=list)
    bound: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))  # the statements, by name
    imported: dict[str, list[Imported]] = field(default_factory=lambda: defaultdict(list))
    loaded: set[str] = field(default_factory=set)  # dotted names that its imports may execute as modules
    effects: set[int] = field(default_factory=set)  # statements that do more than bind a name
    hooked: set[int] = field(default_factory=set)  # definitions whose making runs other code of the library

    def __post_init__(self):
        try:
            tree = ast.parse(self.text)
        except SyntaxError as error:
            raise BookError(
                f"{self.path.name}, line {error.lineno}: this is not valid Python. Correct the line."
            ) from error
        for node in ast.walk(tree):
            if isinstance(node, IMPORTS):
                self._note_import(node)
        self.statements = [statement for statement in tree.body if not _idle(statement)]
        for number, statement in enumerate(self.statements):
            self._note(number, statement)

    @cached_property
    def uses(self) -> list[set[Names]]:
        """The dotted names in each statement."""
        return [set(names(statement)) for statement in self.statements]

    @cached_property
    def meanings(self) -> list[str]:
        """What each statement does, as text that comments, layout and docstrings do not change.

        To this belongs where the names that it uses are imported from.
        """
        pairs = zip(self.statements, self.uses, strict=True)
        return [repr((_meaning(statement), *self._origins(used))) for statement, used in pairs]

    def _origins(self, used: set[Names]) -> list[str]:
        heads = {name[0] for name in used}
        return sorted(f"{head}: {target}" for head in heads for target in self.imported.get(head, ()))

    def printed(self, number: int, with_docstrings: bool) -> str:
        """Return a statement as it is written, with its comments."""
        statement = self.statements[number]
        first = min([statement.lineno, *(node.lineno for node in getattr(statement, "decorator_list", ()))])
        dropped = set()
        if not with_docstrings:
            strings = (node for node in ast.walk(statement) if _is_string(node))
            dropped = {
                line for node in strings for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
            }
        lines = enumerate(self.text.splitlines()[: statement.end_lineno], start=1)
        return "\n".join(line for number, line in lines if number >= first and number not in dropped)

    def _note(self, number: int, statement: ast.stmt) -> None:
        if isinstance(statement, DEFINITIONS):
            self.bound[statement.name].append(number)
            if _hooked(statement):
                self.hooked.add(number)
            return
        for name in _stored(statement):
            self.bound[name].append(number)
        if not _only_binds(statement):
            self.effects.add(number)

    def _note_import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                target = alias.name if alias.asname else alias.name.partition(".")[0]
                self.imported[alias.asname or target].append(Imported(target))
                self.loaded.add(alias.name)
            return
        module = self._absolute(node)
        for alias in node.names:  # `from x import *` stands under the name "*"
            target = Imported(module) if alias.name == "*" else Imported(module, (alias.name,))
            self.imported[alias.asname or alias.name].append(target)
            self.loaded |= {module, f"{module}.{alias.name}"}

    def _absolute(self, node: ast.ImportFrom) -> str:
        parts = self.name.split(".")
        ups = node.level - (self.path.name == "__init__.py")
        base = parts[: len(parts) - ups] if node.level else []
        return ".".join([*base, *filter(None, [node.module])])


def read_module(name: str, path: Path) -> Module:
    """Return a file taken apart; one that has not changed since is not read again."""
    return _read(path, name)


@read_once
def _read(path: Path, name: str) -> Module:
    return Module(name, path, path.read_text(encoding="utf-8"))


def names(node: ast.AST) -> Iterator[Names]:
    """Yield the dotted names in a piece of code, each as long as it is written.

    Examples:
        >>> sorted(names(ast.parse("x = schedules.cosine(t).sum()")))
        [('schedules', 'cosine'), ('t',), ('x',)]
        >>> list(names(ast.parse("vars(schedules)['cosine']")))  # the whole of it, and no name of this module
        [('schedules',)]
    """
    dotted = _dotted(node)
    if dotted:
        yield dotted
    elif not _not_stored(node):
        parts = node.args if _looks_into(node) else ast.iter_child_nodes(node)
        yield from chain.from_iterable(map(names, parts))


def _looks_into(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether code asks an object for what it has, `vars(x)`; `vars()` asks for all names of the module."""
    return isinstance(node, ast.Call) and bool(node.args) and _dotted(node.func) in VARS


def _dotted(node: ast.AST) -> Names:
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return (*before, node.attr)
    return ()


def _not_stored(node: ast.AST) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else ()
    return any(name[-1] in NOT_STORED for target in targets for name in names(target))


def _idle(statement: ast.stmt) -> bool:
    """Whether a statement does nothing in a chapter: an import, a string, or what only runs elsewhere."""
    if isinstance(statement, ast.If) and not statement.orelse:
        return ast.unparse(statement.test).rpartition("typing.")[2] in NEVER_RUN
    return isinstance(statement, (*IMPORTS, ast.Pass)) or _is_string(statement)


def _is_string(node: ast.AST) -> TypeGuard[ast.Expr]:
    """Whether this is a docstring, or another string that stands alone."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _meaning(part: object) -> object:
    """Return code as nested tuples, alike in every version of Python."""
    if isinstance(part, list):
        return tuple(_meaning(node) for node in part if not _is_string(node))
    if not isinstance(part, ast.AST):
        return part
    fields = ((name, value) for name, value in ast.iter_fields(part) if value not in (None, []))
    return type(part).__name__, *((name, _meaning(value)) for name, value in fields)


def _only_binds(statement: ast.stmt) -> bool:
    """Whether a statement gives values to names of this module and does nothing else that is to be seen."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    plain = all(isinstance(node, ast.Name | ast.Tuple) for node in targets)
    return isinstance(statement, ast.Assign | ast.AnnAssign) and plain


def _stored(statement: ast.stmt) -> set[str]:
    return {
        node.id if isinstance(node, ast.Name) else node.name
        for node in ast.walk(statement)
        if isinstance(node, DEFINITIONS) or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    }


def _hooked(definition: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether making it runs a decorator, or the hooks of a base class, that could keep it in a table."""
    calls = [node.func if isinstance(node, ast.Call) else node for node in definition.decorator_list]
    strange = any((_dotted(call) or ("?",))[-1] not in WRAPPERS for call in calls)
    return strange or bool(getattr(definition, "bases", ()) or getattr(definition, "keywords", ()))
