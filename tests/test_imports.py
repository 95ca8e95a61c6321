"""Imports point one way: each layer of the book may import its own layer and those below it."""

import ast
from pathlib import Path

import pytest

from book.site.paths import ROOT, sources

LAYERS = [
    {"errors"},
    {"numerics", "results", "provenance", "whole_files"},
    {"surfaces", "calculus"},
    {"optim"},
    {"training"},
    {"project"},
    {"figures"},
    {"exercises", "explorers", "display"},
    {"site", "bench", "__main__"},
]
HEIGHT = {name: height for height, layer in enumerate(LAYERS) for name in layer}
MODULES = sorted((ROOT / "book").rglob("*.py"))


def imported(file: Path) -> list[str]:
    """Return the layers of `book` that a file imports from; a relative import raises."""
    names = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name}, line {node.lineno}: write the import from `book` on"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return [name.split(".")[1] for name in names if name.startswith("book.")]


def upward(file: Path, height: int) -> list[str]:
    return [layer for layer in imported(file) if HEIGHT.get(layer, 0) > height]


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_module_imports_downward(file):
    layer = file.relative_to(ROOT / "book").parts[0].removesuffix(".py")
    if layer == "__init__":
        assert imported(file) == []
    else:
        assert layer in HEIGHT, f"book/{layer} has no place in LAYERS; give it one"
        assert upward(file, HEIGHT[layer]) == []


@pytest.mark.parametrize("file", sources(), ids=lambda file: file.stem)
def test_a_chapter_leaves_the_site_alone(file):
    assert not {"site", "bench"} & set(imported(file))


def test_an_upward_import_is_seen(tmp_path):
    file = tmp_path / "numerics.py"
    file.write_text("def f():\n    from book.training.data import vision\n    import book.errors\n")
    assert upward(file, HEIGHT["numerics"]) == ["training"]
