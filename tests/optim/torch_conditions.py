"""The conditions with which torch tests its optimizers, as they ship in torch.testing, put to ours."""

from functools import cache
from unittest import mock

import torch
from torch import Tensor

from book.optim import Momentum, Nesterov, Rule
from book.optim.methods import METHODS

OURS = {  # by the name of torch's class; what is a class of its own here and an option there, is in `both`
    method.twin.__name__: method.make for method in METHODS.values() if isinstance(method.twin, type)
}
NAMES = list(OURS)
LEFT_OUT = {
    "foreach": 'which of torch\'s loops runs is `engine` here: "eager" or "compiled"',
    "fused": "as foreach",
    "differentiable": "a step is never differentiated through here; the chapters unroll the formulas by hand",
    "capturable": "for CUDA graphs; without it the condition is run",
    "dampening": "left out of Momentum, whose docstring says why",
}


@cache
def info(name: str):
    """torch's entry for one optimizer; the import takes seconds, so that only the tests that need it pay."""
    with mock.patch("torch.backends.disable_global_flags"):  # it would freeze them for the whole process
        from torch.testing._internal.common_optimizers import optim_db
    return next(entry for entry in optim_db if entry.optim_cls.__name__ == name)


def inputs(name: str, dtype: torch.dtype = torch.float64) -> dict[str, dict]:
    """What torch gives the constructor, by torch's description, without `capturable`.

    The device only chooses the options here: those that torch tries on an accelerator alone are tried too.
    """
    found = [one for device in ("cpu", "cuda", "mps") for one in info(name).optim_inputs_func(device, dtype)]
    return {one.desc: {k: v for k, v in one.kwargs.items() if k != "capturable"} for one in found}


def errors(name: str, dtype: torch.dtype = torch.float32) -> dict:
    """What torch's constructor has to refuse, and how, by torch's description."""
    found = info(name).optim_error_inputs_func("cpu", dtype)
    return {f"{i}: {one.optimizer_error_input.desc}": one for i, one in enumerate(found)}


def both(name: str, kwargs: dict) -> tuple:
    """Our class with these options, and torch's: momentum and nesterov are classes of their own here."""
    ours = {k: v for k, v in kwargs.items() if k != "nesterov"}
    cls: type[Rule] = OURS[name]
    if name == "SGD" and kwargs.get("momentum"):
        cls = Nesterov if kwargs.get("nesterov") else Momentum
    elif name == "SGD":
        ours.pop("momentum", None)
    theirs = info(name).optim_cls
    return (
        lambda params, **more: cls(params, **(fresh(ours) | more)),
        lambda params, **more: theirs(params, foreach=False, **(fresh(kwargs) | more)),
    )


def fresh(kwargs: dict) -> dict:
    """Options of which a scheduler may write into the tensors."""
    return {k: v.clone() if isinstance(v, Tensor) else v for k, v in kwargs.items()}
