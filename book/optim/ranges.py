"""The range of each hyperparameter, the same in every method, and one sentence for a value outside it."""

import math

import numpy as np
from torch import Tensor

from book.numerics.number_types import number, whole

# name: what the message calls it, the least value, the largest; a bracket says whether the end belongs.
RANGES = {
    "lr": ("learning rate", "[", 0.0, math.inf, ")"),
    "momentum": ("momentum value", "[", 0.0, math.inf, ")"),
    "betas": ("beta parameter", "[", 0.0, 1.0, ")"),
    "alpha": ("alpha value", "[", 0.0, 1.0, "]"),
    "rho": ("rho value", "[", 0.0, 1.0, "]"),
    "eps": ("epsilon value", "[", 0.0, math.inf, ")"),
    "weight_decay": ("weight_decay value", "[", 0.0, math.inf, ")"),
    "lr_decay": ("lr_decay value", "[", 0.0, math.inf, ")"),
    "initial_accumulator_value": ("initial_accumulator_value value", "[", 0.0, math.inf, ")"),
    "tolerance_grad": ("tolerance_grad value", "[", 0.0, math.inf, ")"),
    "tolerance_change": ("tolerance_change value", "[", 0.0, math.inf, ")"),
    "damping": ("damping value", "[", 0.0, math.inf, ")"),
    "radius": ("radius", "(", 0.0, math.inf, ")"),
    "max_radius": ("max_radius value", "(", 0.0, math.inf, ")"),
    "factor": ("factor", "(", 0.0, math.inf, ")"),
    "eta": ("eta value", "[", 0.0, 0.25, ")"),
    "hessian_power": ("hessian_power value", "[", 0.0, 1.0, "]"),
    "stat_decay": ("stat_decay value", "[", 0.0, 1.0, "]"),
}
COUNTS = (  # whole numbers from 1 on
    "max_iter",
    "history_size",
    "n_samples",
    "update_each",
    "factor_every",
    "inverse_every",
)
SWITCHES = ("maximize", "error_if_nonfinite", "amsgrad", "centered", "absolute", "graft")
ENGINES = ("eager", "compiled")
AVERAGES = ("kernel", "row")  # or a whole number from 1 on


def checked(group: dict) -> dict:
    """The hyperparameters of a group as plain numbers; a tensor stays itself, so that it may be written into.

    Args:
        group: as in `Optimizer.param_groups`; what is not one of our hyperparameters is left as it is.

    Raises:
        TypeError: a hyperparameter is not a number, or not as many as it takes, or a switch is not a bool.
        ValueError: it is outside its range, or `engine` is unknown; the message gives the range.

    Examples:
        >>> checked({"lr": np.float64(0.5), "name": "head"})
        {'lr': 0.5, 'name': 'head'}
        >>> checked({"lr": 0.1, "betas": (0.9, 1.0)})
        Traceback (most recent call last):
        ValueError: Invalid beta parameter at index 1: 1.0; betas must be in [0, 1).
    """
    if group.get("engine", "eager") not in ENGINES:
        raise ValueError(f'The engine is "eager" or "compiled"; got {group["engine"]!r}.')
    numbers = {name: _number(name, group[name]) for name in RANGES if name in group}
    counts: dict = {name: whole(name, group[name], least=1) for name in COUNTS if name in group}
    if "spatial_average" in group:
        counts["spatial_average"] = _average(group["spatial_average"])
    if group.get("block_size") is not None:
        counts["block_size"] = whole("block_size", group["block_size"], least=1)
    switches = {name: _switch(name, group[name]) for name in SWITCHES if name in group}
    return group | numbers | counts | switches


def check_written(groups: list[dict]) -> None:
    """Refuse what was written into a group since it was checked and is no number: a schedule's nan, a text.

    A rate below 0 is taken, as in torch; a tensor of one number is not looked into.

    Args:
        groups: as in `Optimizer.param_groups`.

    Raises:
        TypeError: a hyperparameter is not a number, or the betas are no pair.
        ValueError: it is nan or several numbers, a beta is outside its range, or the engine is unknown.

    Examples:
        >>> check_written([{"lr": 0.1}, {"lr": math.nan}])
        Traceback (most recent call last):
        ValueError: lr is nan in parameter group 1; no parameter was changed. Look for it in the schedule.
    """
    for index, group in enumerate(groups):
        if group.get("engine", "eager") not in ENGINES:
            raise ValueError(f'The engine is "eager" or "compiled"; got {group["engine"]!r}.')
        for name in RANGES.keys() & group.keys():
            value = group[name]
            if name == "betas" or (isinstance(value, Tensor) and value.numel() != 1):
                _number(name, value)
            elif not isinstance(value, Tensor) and math.isnan(number(name, value)):
                raise ValueError(
                    f"{name} is nan in parameter group {index}; no parameter was changed. Look for it in the "
                    "schedule."
                )


def at_least_zero(name: str, value: object) -> float:
    """A finite number from 0 on, as a plain one.

    Raises:
        TypeError: it is not a number.
        ValueError: it is negative or not finite.

    Examples:
        >>> at_least_zero("tol", np.float64(0.5))
        0.5
    """
    if not 0 <= (found := number(name, value)) < math.inf:
        raise ValueError(f"{name} must be in [0, inf); got {found}.")
    return found


def one_of(name: str, value: object, allowed: tuple[str, ...]) -> str:
    """A word that is one of several.

    Raises:
        ValueError: it is none of them.

    Examples:
        >>> one_of("fisher", "exakt", ("exact", "sampled"))
        Traceback (most recent call last):
        ValueError: fisher is 'exact' or 'sampled'; got 'exakt'.
    """
    if value not in allowed:
        *others, last = map(repr, allowed)
        raise ValueError(f"{name} is {', '.join(others)} or {last}; got {value!r}.")
    return str(value)


def check_fixed(fixed: dict, groups: list[dict]) -> None:
    """Refuse the groups of a `state_dict` that belongs to another method.

    Args:
        fixed: options of torch's method that have one value here, as in `Rule.fixed`.
        groups: as in `Optimizer.param_groups`.

    Raises:
        ValueError: a group has another value.

    Examples:
        >>> check_fixed({"nesterov": False}, [{"lr": 0.1, "nesterov": True}])
        Traceback (most recent call last):
        ValueError: This state_dict has nesterov=True, and this method has False; load it into its own method.
    """
    for group in groups:
        for name, value in fixed.items():
            if group.get(name, value) != value:
                raise ValueError(
                    f"This state_dict has {name}={group[name]}, and this method has {value}; load it into "
                    "its own method."
                )


def _number(name: str, value: object):
    if name != "betas":
        return _inside(name, value, "")
    if isinstance(value, np.ndarray | Tensor) and value.ndim == 1:
        value = value.tolist()
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise TypeError(f"betas is a pair of numbers, as (0.9, 0.999); got {value!r}.")
    return tuple(_inside(name, beta, f" at index {index}") for index, beta in enumerate(value))


def _inside(name: str, value: object, where: str):
    words, opening, low, high, closing = RANGES[name]
    found = number(name, value)
    outside = (found == low and opening == "(") or (found == high and closing == ")")
    if outside or not low <= found <= high:
        interval = f"{opening}{low:g}, {high:g}{closing}"
        raise ValueError(f"Invalid {words}{where}: {value}; {name} must be in {interval}.")
    return value if isinstance(value, Tensor) else found


def _average(value: object) -> int | str:
    if isinstance(value, str) and value not in AVERAGES:
        raise ValueError(f'spatial_average is "kernel", "row" or a whole number; got {value!r}.')
    return value if isinstance(value, str) else whole("spatial_average", value, least=1)


def _switch(name: str, value: object) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} is True or False; got {value!r}.")
    return bool(value)
