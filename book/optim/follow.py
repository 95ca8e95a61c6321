"""Let an optimizer follow a schedule, one factor a step.

The rates that are multiplied and the step's number are the scheduler's own, kept in its `state_dict`; what an
earlier scheduler left in the optimizer as `initial_lr` counts for nothing. A rate that is written or loaded
into a group meanwhile is used for one step, as under torch's schedulers; to multiply it, call `follow` again.
"""

import math
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from book.numerics.number_types import number
from book.optim.schedules import Schedule

NEEDED = {"base_lrs", "last_epoch", "lr_lambdas"}  # of torch's state of a LambdaLR
HOOKS: WeakKeyDictionary = WeakKeyDictionary()  # of each optimizer, those of the schedule that it follows


class Following(LambdaLR):
    """torch's `LambdaLR`, which takes in the parameter groups that are added on the way.

    Args:
        optimizer: its present rates are what the factors multiply.
        schedule: from the number of the step, from 0 on, to a factor.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, schedule: Schedule):
        for group in optimizer.param_groups:
            group.pop("initial_lr", None)
        super().__init__(optimizer, schedule)

    def get_lr(self) -> list[float | Tensor]:
        """The rate of each group at the present step."""
        factor = factor_of(self.lr_lambdas[0], self.last_epoch)
        return [base * factor for base in self.base_lrs]

    def get_last_lr(self) -> list[float | Tensor]:
        """The rates that lie in the groups, as copies."""
        return [_copy(group["lr"]) for group in self.optimizer.param_groups]

    def load_state_dict(self, state_dict: dict) -> None:
        """Go to the place in the schedule that a state tells, and write the rates that belong there.

        Raises:
            TypeError: it is no state of a schedule.
            ValueError: the state is of more parameter groups than the optimizer has.
        """
        if not isinstance(state_dict, dict) or not state_dict.keys() >= NEEDED:
            raise TypeError(
                "A schedule takes what the state_dict() of one returned; an optimizer takes its own."
            )
        count = len(state_dict["base_lrs"])
        self._refuse_fewer(count)
        self.lr_lambdas = self.lr_lambdas[:1] * count
        super().load_state_dict(state_dict)
        self._write(0)

    def join(self) -> None:
        """Take in the groups that were added since the last step, each with the rate that it has.

        Raises:
            ValueError: a group has gone.
        """
        groups, known = self.optimizer.param_groups, len(self.base_lrs)
        self._refuse_fewer(known)
        if len(groups) == known:
            return
        bases = {
            id(group["lr"]): base
            for group, base in zip(groups, self.base_lrs, strict=False)
            if isinstance(group["lr"], Tensor)  # which several groups may share
        }
        new = [_copy(bases.get(id(group["lr"]), group["lr"])) for group in groups[known:]]
        for group, base in zip(groups[known:], new, strict=True):
            group["initial_lr"] = _copy(base)
        self.base_lrs = [*self.base_lrs, *new]  # a saved state may hold the list itself
        self.lr_lambdas = self.lr_lambdas[:1] * len(groups)
        self._write(known)

    def _write(self, first: int) -> None:
        pairs = list(zip(self.optimizer.param_groups, self.get_lr(), strict=False))
        for group, rate in pairs[first:]:
            group["lr"] = group["lr"].fill_(rate) if isinstance(group["lr"], Tensor) else rate

    def _refuse_fewer(self, count: int) -> None:
        if (found := len(self.optimizer.param_groups)) < count:
            raise ValueError(
                f"The schedule knows {count} parameter groups and the optimizer has {found}; "
                "call follow anew."
            )


def follow(optimizer: torch.optim.Optimizer, schedule: Schedule) -> Following:
    """Multiply the learning rate of each group by `schedule(t)` at step t = 0, 1, 2, … of the optimizer.

    The scheduler moves on after every `optimizer.step()`, so a training loop that knows nothing of schedules
    follows one too. Do not call its `step` yourself. A second schedule takes the place of the first. A group
    that is added on the way follows from the next step on, its own rate multiplied by that step's factor.

    Args:
        optimizer: any torch optimizer; its present rates are what the factors multiply.
        schedule: from the number of the step, from 0 on, to a factor.

    Returns:
        The scheduler, whose `state_dict` tells how far it is. To go on after a stop, load it and the
        optimizer's; in either order. A copy of the optimizer follows nothing.

    Raises:
        TypeError: there is no such optimizer or schedule, or a factor is not a number.
        ValueError: a factor is negative or not finite, or the optimizer has no learning rate.

    Examples:
        >>> from book.optim import SGD
        >>> from book.optim.schedules import exponential
        >>> x = torch.nn.Parameter(torch.ones(2))
        >>> optimizer = SGD([x], lr=0.8)
        >>> scheduler = follow(optimizer, exponential(0.5))
        >>> x.grad, rates = torch.zeros(2), []
        >>> for _ in range(3):
        ...     rates.append(optimizer.param_groups[0]["lr"])
        ...     optimizer.step()
        >>> rates
        [0.8, 0.4, 0.2]
    """
    if not isinstance(optimizer, torch.optim.Optimizer) or not callable(schedule):
        raise TypeError(
            "follow takes an optimizer and a function of the step's number, as cosine(100); "
            f"got {optimizer!r} and {schedule!r}."
        )
    if any("lr" not in group for group in optimizer.param_groups):
        raise ValueError(
            f"{type(optimizer).__name__} has no learning rate that a schedule could multiply; it finds the "
            "length of its steps itself."
        )
    factor_of(schedule, 0)
    for hook in HOOKS.pop(optimizer, ()):
        hook.remove()
    scheduler = Following(optimizer, schedule)
    HOOKS[optimizer] = (
        optimizer.register_step_pre_hook(lambda *_: scheduler.join()),
        optimizer.register_step_post_hook(lambda *_: scheduler.step()),
    )
    return scheduler


def factor_of(schedule: Schedule, t: int) -> float:
    """What a schedule says at a step, as a plain number.

    Raises:
        TypeError: it is not a number.
        ValueError: it is negative or not finite.

    Examples:
        >>> factor_of(lambda t: 1 - t, 2)
        Traceback (most recent call last):
        ValueError: The schedule's factor at step 2 must be a finite number of at least 0; got -1.
    """
    name = f"The schedule's factor at step {t}"
    factor = number(name, schedule(t))
    if not 0 <= factor < math.inf:
        raise ValueError(f"{name} must be a finite number of at least 0; got {factor}.")
    return factor


def _copy(rate: float | Tensor) -> float | Tensor:
    return rate.clone() if isinstance(rate, Tensor) else rate
