"""Conjugate directions: steepest descent, conjugate gradient and Newton on an ellipse that can be dragged."""

import json
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.limits import in_range
from book.explorers.shared.points import refuse_outside

TABLE = json.loads(Path(__file__).with_name("conjugate-directions.json").read_text("utf-8"))
DEFAULTS, LIMITS, REACH = TABLE["defaults"], TABLE["limits"], TABLE["reach"]
PAIR = (traitlets.Float(), traitlets.Float())


class ConjugateDirections(Explorer):
    """Drag the start and the axes of an ellipse; see three methods on it, and where it is round.

    The function is ½ (u²/a² + v²/b²), u and v along the axes: its curvatures are 1/a² and 1/b².

    Args:
        start: where all three begin, two numbers from −3 to 3.
        angle: of the first axis, in degrees from −180 to 180.
        lengths: a and b, half of each axis of the level line at ½, from 0.2 to 2.9.
        steps: how many are shown, at most 40.

    Raises:
        traitlets.TraitError: a number is out of range.

    Examples:
        >>> ConjugateDirections((2, 1), angle=30, lengths=(2, 0.5))
        ConjugateDirections(start=(2.0, 1.0), angle=30.0, lengths=(2.0, 0.5), steps=40)
    """

    tag = "descent-conjugate-directions"
    state = ("start", "angle", "lengths", "steps")
    fallback = (
        "Conjugate directions: an explorer that shows steepest descent, conjugate gradient and Newton on an "
        "ellipse whose axes can be dragged, and the same paths where the ellipse is a circle. It runs on the "
        "book's page and in a live notebook."
    )
    start = traitlets.Tuple(*PAIR, default_value=tuple(DEFAULTS["start"])).tag(sync=True)
    angle = traitlets.Float(DEFAULTS["angle"]).tag(sync=True)
    lengths = traitlets.Tuple(*PAIR, default_value=tuple(DEFAULTS["lengths"])).tag(sync=True)
    steps = traitlets.Int(DEFAULTS["steps"]).tag(sync=True)

    def __init__(
        self,
        start=tuple(DEFAULTS["start"]),
        angle=DEFAULTS["angle"],
        lengths=tuple(DEFAULTS["lengths"]),
        steps=DEFAULTS["steps"],
        **options,
    ):
        start, lengths = (tuple(float(entry) for entry in pair) for pair in (start, lengths))
        super().__init__(start=start, angle=float(angle), lengths=lengths, steps=steps, **options)

    @traitlets.validate("start")
    def _inside(self, proposal):
        start = proposal["value"]
        what = f"The start {start} is outside the picture"
        refuse_outside(((-REACH, REACH), (-REACH, REACH)), start, what, ("x", "y"))
        return start

    @traitlets.validate("angle", "steps")
    def _in_range(self, proposal):
        name = proposal["trait"].name
        named = {"angle": "The angle in degrees", "steps": "The number of steps"}[name]
        return in_range(named, proposal["value"], LIMITS[name])

    @traitlets.validate("lengths")
    def _long_enough(self, proposal):
        return tuple(in_range("Half an axis", length, LIMITS["lengths"]) for length in proposal["value"])
