"""The compiled engine: a rule's formula through `torch.compile`, over all parameters of a group at once."""

from collections.abc import Callable
from itertools import chain
from typing import Any

import torch
from torch import Tensor

from book.numerics.compiling import compile_alone, warn_uncompiled
from book.optim.engine import Update, advance

OPTIONS: dict[str, Any] = {
    "cpp.max_horizontal_fusion_size": 1,  # one parameter at a time: more are too many streams
    "realize_opcount_threshold": 0,  # what is one number for all entries, Adam's 1 − βᵗ, is worked out once
    "size_asserts": False,  # torch.compile has looked at the layout already
    "alignment_asserts": False,
}
STEPS: dict[tuple, Callable] = {}  # compiled steps, by the form of what they take
GIVEN_UP: set[Update] = set()  # formulas that could not be compiled: a try takes seconds


def advance_compiled(update, xs, gs, memories, t, hyper, weight_decay, maximize) -> None:
    """`advance`, compiled: one pass over memory for each parameter.

    Numbers become tensors first, so that a changed one, such as the learning rate under a schedule, compiles
    nothing anew. The first step of a form keeps a copy of parameters and memory until it is done: where the
    formula cannot be compiled, or the compiled code fails, one warning says so, everything is put back, and
    from then on `advance` does the work. Ctrl-C and a full memory end that step; everything is put back too.
    """
    numbers = tuple(map(_number, (t, weight_decay, *hyper.values())))
    arguments = xs, gs, memories, numbers
    threads = torch.get_num_threads()  # the compiler writes their number into the code
    form = update, tuple(hyper), maximize, threads, tuple(map(_kind, numbers)), _form(*arguments[:3])
    if step := STEPS.get(form):
        step(*arguments)
    elif update in GIVEN_UP or not _first_step(form, arguments):
        advance(update, xs, gs, memories, t, hyper, weight_decay, maximize)


def _first_step(form: tuple, arguments: tuple) -> bool:
    """Compile for a form and take its first step; whether that went well. If not, no tensor has changed."""
    update, names, maximize, *_ = form
    xs, _, memories, _ = arguments
    written = [part for part in (*xs, *chain.from_iterable(memories)) if isinstance(part, Tensor)]
    before = [part.clone() for part in written]
    try:
        step = _compile(update, names, maximize)
        step(*arguments)
    except BaseException as error:  # the compiler knows many
        for part, old in zip(written, before, strict=True):
            part.copy_(old)
        if isinstance(error, torch.OutOfMemoryError) or not isinstance(error, Exception):
            raise
        GIVEN_UP.add(update)
        words = 'engine="compiled" could not compile', error, "the eager engine takes the steps"
        warn_uncompiled(*words, stacklevel=3)
        return False
    STEPS[form] = step
    return True


def _compile(update: Update, names: tuple[str, ...], maximize: bool) -> Callable:
    """The step as a function of tensors alone, with compiled code of its own."""

    def step(xs: list, gs: list, memories: list, numbers: tuple) -> None:
        t, weight_decay, *hyper = numbers
        advance(update, xs, gs, memories, t, dict(zip(names, hyper, strict=True)), weight_decay, maximize)

    return compile_alone(step, dynamic=False, options=OPTIONS)


def _form(xs: list, gs: list, memories: list) -> tuple:
    """What compiled code depends on, of all tensors: it is looked at in each step, so no more than that."""
    beside = chain(gs, *memories)  # of the parameters' shapes and device
    return (
        tuple([(x.shape, x.stride(), x.dtype, x.device) for x in xs]),
        tuple([(y.stride(), y.dtype) if isinstance(y, Tensor) else y for y in beside]),
    )


def _kind(number):
    """A number that became a tensor is any number; what stayed, a switch for one, is itself."""
    if isinstance(number, tuple):
        return tuple(map(_kind, number))
    return number.device if isinstance(number, Tensor) else number


def _number(value):
    """A tensor in place of each number, so that compiled code does not depend on it.

    It stays on the CPU beside parameters on another device, whose kernels take it as an argument.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, tuple | list):
        return tuple(map(_number, value))
    if isinstance(value, Tensor):
        return value.double().reshape(())
    return torch.scalar_tensor(value, dtype=torch.float64)
