"""Mutants of a function: copies of its syntax tree, each with one operator, constant or sign changed."""

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module

from hypothesis import Phase, settings

if settings.get_current_profile_name() == "default":  # by hand, and not under pytest with its own
    phases = Phase.explicit, Phase.generate  # a failure need not be made small
    settings.register_profile("mutants", derandomize=True, deadline=None, max_examples=25, phases=phases)
    settings.load_profile("mutants")

SWAPS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
CALLS = {
    "sqrt": "square",
    "maximum": "minimum",
    "max": "min",
    "min": "max",
    "log": "exp",
    "exp": "log",
    "cos": "sin",
}


@dataclass(frozen=True)
class Target:
    """Functions that are mutated, and checks; with each mutant one of them at least has to fail."""

    functions: tuple[tuple[object, str], ...]
    checks: Sequence[Callable[[], object]]


def mutations(tree: ast.Module) -> Iterator[ast.Module]:
    """Copies of a function's syntax tree, each with one thing changed."""
    for index in range(len(list(ast.walk(tree)))):
        for way in WAYS:
            fresh = copy.deepcopy(tree)
            node = list(ast.walk(fresh))[index]
            if way(node, fresh):
                yield ast.fix_missing_locations(fresh)


def swapped(node: ast.AST, tree: ast.Module) -> bool:
    """Another operator, branch or function; whether there was one."""
    if isinstance(node, ast.BinOp | ast.BoolOp):
        node.op = SWAPS[type(node.op)]()
    elif isinstance(node, ast.Compare):
        node.ops[0] = SWAPS[type(node.ops[0])]()
    elif isinstance(node, ast.IfExp):
        node.body, node.orelse = node.orelse, node.body
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node.op = ast.UAdd()
    elif isinstance(node, ast.Attribute) and node.attr in CALLS:
        node.attr = CALLS[node.attr]
    elif isinstance(node, ast.Name) and node.id in CALLS:
        node.id = CALLS[node.id]
    else:
        return False
    return True


def another_number(node: ast.AST, tree: ast.Module) -> bool:
    """A constant plus 1."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        node.value += 1
        return True
    return False


def negated(node: ast.AST, tree: ast.Module) -> bool:
    """The other sign before an operand of the formula."""
    operands = [side for parent in ast.walk(tree) for side in sides(parent)]
    if isinstance(node, ast.Constant | ast.Name | ast.Call | ast.Subscript) and any(
        o is node for o in operands
    ):
        Negated(node).visit(tree)
        return True
    return False


def sides(parent: ast.AST) -> list[ast.AST]:
    if isinstance(parent, ast.BinOp):
        return [parent.left, parent.right]
    name = getattr(parent, "func", None)
    numeric = (isinstance(name, ast.Attribute) and name.attr in CALLS) or (
        isinstance(name, ast.Name) and name.id == "power"
    )
    return parent.args if numeric else []


class Negated(ast.NodeTransformer):
    def __init__(self, old: ast.AST):
        self.old = old

    def visit(self, node: ast.AST) -> ast.AST:
        return ast.UnaryOp(ast.USub(), node) if node is self.old else self.generic_visit(node)


WAYS = (swapped, another_number, negated)


def parsed(function: Callable) -> ast.Module:
    """A function's syntax tree without docstring and annotations."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    body = tree.body[0]
    body.returns = None
    for argument in ast.walk(body.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    if ast.get_docstring(body) is not None:
        del body.body[0]
    return tree


def made(tree: ast.Module, function: Callable) -> Callable:
    """What a syntax tree defines in the place of a function, with the decorators that it has."""
    if function.__code__.co_freevars:
        raise ValueError(f"{function.__name__} holds names from outside, which a mutant would not find.")
    names: dict = {}
    exec(compile(tree, "<mutant>", "exec"), function.__globals__, names)
    return names[function.__name__]


def plain(original: object) -> Callable:
    """The function that stands in a class's or a module's source, without what decorators made of it."""
    return inspect.unwrap(getattr(original, "fget", None) or getattr(original, "__func__", original))


def changed_line(original: ast.Module, mutant: ast.Module) -> str:
    pairs = zip(ast.unparse(original).splitlines(), ast.unparse(mutant).splitlines(), strict=True)
    return next(new.strip() for old, new in pairs if old != new)


def members(module: str, *names: str) -> Iterator[tuple[object, str]]:
    """Functions of a module, and methods named as "Class.method", as a target takes them."""
    for name in names:
        owner: object = import_module(module)
        *classes, last = name.split(".")
        for part in classes:
            owner = getattr(owner, part)
        yield owner, last
