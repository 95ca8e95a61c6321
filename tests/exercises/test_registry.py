"""Definitions are found by themselves; what a notebook stores of a verdict is small and always the same."""

import importlib
import sys

import pytest

from book.errors import BookError
from book.exercises import check, registry, solution
from book.exercises.registry import collect

DEFINITION = """
from book.exercises import Choice, Number

EXERCISES = (
    Number("1-numbers/{name}", "How many?", 2.0, {{3.0: "One more.", 5.0: "Far."}}, "No: `a < b`.",
           right="Two.", worked="$1 + 1 = 2$"),
    Choice("1-numbers/{name}-choice", "Which?", dict(a="one", b="two", c="three", d="four"), "b",
           dict(a="Low.", c="High.", d="Higher."), right="Two.", worked="Count."),
)
"""


@pytest.fixture
def part(tmp_path, monkeypatch):
    """A function that writes a chapter's module into the part `numbers` of an empty package `sample`."""
    folder = tmp_path / "sample" / "numbers"
    folder.mkdir(parents=True)
    for package in (folder.parent, folder):
        (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda module, text: (folder / f"{module}.py").write_text(text)
    for name in [name for name in sys.modules if name.split(".")[0] == "sample"]:
        del sys.modules[name]


@pytest.fixture
def sample(part, monkeypatch):
    """The sample's exercises in place of the book's."""
    part("spacing", DEFINITION.format(name="spacing"))
    found = collect(importlib.import_module("sample"))
    monkeypatch.setattr(registry, "exercises", lambda: found)
    return found


def test_every_module_of_every_part_is_found(part):
    part("b", DEFINITION.format(name="later"))
    part("a", DEFINITION.format(name="sooner"))
    names = ["sooner", "sooner-choice", "later", "later-choice"]
    assert list(collect(importlib.import_module("sample"))) == [f"1-numbers/{name}" for name in names]


def test_an_id_that_occurs_twice_is_refused(part):
    part("a", DEFINITION.format(name="spacing"))
    part("b", DEFINITION.format(name="spacing"))
    with pytest.raises(ValueError, match=r"1-numbers/spacing, in sample.numbers.b: the id is taken already"):
        collect(importlib.import_module("sample"))


def test_an_id_of_another_part_is_refused(part):
    part("a", DEFINITION.format(name="spacing").replace("1-numbers", "2-derivatives"))
    with pytest.raises(ValueError, match=r"must begin with the number and the name of its part, 'numbers'"):
        collect(importlib.import_module("sample"))


def test_an_unknown_id_names_the_ones_that_look_alike(sample):
    with pytest.raises(BookError, match=r"no exercise '1-numbers/spacin'\. Did you mean 1-numbers/spacing"):
        check("1-numbers/spacin", 2)
    with pytest.raises(BookError, match="Look it up"):
        solution(42)


def test_a_notebook_stores_the_line_and_the_element(sample):
    bundle = check("1-numbers/spacing", 7)._repr_mimebundle_()
    assert bundle == check("1-numbers/spacing", "7.0")._repr_mimebundle_()
    assert bundle["text/plain"] == "Not yet. No: `a < b`."
    assert bundle["text/html"].startswith('<descent-exercise exercise="1-numbers/spacing"><p style="')
    assert ">Not yet. No: <code>a &lt; b</code>.</p></descent-exercise>" in bundle["text/html"]
    assert len(bundle["text/html"]) < 300


def test_a_solution_is_folded_markdown(sample):
    assert solution("1-numbers/spacing").data == (
        "<details><summary>Solution</summary>\n\n$1 + 1 = 2$\n\n</details>"
    )
    assert "\n\n**b**: two\n\nCount.\n\n" in solution("1-numbers/spacing-choice").data


@pytest.mark.parametrize("identifier", [None, 3, ["1-numbers/half"], {}])
def test_what_is_no_id_is_one_sentence(identifier):
    with pytest.raises(BookError, match="There is no exercise"):
        registry.find(identifier)
