"""Imports point one way: each layer of the book may import its own layer and those below it."""

import ast
from pathlib import Path
from typing import TypeGuard

import pytest

from book.site.paths import ROOT, sources
from tests.cases import each

LAYERS = [
    {"errors"},
    {"numerics", "claims", "results", "provenance", "whole_files", "cores"},
    {"surfaces", "calculus"},
    {"problems"},
    {"optim"},
    {"training"},
    {"project"},
    {"figures"},
    {"exercises", "explorers", "display", "cards"},
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


def name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def test_every_module_has_its_layer_and_imports_downward():
    found = {}
    for file in MODULES:
        layer = file.relative_to(ROOT / "book").parts[0].removesuffix(".py")
        if layer == "__init__":
            found[name(file)] = imported(file)
        else:
            assert layer in HEIGHT, f"book/{layer} has no place in LAYERS; give it one"
            found[name(file)] = upward(file, HEIGHT[layer])
    assert {file: layers for file, layers in found.items() if layers} == {}


def test_a_chapter_leaves_the_site_alone():
    assert [name(file) for file in sources() if {"site", "bench"} & set(imported(file))] == []


def reached(module: str) -> set[str]:
    """What is loaded with a module of `book`: the names that it and those modules import at their top."""
    left, found = [module], set()
    while left:
        now = left.pop()
        place = ROOT / now.replace(".", "/")
        file = next((it for it in (place.with_suffix(".py"), place / "__init__.py") if it.is_file()), None)
        for node in ast.parse(file.read_text(encoding="utf-8")).body if file else []:
            new = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
            if isinstance(node, ast.ImportFrom):
                new = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            left += [name for name in new - found if name.startswith("book.")]
            found |= new
    return found


@pytest.mark.parametrize("module", ["verify", "execute"])
def test_what_only_reads_chapters_does_not_wait_for_torch(module):
    found = {name.partition(".")[0] for name in reached(f"book.site.{module}")}
    assert "nbformat" in found
    assert not found & {"torch", "matplotlib", "scipy", "numpy"}


PRIVATE = ("torch.fx.experimental",)  # without an underscore, and as free to change


def dotted(node: ast.AST) -> str:
    """The name that attributes and `getattr` spell, from its first part on; empty where it is none."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return before and f"{before}.{node.attr}"
    match node:
        case ast.Call(func=ast.Name("getattr"), args=[owner, ast.Constant(str(attribute)), *_]):
            before = dotted(owner)
            return before and f"{before}.{attribute}"
    return node.id if isinstance(node, ast.Name) else ""


def spells_a_name(node: ast.AST) -> TypeGuard[ast.Constant]:
    """Whether this is a dotted name in quotes, as `import_module` and `mock.patch` take it."""
    value = getattr(node, "value", None)
    return (
        isinstance(value, str)
        and isinstance(node, ast.Constant)
        and all(map(str.isidentifier, value.split(".")))
    )


def private_torch(file: Path) -> list[str]:
    """What a file imports or reaches of torch's private modules."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names, alias_of = [], {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
            alias_of |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
            alias_of |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    reached = [name.partition(".") for node in ast.walk(tree) if "." in (name := dotted(node))]
    names += [f"{alias_of.get(head, head)}.{rest}" for head, _, rest in reached]
    names += [node.value for node in ast.walk(tree) if spells_a_name(node)]
    return [name for name in names if is_private(name)]


def is_private(name: str) -> bool:
    first, *rest = name.split(".")
    if first != "torch":
        return False
    hidden = any(part.startswith("_") and not part.startswith("__") for part in rest)
    return hidden or name.startswith(PRIVATE)


@pytest.mark.long
def test_only_the_public_torch_is_used():
    found = {name(file): private_torch(file) for file in (*MODULES, *sources())}
    assert {file: names for file, names in found.items() if names} == {}


PRIVATE_USES = [
    "import torch._inductor.config",
    "import torch.utils._pytree as pytree",
    "from torch._dynamo.exc import TorchDynamoException",
    "from torch import _C",
    "from torch.fx.experimental.proxy_tensor import make_fx",
    "import torch\ntorch._inductor.compile(f, x)",
    "import torch\ntorch.fx.experimental.proxy_tensor.make_fx(f)",
    "import torch as t\nt._C",
    "from torch import utils\nutils._pytree.tree_map(f, x)",
    "def f():\n    import torch._dynamo",
    "from importlib import import_module\nimport_module('torch._inductor.config')",
    "__import__('torch._dynamo')",
    "from unittest import mock\nmock.patch('torch._dynamo.reset')",
    "import torch\ngetattr(torch, '_C')",
    "from torch import utils as u\ngetattr(u, '_pytree', None).tree_map(f, x)",
]


@each("use", PRIVATE_USES)
def test_a_private_part_of_torch_is_seen(tmp_path, use):
    file = tmp_path / "uses.py"
    file.write_text(use)
    assert private_torch(file)


def test_the_public_torch_and_names_of_our_own_pass(tmp_path):
    file = tmp_path / "uses.py"
    file.write_text("import torch\nfrom torch import nn\ntorch.__version__, nn.Linear, self._inner, 'torch'")
    assert private_torch(file) == []


def test_an_upward_import_is_seen(tmp_path):
    file = tmp_path / "numerics.py"
    file.write_text("def f():\n    from book.training.data import vision\n    import book.errors\n")
    assert upward(file, HEIGHT["numerics"]) == ["training"]
