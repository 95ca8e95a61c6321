"""Natural step: a bell curve's parameters, the ring of equal divergence, and the two steps that end on it."""

import json
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.limits import in_range
from book.explorers.shared.points import refuse_outside

TABLE = json.loads(Path(__file__).with_name("natural-step.json").read_text("utf-8"))
DEFAULTS, LIMITS = TABLE["defaults"], TABLE["limits"]


class NaturalStep(Explorer):
    """Drag a bell curve in its parameters; see the plain and the natural step to one ring ½ dᵀF d = δ.

    The data have the mean 0 and the variance 1. The loss is KL(data, model), which is
    log σ + (1 + μ²) / (2σ²) − ½.

    Args:
        parameters: what stands beside μ: "sigma", "log sigma" or "precision", which is 1/σ².
        model: μ and σ, from −3 to 3 and from 0.6 to 2.6.
        divergence: δ, from 0.001 to 0.2.

    Raises:
        traitlets.TraitError: other parameters, or a number out of range.

    Examples:
        >>> NaturalStep("precision", (1, 2))
        NaturalStep(parameters='precision', model=(1.0, 2.0), divergence=0.05)
    """

    tag = "descent-natural-step"
    state = ("parameters", "model", "divergence")
    fallback = (
        "Natural step: an explorer in which you drag a bell curve over its parameters. It shows the ring of "
        "bells at equal divergence, the plain and the natural step to it, and where both descents go. "
        "It runs on the book's page and in a live notebook."
    )
    parameters = traitlets.Enum(tuple(TABLE["names"]), DEFAULTS["parameters"]).tag(sync=True)
    model = traitlets.Tuple(
        traitlets.Float(), traitlets.Float(), default_value=tuple(map(float, DEFAULTS["model"]))
    ).tag(sync=True)
    divergence = traitlets.Float(DEFAULTS["divergence"]).tag(sync=True)

    def __init__(
        self,
        parameters: str = DEFAULTS["parameters"],
        model=tuple(DEFAULTS["model"]),
        divergence=DEFAULTS["divergence"],
        **options,
    ):
        model = tuple(float(entry) for entry in model)
        super().__init__(parameters=parameters, model=model, divergence=float(divergence), **options)

    @traitlets.validate("model")
    def _inside(self, proposal):
        model = proposal["value"]
        refuse_outside(LIMITS["model"], model, f"The bell {model} is outside the picture", ("μ", "σ"))
        return model

    @traitlets.validate("divergence")
    def _reachable(self, proposal):
        return in_range("The divergence δ", proposal["value"], LIMITS["divergence"])
