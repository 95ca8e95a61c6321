"""Taylor: a curve, the straight line and the parabola at a point, and what they forecast a step away."""

import json
import math
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer

TABLE = json.loads(Path(__file__).with_name("taylor.json").read_text("utf-8"))
CURVES, DEFAULT, MOST_RATE = TABLE["curves"], TABLE["curve"], TABLE["most_rate"]


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
    curve = traitlets.Enum(tuple(CURVES), DEFAULT).tag(sync=True)
    x = traitlets.Float(float(CURVES[DEFAULT]["x"])).tag(sync=True)
    step = traitlets.Float(CURVES[DEFAULT]["step"]).tag(sync=True)
    lr = traitlets.Float(None, allow_none=True).tag(sync=True)

    def __init__(self, curve: str = DEFAULT, x=None, step=None, lr=None, **options):
        known = CURVES.get(curve, CURVES[DEFAULT])  # an unknown name is refused by its trait
        x, step = float(known["x"] if x is None else x), float(known["step"] if step is None else step)
        super().__init__(curve=curve, x=x, step=step, lr=None if lr is None else float(lr), **options)

    @traitlets.validate("x")
    def _inside(self, proposal):
        low, high = CURVES[self.curve]["box"]
        if not low <= proposal["value"] <= high:
            raise traitlets.TraitError(
                f"The point {proposal['value']} is outside the picture of {self.curve}; "
                f"choose x from {low:g} to {high:g}."
            )
        return proposal["value"]

    @traitlets.validate("step")
    def _short(self, proposal):
        low, high = CURVES[self.curve]["box"]
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
        low, high = known["box"]
        if not low <= self.x <= high:
            self.x = known["x"]
        if abs(self.step) > high - low:
            self.step = known["step"]
