"""One sound definition of each kind; a test changes the field that it is about."""

import math

import torch

from book.exercises import Case, Choice, Code, Number, close


def number(**changes) -> Number:
    fields = {
        "id": "1-numbers/steps",
        "prompt": "How many steps?",
        "answer": 150.0,
        "mistakes": {149.0 - 9: "One factor too few.", 75.5: "Per half step."},
        "hint": "Count again.",
        "right": "Counted.",
        "worked": "$150$",
    }
    return Number(**fields | changes)


def choice(**changes) -> Choice:
    fields = {
        "id": "1-numbers/letter",
        "prompt": "Which?",
        "options": {"a": "first", "b": "`exp(x)`", "c": "third", "d": "fourth"},
        "answer": "b",
        "hints": {"a": "Later.", "c": "Earlier.", "d": "Much earlier."},
        "right": "Second.",
        "worked": "Count.",
    }
    return Choice(**fields | changes)


def double(x):
    return 2 * x


CASES = (
    Case(lambda f: close(f(torch.tensor([1.0, 2.0])), [2.0, 4.0]), "Double each element."),
    Case(lambda f: f(torch.zeros(2, 3)).shape == (2, 3), "Keep the shape."),
    Case(lambda f: close(f(torch.tensor(-math.inf)), -math.inf), "What is twice minus infinity?"),
)


def code(**changes) -> Code:
    fields = {
        "id": "1-numbers/double",
        "prompt": "Write double(x).",
        "solution": double,
        "cases": CASES,
        "right": "Doubled.",
    }
    return Code(**fields | changes)
