"""Whatever an explorer is given, it is made as asked or refused in one sentence, by no stray error."""

import inspect
import re
from fractions import Fraction

import numpy as np
import pytest
import torch
import traitlets

import book.explorers
from book.explorers import Race, Valley
from book.explorers.shared.constructing import plain
from tests.cases import in_case

EXPLORERS = [
    getattr(book.explorers, name)
    for name in book.explorers.__all__
    if name not in ("page_scripts", "ComparisonExplorer", "Slowness")  # which take results, a picture first
]
ODD = [
    None,
    -1,
    0,
    1e308,
    float("nan"),
    float("inf"),
    "x",
    "",
    b"x",
    True,
    1 + 2j,
    [],
    [1],
    [float("nan"), 0.0],
    (1e300, 1e300),
    (1, 2, 3),
    ["a", "b"],
    [None, None],
    {},
    {"x": [1]},
    object(),
    np.float32(0.5),
    np.int64(1),
    np.array([0.5, 0.5]),
    np.array(["x"]),
    torch.tensor(0.5),
    torch.tensor([0.5, 0.5]),
    Fraction(1, 2),
    iter([1, 2]),
]


def made_or_refused(explorer, options: dict) -> str:
    """The element's settings, or the sentence that refuses them."""
    try:
        return explorer(**options).to_html().partition("><p>")[0]
    except traitlets.TraitError as error:
        return str(error)


def parameters(explorer) -> list[str]:
    return [name for name in inspect.signature(explorer).parameters if name != "options"]


@pytest.mark.long
@pytest.mark.parametrize("explorer", EXPLORERS)
def test_any_value_is_taken_or_refused_in_one_sentence(explorer):
    for name in parameters(explorer):
        for value in ODD:
            with in_case(name, repr(value)):
                shown = made_or_refused(explorer, {name: value})
                assert not re.search(r"\b(NaN|Infinity)\b|\n", shown)


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_a_name_that_it_lacks_is_refused(explorer):
    takes = ", ".join(parameters(explorer))
    with pytest.raises(
        traitlets.TraitError, match=f"{explorer.__name__} has no 'learning_rate'; it takes {takes}"
    ):
        explorer(learning_rate=0.1)


@pytest.mark.parametrize("kind", [np.float64, np.array, torch.tensor, Fraction, lambda number: number])
def test_numbers_of_any_kind_make_the_same(kind):
    start = (kind(-1.5), kind(0.5))
    assert repr(Valley(kind(0.0625), kind(0.75), start)) == repr(Valley(0.0625, 0.75, (-1.5, 0.5)))
    race = Race(methods={"Adam": {"lr": kind(0.25), "betas": (kind(0.5), kind(0.75))}}, steps=kind(8.0))
    assert repr(race) == repr(Race(methods={"Adam": {"lr": 0.25, "betas": (0.5, 0.75)}}, steps=8))


def test_a_row_may_be_an_array():
    assert repr(Valley(start=np.array([-1.5, 0.5]))) == repr(Valley(start=torch.tensor([-1.5, 0.5])))


def test_a_name_may_not_be_a_list():
    with pytest.raises(traitlets.TraitError, match=r"surface must be a name; got \['bowl'\]"):
        plain("surface", ["bowl"], traitlets.Unicode())
