"""A verdict, how a notebook shows it, and every fixed sentence that a verdict can hold."""

import html
import re
from dataclasses import dataclass
from typing import Literal

from book.figures.palette import LIGHT

State = Literal["right", "wrong", "unanswered"]
SENTENCES = {
    "unanswered": "Not attempted yet.",
    "right": "Right. {reason}",
    "wrong": "Not yet. {hint}",
    "not a number": "Give one number, such as `0.25`, `3e-5` or `2^-10`, without any comma.",
    "not an option": "Choose one of {keys}.",
    "not a function": "Give the function itself, without calling it: `check(id, f)`, not `check(id, f(x))`.",
    "no return": "Your function returned `None`: end it with `return`.",
    "raised": "Your function raised {error}. {hint}",
    "unusable": "What your function returned could not be checked ({error}). {hint}",
}

_COLOURS = {"right": "green", "wrong": "orange", "unanswered": "muted"}


@dataclass(frozen=True)
class Verdict:
    """What a check says: a notebook shows the message, the page turns it into something to answer.

    Args:
        exercise: the exercise's id.
        state: "right", "wrong" or "unanswered".
        message: one or two sentences of plain text; `code` stands in backticks.

    Examples:
        >>> Verdict("1-numbers/spacing", "unanswered", "Not attempted yet.")
        Not attempted yet.
    """

    exercise: str
    state: State
    message: str

    def __repr__(self) -> str:
        return self.message

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/plain": self.message, "text/html": self._html()}

    def _html(self) -> str:
        """Return the custom element with the message inside: all that shows where no script runs."""
        name = _COLOURS[self.state]
        style = f"border-left: 3px solid var(--{name}, {LIGHT[name]}); padding-left: 0.75em"
        line = f'<p style="{style}">{with_code(self.message)}</p>'
        return f'<descent-exercise exercise="{html.escape(self.exercise)}">{line}</descent-exercise>'


def with_code(text: str) -> str:
    """Return plain text as HTML, with what stands in backticks as code.

    Examples:
        >>> with_code("Is `a<b`?")
        'Is <code>a&lt;b</code>?'
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
