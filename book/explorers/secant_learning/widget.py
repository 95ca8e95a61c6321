"""Secant learning: BFGS walks on a surface, and its ellipse becomes the Hessian's, pair by pair."""

import json
from pathlib import Path

import traitlets

from book.explorers.shared.ground import OnASurface
from book.surfaces import SURFACES

TABLE = json.loads(Path(__file__).with_name("secant-learning.json").read_text("utf-8"))
NAMES, STEPS, MOST_STEPS = TABLE["surfaces"], TABLE["steps"], TABLE["most_steps"]


class SecantLearning(OnASurface):
    """Watch BFGS learn the curvature of a surface: its ellipse beside the Hessian's, step by step.

    Args:
        surface: "bowl, κ = 10", "bowl, κ = 50, turned by 30°", "Rosenbrock", "Beale" or "Himmelblau".
        start: two numbers inside the picture; the surface's own start if left out.
        steps: how many are taken, at most 60; it stops where it has arrived.

    Raises:
        traitlets.TraitError: an unknown surface, a start outside the picture, or a number of steps that is
            not between 0 and 60.

    Examples:
        >>> SecantLearning("Beale", steps=3)
        SecantLearning(surface='Beale', start=(1.0, 1.0), steps=3)
    """

    tag = "descent-secant-learning"
    state = ("surface", "start", "steps")
    fallback = (
        "Secant learning: an explorer that shows the path of BFGS on level lines, and the ellipse of the "
        "curvature that it believes in beside that of the Hessian. It runs on the book's page and in a live "
        "notebook."
    )
    surface = traitlets.Enum(tuple(NAMES), NAMES[0]).tag(sync=True)
    steps = traitlets.Int(STEPS, min=0, max=MOST_STEPS).tag(sync=True)

    def __init__(self, surface: str = NAMES[0], start=None, steps: int = STEPS, **options):
        known = SURFACES.get(surface, SURFACES[NAMES[0]])  # an unknown name is refused by its trait
        start = known.start if start is None else tuple(float(entry) for entry in start)
        super().__init__(surface=surface, start=start, steps=steps, **options)
