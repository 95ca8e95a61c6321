"""Malformed definitions are refused where they are written, each with a sentence that names it."""

import pytest
import torch

from tests.cases import each
from tests.exercises.sample_definitions import CASES, choice, code, number


@each(
    ("define", "reason"),
    [
        (lambda: number(id="spacing"), "the id must look like"),
        (lambda: number(prompt=" "), "`prompt` is empty"),
        (lambda: number(right=""), "`right` is empty"),
        (lambda: number(worked=""), "`worked` is empty"),
        (lambda: number(hint="Use $x$."), r"`hint` holds \$maths\$"),
        (lambda: number(hint="Use `x."), "a backtick without its partner"),
        (lambda: number(mistakes={151: "Near.", 1: "Far."}), "150.0 and 151 count as the same number"),
        (lambda: number(mistakes={1: "One.", 1.005: "More."}), "1 and 1.005 count as the same number"),
        (lambda: number(mistakes={1: "One."}), "2 hints for wrong answers; write 3 or more"),
        (lambda: number(mistakes={1: "Same.", 2: "Same."}), "two wrong answers have the same hint"),
        (lambda: number(answer="150"), "must be Python numbers"),
        (lambda: number(answer=torch.tensor(150.0)), "must be Python numbers"),
        (lambda: number(rtol=-1), "`rtol` is -1"),
        (lambda: choice(answer="e"), "the answer 'e' is not an option"),
        (lambda: choice(hints={"a": "Later.", "c": "Earlier."}), "a hint is missing for the option d"),
        (lambda: choice(hints=choice().hints | {"b": "Right!"}), "there is a hint for b"),
        (lambda: choice(options={"a": "x", "b": "y", "c": "Y", "d": "z"}), "two options read alike"),
        (lambda: choice(options={"a": "x", "b": "y"}, hints={"a": "No."}), "1 hints for wrong answers"),
        (lambda: code(cases=CASES[:2]), "2 hints for wrong answers"),
        (lambda: code(solution=lambda x: 2 * x), "the solution must be a function with `def`"),
    ],
)
def test_a_malformed_definition_is_refused(define, reason):
    with pytest.raises(ValueError, match=reason) as refusal:
        define()
    assert str(refusal.value).startswith("Exercise ")
