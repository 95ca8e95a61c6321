"""What a chapter calls: `check` judges an answer, `solution` shows the worked one, folded."""

import inspect
import textwrap

from IPython.display import Markdown

from book.exercises.model import Choice, Code, Exercise
from book.exercises.registry import find
from book.exercises.verdict import Verdict


def check(identifier: str, answer: object = ...) -> Verdict:
    """Judge an answer to an exercise: right, wrong with one hint, or not attempted yet.

    Args:
        identifier: the exercise's id, "1-numbers/spacing" for one.
        answer: a number, the key of an option, or a function; `...` while there is none.

    Raises:
        BookError: there is no such exercise.

    Examples:
        >>> from book.exercises import exercises
        >>> {str(check(identifier)) for identifier in exercises()} <= {"Not attempted yet."}
        True
    """
    return find(identifier).verdict(answer)


def solution(identifier: str) -> Markdown:
    """Return the worked solution of an exercise, folded.

    Args:
        identifier: the exercise's id.

    Raises:
        BookError: there is no such exercise.
    """
    body = "\n\n".join(part for part in _solution_parts(find(identifier)) if part)
    return Markdown(f"<details><summary>Solution</summary>\n\n{body}\n\n</details>")


def _solution_parts(exercise: Exercise) -> tuple[str, str]:
    worked = inspect.cleandoc(exercise.worked)
    if isinstance(exercise, Code):
        source = textwrap.dedent(inspect.getsource(exercise.solution)).rstrip()
        return f"```python\n{source}\n```", worked
    if isinstance(exercise, Choice):
        return f"**{exercise.answer}**: {exercise.options[exercise.answer]}", worked
    return "", worked
