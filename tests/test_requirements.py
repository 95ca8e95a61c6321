"""Each import is of a package that is declared: a lesson's in pyproject.toml, any other in requirements.txt.

pip installs for a learner what `dependencies` in pyproject.toml names, through the wheel's metadata. A
package that only happens to come along with another one may be gone with that one's next release.
"""

import ast
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from book.site.paths import ROOT, sources

NOT_FOR_LEARNERS = {"site", "bench", "__main__.py"}  # they build and measure; no lesson imports them
OURS = {"book", "tests"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LESSONS = [
    file
    for file in sorted((ROOT / "book").rglob("*.py"))
    if file.relative_to(ROOT / "book").parts[0] not in NOT_FOR_LEARNERS
]


@cache
def distributions() -> dict[str, set[str]]:
    """The packages that bring a module, by the module's name."""
    return {
        name: set(map(canonicalize_name, packages)) for name, packages in packages_distributions().items()
    }


def declared(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in requirements}


def pins() -> dict[str, str]:
    """The versions of requirements.txt, by package."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in (line.partition("#")[0].strip() for line in lines) if line]
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in found}


def imported(file: Path) -> set[str]:
    """The outermost names that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def undeclared(file: Path, requirements: set[str]) -> set[str]:
    """The imports of a file that neither Python, nor the book, nor a declared package brings."""
    foreign = imported(file) - sys.stdlib_module_names - OURS
    return {name for name in foreign if not distributions().get(name, set()) & requirements}


@pytest.mark.long
def test_each_import_that_a_lesson_leads_to_is_declared():
    requirements = declared(PROJECT["dependencies"])
    found = {file.relative_to(ROOT): undeclared(file, requirements) for file in (*sources(), *LESSONS)}
    missing = {str(file): names for file, names in found.items() if names}
    assert missing == {}, "Declare the package in pyproject.toml, and pin it in requirements.txt."


@pytest.mark.long
def test_each_import_of_the_repository_is_pinned():
    files = [file for folder in ("book", "tests") for file in (ROOT / folder).rglob("*.py")]
    found = {file.relative_to(ROOT): undeclared(file, set(pins())) for file in (*files, ROOT / "conftest.py")}
    missing = {str(file): names for file, names in found.items() if names}
    assert missing == {}, "Pin the package in requirements.txt."


@pytest.mark.long
def test_nothing_is_declared_that_no_lesson_imports():
    """ipywidgets is anywidget's; a range of our own keeps the one that Colab has."""
    names = set().union(*map(imported, (*sources(), *LESSONS)))
    brought = set().union(*(distributions().get(name, set()) for name in names))
    assert declared(PROJECT["dependencies"]) - brought == {"ipywidgets"}


def test_what_is_declared_is_pinned_and_the_pin_is_in_its_range():
    pinned = pins()
    for needed in map(Requirement, PROJECT["dependencies"]):
        assert pinned[canonicalize_name(needed.name)] in needed.specifier, needed


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import yaml", {"yaml"}),
        ("def f():\n    from sphinx.application import Sphinx", {"sphinx"}),
        ("import os, torch.nn as nn, no_such_package", {"no_such_package"}),
        ("if False:\n    import PIL.Image, bs4", {"bs4"}),
        ("import torchvision.datasets\nfrom book import errors\nfrom . import other", set()),
    ],
)
def test_an_import_that_is_not_declared_is_seen(tmp_path, code, names):
    (file := tmp_path / "lesson.py").write_text(code)
    assert undeclared(file, declared(["torch>=2", "torchvision", "pillow>=10"])) == names
