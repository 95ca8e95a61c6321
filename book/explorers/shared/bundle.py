"""Bundles: an element's JavaScript files joined, as a script for a page or as a module for a notebook.

Which files belong to an element, and in which order, is read from their own `import` lines.
"""

import json
import re
from functools import cache
from pathlib import Path

from book.errors import BookError
from book.explorers.shared.tables import TABLES
from book.figures.palette import DARK, LIGHT

FOLDER = Path(__file__).parents[1]
HOST = FOLDER / "shared" / "notebook.js"
_IMPORT = re.compile(r'^import (?:(?P<table>\w+)|[^;"]*) from "(?P<path>[^"]+)"[^;]*;\n', re.M)
_DEFINED = re.compile(r'^define\("(?P<tag>[a-z-]+)"', re.M)
_FOR_READERS = re.compile(r"^ *//.*\n|^\n| +// .*|^ +", re.M)
_EXPORT = re.compile(r"^export (?=(class|const|function)\b)", re.M)
_DARK_NOTEBOOKS = ('body[data-jp-theme-light="false"] .dx', "body.vscode-dark .dx", "html[theme=dark] .dx")


@cache
def entries() -> dict[str, Path]:
    """Return the file that defines each element, keyed by tag: `race/race.js` defines `descent-race`.

    Examples:
        >>> entries()["descent-float-bits"].name
        'float-bits.js'
    """
    found = {}
    for file in sorted(FOLDER.glob("*/*.js")):
        if defined := _DEFINED.search(file.read_text("utf-8")):
            found[defined["tag"]] = file
    return found


@cache
def files(tag: str) -> tuple[Path, ...]:
    """Return the files of an element, each after those that it imports; the element's own file is the last.

    Args:
        tag: of the element.

    Raises:
        BookError: an import leads nowhere.

    Examples:
        >>> [file.name for file in files("descent-float-bits")][-2:]
        ['element.js', 'float-bits.js']
    """
    found: dict[Path, None] = {}

    def visit(file: Path, importers: tuple[Path, ...]) -> None:
        if file in importers or not file.exists():
            wrong = "which imports it in turn" if file in importers else "and there is no such file"
            raise BookError(f"{importers[-1].name} imports {file.name}, {wrong}.")
        if file not in found:
            for imported in _IMPORT.finditer(file.read_text("utf-8")):
                if not imported["table"]:
                    visit((file.parent / imported["path"]).resolve(), (*importers, file))
            found[file] = None

    visit(entries()[tag], ())
    return tuple(found)


@cache
def page_scripts() -> dict[str, str]:
    """Return the script of each element, keyed by tag: classic scripts, so that they also run from file://.

    Examples:
        >>> page_scripts().keys() == entries().keys()
        True
    """
    return {tag: f'(() => {{\n"use strict";\n{joined(tag)}}})();\n' for tag in entries()}


@cache
def notebook_module(tag: str, state: tuple[str, ...], data: tuple[str, ...] = ()) -> str:
    """Return the module that anywidget loads: it makes the same element and ties its state to the traits."""
    if tag not in entries():
        return "export default { render() {} };\n"
    host = _plain(HOST)
    names = f"{json.dumps(tag)}, {json.dumps(state)}, {json.dumps(data)}"
    return f"{joined(tag)}{host}export default inNotebook({names});\n"


def joined(tag: str) -> str:
    """Return the files of an element as one script, their style sheets before them."""
    scripts = "".join(map(_plain, files(tag)))
    return f"const STYLES = {json.dumps(styles(tag), ensure_ascii=False)};\n{scripts}"


def styles(tag: str) -> dict[str, str]:
    """Return the palette and the style sheets of an element: each goes where the script of its name goes.

    Examples:
        >>> list(styles("descent-float-bits"))
        ['colours', 'element', 'float-bits']
    """
    sheets = [file.with_suffix(".css") for file in files(tag)]
    return {"colours": _colours()} | {
        sheet.stem: sheet.read_text("utf-8") for sheet in sheets if sheet.exists()
    }


def _plain(file: Path) -> str:
    """Drop what only makes sense between files, and what is for readers: comments and indents."""
    put_in = _IMPORT.sub(lambda imported: _table(file, imported), file.read_text("utf-8"))
    return _FOR_READERS.sub("", _EXPORT.sub("", put_in))


def _table(file: Path, imported: re.Match) -> str:
    """A table that both languages read, in the place of its import; a script is in the bundle already."""
    if not imported["table"]:
        return ""
    name = imported["path"]
    table = TABLES[name]() if name in TABLES else json.loads((file.parent / name).read_text("utf-8"))
    return f"const {imported['table']} = {json.dumps(table, ensure_ascii=False, separators=(',', ':'))};\n"


def _colours() -> str:
    """Return the palette as custom properties: the page's own where it has them, else the book's."""
    light, dark = (_properties(palette) for palette in (LIGHT, DARK))
    notebooks = ",".join(_DARK_NOTEBOOKS)
    return f".dx{{{light}}}@media(prefers-color-scheme:dark){{.dx{{{dark}}}}}{notebooks}{{{dark}}}\n"


def _properties(palette: dict[str, str]) -> str:
    return "".join(f"--dx-{name}:var(--{name},{colour});" for name, colour in palette.items())
