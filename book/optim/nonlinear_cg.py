"""Conjugate gradient on any smooth function: the last direction is kept in part, and the rest is −g."""

import math
from typing import ClassVar

from torch import Tensor

from book.numerics.number_types import number, whole
from book.numerics.vector import dot, norm
from book.optim.full_batch import Point
from book.optim.line_search.method import LineSearch


def fletcher_reeves(g: Tensor, before: Tensor, y: Tensor, d: Tensor) -> float:
    """‖g‖² / ‖g₋‖².

    Args:
        g, before: the gradient here and where the last step began, shape (n,).
        y: how it changed along the last step.
        d: the last direction.
    """
    return dot(g, g) / dot(before, before)


def polak_ribiere(g: Tensor, before: Tensor, y: Tensor, d: Tensor) -> float:
    """max(0, gᵀy / ‖g₋‖²); arguments as for `fletcher_reeves`."""
    return max(0.0, dot(g, y) / dot(before, before))


def hager_zhang(g: Tensor, before: Tensor, y: Tensor, d: Tensor) -> float:
    """(y − 2 d ‖y‖² / dᵀy)ᵀg / dᵀy, with a floor; arguments as for `fletcher_reeves`."""
    dy = dot(d, y)
    plain = dot(y - 2 * dot(y, y) / dy * d, g) / dy
    return max(plain, -1 / (norm(d) * min(0.01, norm(before))))


BETAS = {
    "fletcher_reeves": fletcher_reeves,
    "polak_ribiere": polak_ribiere,
    "hager_zhang": hager_zhang,
}


class ConjugateGradient(LineSearch):
    """d ← −g + β d, with a β that on a quadratic makes d conjugate to all directions before.

    There, with exact searches, all three are one. Elsewhere they differ in how they forget:

    - "fletcher_reeves": ‖g‖² / ‖g₋‖², which goes on in a bad direction for long;
    - "polak_ribiere": gᵀy / ‖g₋‖², and 0 where that is negative; y = g − g₋. After a short step g is near
      g₋, β near 0, and the method starts anew by itself;
    - "hager_zhang": (y − 2 d ‖y‖² / dᵀy)ᵀg / dᵀy, at least −1 / (‖d‖ min(0.01, ‖g₋‖)). It goes downhill
      whatever the search found.

    It starts anew with −g after `restart` steps, where d does not go downhill, where β divides by 0, as along
    a line on which the slope stays what it is, and where the gradient is far from at right angles to the last
    one, |gᵀg₋| ≥ ν ‖g‖².

    The first step that is tried is the minimum of a parabola that has the slope at the point, and falls as
    much as the loss fell along the last step s: gᵀs + g₋ᵀs over gᵀd. The two slopes stand for the fall, as
    they keep their digits where values no longer differ.

    Args:
        params, max_iter, tolerance_grad, tolerance_change, lr, line_search_fn, c1, c2: as for `LineSearch`.
        beta: one of the three.
        restart: steps from one start with −g to the next; None for no such count.
        orthogonality: ν; inf for no such test.

    Raises:
        ValueError: β is none of the three, or ν is not above 0.

    Source:
        Fletcher and Reeves, "Function minimization by conjugate gradients", The Computer Journal, 1964; Polak
        and Ribière, 1969, with Powell's β ≥ 0 of 1986; Hager and Zhang, "A new conjugate gradient method with
        guaranteed descent and an efficient line search", SIAM Journal on Optimization, 2005; ν: Powell,
        "Restart procedures for the conjugate gradient method", Mathematical Programming, 1977; the first
        trial: Nocedal and Wright, Numerical Optimization, 2nd edition, 2006, section 3.5.

    Examples:
        >>> import torch
        >>> x = torch.nn.Parameter(torch.tensor([-1.2, 1.0], dtype=torch.float64))
        >>> optimizer = ConjugateGradient([x], max_iter=100)
        >>> _ = optimizer.step(lambda: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2)
        >>> x.data.round(decimals=6)
        tensor([1., 1.], dtype=torch.float64)
    """

    remembered = ("direction", "gradient", "change")
    together = (*remembered, "fall", "age")
    choices: ClassVar[dict[str, tuple]] = {**LineSearch.choices, "beta": tuple(BETAS)}

    def __init__(
        self,
        params,
        *,
        beta: str = "polak_ribiere",
        restart: int | None = None,
        orthogonality: float = math.inf,
        c2: float = 0.4,
        **options,
    ):
        super().__init__(params, beta=beta, restart=restart, orthogonality=orthogonality, c2=c2, **options)

    def check(self, options: dict) -> dict:
        """Refuse hyperparameters that do not fit, a count below 1 or an angle without sense among them."""
        options = super().check(options)
        nu, restart = number("orthogonality", options["orthogonality"]), options["restart"]
        if not nu > 0:
            raise ValueError(f"orthogonality is above 0, and inf for no test; got {nu}.")
        restart = restart if restart is None else whole("restart", restart, least=1)
        return options | {"orthogonality": nu, "restart": restart}

    def direction(self, here: Point) -> Tensor:
        """−g + β d, or −g where it starts anew."""
        d = -here.gradient
        if "direction" in self.memory and not self._starts_anew(here.gradient):
            d = d + self._beta(here.gradient) * self.memory["direction"]
        self._tried = here.gradient, d
        return d

    def observe(self, s: Tensor, y: Tensor) -> None:
        """Keep what the next β is made of, how far the loss fell, and how many steps there were."""
        g, d = self._tried
        age = 1 if d.equal(-g) else self.memory["age"] + 1
        self.memory.update(direction=d, gradient=g, change=y, fall=_twice_the_fall(s, g, y), age=age)

    def forget(self) -> None:
        """Begin again with −g."""
        for name in self.together:
            self.memory.pop(name, None)
        self._tried = self._tried[0], -self._tried[0]

    def first_length(self, here: Point, d: Tensor) -> float:
        """Where a parabola along d has fallen as far as the last step did; at first a length of 1."""
        if self.options["line_search_fn"] is None:
            return 1.0
        expected = self.memory.get("fall", 0.0) / dot(here.gradient, d)
        known = 0 < expected < math.inf  # a step that is rounding alone may have gone uphill
        return expected if known else min(1.0, 1.0 / norm(here.gradient))

    def _starts_anew(self, g: Tensor) -> bool:
        due = self.memory["age"] >= (self.options["restart"] or math.inf)
        along = abs(dot(g, self.memory["gradient"]))
        return due or along >= self.options["orthogonality"] * dot(g, g)

    def _beta(self, g: Tensor) -> float:
        memory, beta = self.memory, BETAS[self.options["beta"]]
        try:
            return beta(g, memory["gradient"], memory["change"], memory["direction"])
        except ZeroDivisionError:  # the slope along d has not changed, or no double holds its square
            return 0.0


def _twice_the_fall(s: Tensor, g: Tensor, y: Tensor) -> float:
    """2 (f(x + s) − f(x)), by the slopes at both ends; by the first alone, if the second is steep upwards.

    Args:
        s, g, y: the step, the gradient where it began, and how that changed.
    """
    before, after = dot(s, g), dot(s, g + y)
    return before + after if before + after < 0 else before
