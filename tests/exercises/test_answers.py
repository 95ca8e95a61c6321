"""Every exercise of the book: the solution passes, a stub is not attempted, wrong answers meet their hints.

The wrong answers stand in `tests/exercises/wrong_answers/<part>/<chapter>.py`: id → three or more.
"""

import importlib.util
import inspect
import re
from pathlib import Path

import pytest
import torch

from book.exercises import Choice, Code, check, exercises, solution
from book.exercises.registry import find

HERE = Path(__file__).parent
CHAPTERS = HERE.parents[1] / "chapters"
CODE = [identifier for identifier, exercise in exercises().items() if isinstance(exercise, Code)]
CHOICES = [identifier for identifier, exercise in exercises().items() if isinstance(exercise, Choice)]


def wrong_answers() -> dict[str, list]:
    """Return what all files of `wrong_answers` call plausible and wrong."""
    found: dict[str, list] = {}
    for path in sorted(HERE.glob("wrong_answers/*/*.py")):
        spec = importlib.util.spec_from_file_location(f"wrong_{path.parent.name}_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert not found.keys() & module.WRONG_ANSWERS.keys(), (
            f"{path}: an exercise has its wrong answers elsewhere"
        )
        found |= module.WRONG_ANSWERS
    return found


def chapters() -> list[str]:
    return [path.read_text("utf-8") for path in sorted(CHAPTERS.glob("*/*.py"))]


def asked() -> list[str]:
    """Return the ids that the chapters check, in their order."""
    return [identifier for text in chapters() for identifier in re.findall(r"\bcheck\(\s*\"([^\"]+)\"", text)]


WRONG_ANSWERS = wrong_answers()
every_exercise = pytest.mark.parametrize("identifier", exercises())


def test_every_exercise_has_wrong_answers_and_no_other_has():
    assert exercises()
    assert sorted(WRONG_ANSWERS) == sorted(exercises())


def test_every_exercise_is_asked_once_and_no_other_is():
    assert sorted(asked()) == sorted(exercises())


@pytest.mark.parametrize("identifier", CHOICES)
def test_the_chapter_lists_the_options(identifier):
    (text,) = [text for text in chapters() if f'check("{identifier}"' in text]
    keys = re.findall(r"^# - `(\w+)`: ", text.split(f'check("{identifier}"')[0].split("# ### ")[-1], re.M)
    assert keys == list(find(identifier).options)


@every_exercise
def test_the_solution_is_right(identifier):
    exercise = find(identifier)
    verdict = check(identifier, exercise.solution if isinstance(exercise, Code) else exercise.answer)
    assert verdict.state == "right", verdict.message


@every_exercise
def test_a_stub_is_not_attempted(identifier):
    def stub(*arguments, **named): ...

    stubs = [..., None, ""] + ([stub] if identifier in CODE else [])
    assert [str(check(identifier, answer)) for answer in stubs] == ["Not attempted yet."] * len(stubs)


@every_exercise
def test_wrong_answers_fail_each_with_its_own_hint(identifier):
    wrong = WRONG_ANSWERS.get(identifier, ())
    assert len(wrong) >= 3, f"{identifier} has {len(wrong)}: add some in tests/exercises/wrong_answers"
    verdicts = [check(identifier, answer) for answer in wrong]
    assert {verdict.state for verdict in verdicts} == {"wrong"}
    messages = [verdict.message for verdict in verdicts]
    assert len(set(messages)) == len(messages), f"{identifier}: two of them get one hint: {messages}"


@every_exercise
def test_the_solution_is_shown_folded(identifier):
    text = solution(identifier).data
    assert text.startswith("<details><summary>Solution</summary>\n\n")
    exercise = find(identifier)
    shown = inspect.getsource(exercise.solution) if identifier in CODE else exercise.worked
    assert shown.strip() in text


@pytest.mark.parametrize("identifier", CODE)
def test_a_function_that_overwrites_its_inputs_does_not_change_the_exercise(identifier):
    def vandal(*arguments, **named):
        for tensor in (thing for thing in [*arguments, *named.values()] if isinstance(thing, torch.Tensor)):
            with torch.no_grad():
                tensor.fill_(7)
        raise ValueError("done")

    exercise = find(identifier)
    for case in exercise.cases:
        with pytest.raises(ValueError, match="done"):
            case.passes(vandal)
    check(identifier, vandal)
    assert check(identifier, exercise.solution).state == "right"
