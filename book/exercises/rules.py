"""What makes a definition sound: each mistake has a hint of its own, each text can be shown everywhere."""

import inspect
import re
from collections.abc import Callable
from itertools import combinations

from book.exercises.reading import same

HINTS_NEEDED = 3
_ID = re.compile(r"[1-9]-[a-z]+(-[a-z]+)*/[a-z0-9]+(-[a-z0-9]+)*")


def require(condition: bool, identifier: str, sentence: str) -> None:
    """Raise a ValueError that names the exercise, unless the condition holds.

    Examples:
        >>> require(False, "1-numbers/half", "the prompt is empty.")
        Traceback (most recent call last):
        ValueError: Exercise 1-numbers/half: the prompt is empty.
    """
    if not condition:
        raise ValueError(f"Exercise {identifier}: {sentence}")


def check_texts(identifier: str, **texts: str) -> None:
    """Require an id of the form part/name and plain texts: the page shows backticks as code, but no maths."""
    require(bool(_ID.fullmatch(identifier)), identifier, "the id must look like `1-numbers/spacing`.")
    for name, text in texts.items():
        require(bool(text.strip()), identifier, f"`{name}` is empty.")
        require(
            "$" not in text,
            identifier,
            f"`{name}` holds $maths$; write plain text, as 2^-10 or `exp(x)`.",
        )
        require(text.count("`") % 2 == 0, identifier, f"`{name}` has a backtick without its partner.")


def check_worked(identifier: str, worked: str) -> None:
    """Require a worked solution."""
    require(bool(worked.strip()), identifier, "`worked` is empty: it is the folded solution, in Markdown.")


def check_hints(identifier: str, hints: list[str]) -> None:
    """Require three hints or more, no two alike."""
    for hint in hints:
        check_texts(identifier, hint=hint)
    require(len(set(hints)) == len(hints), identifier, "two wrong answers have the same hint.")
    enough = len(hints) >= HINTS_NEEDED
    require(enough, identifier, f"{len(hints)} hints for wrong answers; write {HINTS_NEEDED} or more.")


def check_numbers(identifier: str, numbers: list[float], rtol: float) -> None:
    """Require that the answer and the mistakes are numbers of which no two count as the same."""
    plain = all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers)
    require(plain, identifier, "the answer and the mistakes must be Python numbers.")
    require(0 <= rtol < 1, identifier, f"`rtol` is {rtol}; it must be at least 0 and below 1.")
    for a, b in combinations(numbers, 2):
        alike = same(a, b, rtol) or same(b, a, rtol)
        require(not alike, identifier, f"{a} and {b} count as the same number with rtol={rtol}.")


def check_options(identifier: str, options: dict[str, str], answer: str, hints: dict[str, str]) -> None:
    """Require that the answer is an option, that the others have a hint each, and that no two read alike."""
    for key, text in options.items():
        check_texts(identifier, **{f"option {key}": text})
    require(answer in options, identifier, f"the answer {answer!r} is not an option ({', '.join(options)}).")
    wrong = options.keys() - {answer}
    for key in sorted(wrong ^ hints.keys()):
        require(key in hints, identifier, f"a hint is missing for the option {key}.")
        require(key in wrong, identifier, f"there is a hint for {key}, which is no wrong option.")
    spellings = [spelling.strip().lower() for option in options.items() for spelling in set(option)]
    require(len(set(spellings)) == len(spellings), identifier, "two options read alike.")


def check_function(identifier: str, solution: Callable) -> None:
    """Require a solution whose source can be shown."""
    shown = inspect.isfunction(solution) and solution.__name__ != "<lambda>"
    require(shown, identifier, "the solution must be a function with `def`, whose source can be shown.")
