"""The custom element `<descent-exercise>`: its script, with the definitions written into it."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from book.exercises.model import Code, Exercise, Number
from book.exercises.reading import SLIPS
from book.exercises.registry import exercises
from book.exercises.verdict import SENTENCES

_SOURCE = Path(__file__).parent / "js" / "exercise.js"


def page_script() -> str:
    """Return the classic script that a page with exercises loads; it fetches nothing.

    Examples:
        >>> 'customElements.define("descent-exercise"' in page_script()
        True
    """
    return script(exercises().values())


def script(chosen: Iterable[Exercise]) -> str:
    """Return the script for the chosen exercises."""
    data = {"sentences": SENTENCES, "slips": SLIPS, "exercises": {e.id: definition(e) for e in chosen}}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return _SOURCE.read_text(encoding="utf-8").replace('"DEFINITIONS"', text)


def definition(exercise: Exercise) -> dict:
    """Return what the page needs to ask and judge an exercise; one to be coded is only pointed at.

    Infinities and nan stay as they are: the text is read as JavaScript, which knows them, not as JSON.
    """
    shared = {"kind": type(exercise).__name__, "prompt": exercise.prompt}
    if isinstance(exercise, Code):
        return shared
    fields = asdict(exercise)
    if isinstance(exercise, Number):
        fields["mistakes"] = list(exercise.mistakes.items())
    kept = ("answer", "mistakes", "hint", "rtol", "right", "options", "hints")
    return shared | {name: fields[name] for name in kept if name in fields}
