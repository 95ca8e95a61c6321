"""What an optimizer takes from a `state_dict`, and what stays its own.

Taken: what decides the numbers. That is what is remembered of each parameter, and every hyperparameter in the
saved groups, the learning rate and `maximize` among them, as torch does; with them whatever else lies in a
group, such as the `initial_lr` that a scheduler left there.

Kept: how the step is carried out and watched, `engine` and `error_if_nonfinite`, which are a choice of the
machine and of whoever runs it. So is what the saved groups do not know, or know as None: those of torch and
of older versions lack some keys.

Begun anew: a parameter whose memory is missing or None starts as before the first step. So does the memory
of an option that is switched on now, as `amsgrad`.

Refused before anything has changed: another method's state, which remembers what this one does not, or only
a part of what it does; a hyperparameter outside its range; a memory of another shape than its parameter.
Before the first step nothing is remembered, and then only options with one value, as `nesterov`, tell.

Dtype and device of a memory become its parameter's, as torch has it. In float16, squares below 6e-8 are 0,
and so is a smaller ε: a step warns of that, since the quotient would be 0/0.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.parameter import is_lazy

from book.numerics.arguments import DTYPES
from book.numerics.number_types import whole
from book.optim.ranges import checked

MOVED = (*DTYPES, torch.complex64, torch.complex128)
KEPT = ("engine", "error_if_nonfinite")


def merged(saved: dict, present: dict, defaults: dict) -> dict:
    """A group as it is after loading.

    Args:
        saved: the group in the state_dict, with the optimizer's own `params`.
        present: the optimizer's group; empty where a pickle is read.
        defaults: of the optimizer's options.

    Raises:
        TypeError: a hyperparameter is not a number.
        ValueError: it is outside its range.

    Examples:
        >>> saved = {"lr": 0.5, "engine": "compiled", "initial_lr": 0.8}
        >>> merged(saved, {"lr": 0.1, "engine": "eager", "eps": 1e-8}, {"engine": "eager"})
        {'engine': 'eager', 'lr': 0.5, 'eps': 1e-08, 'initial_lr': 0.8}
    """
    own = defaults | present
    gaps = {name for name, value in saved.items() if value is None and own.get(name) is not None}
    stays = gaps | (present.keys() & set(KEPT))
    return checked(own | {name: value for name, value in saved.items() if name not in stays})


def without_none(state: Mapping[Tensor, dict]) -> defaultdict[Tensor, dict]:
    """What a `state_dict` remembers, by parameter, without what it has as None: that begins anew.

    Examples:
        >>> import torch
        >>> x = torch.ones(2)
        >>> without_none({x: {"step": 3, "exp_avg": None}})[x]
        {'step': 3}
    """
    kept = {x: {name: part for name, part in parts.items() if part is not None} for x, parts in state.items()}
    return defaultdict(dict, kept)


class Loading(torch.optim.Optimizer):
    """A `torch.optim.Optimizer` that says in one sentence what is no state_dict, and what it cannot move."""

    def add_param_group(self, param_group: dict) -> None:
        """Add a group of parameters, as in torch.

        Raises:
            ValueError: it names no parameters, or entries of one share their place in memory.
            TypeError: a parameter holds no real or complex numbers.
        """
        if isinstance(param_group, dict) and "params" not in param_group:  # torch refuses what is no dict
            raise ValueError("A parameter group names its own: {'params': model.parameters()}.")
        super().add_param_group(param_group)
        try:
            check_movable(self.param_groups[-1]["params"], type(self).__name__)
        except Exception:
            self.param_groups.pop()
            raise

    def load_state_dict(self, state_dict: dict) -> None:
        """Go on from what another optimizer's `state_dict` returned, as in torch.

        Raises:
            TypeError, ValueError: it is no such dict, or does not fit this optimizer.
        """
        check_state_dict(state_dict)
        super().load_state_dict(state_dict)


def check_movable(parameters: Sequence[Tensor], name: str) -> None:
    """Refuse parameters that a step would round to whole numbers, or could not write into.

    Examples:
        >>> check_movable([torch.tensor([1, 2])], "SGD")
        Traceback (most recent call last):
        TypeError: SGD moves float and complex numbers, and parameter 0 is torch.int64; convert it first: x.float().
    """  # noqa: E501  (the message is one line)
    for index, x in enumerate(parameters):
        if x.dtype not in MOVED:
            raise TypeError(
                f"{name} moves float and complex numbers, and parameter {index} is {x.dtype}; convert it "
                "first: x.float()."
            )
        if _repeats(x):
            raise ValueError(
                f"{name} takes entries with a place each, and some of parameter {index} share one, as after "
                "expand; clone() first."
            )


def _repeats(x: Tensor) -> bool:
    """Whether one place in memory stands for several entries along an axis."""
    if is_lazy(x) or x.layout is not torch.strided:
        return False
    return any(size > 1 and stride == 0 for size, stride in zip(x.shape, x.stride(), strict=True))


def check_state_dict(state_dict: object) -> None:
    """Refuse what is no state_dict of an optimizer.

    Examples:
        >>> check_state_dict({"model": {}, "optimizer": {}})
        Traceback (most recent call last):
        ValueError: load_state_dict takes what an optimizer's state_dict() returned, with state and param_groups; this one has model, optimizer.
    """  # noqa: E501  (the message is one line)
    wanted = "load_state_dict takes what an optimizer's state_dict() returned, with state and param_groups"
    if not isinstance(state_dict, dict):
        raise TypeError(f"{wanted}; got {type(state_dict).__name__}.")
    if not {"state", "param_groups"} <= state_dict.keys():
        raise ValueError(f"{wanted}; this one has {', '.join(map(str, state_dict)) or 'nothing'}.")
    parts, groups = state_dict["state"], state_dict["param_groups"]
    if not (isinstance(parts, dict) and all(isinstance(part, dict) for part in parts.values())):
        raise TypeError(f"{wanted}; its state is a dict of dicts, one for each parameter.")
    if not isinstance(groups, list) or not all(isinstance(g, dict) and "params" in g for g in groups):
        raise TypeError(f"{wanted}; its param_groups is a list of dicts that name their params.")


def check_names(found: Collection[str], names: Collection[str], needed: Collection[str] = ()) -> None:
    """Refuse what another method has left, or only a part of what this one would have left.

    Args:
        found: names of what a state_dict remembers.
        names: of what the method may remember.
        needed: of what must be there.

    Raises:
        ValueError: a name is strange, or one is missing.

    Examples:
        >>> check_names({"exp_avg"}, ["momentum_buffer"])
        Traceback (most recent call last):
        ValueError: This state_dict remembers exp_avg, and this method momentum_buffer; load it into its own method.
    """  # noqa: E501  (the message is one line)
    if set(found) - set(names) or set(needed) - set(found):
        raise ValueError(
            f"This state_dict remembers {', '.join(sorted(map(str, found)))}, and this method "
            f"{', '.join(names) or 'nothing'}; load it into its own method."
        )


def check_memory(state: dict, names: Mapping[str, str | None]) -> None:
    """Refuse a state that is not one of these parameters.

    Args:
        state: by parameter, as in `Optimizer.state`.
        names: of what the rule remembers, each with the option that asks for it, as in `Rule.memory`.

    Raises:
        TypeError: a memory is not a tensor, or the number of the step not a number.
        ValueError: a memory has another shape than its parameter, the memories are another method's, or the
            number of the step is below 0.
    """
    for x, memories in state.items():
        if not isinstance(x, Tensor):  # torch keeps what belongs to no parameter
            continue
        if memories.get("step") is not None:
            whole("The number of the step", memories["step"], least=0)
        for name in names:
            _check_one(x, name, memories.get(name))
        found = {name for name, memory in memories.items() if memory is not None and name != "step"}
        always = {name for name, option in names.items() if option is None}
        check_names(found, names, always if found else ())


def _check_one(x: Tensor, name: str, memory: object) -> None:
    if memory is None:
        return
    if not isinstance(memory, Tensor):
        raise TypeError(f"{name} is a tensor in a state_dict; got {memory!r}.")
    if memory.shape != x.shape:
        raise ValueError(
            f"This state_dict has {name} of shape {tuple(memory.shape)} where the parameter has shape "
            f"{tuple(x.shape)}; load it into an optimizer over the same parameters."
        )
