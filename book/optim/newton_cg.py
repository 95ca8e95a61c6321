"""Newton-CG: the Newton direction as far as conjugate gradient has it after a few Hessian-vector products."""

import math

from torch import Tensor

from book.numerics.number_types import number, whole
from book.numerics.vector import dot, norm
from book.optim.conjugate_gradient import Solution, conjugate_gradient
from book.optim.full_batch import Point
from book.optim.line_search.method import LineSearch

FORCINGS = ("root", "eisenstat_walker")
LOOSEST = {"root": 0.25, "eisenstat_walker": 0.5}  # the largest forcing terms, and the second one's first


class NewtonCG(LineSearch):
    """H d = −g, solved by conjugate gradient until ‖H d + g‖ ≤ η ‖g‖, and a line search along d.

    H is never formed: an inner step costs one product with it, and memory is a few vectors. Far from a
    minimum a rough d is as good as a fine one; near it the digits of d become digits of x. The forcing term η
    follows that:

    - "root": min(¼, √‖g‖), with which convergence is superlinear;
    - "eisenstat_walker": 0.9 (‖g‖ / ‖g₋‖)², at most ½: small where the last step kept its promise. It falls
      no faster than to 0.9 η₋², as long as that is above 0.1;
    - a number below 1: that share at each iteration.

    For the root a bound of ½ is usual in place of ¼. With it d may be −g for many iterations: on Wood's
    function 749 evaluations lead to the minimum, and with ¼ 126.

    An inner direction without positive curvature ends the inner loop: d is what was found before it. Where
    that is nothing, d is −g, as long as a step of this curvature's size would be; `memory["bent_down"]`
    counts how often. The first step that is tried is 1.

    Args:
        params, max_iter, tolerance_grad, tolerance_change, lr, line_search_fn, c1, c2: as for `LineSearch`.
        forcing: "root", "eisenstat_walker", or a number between 0 and 1.
        max_cg: inner steps an iteration, at most; 10 n if None.

    Raises:
        ValueError: the forcing term is none of these.
        RuntimeError: at a step, the closure has no graph left.

    Source:
        Dembo, Eisenstat and Steihaug, "Inexact Newton methods", SIAM Journal on Numerical Analysis, 1982, for
        "root"; Eisenstat and Walker, "Choosing the forcing terms in an inexact Newton method", SIAM Journal
        on Scientific Computing, 1996, choice 2; Nocedal and Wright, Numerical Optimization, 2nd edition,
        2006, algorithm 7.1.

    Examples:
        >>> import torch
        >>> x = torch.nn.Parameter(torch.tensor([-1.2, 1.0], dtype=torch.float64))
        >>> optimizer = NewtonCG([x], max_iter=100)
        >>> _ = optimizer.step(lambda: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2)
        >>> x.data.round(decimals=6), optimizer.memory["products"] <= 2 * optimizer.memory["step"]
        (tensor([1., 1.], dtype=torch.float64), True)
    """

    curved = True
    together = ("forcing", "gradient_norm")

    def __init__(self, params, *, forcing: str | float = "root", max_cg: int | None = None, **options):
        super().__init__(params, forcing=forcing, max_cg=max_cg, **options)

    def check(self, options: dict) -> dict:
        """Refuse hyperparameters that do not fit, a forcing term outside (0, 1) among them."""
        options = super().check(options)
        forcing, max_cg = options["forcing"], options["max_cg"]
        if isinstance(forcing, str) and forcing not in FORCINGS:
            raise ValueError(f"forcing is {', '.join(map(repr, FORCINGS))} or a number; got {forcing!r}.")
        if not isinstance(forcing, str) and not 0 < (forcing := number("forcing", forcing)) < 1:
            raise ValueError(f"A forcing term is between 0 and 1; got {forcing}.")
        max_cg = max_cg if max_cg is None else whole("max_cg", max_cg, least=1)
        return options | {"forcing": forcing, "max_cg": max_cg}

    def direction(self, here: Point) -> Tensor:
        """−H⁻¹ g, to within the forcing term."""
        g = here.gradient
        eta = self._forcing(norm(g))
        self._tried = {"forcing": eta, "gradient_norm": norm(g)}
        found = conjugate_gradient(
            lambda v: self.product(here, v), -g, tol=eta, max_iter=self.options["max_cg"]
        )
        if found.reason == "curvature":
            self.count("bent_down")
        return found.x if found.iterations else _by_curvature(found, g)

    def observe(self, s: Tensor, y: Tensor) -> None:
        """Keep what the next forcing term depends on."""
        self.memory.update(self._tried)

    def forget(self) -> None:
        """Begin again with the loosest forcing term."""
        for name in self.together:
            self.memory.pop(name, None)

    def _forcing(self, size: float) -> float:
        kind = self.options["forcing"]
        if kind == "root":
            return min(LOOSEST[kind], math.sqrt(size))
        if not isinstance(kind, str):
            return kind
        if "forcing" not in self.memory:
            return LOOSEST[kind]
        return eisenstat_walker(size, self.memory["gradient_norm"], self.memory["forcing"])


def eisenstat_walker(size: float, size_before: float, forcing_before: float) -> float:
    """The forcing term 0.9 (‖g‖ / ‖g₋‖)², kept from falling too fast and at most ½.

    Args:
        size, size_before: ‖g‖ here and where the last step began.
        forcing_before: the last term η₋.

    Examples:
        >>> eisenstat_walker(0.5, 1.0, 0.1), eisenstat_walker(0.1, 1.0, 0.5), eisenstat_walker(2.0, 1.0, 0.1)
        (0.225, 0.225, 0.5)
    """
    wanted, least = 0.9 * (size / size_before) ** 2, 0.9 * forcing_before**2
    return min(LOOSEST["eisenstat_walker"], max(wanted, least) if least > 0.1 else wanted)


def _by_curvature(found: Solution, g: Tensor) -> Tensor:
    """−g, as long as the parabola's minimum would be if it bent up as much as it bends down."""
    if found.curvature < 0:
        return -g * (dot(g, g) / -found.curvature)
    return -g / norm(g)
