"""Where a method for constraints ended, and what is raised where there is no such end."""

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

from book.optim.constrained.kkt import KKT


class Round(NamedTuple):
    """One of the minimisations without constraints that stand in for the one with them.

    Args:
        penalty: ρ.
        x: where it ended, shape (n,).
        violation: the largest |h| and c there.
        evaluations: of loss and gradient.
    """

    penalty: float
    x: Tensor
    violation: float
    evaluations: int


@dataclass(frozen=True, eq=False)
class Solution:
    """Where a method ended.

    Args:
        x: shape (n,).
        value: f(x).
        kkt: what each condition leaves over, with the multipliers that were found, `kkt.multipliers`.
        status: "solved": all conditions hold to the tolerance. "dependent": they do not, and the gradients of
            the active constraints are nearly linearly dependent, so that there may be no multipliers.
            "penalty": they do not at the largest penalty. "max_rounds": the rounds ran out.
        rounds: the way there.
    """

    x: Tensor
    value: float
    kkt: KKT
    status: str
    rounds: tuple[Round, ...]

    @property
    def evaluations(self) -> int:
        """Of loss and gradient, in all rounds."""
        return sum(each.evaluations for each in self.rounds)


class Infeasible(ValueError):
    """No point nearby fulfils the constraints; the error carries the one that violates them least.

    Args:
        x: shape (n,), where (‖h‖² + ‖max(c, 0)‖²) / 2 has its minimum.
        violation: the largest |h| and c there.

    Examples:
        >>> import torch
        >>> print(Infeasible(torch.zeros(1), 1.0))
        No point near here fulfils the constraints: where their squares are least, one is violated by 1. Relax one, or start elsewhere; `x` of this error is the point.
    """  # noqa: E501  (the message is one line)

    def __init__(self, x: Tensor, violation: float):
        super().__init__(
            "No point near here fulfils the constraints: where their squares are least, one is violated by "
            f"{violation:.4g}. Relax one, or start elsewhere; `x` of this error is the point."
        )
        self.x, self.violation = x, violation
