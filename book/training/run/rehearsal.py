"""A schedule gone through before the run, on a stand-in: one that ends too soon, or says what is no rate.

Only torch's own schedulers are rehearsed; what another one remembers beside its numbers is not known. Their
functions are called with the numbers of the steps, as torch calls them later.
"""

import copy
import math
import warnings
from typing import Any

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LRScheduler

MOST = 10**6  # steps that are rehearsed, which takes seconds
ROUNDING = 1e-6  # of the largest rate: a straight line to 0 may end so little below it


def check_lasts(scheduler: LRScheduler, steps: int) -> None:
    """Refuse a scheduler that cannot go with so many steps from where it is; nothing in it moves.

    Args:
        scheduler: any; rehearsed where it is made of torch's own.
        steps: that the run has left; the first million is rehearsed.

    Raises:
        ValueError: it ends before them, or a rate that a step would take is negative or not finite.

    Examples:
        >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
        >>> check_lasts(torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=3), 4)
        Traceback (most recent call last):
        ValueError: OneCycleLR serves 3 of the run's 4 steps and then raises ValueError: Tried to step 4 times. The specified number of total steps is 3; make it as long as the run.
    """  # noqa: E501  (the message is one line)
    if not _of_torch(scheduler):
        return
    name, optimizer = type(scheduler).__name__, _stand_in(scheduler.optimizer)
    twin = _twin(scheduler, scheduler.optimizer, optimizer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, that the stand-in takes no steps
        for taken in range(min(steps, MOST)):
            _check_rates(optimizer, name, taken)
            try:
                twin.step()
            except Exception as error:  # whatever the schedule's own function raises, too
                reason = f"{error}".strip().partition("\n")[0].rstrip(".")
                raise ValueError(
                    f"{name} serves {taken} of the run's {steps} steps and then raises "
                    f"{type(error).__name__}: {reason}; make it as long as the run."
                ) from error


def _check_rates(optimizer: torch.optim.Optimizer, name: str, step: int) -> None:
    rates = [float(group["lr"]) for group in optimizer.param_groups]
    lowest = -ROUNDING * max(map(abs, rates))
    if wrong := [rate for rate in rates if not lowest <= rate < math.inf]:
        raise ValueError(
            f"{name} sets the rate {wrong[0]} at step {step} of the run; a rate is a finite number of at "
            "least 0."
        )


def _of_torch(scheduler: LRScheduler) -> bool:
    inside = [part for value in vars(scheduler).values() for part in _schedulers(value)]
    return type(scheduler).__module__.startswith("torch.optim.") and all(map(_of_torch, inside))


def _schedulers(value: object) -> list[LRScheduler]:
    return (
        [part for part in value if isinstance(part, LRScheduler)] if isinstance(value, list | tuple) else []
    )


def _stand_in(optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """An optimizer of the same hyperparameters that moves nothing."""
    groups = [
        {name: _own(value) for name, value in group.items() if name not in ("params", "param_names")}
        | {"params": [torch.zeros(0)]}
        for group in optimizer.param_groups
    ]
    return torch.optim.Optimizer(groups, {})


def _twin(scheduler: LRScheduler, optimizer: torch.optim.Optimizer, stand_in: Any) -> LRScheduler:
    """A copy, with the schedulers inside it, that writes into the stand-in."""
    twin = copy.copy(scheduler)

    def replaced(value):
        if value is optimizer:
            return stand_in
        if isinstance(value, LRScheduler):
            return _twin(value, optimizer, stand_in)
        if type(value) in (list, tuple):
            return type(value)(map(replaced, value))
        return _own(value)

    vars(twin).update({name: replaced(value) for name, value in vars(scheduler).items()})
    return twin


def _own(value):
    return value.detach().cpu().clone() if isinstance(value, Tensor) else value
