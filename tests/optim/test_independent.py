"""Methods that torch does not have, beside another library's, along 200 steps in float64."""

import copy
import importlib

import pytest

from book import optim
from book.optim.methods import METHODS
from tests.optim.loops import LOOPS
from tests.optim.references import GRIDS, HELD, apart, pair, path

STEPS = 200
NAMES = [name for name, method in METHODS.items() if method.reference]


def test_every_method_is_held_against_something():
    """Against torch's; or against a loop written from its paper, and another library's where there is one."""
    for name, method in METHODS.items():
        assert (method.twin is None) == (name in LOOPS), name
        assert method.twin is None or method.reference is None, name
    assert GRIDS.keys() == METHODS.keys()


def test_every_method_is_offered_by_the_library():
    assert METHODS.keys() <= set(optim.__all__), "export it in book/optim/__init__.py"


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_the_path_is_that_of_another_library(name):
    package, _, title = METHODS[name].reference.rpartition(".")
    theirs = getattr(importlib.import_module(package), title)

    def make(params):
        optimizer = theirs(params, **options)
        optimizer.param_groups[0].setdefault("maximize", False)  # where a library keeps it elsewhere
        return optimizer

    compared = 0
    for index, given in enumerate(HELD[name].grid):
        if "maximize" not in given:
            # A scheduler writes into a rate that is a tensor.
            options = copy.deepcopy({"lr": HELD[name].lr} | given)
            ours = path(pair(HELD[name], given)[0], STEPS, index)
            assert apart(ours, path(make, STEPS, index)) <= 1e-12
            compared += 1
    assert compared >= 2
