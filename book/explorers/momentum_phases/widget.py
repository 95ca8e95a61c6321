"""Momentum phase diagram: √(ηλ) × √μ coloured by the speed, and the path that a point of it takes."""

import json
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.limits import in_range

TABLE = json.loads(Path(__file__).with_name("momentum-phases.json").read_text("utf-8"))
DEFAULTS, LIMITS = TABLE["defaults"], TABLE["limits"]
NAMES = {"lr": "learning rate times the curvature", "momentum": "momentum", "kappa": "condition number"}


class MomentumPhases(Explorer):
    """Drag a point over the roots of rate and momentum; see its path and velocity, its eigenvalues, its pace.

    Args:
        lr: the learning rate times the largest curvature, ηλ, from 0 to 4.4.
        momentum: μ, from 0 to 1.1.
        kappa: the condition number of the valley, from 1 (one direction) to 100.

    Raises:
        traitlets.TraitError: a number is out of range.

    Examples:
        >>> MomentumPhases(0.3, momentum=0.5)
        MomentumPhases(lr=0.3, momentum=0.5, kappa=1.0)
    """

    tag = "descent-momentum-phases"
    state = ("lr", "momentum", "kappa")
    fallback = (
        "Momentum phase diagram: an explorer that colours the plane of learning rate and momentum by how "
        "fast a quadratic is minimized, with the path that each point takes and its velocity. It runs on the "
        "book's page and in a live notebook."
    )
    lr = traitlets.Float(DEFAULTS["lr"]).tag(sync=True)
    momentum = traitlets.Float(DEFAULTS["momentum"]).tag(sync=True)
    kappa = traitlets.Float(DEFAULTS["kappa"]).tag(sync=True)

    def __init__(self, lr=DEFAULTS["lr"], momentum=DEFAULTS["momentum"], kappa=DEFAULTS["kappa"], **options):
        super().__init__(lr=float(lr), momentum=float(momentum), kappa=float(kappa), **options)

    @traitlets.validate("lr", "momentum", "kappa")
    def _in_range(self, proposal):
        name = proposal["trait"].name
        return in_range(f"The {NAMES[name]}", proposal["value"], LIMITS[name])
