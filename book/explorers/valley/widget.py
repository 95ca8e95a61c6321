"""A ball in a valley: momentum beside plain descent, both paths drawn anew while a slider moves."""

import json
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.limits import in_range
from book.explorers.shared.points import refuse_outside

TABLE = json.loads(Path(__file__).with_name("valley.json").read_text("utf-8"))
DEFAULTS, LIMITS, PICTURE = TABLE["defaults"], TABLE["limits"], TABLE["picture"]


class Valley(Explorer):
    """Drag the rate, the momentum and the start; see how soon the ball arrives, and descent beside it.

    The valley is ½(u² + 50 v²), u along it and v across, turned by −10°.

    Args:
        lr: the learning rate η of both, from 0 to 0.08.
        momentum: μ of the ball, from 0 to 0.99.
        start: where both begin, inside the picture.

    Raises:
        traitlets.TraitError: a number is out of range.

    Examples:
        >>> Valley(0.036, momentum=0.5)
        Valley(lr=0.036, momentum=0.5, start=(-1.9, 0.8))
    """

    tag = "descent-valley"
    state = ("lr", "momentum", "start")
    fallback = (
        "A ball in a valley: an explorer that draws the paths of gradient descent and of momentum in a "
        "narrow valley while rate, momentum and start are dragged. It runs on the book's page and in a live "
        "notebook."
    )
    lr = traitlets.Float(DEFAULTS["lr"]).tag(sync=True)
    momentum = traitlets.Float(DEFAULTS["momentum"]).tag(sync=True)
    start = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=tuple(DEFAULTS["start"])).tag(
        sync=True
    )

    def __init__(
        self, lr=DEFAULTS["lr"], momentum=DEFAULTS["momentum"], start=tuple(DEFAULTS["start"]), **options
    ):
        super().__init__(lr=lr, momentum=momentum, start=tuple(start), **options)

    @traitlets.validate("lr", "momentum")
    def _in_range(self, proposal):
        name = proposal["trait"].name
        named = {"lr": "The learning rate", "momentum": "The momentum"}[name]
        return in_range(named, proposal["value"], LIMITS[name])

    @traitlets.validate("start")
    def _inside(self, proposal):
        start = proposal["value"]
        refuse_outside(PICTURE, start, f"The start {start} is outside the picture", ("x", "y"))
        return start
