"""Bundles: the same JavaScript files joined into a classic script for a page or a module for a notebook."""

import json
import re
from functools import cache
from pathlib import Path

from book.figures.palette import DARK, LIGHT

JS = Path(__file__).with_name("js")
_FORM = ("element.js", "number-field.js")
_PLANE = ("ticks.js", "handle.js", "plane.js")
_POINTS = ("figures.js", "points.js")
_SURFACES = ("contours.js", "noise.js", "surfaces.js", "rules.js", "descent.js", "ground.js")
SOURCES = {
    "descent-float-bits": (
        *("floats.js", "element.js", "typed.js", "float-readout.js", "number-line.js", "float-bits.js"),
    ),
    "descent-softmax-stress": ("floats.js", *_FORM, "elementary.js", "softmax.js", "softmax-stress.js"),
    "descent-on-a-surface": (
        *(*_FORM, *_PLANE, *_POINTS, *_SURFACES, "playback.js", "quadratic-model.js"),
        *("descent-readout.js", "descent-on-a-surface.js"),
    ),
    "descent-jacobian-map": (
        *(*_FORM, *_PLANE, *_POINTS),
        *("maps.js", "jacobian-readout.js", "jacobian-map.js"),
    ),
    "descent-backpropagation": (
        *("floats.js", *_FORM, "ticks.js", "backpropagation-readout.js", "backpropagation.js"),
    ),
    "descent-one-step": ("floats.js", *_FORM, "one-step-readout.js", "one-step.js"),
    "descent-race": (
        *(*_FORM, *_PLANE, *_POINTS, *_SURFACES, "line-chart.js", "playback.js", "player.js"),
        *("race-readout.js", "race-settings.js", "race.js"),
    ),
    "descent-taylor": (*_FORM, *_PLANE, *_POINTS, "curves.js", "taylor-readout.js", "taylor.js"),
    "descent-momentum-phases": (
        *("floats.js", *_FORM, *_PLANE, "contours.js"),
        *("heavy-ball.js", "momentum-readout.js", "momentum-phases.js"),
    ),
    "descent-smoother": (
        *("floats.js", *_FORM, *_PLANE, "noise.js", "seed.js"),
        *("smoother-readout.js", "smoother.js"),
    ),
    "descent-bias-correction": (
        *("floats.js", *_FORM, *_PLANE, "noise.js", "seed.js"),
        *("bias-readout.js", "bias-correction.js"),
    ),
    "descent-schedule-designer": (
        *("floats.js", *_FORM, *_PLANE),
        *("schedules.js", "schedule-readout.js", "schedule-designer.js"),
    ),
    "descent-comparison": (
        *("floats.js", *_FORM, *_PLANE),
        *("comparison-readout.js", "comparison-marks.js", "comparison.js"),
    ),
}
_IMPORT = re.compile(r"^import\b[^;]*;\n", re.M)
_FOR_READERS = re.compile(r"^ *//.*\n|^\n| +// .*|^ +", re.M)
_EXPORT = re.compile(r"^export (?=(class|const|function)\b)", re.M)
_DARK_NOTEBOOKS = ('body[data-jp-theme-light="false"] .dx', "body.vscode-dark .dx", "html[theme=dark] .dx")


@cache
def page_scripts() -> dict[str, str]:
    """Return the script of each element, keyed by tag: classic scripts, so that they also run from file://.

    Examples:
        >>> page_scripts().keys() == SOURCES.keys()
        True
    """
    return {tag: f'(() => {{\n"use strict";\n{joined(tag)}}})();\n' for tag in SOURCES}


@cache
def notebook_module(tag: str, state: tuple[str, ...], data: tuple[str, ...] = ()) -> str:
    """Return the module that anywidget loads: it makes the same element and ties its state to the traits."""
    if tag not in SOURCES:
        return "export default { render() {} };\n"
    host = _plain((JS / "notebook.js").read_text())
    names = f"{json.dumps(tag)}, {json.dumps(state)}, {json.dumps(data)}"
    return f"{joined(tag)}{host}export default inNotebook({names});\n"


def joined(tag: str) -> str:
    """Return the files of an element as one script, their style sheets before them."""
    scripts = "".join(_plain((JS / name).read_text()) for name in SOURCES[tag])
    return f"const STYLES = {json.dumps(styles(tag), ensure_ascii=False)};\n{scripts}"


def styles(tag: str) -> dict[str, str]:
    """Return the palette and the style sheets of an element: each goes where the script of its name goes.

    Examples:
        >>> list(styles("descent-float-bits"))
        ['colours', 'element', 'float-bits']
    """
    sheets = [(JS / name).with_suffix(".css") for name in SOURCES[tag]]
    return {"colours": _colours()} | {
        sheet.stem: sheet.read_text("utf-8") for sheet in sheets if sheet.exists()
    }


def _plain(source: str) -> str:
    """Drop what only makes sense between files, and what is for readers: comments and indents."""
    return _FOR_READERS.sub("", _EXPORT.sub("", _IMPORT.sub("", source)))


def _colours() -> str:
    """Return the palette as custom properties: the page's own where it has them, else the book's."""
    light, dark = (_properties(palette) for palette in (LIGHT, DARK))
    notebooks = ",".join(_DARK_NOTEBOOKS)
    return f".dx{{{light}}}@media(prefers-color-scheme:dark){{.dx{{{dark}}}}}{notebooks}{{{dark}}}\n"


def _properties(palette: dict[str, str]) -> str:
    return "".join(f"--dx-{name}:var(--{name},{colour});" for name, colour in palette.items())
