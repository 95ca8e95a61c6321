"""One step, dissected: every quantity of one update on three entries, in the formula's own places."""

import json
import math
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.limits import in_range
from book.explorers.shared.tables import RULES

ONE_STEP = json.loads(Path(__file__).with_name("one-step.json").read_text("utf-8"))
ENTRIES, LIMIT = ONE_STEP["entries"], ONE_STEP["limit"]


class OneStep(Explorer):
    """Watch one update of a method at work on three entries, and take as many as you like.

    Args:
        rule: a name in `book.optim.methods.METHODS`, of a method that works entry by entry.
        g: the gradients of the three entries, each from -1e9 to 1e9.
        lr: the learning rate, from 0 to 1e9; without it, one that suits the method.
        t: how many steps have been taken.
        x: the three entries.
        memory: six numbers: the first memory of the three entries, then the second.

    Raises:
        traitlets.TraitError: the method is unknown, or a number is out of range.

    Examples:
        >>> OneStep("Adam")
        OneStep(rule='Adam', lr=0.1, t=0, g=[100.0, 1.0, 0.01], x=[1.0, 1.0, 1.0], memory=[0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    """  # noqa: E501

    tag = "descent-one-step"
    state = ("rule", "lr", "t", "g", "x", "memory")
    fallback = (
        "One step, dissected: an explorer that puts the numbers of one update into the formula's own places, "
        "for each first-order method. It runs on the book's page and in a live notebook."
    )
    rule = traitlets.Enum(tuple(RULES), "Adam").tag(sync=True)
    lr = traitlets.Float(ONE_STEP["rate"]).tag(sync=True)
    t = traitlets.Int(0, min=0, max=ONE_STEP["most"]).tag(sync=True)
    g = traitlets.List(traitlets.Float(min=-LIMIT, max=LIMIT), minlen=ENTRIES, maxlen=ENTRIES).tag(sync=True)
    x = traitlets.List(traitlets.Float(), minlen=ENTRIES, maxlen=ENTRIES).tag(sync=True)
    memory = traitlets.List(traitlets.Float(), minlen=2 * ENTRIES, maxlen=2 * ENTRIES).tag(sync=True)

    def __init__(
        self,
        rule: str = "Adam",
        g: tuple[float, ...] = (100.0, 1.0, 0.01),
        lr: float | None = None,
        t: int = 0,
        x: tuple[float, ...] = (1.0, 1.0, 1.0),
        memory: tuple[float, ...] = (0.0,) * (2 * ENTRIES),
        **options,
    ):
        known = ONE_STEP["rates"].get(rule, ONE_STEP["rate"])
        lists = {"g": g, "x": x, "memory": memory}
        lists = {name: [float(entry) for entry in entries] for name, entries in lists.items()}
        super().__init__(rule=rule, lr=float(known if lr is None else lr), t=t, **lists, **options)

    @traitlets.validate("lr")
    def _in_range(self, proposal):
        return in_range("The learning rate", proposal["value"], (0, LIMIT))

    @traitlets.validate("g", "x", "memory")
    def _finite(self, proposal):
        if not all(map(math.isfinite, proposal["value"])):
            raise traitlets.TraitError(
                "Every entry must be a finite number; give numbers such as 100 or 0.01."
            )
        return proposal["value"]
