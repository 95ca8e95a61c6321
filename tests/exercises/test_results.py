"""What counts as numbers, in every form that a learner's function may return."""

import array
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from book.exercises import Choice, Number, close, exercises
from book.exercises.reading import read_number
from book.exercises.results import as_torch, like, tensor
from tests.cases import each

PAIR = torch.tensor([2.0, 1.0], dtype=torch.float64)
TABLE = arrays.arrays(
    np.float32, arrays.array_shapes(max_dims=3, max_side=4), elements=st.floats(-4, 4, width=16)
)
FORMS = {
    "reversed strides": lambda a: np.flip(np.flip(a).copy()),
    "column order": np.asfortranarray,
    "every second": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "read-only": lambda a: np.broadcast_to(a, a.shape),
    "big endian": lambda a: a.astype(">f8"),
    "long double": lambda a: a.astype(np.longdouble),
    "half": lambda a: a.astype(np.float16),
    "objects": lambda a: a.astype(object),
    "fractions": lambda a: np.vectorize(Fraction, otypes=[object])(a.astype(float)),
    "complex": lambda a: a + 0j,
    "tensor": torch.from_numpy,
    "bfloat16": lambda a: torch.from_numpy(np.round(a)).bfloat16() + torch.from_numpy(a - np.round(a)),
    "with a graph": lambda a: torch.from_numpy(a).requires_grad_() * 1,
    "inference": lambda a: torch.inference_mode()(lambda: torch.from_numpy(a) * 1)(),
    "sparse": lambda a: torch.from_numpy(a).to_sparse(),
    "conjugated": lambda a: torch.from_numpy(a + 0j).conj(),
    "parameter": lambda a: torch.nn.Parameter(torch.from_numpy(a)),
    "list": lambda a: a.tolist(),
    "rows": list,
    "rows of tensors with graphs": lambda a: tuple(torch.from_numpy(a).requires_grad_() * 1),
    "matrix's subclass": lambda a: a.view(type("Mine", (np.ndarray,), {})),
}


@pytest.mark.long
@given(TABLE, st.sampled_from(sorted(FORMS)))
def test_numbers_are_read_in_any_form(table, form):
    assert close(FORMS[form](table.copy()), table)
    assert torch.equal(tensor(as_torch(FORMS[form](table.copy()), abs)), torch.from_numpy(table).double())
    assert not close(FORMS[form](table.copy()), table + 1)


@pytest.mark.parametrize(
    "value",
    [
        np.array([2.0, 1.0]),
        np.array([1.0, 2.0])[::-1],
        [2, Fraction(1)],
        (Decimal(2), np.float16(1)),
        range(2, 0, -1),
        array.array("d", [2, 1]),
        [torch.tensor(2), True],
    ],
    ids=repr,
)
def test_two_and_one(value):
    assert close(value if not isinstance(value, array.array) else np.asarray(value), PAIR)


NOT_NUMBERS = [None, "2", "", [None, 1.0], ["2", "1"], {2: 1}, {2.0, 1.0}, object(), abs, b"21", ..., [1j, 1]]
NOT_NUMBERS += [
    np.array(["2", "1"]),
    np.array([None, 1.0]),
    np.array(["2026-01-01"], "datetime64[D]"),
    [[2], [1, 3]],
]


@each("value", NOT_NUMBERS)
def test_anything_else_is_not(value):
    assert not close(value, PAIR)
    with pytest.raises((TypeError, ValueError)):
        tensor(value)


def test_a_number_type_is_kept_for_the_cases():
    assert as_torch(np.float32(1), abs).dtype == torch.float32
    assert as_torch(np.arange(2, dtype=np.int64), abs).dtype == torch.int64
    assert as_torch((1.0, np.ones(1)), abs)[0] == 1.0
    assert as_torch(lambda: 1, lambda function: "watched") == "watched"
    assert like(torch.ones(2), 1, 10).dtype == torch.float32


NUMBERS = {e.id: e for e in exercises().values() if isinstance(e, Number)}
CHOICES = {e.id: e for e in exercises().values() if isinstance(e, Choice)}
SAME = {
    "float": float,
    "text": repr,
    "text with spaces": lambda x: f" \t{x!r}\u00a0\n",
    "0-dim tensor": lambda x: torch.tensor(x, dtype=torch.float64),
    "tensor of one": lambda x: torch.tensor([x], dtype=torch.float64),
    "with a graph": lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True),
    "numpy scalar": np.float64,
    "0-dim array": np.array,
    "array of one": lambda x: np.array([[x]]),
    "long double": np.longdouble,
    "object": lambda x: np.array(x, dtype=object),
    "decimal": Decimal,
    "complex": complex,
    "parameter": lambda x: torch.nn.Parameter(torch.tensor(x, dtype=torch.float64)),
    "eigenvalue": lambda x: torch.linalg.eigvals(torch.tensor([[x]], dtype=torch.float64))[0],
    "fraction": Fraction,
    "int": lambda x: int(x) if x == int(x) else x,
    # A denominator beyond the floats is infinite, here as on the page.
    "fraction's text": lambda x: repr(x) if 0 < abs(x) < 1e-290 else str(Fraction(x)),
}
FINITE = {"fraction", "int", "fraction's text", "eigenvalue"}


@given(st.sampled_from(sorted(NUMBERS)), st.sampled_from(sorted(SAME)))
def test_a_number_is_right_in_any_type(identifier, kind):
    answer = float(NUMBERS[identifier].answer)
    given = SAME[kind](answer) if kind not in FINITE or np.isfinite(answer) else answer
    assert NUMBERS[identifier].verdict(given).state == "right"


@given(st.floats(allow_nan=False), st.sampled_from(sorted(SAME)))
def test_every_float_is_read_as_itself(number, kind):
    given = SAME[kind](number) if kind not in FINITE or np.isfinite(number) else number
    assert read_number(given) == pytest.approx(number, rel=1e-15, abs=0)


@given(st.sampled_from(sorted(CHOICES)), st.text(" \t\n\u00a0\u2003\ufeff"), st.booleans(), st.booleans())
def test_a_choice_is_right_with_spaces_in_capitals_and_as_text(identifier, space, capital, text):
    exercise = CHOICES[identifier]
    given = exercise.options[exercise.answer] if text else exercise.answer
    given = np.str_(space + (given.upper() if capital else given) + space)
    assert exercise.verdict(given).state == "right"
