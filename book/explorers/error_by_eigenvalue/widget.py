"""The error by eigenvalue: the loss of a quadratic, curvature by curvature, for descent and for momentum."""

import json
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.limits import in_range

TABLE = json.loads(Path(__file__).with_name("error-by-eigenvalue.json").read_text("utf-8"))
DEFAULTS, LIMITS = TABLE["defaults"], TABLE["limits"]
NAMES = {
    "lr": "learning rate times the largest curvature",
    "momentum": "momentum",
    "kappa": "condition number",
    "noise": "standard deviation of the noise",
    "t": "step",
}
CHOICES = {"beside": TABLE["besides"], "scale": TABLE["scales"]}


class ErrorByEigenvalue(Explorer):
    """See a loss as the sum over twelve curvatures from 1/κ to 1, each with its own factor, step by step.

    Every curvature begins with a twelfth of a loss of 1. Beside your rate and momentum runs plain descent.

    Args:
        momentum: μ, from 0 (plain descent) to 0.99.
        kappa: the condition number, from 2 to 300.
        noise: σ, the standard deviation of each gradient along each eigenvector, from 0 to 0.5.
        lr: the learning rate times the largest curvature, η, from 0.02 to 4; None for the best at this μ.
        beside: the rate of plain descent: "best", "same" as yours, or your "effective" one, η/(1 − μ).
        scale: "share" of the loss, stacked, with the loss as a line; "loss", stacked on a linear axis; or
            "log", a line for each curvature on a logarithmic axis.
        t: the step whose numbers are read, from 0 to 500 (the last that is drawn, where it is later).

    Raises:
        traitlets.TraitError: a number is out of range, or there is no such choice.

    Examples:
        >>> ErrorByEigenvalue(momentum=0.25, kappa=9)
        ErrorByEigenvalue(lr=2.25, momentum=0.25, kappa=9.0, noise=0.0, beside='best', scale='share', t=20)
    """

    tag = "descent-error-by-eigenvalue"
    state = ("lr", "momentum", "kappa", "noise", "beside", "scale", "t")
    fallback = (
        "The error by eigenvalue: an explorer that draws the loss of a quadratic as a sum over its "
        "curvatures, step by step, for gradient descent and for momentum, with noise and without. It runs on "
        "the book's page and in a live notebook."
    )
    lr = traitlets.Float(DEFAULTS["lr"]).tag(sync=True)
    momentum = traitlets.Float(DEFAULTS["momentum"]).tag(sync=True)
    kappa = traitlets.Float(DEFAULTS["kappa"]).tag(sync=True)
    noise = traitlets.Float(DEFAULTS["noise"]).tag(sync=True)
    beside = traitlets.Unicode(DEFAULTS["beside"]).tag(sync=True)
    scale = traitlets.Unicode(DEFAULTS["scale"]).tag(sync=True)
    t = traitlets.Int(DEFAULTS["t"]).tag(sync=True)

    def __init__(
        self,
        momentum=DEFAULTS["momentum"],
        kappa=DEFAULTS["kappa"],
        noise=DEFAULTS["noise"],
        lr=None,
        **options,
    ):
        kappa = in_range(f"The {NAMES['kappa']}", kappa, LIMITS["kappa"])
        lr = 2 * (1 + momentum) * kappa / (1 + kappa) if lr is None else lr
        super().__init__(lr=lr, momentum=momentum, kappa=kappa, noise=noise, **options)

    @traitlets.validate(*LIMITS)
    def _in_range(self, proposal):
        name = proposal["trait"].name
        return in_range(f"The {NAMES[name]}", proposal["value"], LIMITS[name])

    @traitlets.validate(*CHOICES)
    def _known(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        if value not in CHOICES[name]:
            raise traitlets.TraitError(f"{name} is one of {', '.join(CHOICES[name])}; got {value!r}.")
        return value
