"""The compiled engine: a rule's formula through TorchInductor, the compiler of `torch.compile`."""

import warnings
from collections import defaultdict
from collections.abc import Callable
from itertools import chain

import torch
from torch import Tensor
from torch._C._dynamo.guards import TensorGuards
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._pytree import tree_map_only

from book.optim.engine import Update, advance

OPTIONS = {
    "cpp.max_horizontal_fusion_size": 1,  # one parameter at a time: more are too many streams
    "realize_opcount_threshold": 0,  # what all parameters share, AdaGrad's rate for one, is worked out once
    "size_asserts": False,  # the layout has been looked at already
    "alignment_asserts": False,
}
VARIANTS = defaultdict(list)  # compiled steps, each behind a check of the form of its tensors
GIVEN_UP: set[Update] = set()  # formulas that could not be compiled: a try takes seconds


def advance_compiled(update, xs, gs, memories, t, hyper, weight_decay, maximize) -> None:
    """`advance`, compiled: one pass over memory for each parameter.

    `torch.compile` would do it too. But what Dynamo does at each call before the compiled code begins takes
    as long as a tenth of a step of SGD on ten million parameters. So the formula is traced here, once for
    each form of the tensors, and the compiled code is called directly.

    Numbers become tensors first, so that a changed one, such as the learning rate under a schedule, compiles
    nothing anew. Where a formula cannot be compiled, one warning says so, and from then on `advance` does its
    work.
    """
    numbers = tuple(map(_number, (t, weight_decay, *hyper.values())))
    leaves = [*xs, *gs, *chain.from_iterable(memories), *_leaves(numbers)]
    tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
    rest = tuple([Tensor if isinstance(leaf, Tensor) else leaf for leaf in leaves])
    threads = torch.get_num_threads()  # the compiler writes their number into the code
    variants = VARIANTS[update, maximize, rest, threads]
    step = next((step for fits, step in variants if fits(*tensors)), None)
    if step is None and update not in GIVEN_UP:
        step = _variant(variants, tensors, update, (xs, gs, memories, numbers), tuple(hyper), maximize)
    if step is None:
        advance(update, xs, gs, memories, t, hyper, weight_decay, maximize)
    else:
        step(*tensors)


def _variant(variants: list, tensors: list[Tensor], update: Update, *rest) -> Callable | None:
    """A new compiled step, for tensors of this form; None where the formula cannot be compiled."""
    try:
        step = _compile(tensors, update, *rest)
    except Exception as error:  # the compiler knows many
        _give_up(update, f"{error}".strip().partition("\n")[0] or type(error).__name__)
        return None
    forms = TensorGuards(*tensors, dynamic_dims_sizes=None, dynamic_dims_strides=None)
    variants.append((forms.check, step))
    return step


def _compile(
    tensors: list[Tensor], update: Update, arguments: tuple, names: tuple[str, ...], maximize: bool
) -> Callable:
    """The step as a function of its tensors alone."""

    def step(*tensors: Tensor) -> tuple:
        traced = iter(tensors)
        filled = tree_map_only(Tensor, lambda _: next(traced), arguments)
        xs, gs, memories, (t, weight_decay, *hyper) = filled
        advance(update, xs, gs, memories, t, dict(zip(names, hyper, strict=True)), weight_decay, maximize)
        return ()

    form = FakeTensorMode().from_tensor  # without entries: tracing takes no step
    forms = [form(tensor.detach()) for tensor in tensors]
    return torch._inductor.compile(make_fx(step)(*forms), forms, options=OPTIONS)


def _leaves(value) -> list:
    """All that is in nested tuples."""
    return [leaf for part in value for leaf in _leaves(part)] if isinstance(value, tuple) else [value]


def _number(value):
    """A tensor in place of each number, so that compiled code does not depend on it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, tuple | list):
        return tuple(map(_number, value))
    if isinstance(value, Tensor):
        return value.double().reshape(())
    return torch.scalar_tensor(value, dtype=torch.float64)


def _give_up(update: Update, reason: str) -> None:
    GIVEN_UP.add(update)
    warnings.warn(
        f'engine="compiled" could not compile ({reason}), so the eager engine takes the steps. On Linux '
        "install g++ to compile on the CPU.",
        stacklevel=4,
    )
