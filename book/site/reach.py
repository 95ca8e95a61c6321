"""What a file's outcome depends on: the library's definitions that its names lead to, and theirs in turn.

A name leads through a package's `__init__.py` to the statement that binds it. Where it cannot be told which
definition a name leads to (a module handed on as a value, `import *`, a look-up by text), the whole module
counts. Of a module that is imported and not named, only the statements count that do more than bind a name.
What cannot be seen this way: an assignment that calls a function for its side effect. Write such a call as a
statement of its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from book.site.modules import Imported, Module, Names, read_module

LIBRARY = "book"
BY_TEXT = {"__import__", "eval", "exec", "globals", "locals", "vars"}


class Reach:
    """The statements that are reached from some files, by module.

    Args:
        root: the book's root, which holds `book/`.

    Examples:
        >>> from book.site.paths import ROOT
        >>> reach = Reach(ROOT)
        >>> reach.whole(reach.module("book.errors"))
        >>> [name for name, statements in reach.statements.items() if statements]
        ['book.errors']
    """

    def __init__(self, root: Path):
        self.root = root
        self.statements: dict[str, set[int]] = defaultdict(set)
        self._modules: dict[str, Module | None] = {}
        self._started: dict[str, Module] = {}
        self._executed: set[str] = set()
        self._waiting: list[tuple[Module, int]] = []
        self._definitions: dict[tuple[str, Names], list[tuple[Module, int]]] = {}

    def module(self, name: str) -> Module | None:
        """Return a module of the library, or None where there is no such file."""
        if name not in self._modules:
            self._modules[name] = self._read(name)
        return self._modules[name]

    def _read(self, name: str) -> Module | None:
        if name.partition(".")[0] != LIBRARY:
            return None
        base = self.root.joinpath(*name.split("."))
        files = (base.with_suffix(".py"), base / "__init__.py")
        return next((read_module(name, file) for file in files if file.is_file()), None)

    def module_of(self, name: str) -> Module:
        """Return a module that was reached, the files included from which all is reached."""
        module = self._started.get(name) or self.module(name)
        assert module, f"{name} was reached, so it is there"
        return module

    def whole(self, module: Module) -> None:
        """Reach every statement of a module, and all that follows."""
        self._started[module.name] = module
        self._execute(module.name, module)
        self._add((module, number) for number in range(len(module.statements)))
        self._follow()

    def definitions(self, module: Module, name: Names) -> list[tuple[Module, int]]:
        """Return the statements that a dotted name in a module leads to; none where it is not the library's.

        The module itself is told as each of its statements.
        """
        key = module.name, name
        if key not in self._definitions:
            targets = _led_to(module, name)
            self._definitions[key] = [found for target in targets for found in self._found(target, set())]
        return self._definitions[key]

    def _follow(self) -> None:
        while self._waiting:
            module, number = self._waiting.pop()
            for name in module.uses[number]:
                if _looks_up(name):
                    self._add(self._all(module, set()))
                self._add(self.definitions(module, name))

    def _add(self, found: Iterable[tuple[Module, int]]) -> None:
        for module, number in found:
            self._execute(module.name, module)
            fresh = ({number} | module.hooked) - self.statements[module.name]
            self.statements[module.name] |= fresh
            self._waiting += [(module, other) for other in fresh]

    def _execute(self, name: str, module: Module | None) -> None:
        """Importing a module runs the packages around it and what it imports."""
        if module is None or name in self._executed:
            return
        self._executed.add(name)
        self.statements[name] |= module.effects
        self._waiting += [(module, number) for number in module.effects]
        for star in module.imported.get("*", ()):
            self._add(self._found(star, set()))
        parents = {name.rsplit(".", cut)[0] for cut in range(1, name.count(".") + 1)}
        for other in parents | module.loaded:
            self._execute(other, self.module(other))

    def _all(self, module: Module, seen: set) -> Iterator[tuple[Module, int]]:
        yield from ((module, number) for number in range(len(module.statements)))
        for targets in module.imported.values():
            for target in targets:
                yield from self._found(target, seen)

    def _found(self, target: Imported, seen: set) -> Iterator[tuple[Module, int]]:
        module = self.module(target.module)
        if module is None or target in seen:
            return
        seen.add(target)
        if not target.name:
            yield from self._all(module, seen)
            return
        head, rest = target.name[0], target.name[1:]
        yield from ((module, number) for number in module.bound.get(head, ()))
        for further in _led_to(module, target.name):
            yield from self._found(further, seen)
        if head not in module.bound and head not in module.imported:
            below = f"{module.name}.{head}"
            known = self.module(below) is not None
            yield from self._found(Imported(below, rest) if known else Imported(module.name), seen)


def _looks_up(name: Names) -> bool:
    """Whether a name stands for a look-up by text; a method that is called `eval` does not."""
    return name[-1] == "import_module" or (name[-1] in BY_TEXT and name[:-1] in ((), ("builtins",)))


def _led_to(module: Module, name: Names) -> Iterator[Imported]:
    """Yield what a dotted name in a module is by its imports: theirs, with the rest of the name."""
    head, rest = name[0], name[1:]
    if head in module.bound:
        yield Imported(module.name, (head,))
    for target in module.imported.get(head, ()):
        yield Imported(target.module, target.name + rest)
