"""The six methods that meet in practice: how each is made, what is searched, what its steps consist of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from book.optim import KFAC, LBFGS, AdaHessian, AdamW, Momentum, Shampoo
from book.optim.full_batch import FullBatch
from book.optim.methods import METHODS
from book.project.in_practice_tasks import Problem

EVERY = 10  # steps from one refresh of K-FAC's and Shampoo's matrices to the next


@dataclass(frozen=True)
class Entrant:
    """A method, its one dial that is searched, and the rest, which is fixed.

    Args:
        title: as in a table.
        dial: which hyperparameter is searched.
        rates: of the dial, in the row 1, 2, 5.
        make: from a model, its problem, and all hyperparameters to the optimizer.
        fixed: hyperparameters beside the dial.
        least: the smallest value that the dial may have.
    """

    title: str
    dial: str
    rates: tuple[float, ...]
    make: Callable[..., torch.optim.Optimizer]
    fixed: dict[str, Any] = field(default_factory=dict)
    least: float = 0.0

    def optimizer(
        self, model: nn.Module, problem: Problem, value: float, **other: Any
    ) -> torch.optim.Optimizer:
        """A new one, with the dial at a value.

        Args:
            model: what is trained.
            problem: whose loss is made small.
            value: of the dial.
            other: hyperparameters in place of the fixed ones.
        """
        turned = int(value) if isinstance(self.rates[0], int) else value
        return self.make(model, problem, **{self.dial: turned} | self.fixed | other)


def _of_parameters(kind: type[torch.optim.Optimizer]) -> Callable[..., torch.optim.Optimizer]:
    return lambda model, problem, **options: kind(model.parameters(), **options)


def _kfac(model: nn.Module, problem: Problem, **options: Any) -> KFAC:
    """K-FAC knows a loss that averages over an example's numbers; here it is their sum.

    With the curvature too small by their number, the rate, the damping and δ are divided by it.
    """
    scaled = {name: options[name] / problem.outputs for name in ("lr", "damping", "kl_clip")}
    return KFAC(model, problem.loss, **options | scaled)


ENTRANTS = {
    "momentum": Entrant(
        "SGD with momentum", "lr", METHODS["Momentum"].rates, _of_parameters(Momentum), {"momentum": 0.9}
    ),
    "adamw": Entrant("AdamW", "lr", METHODS["AdamW"].rates, _of_parameters(AdamW)),
    "lbfgs": Entrant(
        "L-BFGS", "max_iter", (1, 2, 5, 10), _of_parameters(LBFGS), {"history_size": 10}, least=1
    ),
    "kfac": Entrant(
        "K-FAC",
        "kl_clip",
        (2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2),
        _kfac,
        {"lr": 0.1, "momentum": 0.9, "damping": 1e-2, "factor_every": EVERY, "inverse_every": EVERY},
    ),
    "adahessian": Entrant("AdaHessian", "lr", (0.01, 0.02, 0.05, 0.1, 0.2, 0.5), _of_parameters(AdaHessian)),
    "shampoo": Entrant(
        "Shampoo",
        "lr",
        (0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
        _of_parameters(Shampoo),
        {"momentum": 0.9, "block_size": 256, "update_each": EVERY, "graft": True},
    ),
}


def pace(optimizer: torch.optim.Optimizer, first: dict[str, Any], share: float) -> None:
    """Let the next step be a share of what it would be: the rate is, and of K-FAC's δ the square.

    L-BFGS searches along each line and is left as it is.

    Args:
        optimizer: of an entrant.
        first: its hyperparameters as it was made.
        share: from 0 to 1.
    """
    if isinstance(optimizer, FullBatch):
        return
    for group in optimizer.param_groups:
        group["lr"] = first["lr"] * share
        if first.get("kl_clip") is not None:
            group["kl_clip"] = first["kl_clip"] * share**2


def takes_loss(optimizer: torch.optim.Optimizer) -> bool:
    """Whether the optimizer differentiates the loss itself, so that its closure need not call `backward`."""
    return isinstance(optimizer, FullBatch | AdaHessian)


def closure_of(
    optimizer: torch.optim.Optimizer, model: nn.Module, problem: Problem, inputs: Tensor, targets: Tensor
) -> Callable[[], Tensor]:
    """What `step` is given: the loss of a batch, with its gradients where the optimizer wants them."""

    def closure() -> Tensor:
        optimizer.zero_grad()
        value = problem.value(model(inputs), targets)
        if not takes_loss(optimizer):
            value.backward()
        return value

    return closure


def work(method: str, steps: int) -> dict[str, int]:
    """How many plain steps and how many with a refresh lie in so many first steps; not for L-BFGS.

    Args:
        method: a name in `ENTRANTS`.
        steps: from 0 on.

    Examples:
        >>> work("kfac", 25), work("shampoo", 25), work("adamw", 25)
        ({'step': 20, 'refresh': 5}, {'step': 13, 'refresh': 12}, {'step': 25})
    """
    if method not in ("kfac", "shampoo"):
        return {"step": steps}
    first = 3 if method == "kfac" else EVERY  # everything is new in so many first steps
    fresh = sum(step < first or step % EVERY == 0 for step in range(steps))
    return {"step": steps - fresh, "refresh": fresh}


def seconds_of(method: str, steps: int, evaluations: int, cost: dict) -> float:
    """What so much work of a method takes.

    Args:
        method: a name in `ENTRANTS`.
        steps: that it took.
        evaluations: of L-BFGS.
        cost: method → kind of step → seconds, as a problem of the result "step-seconds" has it.

    Examples:
        >>> seconds_of("kfac", 4, 0, {"kfac": {"step": 1.0, "refresh": 6.0}})
        19.0
    """
    done = {"evaluation": evaluations} if method == "lbfgs" else work(method, steps)
    return float(sum(cost[method][kind] * times for kind, times in done.items()))
