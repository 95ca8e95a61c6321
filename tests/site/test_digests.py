"""What a chapter depends on: each change that can change an output counts, and none that cannot."""

import json

import pytest

from book.errors import BookError
from book.site.digests import PRINTS_SOURCE, digests
from book.site.files_read import LOADERS
from book.site.paths import ROOT, docname, sources
from book.site.reach import Reach

CHAPTER = "chapters/1-numbers/small.py"
LIBRARY = {
    CHAPTER: "from book.optim import SGD\nfrom book import tools\n\n# %%\nSGD().step(tools.rate())\n",
    "book/__init__.py": "",
    "book/display.py": "def show_source(*objects):\n    return objects\n",
    "book/tools.py": (
        "import math\n\nLOW, HIGH = 0.1, 0.5\nUNUSED = 3\n\n\n"
        'def rate():\n    """A rate."""\n    return LOW * math.pi  # small\n\n\n'
        "def other():\n    return HIGH\n"
    ),
    "book/optim/__init__.py": (
        "from book.optim.adam import Adam\nfrom book.optim.sgd import SGD\n__all__ = ['Adam', 'SGD']\n"
    ),
    "book/optim/adam.py": "class Adam:\n    rate = 0.001\n",
    "book/optim/rule.py": (
        '"""Rules."""\n\n\nclass Rule:\n    """A rule."""\n\n'
        "    def step(self, rate):\n        return -rate\n"
    ),
    "book/optim/sgd.py": "from book.optim.rule import Rule\n\n\nclass SGD(Rule):\n    pass\n",
}


class Library:
    def __init__(self, root):
        self.root = root
        for name, text in LIBRARY.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def digests(self) -> dict[str, str]:
        return digests(self.root / CHAPTER, self.root)

    def changed_by(self, *edit: str) -> list[str]:
        """Return the names of the dependencies that an edit changes, adds or removes."""
        before = self.digests()
        self.edit(*edit)
        after = self.digests()
        return sorted(name for name in before | after if before.get(name) != after.get(name))


@pytest.fixture
def library(tmp_path):
    return Library(tmp_path)


def test_a_name_leads_through_the_face_of_a_package_to_its_definition(library):
    assert list(library.digests()) == ["book.optim.rule", "book.optim.sgd", "book.tools"]


@pytest.mark.parametrize(
    "edit",
    [
        ("book/tools.py", "LOW, HIGH = 0.1", "LOW, HIGH = 0.2"),
        ("book/tools.py", "LOW * math.pi", "LOW * math.e"),
        ("book/tools.py", "import math", "import cmath as math"),
        ("book/tools.py", "import math", "from numpy import pi as math"),
        ("book/tools.py", "def rate():", "def rate(scale=2):"),
        ("book/tools.py", "UNUSED = 3", "UNUSED = 3\nrate.calls = 0"),
        ("book/tools.py", "UNUSED = 3", "print(UNUSED)"),
        ("book/tools.py", "UNUSED = 3", "if TYPE_CHECKING:\n    pass\nelse:\n    print(3)"),
        ("book/tools.py", "UNUSED = 3", "for n in range(3):\n    print(n)"),
        ("book/optim/rule.py", "return -rate", "return rate"),
        ("book/optim/sgd.py", "    pass", "    nesterov = False"),
        (
            "book/optim/sgd.py",
            "\n\nclass SGD",
            "\n\nclass Other(Rule):\n    pass\n\n\nclass SGD",
        ),  # a hook of Rule
        (
            "book/optim/adam.py",
            "class Adam",
            "print('Adam')\n\n\nclass Adam",
        ),  # runs when the face is imported
        ("book/optim/__init__.py", "__all__ =", "SGD.rate = 3\n__all__ ="),
    ],
)
def test_a_change_that_can_change_an_output_counts(library, edit):
    assert library.changed_by(*edit)


@pytest.mark.parametrize(
    "edit",
    [
        ("book/tools.py", "  # small", "  # very small"),
        ("book/tools.py", '"""A rate."""', '"""A small rate."""'),
        ("book/tools.py", "import math\n\n", "import math\n\n\n\n\n"),
        ("book/tools.py", "return LOW * math.pi", "return (\n        LOW * math.pi\n    )"),
        ("book/tools.py", "UNUSED = 3", "UNUSED = 4"),
        ("book/tools.py", "return HIGH", "return -HIGH"),
        ("book/tools.py", "UNUSED = 3", "if __name__ == '__main__':\n    print(UNUSED)"),
        ("book/optim/rule.py", '"""A rule."""', '"""Another."""'),
        ("book/optim/rule.py", '"""Rules."""', ""),
        ("book/optim/adam.py", "0.001", "0.002"),
        ("book/optim/__init__.py", "'Adam', ", ""),
    ],
)
def test_a_change_that_cannot_change_an_output_does_not_count(library, edit):
    assert library.changed_by(*edit) == []


@pytest.mark.parametrize(
    "use",
    [
        "getattr(tools, name)",
        "use(tools)",
        "vars(tools)[name]",
        "from book.tools import *",
        "import book.tools\nuse(book.tools)",
    ],
)
def test_a_module_that_is_used_as_a_value_counts_as_a_whole(library, use):
    library.edit(CHAPTER, "SGD().step(tools.rate())", use)
    assert library.changed_by("book/tools.py", "UNUSED = 3", "UNUSED = 4") == ["book.tools"]


@pytest.mark.parametrize(
    "dynamic",
    ["globals()['UNUSED']", "eval('UNUSED')", "builtins.vars()", "importlib.import_module('UNUSED')"],
)
def test_a_look_up_by_text_reaches_its_whole_module(library, dynamic):
    library.edit("book/tools.py", "return LOW", f"return {dynamic}")
    assert library.changed_by("book/tools.py", "UNUSED = 3", "UNUSED = 4") == ["book.tools"]


def test_what_an_object_has_is_looked_up_in_it_alone(library):
    library.edit("book/tools.py", "return LOW", "return vars(LOW)")
    assert library.changed_by("book/tools.py", "UNUSED = 3", "UNUSED = 4") == []
    assert library.changed_by("book/tools.py", "LOW, HIGH = 0.1", "LOW, HIGH = 0.2") == ["book.tools"]


@pytest.mark.parametrize("method", ["LOW.eval()", "LOW.vars", "math.locals.pi"])
def test_a_method_of_such_a_name_is_no_look_up(library, method):
    library.edit("book/tools.py", "return LOW", f"return {method}")
    assert library.changed_by("book/tools.py", "UNUSED = 3", "UNUSED = 4") == []


@pytest.mark.parametrize(
    "definition",
    [
        "@register\ndef third():\n    return 3",
        "class Third(Base):\n    x = 3",
        "class Third(metaclass=Meta):\n    x = 3",
    ],
)
def test_what_a_decorator_or_a_class_may_put_into_a_table_counts_with_its_module(library, definition):
    library.edit("book/tools.py", "UNUSED = 3", definition)
    assert library.changed_by("book/tools.py", "3", "4") == ["book.tools"]


@pytest.mark.parametrize(
    "statement",
    ["import book.tools", "import book.tools as t", "from book import tools as t", "from . import tools"],
)
def test_each_form_of_import_is_followed(library, statement):
    library.write(
        "book/deep.py", f"def deep():\n    {statement}\n    return {statement.split()[-1]}.rate()\n"
    )
    library.write(CHAPTER, "from book.deep import deep\n\ndeep()\n")
    assert library.changed_by("book/tools.py", "0.1", "0.2") == ["book.tools"]


def test_a_name_that_a_package_takes_from_a_module_of_that_name_is_the_definition(library):
    library.write("book/optim/follow.py", "x = 1\n\n\ndef follow():\n    return 2\n")
    library.edit(
        "book/optim/__init__.py",
        "from book.optim.sgd",
        "from book.optim.follow import follow\nfrom book.optim.sgd",
    )
    library.write(CHAPTER, "from book.optim import follow\n\nfollow()\n")
    assert library.changed_by("book/optim/follow.py", "x = 1", "x = 3") == []
    assert library.changed_by("book/optim/follow.py", "return 2", "return 3") == ["book.optim.follow"]


def test_printed_source_counts_with_its_comments_and_without_its_docstrings(library):
    library.edit(
        CHAPTER, "SGD().step", "from book.display import show_source\nshow_source(tools.rate)\nSGD().step"
    )
    assert library.changed_by("book/tools.py", "# small", "# tiny") == ["book.tools"]
    assert library.changed_by("book/tools.py", '"""A rate."""', '"""The rate."""') == []
    assert library.changed_by("book/optim/rule.py", '"""A rule."""', '"""The rule."""') == []


def test_printed_source_that_cannot_be_told_is_everything(library):
    library.edit(CHAPTER, "SGD().step", "from book import display\ndisplay.show_source(*things)\nSGD().step")
    assert library.changed_by("book/tools.py", "# small", "# tiny") == ["book.tools"]


def test_exercises_count_by_their_text_and_with_what_they_name(library):
    file = "book/exercises/numbers/small.py"
    library.write(file, "from book.tools import other\n\nEXERCISES = (other,)  # one\n")
    assert library.changed_by(file, "# one", "# two") == [file]
    assert library.changed_by("book/tools.py", "return HIGH", "return HIGH  # printed as a solution") == [
        "book.tools"
    ]


def test_stored_results_count_by_the_name_that_loads_them(library):
    library.write("book/results.py", "def load(name):\n    return name\n")
    library.write("book/project/comparison_file.py", "def load_comparison(task):\n    return task\n")
    for name in ("sums", "flops", "compare-cnn", "compare-mlp"):
        library.write(f"assets/results/{name}.json", "{}")
    names = {
        "from book import results\nresults.load('sums')": ["sums"],
        "from book.results import load as read\nread('sums')": ["sums"],
        "from book.project.comparison_file import load_comparison\nload_comparison('cnn')": ["compare-cnn"],
        "from book.project.comparison_file import load_comparison\nload_comparison(task)": [
            "compare-cnn",
            "compare-mlp",
        ],
        "from book import results\nmap(results.load, names)": ["compare-cnn", "compare-mlp", "flops", "sums"],
        "from book import results\nresults.load": ["compare-cnn", "compare-mlp", "flops", "sums"],
        "import json\njson.load('sums')": [],
    }
    for code, expected in names.items():
        library.write(CHAPTER, code)
        files = [name for name in library.digests() if "/" in name]
        assert files == [f"assets/results/{name}.json" for name in expected], code


def test_a_comparison_counts_with_those_of_other_budgets_and_its_predictions(library):
    module = "def load_comparison(task, budget=None):\n    return task\n\n\n"
    module += "def load_predictions(task, budget=None):\n    return task\n"
    library.write("book/project/comparison_file.py", module)
    for name in ("compare-mlp.json", "compare-mlp-one-pass.json", "compare-mlp-one-pass-predictions.npz"):
        library.write(f"assets/results/{name}", "{}")
    head = "from book.project.comparison_file import load_comparison, load_predictions\n"
    for code, expected in {
        "load_comparison('mlp', 'one-pass')": ["compare-mlp-one-pass.json", "compare-mlp.json"],
        "load_predictions('mlp', 'one-pass')": ["compare-mlp-one-pass-predictions.npz"],
    }.items():
        library.write(CHAPTER, head + code)
        files = [name for name in library.digests() if "/" in name]
        assert files == [f"assets/results/{name}" for name in expected], code


def test_a_card_counts_for_the_chapters_that_show_it(library):
    library.write(
        "book/cards.py", "def card(name):\n    return name\n\n\ndef cards():\n    return card('SGD')\n"
    )
    shown = "def one_screen(name):\n    return card(name)\n\n\ndef use_it(name):\n    return card(name)\n"
    library.write("book/display.py", f"from book.cards import card\n\n\n{shown}")
    for code, expected in {
        "from book.display import one_screen\none_screen('Adam')": ["adam"],
        "from book.display import use_it\nuse_it('SGD')": ["sgd"],
        "from book.display import use_it\nuse_it(name)": ["adam", "sgd"],
        "from book.cards import cards\ncards()": ["adam", "sgd"],
    }.items():
        for name in ("adam", "sgd"):
            library.write(f"book/optim/cards/{name}.md", "1")
        library.write(CHAPTER, code)
        files = [name for name in library.digests() if "/" in name]
        assert files == [f"book/optim/cards/{name}.md" for name in expected], code
        for file in files:
            assert library.changed_by(file, "1", "2") == [file]


@pytest.mark.parametrize(
    ("code", "counts"),
    [
        ('Path(__file__).with_name("table.json")', ["book/race/table.json"]),
        ('Path(__file__).parent / "table.json"', ["book/race/table.json"]),
        ('Path(__file__).resolve().parents[2] / "assets" / "data"', ["assets/data/a.webp"]),
        ("Path(__file__).with_name(name)", ["book/race/table.json"]),
        ("Path(__file__).parents[2]", []),
    ],
)
def test_files_that_a_module_finds_from_its_own_path_count(library, code, counts):
    for name in ("assets/data/a.webp", "assets/data/README.md", "book/race/table.json", "book/race/race.js"):
        library.write(name, "1")
    library.write("book/race/widget.py", f"from pathlib import Path\n\nFILE = {code}\n")
    library.write(CHAPTER, "from book.race.widget import FILE\n\nprint(FILE)\n")
    assert [name for name in library.digests() if "/" in name] == counts
    for name in counts:
        assert library.changed_by(name, "1", "2") == [name]


def test_what_anywidget_sends_to_the_page_alone_does_not_count(library):
    library.write("book/widget.py", "from book import tools\n\n\nclass W:\n    _esm = tools.other()\n")
    library.write(CHAPTER, "from book.widget import W\n\nW()\n")
    assert list(library.digests()) == ["book.widget"]


def test_stored_outputs_hold_no_script_of_an_explorer():
    """The ground of the rule above: an explorer is stored as its settings."""
    for notebook in sources():
        cells = json.loads(notebook.with_suffix(".ipynb").read_text(encoding="utf-8"))["cells"]
        for data in (output.get("data", {}) for cell in cells for output in cell.get("outputs", ())):
            assert not any("widget-view" in kind or "javascript" in kind for kind in data), docname(notebook)
            assert "<script" not in "".join(data.get("text/html", ""))


def test_a_source_that_is_not_python(library):
    library.write(CHAPTER, "x = (\n")
    with pytest.raises(BookError, match=r"small.py, line 1: this is not valid Python. Correct the line."):
        library.digests()


@pytest.mark.parametrize(("module", "name"), [*LOADERS, PRINTS_SOURCE])
def test_the_functions_that_are_known_by_name_are_there(module, name):
    statements = Reach(ROOT).module(module).statements
    assert name in [getattr(statement, "name", "") for statement in statements]


@pytest.mark.long
def test_no_definition_of_the_library_is_hidden_from_its_readers():
    """Every explorer, method and figure function that a chapter names is among its dependencies."""
    found = digests(ROOT / "chapters" / "3-first-order" / "adam.py")
    expected = {"book.optim.adam", "book.optim.rule", "book.figures.adam", "book.explorers.race.widget"}
    assert expected <= found.keys()
    assert "book/exercises/first_order/adam.py" in found
    assert "assets/results/robustness.json" in found


def test_a_chapter_depends_on_what_its_own_claims_say_and_not_on_their_evidence(library):
    entries = [
        f"- id: {name}\n  claim: {name} falls.\n  chapter: 1-numbers/{chapter}\n  evidence: It fell.\n"
        for name, chapter in (("N1", "small"), ("N2", "other"))
    ]
    library.write("assets/claims.yml", "".join(entries))
    assert library.changed_by("assets/claims.yml", "N1 falls", "N1 rises") == ["claim N1"]
    assert library.changed_by("assets/claims.yml", "N2 falls", "N2 rises") == []
    assert library.changed_by("assets/claims.yml", "It fell", "It rose") == []
