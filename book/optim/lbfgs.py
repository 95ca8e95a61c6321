"""L-BFGS: BFGS from the last m pairs alone, so that no matrix is kept."""

from torch import Tensor

from book.numerics.vector import dot, norm
from book.optim.bfgs import curved_upwards
from book.optim.full_batch import Point
from book.optim.line_search.method import LineSearch


class LBFGS(LineSearch):
    """d = −B g, with the B that BFGS would have built from the last `history_size` pairs, never written out.

    Two loops over the pairs (s, y) apply it in 4 m n operations: the first takes from g, from the newest pair
    to the oldest, what each update would take; between them B₀ = (yᵀs / yᵀy) I of the newest pair; the second
    gives back. A pair with yᵀs ≤ 0 is left out.

    Args:
        params, max_iter, tolerance_grad, tolerance_change, lr, line_search_fn, c1, c2: as for `LineSearch`.
        history_size: m, how many pairs are kept, at least 1.

    Source:
        Nocedal, "Updating quasi-Newton matrices with limited storage", Mathematics of Computation, 1980; Liu
        and Nocedal, "On the limited memory BFGS method for large scale optimization", Mathematical
        Programming, 1989.

    Examples:
        >>> import torch
        >>> x = torch.nn.Parameter(torch.tensor([-1.2, 1.0], dtype=torch.float64))
        >>> optimizer = LBFGS([x], max_iter=100)
        >>> _ = optimizer.step(lambda: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2)
        >>> x.data.round(decimals=6)
        tensor([1., 1.], dtype=torch.float64)
    """

    remembered = together = ("steps", "changes")

    def __init__(self, params, *, history_size: int = 10, **options):
        super().__init__(params, history_size=history_size, **options)

    def direction(self, here: Point) -> Tensor:
        """−B g by two loops."""
        return -two_loops(here.gradient, self.memory.get("steps", []), self.memory.get("changes", []))

    def observe(self, s: Tensor, y: Tensor) -> None:
        """Keep the pair, and let go of the oldest beyond `history_size`."""
        if not curved_upwards(s, y):
            self.count("skipped")
            return
        for name, vector in (("steps", s), ("changes", y)):
            self.memory[name] = [*self.memory.get(name, []), vector][-self.options["history_size"] :]

    def forget(self) -> None:
        """Drop all pairs."""
        self.memory.pop("steps", None)
        self.memory.pop("changes", None)

    def first_length(self, here: Point, d: Tensor) -> float:
        """1, and at the first step, along −g, at most a step of length 1."""
        return 1.0 if self.memory.get("steps") else min(1.0, 1.0 / norm(here.gradient))


def two_loops(g: Tensor, steps: list[Tensor], changes: list[Tensor]) -> Tensor:
    """B g, with B from the pairs by BFGS's formula.

    Args:
        g: shape (n,).
        steps, changes: the pairs s and y, the oldest first, shape (n,) each.

    Returns:
        Shape (n,).

    Source:
        Nocedal and Wright, Numerical Optimization, 2nd edition, 2006, algorithm 7.4.

    Examples:
        >>> import torch
        >>> s, y = torch.tensor([1.0, 0.0]), torch.tensor([2.0, 1.0])
        >>> two_loops(y, [s], [y])
        tensor([1., 0.])
    """
    if not steps:
        return g.clone()
    q, shares = g.clone(), []
    for s, y in zip(reversed(steps), reversed(changes), strict=True):
        shares.append(dot(s, q) / dot(y, s))
        q -= shares[-1] * y
    q *= dot(steps[-1], changes[-1]) / dot(changes[-1], changes[-1])
    for s, y, share in zip(steps, changes, reversed(shares), strict=True):
        q += (share - dot(y, q) / dot(y, s)) * s
    return q
