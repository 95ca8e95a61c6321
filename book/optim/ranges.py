"""The range of each hyperparameter, the same in every method, and one sentence for a value outside it."""

import math

from torch import Tensor

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
}
ENGINES = ("eager", "compiled")


def check_group(group: dict) -> None:
    """Refuse a parameter group with a hyperparameter that is not a number, or outside its range.

    Args:
        group: as in `Optimizer.param_groups`.

    Raises:
        TypeError: a hyperparameter is not a number, or not as many as it takes.
        ValueError: it is outside its range, or `engine` is unknown; the message gives the range.

    Examples:
        >>> check_group({"lr": 0.1, "betas": (0.9, 1.0)})
        Traceback (most recent call last):
        ValueError: Invalid beta parameter at index 1: 1.0; betas must be in [0, 1).
    """
    for name in RANGES.keys() & group.keys():
        _check(name, group[name])
    if group.get("engine", "eager") not in ENGINES:
        raise ValueError(f'The engine is "eager" or "compiled"; got {group["engine"]!r}.')


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


def _check(name: str, value: object) -> None:
    if name != "betas":
        return _check_one(name, value, "")
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise TypeError(f"betas is a pair of numbers, as (0.9, 0.999); got {value!r}.")
    for index, beta in enumerate(value):
        _check_one(name, beta, f" at index {index}")


def _check_one(name: str, value: object, where: str) -> None:
    words, opening, low, high, closing = RANGES[name]
    if not isinstance(value, int | float | Tensor):
        raise TypeError(f"{name} must be a number; got {value!r}.")
    if isinstance(value, Tensor) and value.numel() != 1:
        raise ValueError(f"Tensor {name} must be 1-element; got one of shape {tuple(value.shape)}.")
    if not low <= value <= high or (value == high and closing == ")"):
        interval = f"{opening}{low:g}, {high:g}{closing}"
        raise ValueError(f"Invalid {words}{where}: {value}; {name} must be in {interval}.")
