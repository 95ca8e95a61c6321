"""Exercises: one definition each, judged by Python in a notebook and by a custom element on the page.

A chapter asks in Markdown, and its cells end in `check("1-numbers/…", answer)` and `solution("1-numbers/…")`.
The definitions stand in `book/exercises/<part>/<chapter>.py`, in a tuple named `EXERCISES`.
"""

from book.exercises.answers import check, solution
from book.exercises.element import page_script
from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Exercise, Number
from book.exercises.registry import exercises
from book.exercises.verdict import Verdict

__all__ = [
    "Case",
    "Choice",
    "Code",
    "Exercise",
    "Number",
    "Verdict",
    "check",
    "close",
    "exercises",
    "page_script",
    "solution",
]
