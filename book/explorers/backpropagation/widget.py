"""Backpropagation, moment by moment: the graph of x² + 2xy + y³, values forward, then adjoints backward."""

import json
import math
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer

TABLE = json.loads(Path(__file__).with_name("backpropagation.json").read_text("utf-8"))
DEFAULTS, LIMIT, LAST = TABLE["defaults"], TABLE["limit"], TABLE["last"]


class Backpropagation(Explorer):
    """Step through the graph of x² + 2xy + y³: values forward, then adjoints backward.

    Args:
        x, y: the inputs, from -100 to 100.
        moment: how far the run has come, from 0 to 18.

    Raises:
        traitlets.TraitError: a number is out of range or nan.

    Examples:
        >>> Backpropagation(3, 2)
        Backpropagation(x=3.0, y=2.0, moment=0)
    """

    tag = "descent-backpropagation"
    state = ("x", "y", "moment")
    fallback = (
        "Backpropagation: an explorer that runs through the graph of x² + 2xy + y³ moment by moment, first "
        "the values, then the adjoints. It runs on the book's page and in a live notebook."
    )
    x = traitlets.Float(min=-LIMIT, max=LIMIT).tag(sync=True)
    y = traitlets.Float(min=-LIMIT, max=LIMIT).tag(sync=True)
    moment = traitlets.Int(min=0, max=LAST).tag(sync=True)

    def __init__(
        self,
        x: float = DEFAULTS["x"],
        y: float = DEFAULTS["y"],
        moment: int = DEFAULTS["moment"],
        **options,
    ):
        super().__init__(x=float(x), y=float(y), moment=moment, **options)

    @traitlets.validate("x", "y")
    def _no_nan(self, proposal):
        if math.isnan(proposal["value"]):
            raise traitlets.TraitError("nan is no input here; give a number.")
        return proposal["value"]
