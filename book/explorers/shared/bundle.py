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
_IMPORT = re.compile(r'^import (?:(?P<table>\w+)|\{(?P<names>[^}]*)\}) from "(?P<path>[^"]+)"[^;]*;\n', re.M)
_DEFINED = re.compile(r'^define\("(?P<tag>[a-z-]+)"', re.M)
_EXPORT = re.compile(r"^export (?=(async|class|const|function|let)\b)", re.M)
_LEFT_OVER = re.compile(r"^(import|export)\b.*", re.M)
# What is kept as it stands (texts, templates with one inside, regular expressions), or a gap: blanks
# and comments. A slash begins a regular expression only after a sign in which no value ends.
_KEPT_OR_GAP = re.compile(
    r"""(?P<kept>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
    r"""|`(?:\\.|\$\{(?:`[^`]*`|\{[^{}]*\}|[^{}`])*\}|[^`\\])*`"""
    r"""|(?:(?<=[(,=:;!&|?<>*%^~\[{}])|(?<=\breturn))\s*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/)"""
    r"""|(?P<gap>(?:\s|//[^\n]*|/\*[\s\S]*?\*/)+)""",
)
_OPENS, _CLOSES = tuple("([{,:"), tuple(")]},:;")
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
        if defined := _DEFINED.search(_code(file)):
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
        >>> files("descent-float-bits")[-1].name
        'float-bits.js'
    """
    found: dict[Path, None] = {}

    def visit(file: Path, importers: tuple[Path, ...]) -> None:
        if file in importers or not file.exists():
            wrong = "which imports it in turn" if file in importers else "and there is no such file"
            raise BookError(f"{importers[-1].name} imports {file.name}, {wrong}.")
        if file not in found:
            for imported in _IMPORT.finditer(_code(file)):
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
    return {"colours": _colours()} | {sheet.stem: _sheet(sheet) for sheet in sheets if sheet.exists()}


@cache
def _code(file: Path) -> str:
    """A file without what is for readers: comments, indents and empty lines."""
    return without_gaps(file.read_text("utf-8")).lstrip()


def without_gaps(script: str) -> str:
    r"""Return a script with each run of blanks and comments as one new line, or one space where it had none.

    Texts, template literals and regular expressions are left as they are, whatever stands in them.

    Examples:
        >>> without_gaps('f("http://a", /* of two */  1, // the first\n  `a // b`);\n')
        'f("http://a",1,`a // b`);\n'
    """
    return _KEPT_OR_GAP.sub(lambda found: found["kept"] or _narrowed(found), script)


def _narrowed(gap: re.Match) -> str:
    """A gap as one new line or one space; none where the sign before or behind it ends a word by itself."""
    before, behind = gap.string[: gap.start()][-1:], gap.string[gap.end() :][:1]
    if before in _OPENS or behind in _CLOSES:
        return ""
    return "\n" if "\n" in gap["gap"] else " "


def _plain(file: Path) -> str:
    """The code of a file as a part of a bundle, whose files share one scope.

    Raises:
        BookError: the file imports or exports in a way that has no meaning in one scope.
    """
    code = _EXPORT.sub("", _IMPORT.sub(lambda imported: _put_in(file, imported), _code(file)))
    if left := _LEFT_OVER.search(code):
        raise BookError(
            f"{file.name} has the line {left[0]!r}; a bundle knows named imports and exports alone."
        )
    return code


def _put_in(file: Path, imported: re.Match) -> str:
    """What takes the place of an import: its table; nothing for a script, which is in the bundle already."""
    if not imported["table"]:
        if " as " in imported["names"]:
            raise BookError(
                f"{file.name} renames what it imports from {imported['path']}; use the name itself."
            )
        return ""
    name = imported["path"]
    table = TABLES[name]() if name in TABLES else json.loads((file.parent / name).read_text("utf-8"))
    return f"const {imported['table']} = {json.dumps(table, ensure_ascii=False, separators=(',', ':'))};\n"


def _sheet(file: Path) -> str:
    """A style sheet without its comments, and without the blanks and semicolons that end nothing."""
    plain = re.sub(r"/\*.*?\*/|\s+", " ", file.read_text("utf-8"), flags=re.S)
    tight = re.sub(r"\s*([{};])\s*|(?<=[,:])\s+", r"\1", plain)
    return tight.replace(";}", "}").strip()


def _colours() -> str:
    """Return the palette as custom properties: the page's own where it has them, else the book's."""
    light, dark = (_properties(palette) for palette in (LIGHT, DARK))
    notebooks = ",".join(_DARK_NOTEBOOKS)
    return f".dx{{{light}}}@media(prefers-color-scheme:dark){{.dx{{{dark}}}}}{notebooks}{{{dark}}}\n"


def _properties(palette: dict[str, str]) -> str:
    return "".join(f"--dx-{name}:var(--{name},{colour});" for name, colour in palette.items())
