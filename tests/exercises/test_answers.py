"""Every exercise of the book: the solution passes, a stub is not attempted, wrong answers meet their hints.

The wrong answers stand in `tests/exercises/wrong_answers/<part>/<chapter>.py`: id → three or more. For
exercises that ask for code, right ones by other roads stand in `right_answers`: id → kind → function.
"""

import importlib.util
import inspect
import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from book.exercises import Choice, Code, Number, check, exercises, solution
from book.exercises.numbers.stable_softmax import binary_cross_entropy
from book.exercises.registry import find
from tests.cases import each, in_case

HERE = Path(__file__).parent
CHAPTERS = HERE.parents[1] / "chapters"
CODE = [identifier for identifier, exercise in exercises().items() if isinstance(exercise, Code)]
CHOICES = [identifier for identifier, exercise in exercises().items() if isinstance(exercise, Choice)]


def answers(kind: str) -> dict[str, list | dict]:
    """Return what all files of `wrong_answers` or `right_answers` hold, by the exercise's id."""
    found: dict[str, list | dict] = {}
    for path in sorted(HERE.glob(f"{kind}/*/*.py")):
        spec = importlib.util.spec_from_file_location(f"{kind}_{path.parent.name}_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        given = getattr(module, kind.upper())
        assert not found.keys() & given.keys(), f"{path}: an exercise has its {kind} elsewhere"
        found |= given
    return found


def chapters() -> list[str]:
    return [path.read_text("utf-8") for path in sorted(CHAPTERS.glob("*/*.py"))]


def asked() -> list[str]:
    """Return the ids that the chapters check, in their order."""
    return [identifier for text in chapters() for identifier in re.findall(r"\bcheck\(\s*\"([^\"]+)\"", text)]


WRONG_ANSWERS, RIGHT_ANSWERS = answers("wrong_answers"), answers("right_answers")
RIGHT = [(name, kind) for name, kinds in RIGHT_ANSWERS.items() for kind in kinds]
every_exercise = pytest.mark.parametrize("identifier", exercises())
every_code = pytest.mark.parametrize("identifier", CODE)


def test_every_exercise_has_wrong_answers_and_no_other_has():
    assert exercises()
    assert sorted(WRONG_ANSWERS) == sorted(exercises())


def test_every_exercise_is_asked_once_and_no_other_is():
    assert sorted(asked()) == sorted(exercises())


@each("identifier", CHOICES)
def test_the_chapter_lists_the_options(identifier):
    (text,) = [text for text in chapters() if f'check("{identifier}"' in text]
    question = re.split(r"^# #{3,4} ", text.split(f'check("{identifier}"')[0], flags=re.M)[-1]
    keys = re.findall(r"^# - `(\w+)`: ", question, re.M)
    assert keys == list(find(identifier).options)


@every_exercise
def test_the_solution_is_right(identifier):
    exercise = find(identifier)
    verdict = check(identifier, exercise.solution if isinstance(exercise, Code) else exercise.answer)
    assert verdict.state == "right", verdict.message


@each("identifier", exercises())
def test_a_stub_is_not_attempted(identifier):
    def stub(*arguments, **named): ...

    stubs = [..., stub] if identifier in CODE else [..., ""]
    assert [str(check(identifier, answer)) for answer in stubs] == ["Not attempted yet."] * len(stubs)


@each("identifier", CODE)
def test_every_exercise_in_code_has_right_answers_of_three_kinds(identifier):
    assert len(RIGHT_ANSWERS.get(identifier, {})) >= 3, f"add some of {identifier} in right_answers"


def test_no_other_exercise_has_right_answers():
    assert sorted(RIGHT_ANSWERS) == sorted(CODE)


@pytest.mark.parametrize(("identifier", "kind"), RIGHT)
def test_another_right_answer_is_right(identifier, kind):
    verdict = check(identifier, RIGHT_ANSWERS[identifier][kind])
    assert verdict.state == "right", verdict.message


class Callable:
    """An answer as an object."""

    def __init__(self, function):
        self.function = function

    def __call__(self, *things):
        return self.function(*things)

    def method(self, *things):
        return self.function(*things)


WRAPPED = {
    "lambda": lambda f: lambda *things: f(*things),
    "partial": partial,
    "object": Callable,
    "bound method": lambda f: Callable(f).method,
    "no_grad": lambda f: f if f is binary_cross_entropy else torch.no_grad()(f),
    "with more parameters": lambda f: lambda *things, verbose=False, **others: f(*things),
}


@every_code
def test_the_solution_may_be_any_callable(identifier):
    for how, wrap in WRAPPED.items():
        with in_case(how):
            verdict = check(identifier, wrap(find(identifier).solution))
            assert verdict.state == "right", verdict.message


@every_code
def test_the_solution_may_be_compiled(identifier):
    verdict = check(identifier, torch.compile(find(identifier).solution, backend="eager"))
    assert verdict.state == "right", verdict.message


def changed(result, change):
    """A result with every tensor in it changed, and every number of Python's."""
    if isinstance(result, tuple | list):
        return type(result)(changed(part, change) for part in result)
    if isinstance(result, float):
        result = torch.tensor(result, dtype=torch.float64)
    return change(result) if isinstance(result, torch.Tensor) else result


def backwards(values):
    """A read-only array whose strides are negative."""
    array = np.flip(np.flip(values.detach().numpy()).copy())
    array.setflags(write=False)
    return array


GIVEN = {
    "numpy": lambda values: values.detach().numpy(),
    "numpy, read-only and backwards": backwards,
    "float32": lambda values: values.float() if values.is_floating_point() else values,
    "numpy, float32": lambda values: values.float().detach().numpy(),
    "numpy, longdouble": lambda values: values.detach().numpy().astype(np.longdouble),
    "numpy, objects": lambda values: values.detach().numpy().astype(object),
    "numpy, by column": lambda values: values.detach().numpy().copy(order="F"),
    "lists": lambda values: values.tolist(),
    "tuples": lambda values: tuples(values.tolist()),
    "with a gradient": lambda values: (
        values + torch.zeros(()).requires_grad_() if values.is_floating_point() else values
    ),
    "not contiguous": lambda values: torch.stack([values, values], dim=-1)[..., 0],
    "sparse": lambda values: values.to_sparse() if values.ndim else values,
    "complex": lambda values: values.to(torch.complex128),
}


def given_as(form: str, solve):
    """A function whose results are those of another in one of these forms."""
    return lambda *things: changed(solve(*things), GIVEN[form])


# What these ask for has a dtype, a graph or a tape, which the others do not have.
OF_A_DTYPE = {"1-numbers/stable-variance", "6-project/whitening"}
BOUND = {"1-numbers/binary-cross-entropy", "2-derivatives/tape-sigmoid", "3-first-order/trapezoid"}
KEEP_DTYPE = {
    "numpy",
    "numpy, read-only and backwards",
    "numpy, by column",
    "with a gradient",
    "not contiguous",
}


def tuples(value):
    return tuple(map(tuples, value)) if isinstance(value, list) else value


FREE = sorted(set(CODE) - BOUND)
LONG = {"6-project/flip": pytest.mark.long}  # its images take two seconds as lists of numbers


@pytest.mark.long
@pytest.mark.parametrize("identifier", [pytest.param(name, marks=LONG.get(name, ())) for name in FREE])
def test_a_right_result_is_right_in_any_shape_of_numbers(identifier):
    for given in KEEP_DTYPE if identifier in OF_A_DTYPE else GIVEN:
        with in_case(given):
            verdict = check(identifier, given_as(given, find(identifier).solution))
            assert verdict.state == "right", verdict.message


def test_a_number_has_a_hint_for_each_of_three_mistakes_or_more():
    numbers = [one for one in exercises().values() if isinstance(one, Number)]
    assert len(numbers) > 50
    assert [one.id for one in numbers if len(one.mistakes) < 3] == []


@every_exercise
def test_wrong_answers_fail_each_with_its_own_hint(identifier):
    wrong = WRONG_ANSWERS.get(identifier, ())
    assert len(wrong) >= 3, f"{identifier} has {len(wrong)}: add some in tests/exercises/wrong_answers"
    verdicts = [check(identifier, answer) for answer in wrong]
    assert {verdict.state for verdict in verdicts} == {"wrong"}
    messages = [verdict.message for verdict in verdicts]
    assert len(set(messages)) == len(messages), f"{identifier}: two of them get one hint: {messages}"


@each("identifier", exercises())
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
