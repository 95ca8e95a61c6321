"""The table of second-order methods says of each what its class, its docstring and its test say."""

import inspect
import re
from pathlib import Path

import pytest
import torch
import yaml

from book import optim
from book.optim.full_batch import FullBatch
from book.optim.methods import METHODS, ROOT
from book.optim.second_order import ASKS, SECOND_ORDER

REPO = Path(__file__).parents[2]
every_entry = pytest.mark.parametrize("name", SECOND_ORDER)


@every_entry
def test_an_entry_is_a_class_that_the_library_offers(name):
    assert getattr(optim, name, None) is SECOND_ORDER[name].make, "Export it in book/optim/__init__.py."
    assert issubclass(SECOND_ORDER[name].make, torch.optim.Optimizer)


def test_every_full_batch_method_that_the_library_offers_has_an_entry():
    bases = {"FullBatch", "LineSearch", "LeastSquares"}
    offered = {
        name
        for name in optim.__all__
        if isinstance(c := getattr(optim, name), type) and issubclass(c, FullBatch) and name not in bases
    }
    assert offered <= SECOND_ORDER.keys(), "Give each its entry in book/optim/second_order.py."


@every_entry
def test_the_year_is_that_of_the_docstrings_source(name):
    source = inspect.getdoc(SECOND_ORDER[name].make).split("Source:")[1].split("Examples:")[0]
    years = [int(year) for year in re.findall(r"\b(1[6-9]\d\d|20\d\d)\b", source)]
    assert SECOND_ORDER[name].year == min(years), "The entry has the year of the first paper under Source."


@every_entry
def test_parents_are_earlier_entries_or_first_order_methods(name):
    earlier = list(SECOND_ORDER)[: list(SECOND_ORDER).index(name)]
    for parent in SECOND_ORDER[name].parents:
        assert parent in (ROOT, *METHODS, *earlier)


@every_entry
def test_the_reference_stands_in_the_methods_test(name):
    *folders, module = SECOND_ORDER[name].make.__module__.split(".")[1:]
    own = "*" if len(folders) > 1 else module  # a method with a folder of its own has many tests
    place, reference = Path("tests", *folders, f"test_{own}.py"), SECOND_ORDER[name].reference
    texts = [file.read_text() for file in REPO.glob(str(place))]
    used = rf"(^import |^from |peer\(\"){re.escape(reference)}\b"
    assert any(re.search(used, text, re.MULTILINE) for text in texts), (
        f"Hold {name} against {reference} in {place}, or name what that file holds it against as `reference`."
    )


@every_entry
def test_what_it_asks_for_is_what_its_class_uses(name):
    entry = SECOND_ORDER[name]
    assert entry.asks in ASKS
    if issubclass(entry.make, FullBatch):
        assert entry.make.curved == (entry.asks in ("Hessian", "products"))


@every_entry
def test_its_chapter_is_in_the_table_of_contents(name):
    parts = yaml.safe_load((REPO / "_toc.yml").read_text())["parts"]
    files = {entry["file"] for part in parts for entry in part["chapters"]}
    assert SECOND_ORDER[name].chapter in (None, *files)
