"""Taylor: a curve, the straight line and the parabola at a point, and what they forecast a step away."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import traitlets
from torch import Tensor

from book.calculus import best_rate, gradient, linear_prediction, quadratic_prediction
from book.explorers.shared.base import Explorer
from book.surfaces import cubic

MOST_RATE = 1000.0


@dataclass(frozen=True)
class Curve:
    """A function of one number, with the ends of the picture and a point and a step to begin with."""

    formula: str
    f: Callable[[Tensor], Tensor]
    box: tuple[float, float]
    x: float
    step: float


CURVES = {
    "cubic": Curve("−x³ + 3x", lambda x: cubic(x[None]), cubic.box[0], -2.0, 0.8),
    "sine": Curve("sin x", torch.sin, (-6.0, 6.0), 0.5, -1.5),
    "exponential": Curve("exp x", torch.exp, (-3.0, 3.0), 1.0, -1.0),
    "fourth power": Curve("x⁴", lambda x: x**4, (-1.6, 1.6), 1.0, -0.5),
    "softplus": Curve("log(1 + exp x)", lambda x: torch.log1p(torch.exp(x)), (-6.0, 6.0), 1.0, -3.0),
    "smooth |x|": Curve("√(x² + 0.01)", lambda x: torch.sqrt(x * x + 0.01), (-2.0, 2.0), 0.3, -0.8),
}


def readout(curve: str, x: float, step: float, lr: float | None = None) -> dict:
    """Return the numbers that the explorer shows, by autograd, and the name of what it tells.

    Args:
        curve: a name of `CURVES`.
        x: the point.
        step: the step s, of no effect where `lr` is given.
        lr: the learning rate of one step of descent, s = −η f′(x).

    Returns:
        `step`, `value`, `slope`, `curvature` and `best_rate` at x; `linear`, `quadratic` and `real`, the
        values at x + s; `story`.

    Examples:
        >>> shown = readout("cubic", 0.5, step=-0.5)
        >>> shown["linear"], shown["quadratic"], shown["real"], shown["story"]
        (0.25, -0.125, 0.0, 'larger, as f″')
    """
    f = CURVES[curve].f
    at = torch.tensor(float(x), dtype=torch.float64)
    slope = gradient(f, at)
    s = torch.tensor(float(step), dtype=torch.float64) if lr is None else -lr * slope
    curvature = gradient(lambda u: gradient(f, u), at).item()
    value, real, linear = f(at).item(), f(at + s).item(), linear_prediction(f, at, s).item()
    return {
        "step": s.item(),
        "value": value,
        "slope": slope.item(),
        "curvature": curvature,
        "best_rate": best_rate(f, at),
        "linear": linear,
        "quadratic": quadratic_prediction(f, at, s).item(),
        "real": real,
        "story": _story(s.item(), slope.item(), curvature, real - linear),
    }


def _story(step: float, slope: float, curvature: float, gap: float) -> str:
    """Say how the real drop compares with the straight line's, and whether the sign of f″(x) tells why."""
    if step == 0:
        return "no slope" if slope == 0 else "no step"
    if gap == 0:
        return "equal"
    how = "smaller" if gap > 0 else "larger"
    if curvature == 0:
        return f"{how}, no f″"
    return f"{how}, {'as' if (gap > 0) == (curvature > 0) else 'against'} f″"


class Taylor(Explorer):
    """Drag a point and a step along a curve; see the straight line and the parabola forecast the value there.

    Args:
        curve: "cubic", "sine", "exponential", "fourth power", "softplus" or "smooth |x|".
        x: the point; one that suits the curve if left out.
        step: the step s; one that suits the curve if left out.
        lr: if given, the step is one of descent, s = −η f′(x), and `step` is not used.

    Raises:
        traitlets.TraitError: an unknown curve, a point outside its picture, a step that is longer than the
            picture, or a learning rate that is not between 0 and 1000.

    Examples:
        >>> Taylor("sine", x=1)
        Taylor(curve='sine', x=1.0, step=-1.5, lr=None)
        >>> Taylor("cubic", x=-0.5, lr=0.3).lr
        0.3
    """

    tag = "descent-taylor"
    state = ("curve", "x", "step", "lr")
    fallback = (
        "Taylor: an explorer that draws the straight line and the parabola of a curve at a point, and "
        "compares what they forecast a step away with the truth. It runs on the book's page and in a live "
        "notebook."
    )
    curve = traitlets.Enum(tuple(CURVES), "cubic").tag(sync=True)
    x = traitlets.Float(-2.0).tag(sync=True)
    step = traitlets.Float(0.8).tag(sync=True)
    lr = traitlets.Float(None, allow_none=True).tag(sync=True)

    def __init__(self, curve: str = "cubic", x=None, step=None, lr=None, **options):
        known = CURVES.get(curve, CURVES["cubic"])  # an unknown name is refused by its trait
        x, step = float(known.x if x is None else x), float(known.step if step is None else step)
        super().__init__(curve=curve, x=x, step=step, lr=None if lr is None else float(lr), **options)

    @traitlets.validate("x")
    def _inside(self, proposal):
        low, high = CURVES[self.curve].box
        if not low <= proposal["value"] <= high:
            raise traitlets.TraitError(
                f"The point {proposal['value']} is outside the picture of {self.curve}; "
                f"choose x from {low:g} to {high:g}."
            )
        return proposal["value"]

    @traitlets.validate("step")
    def _short(self, proposal):
        low, high = CURVES[self.curve].box
        if not abs(proposal["value"]) <= high - low:
            raise traitlets.TraitError(
                f"The step {proposal['value']} is longer than the picture of {self.curve}; "
                f"choose one from {low - high:g} to {high - low:g}."
            )
        return proposal["value"]

    @traitlets.validate("lr")
    def _rate(self, proposal):
        lr = proposal["value"]
        if lr is not None and (math.isnan(lr) or not 0 <= lr <= MOST_RATE):
            raise traitlets.TraitError(
                f"The learning rate must be from 0 to {MOST_RATE:g}, or None; got {lr}."
            )
        return lr

    @traitlets.observe("curve")
    def _new_curve(self, change):
        """A point or a step that the new curve's picture does not hold is replaced by the curve's own."""
        known = CURVES[change["new"]]
        low, high = known.box
        if not low <= self.x <= high:
            self.x = known.x
        if abs(self.step) > high - low:
            self.step = known.step
