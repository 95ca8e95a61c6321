"""The files that code reads: stored results by their names, and what it finds from its own file's path."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from book.site.modules import Module, Names, names
from book.site.reach import Reach

CARD = "book/optim/cards/{lower}.md"
# Who reads a file by a name: the files that it chooses from, by its first argument or that in small letters.
LOADERS = {
    ("book.results", "load"): "assets/results/{name}.json",
    ("book.project.comparison_file", "load_comparison"): "assets/results/compare-{name}*.json",  # any budget
    ("book.project.comparison_file", "load_predictions"): "assets/results/compare-{name}*.npz",
    ("book.display", "one_screen"): CARD,
    ("book.display", "use_it"): CARD,
    ("book.cards", "cards"): CARD,
}
RESULTS = Path("assets", "results")
CLAIMS = Path("assets", "claims.yml")  # a chapter prints its own alone: `digests` counts them one by one
NO_DATA = {".py", ".pyc", ".md", ".js", ".css"}  # scripts and styles go to the page, not into an output


def files_read(reach: Reach) -> set[Path]:
    """Return the files that the reached statements read, as far as their text tells.

    A result or a card whose name is known at run time alone stands for all of them, a folder for its data.
    """
    found = set()
    for module in map(reach.module_of, reach.statements):
        for number in reach.statements[module.name]:
            found.update(_loaded(reach, module, number))
            for path in _paths(module).get(number, ()):
                found.update(_data(path, module.path, reach.root))
    return found


def _loaded(reach: Reach, module: Module, number: int) -> Iterator[Path]:
    statement = module.statements[number]
    loaders = {name: LOADERS[led] for name in module.uses[number] for led in _leads(reach, module, name)}
    if not loaders:
        return
    mentions = [name for name in names(statement) if name in loaders]
    for call in (node for node in ast.walk(statement) if isinstance(node, ast.Call)):
        name = next(names(call.func), None)
        if name and name in loaders and call.args and isinstance(call.args[0], ast.Constant):
            mentions.remove(name)
            yield from _named(reach.root, loaders[name], str(call.args[0].value))
    for name in mentions:
        yield from _named(reach.root, loaders[name], "*")


def _named(root: Path, pattern: str, name: str) -> Iterator[Path]:
    return root.glob(pattern.format(name=name, lower=name.lower()).replace("**", "*"))


def _leads(reach: Reach, module: Module, name: Names) -> Iterator[tuple[str, str]]:
    for other, number in reach.definitions(module, name):
        definition = other.statements[number]
        if (led := (other.name, getattr(definition, "name", ""))) in LOADERS:
            yield led


@lru_cache(maxsize=2000)
def _paths(module: Module) -> dict[int, list[Path]]:
    """The paths that a module's statements make, by their numbers; most modules make none."""
    statements = module.statements if "__file__" in module.text else []
    return {number: list(_own_paths(statement, module.path)) for number, statement in enumerate(statements)}


def _own_paths(node: ast.AST, file: Path) -> Iterator[Path]:
    """Yield the paths that code makes from `__file__`: `Path(__file__).with_name("race.json")` for one."""
    if path := _path(node, file):
        yield path
    else:
        for child in ast.iter_child_nodes(node):
            yield from _own_paths(child, file)


def _path(node: ast.AST, file: Path) -> Path | None:
    match node:
        case ast.Name("__file__"):
            return file
        case ast.Call(ast.Name("Path"), [inner]) | ast.Call(ast.Attribute(inner, "resolve" | "absolute"), []):
            return _path(inner, file)
        case ast.Call(ast.Attribute(inner, "with_name"), [ast.Constant(str(name))]):
            return (path := _path(inner, file)) and path.with_name(name)
        case ast.Attribute(inner, "parent"):
            return (path := _path(inner, file)) and path.parent
        case ast.Subscript(ast.Attribute(inner, "parents"), ast.Constant(int(ups))):
            return (path := _path(inner, file)) and path.parents[ups]
        case ast.BinOp(inner, ast.Div(), ast.Constant(str(name))):
            return (path := _path(inner, file)) and path / name
    return None


def _data(path: Path, module: Path, root: Path) -> Iterator[Path]:
    """Yield the data at a path; the folders that hold everything are only where other paths begin."""
    if path == module:  # what is read beside it is only known at run time
        path = module.parent
    if path.is_file() and path != root / CLAIMS:
        yield path
    inside = path.is_relative_to(root) and path.relative_to(root).parts
    if path.is_dir() and inside and len(inside) > 1 and path != root / RESULTS:
        yield from (file for file in path.rglob("*") if file.is_file() and file.suffix not in NO_DATA)
