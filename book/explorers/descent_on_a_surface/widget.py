"""Descent on a surface: choose a start and a learning rate, watch the path, forecast the next step."""

import json
from pathlib import Path

import traitlets

from book.explorers.shared.ground import DEFAULT, MOST_STEPS, OnASurface
from book.explorers.shared.limits import in_range
from book.surfaces import SURFACES

TABLE = json.loads(Path(__file__).with_name("descent-on-a-surface.json").read_text("utf-8"))
STEPS, RATES, RATE_LIMITS = TABLE["steps"], TABLE["rates"], TABLE["rate_limits"]


class DescentOnASurface(OnASurface):
    """Drag the start and the learning rate of gradient descent; see the path and forecast the next step.

    Args:
        surface: a name of `book.surfaces.SURFACES`, of a surface in two dimensions.
        start: two numbers inside the picture; the surface's own start if left out.
        lr: the learning rate; one that suits the surface if left out.
        steps: how many are taken, at most 200.

    Raises:
        traitlets.TraitError: an unknown surface, a start outside the picture, a learning rate that is not
            between 1e-6 and 100, or a number of steps that is not between 0 and 200.

    Examples:
        >>> DescentOnASurface("Beale", lr=0.01)
        DescentOnASurface(surface='Beale', start=(1.0, 1.0), lr=0.01, steps=12)
    """

    tag = "descent-on-a-surface"
    state = ("surface", "start", "lr", "steps")
    fallback = (
        "Descent on a surface: an explorer that shows the path of gradient descent on level lines, and what "
        "the gradient and the Hessian forecast for the next step. It runs on the book's page and in a live "
        "notebook."
    )
    surface = traitlets.Enum(tuple(RATES), DEFAULT).tag(sync=True)
    lr = traitlets.Float(RATES[DEFAULT]).tag(sync=True)
    steps = traitlets.Int(STEPS, min=0, max=MOST_STEPS).tag(sync=True)

    def __init__(self, surface: str = DEFAULT, start=None, lr=None, steps: int = STEPS, **options):
        known = SURFACES.get(surface, SURFACES[DEFAULT])  # an unknown name is refused by its trait
        start = known.start if start is None else tuple(float(entry) for entry in start)
        lr = RATES.get(surface, 1.0) if lr is None else float(lr)
        super().__init__(surface=surface, start=start, lr=lr, steps=steps, **options)

    @traitlets.validate("lr")
    def _rate(self, proposal):
        return in_range("The learning rate", proposal["value"], RATE_LIMITS)
