"""A module's test is found by its name: `book/a/b.py` has `tests/a/test_b.py`, or a line in the table."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("calculus", "exercises", "figures", "numerics", "project", "training")
ELSEWHERE = {  # module or folder of modules: where its tests are, where its name does not say so
    "book/calculus/matrix_free/data": "tests/calculus/matrix_free/test_hessian.py",
    "book/calculus/matrix_free/likelihood": "tests/calculus/matrix_free/test_fisher.py",
    "book/exercises/*/*": "tests/exercises/test_answers.py",  # every exercise, by its id
    "book/exercises/element": "tests/browser/test_exercises.py",
    "book/exercises/functions": "tests/exercises/test_model.py",
    "book/exercises/reading": "tests/exercises/test_model.py",
    "book/exercises/verdict": "tests/exercises/test_model.py",
    "book/figures/*": "chapters",  # drawn by the chapters, whose outputs are compared
    "book/project/declaration": "tests/project/test_summary.py",
    "book/project/in_practice_methods": "tests/bench/test_in_practice.py",
    "book/project/in_practice_tasks": "tests/bench/test_in_practice.py",
    "book/project/prepare": "tests/project/test_trial.py",
    "book/training/data/make_sample": "tests/training/data/test_sample.py",
    "book/training/data/published": "tests/training/data/test_cache.py",
    "book/training/run/agreement": "tests/training/run/test_distributed.py",
    "book/training/run/history": "book/training/run/history.py",  # its doctest
    "book/training/run/state": "tests/training/run/test_keeper.py",
}


def modules(root: Path = ROOT) -> list[Path]:
    found = [file for folder in FOLDERS for file in sorted((root / "book" / folder).rglob("*.py"))]
    return [file.relative_to(root) for file in found if file.name != "__init__.py"]


def named(module: Path) -> Path:
    """The test that the module's name leads to."""
    return Path("tests", *module.parts[1:-1], f"test_{module.name}")


def listed(module: Path) -> list[str]:
    """Where the table says that the module is tested."""
    return [place for pattern, place in ELSEWHERE.items() if module.with_suffix("").match(pattern)]


def test_a_module_has_a_test_of_its_name_or_a_line_in_the_table():
    missing = [
        str(named(module)) for module in modules() if not ((ROOT / named(module)).exists() or listed(module))
    ]
    assert missing == [], "Add them, or lines to ELSEWHERE."


@pytest.mark.parametrize("test", sorted({named(module).parent for module in modules()}), ids=str)
def test_a_test_has_a_module_of_its_name(test):
    names = {f"test_{module.name}" for module in modules() if named(module).parent == test}
    assert {file.name for file in (ROOT / test).glob("test_*.py")} - {"test_peers.py"} <= names


def test_the_table_names_what_is_there_and_is_needed():
    for pattern, place in ELSEWHERE.items():
        assert (ROOT / place).exists(), place
        matched = [module for module in modules() if module.with_suffix("").match(pattern)]
        assert any(not (ROOT / named(module)).exists() for module in matched), pattern
