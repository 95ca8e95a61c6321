"""Bias correction: thirty steps of Adam's two averages, which start at 0, and what makes up for that."""

import json
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.seed import Seed

TABLE = json.loads(Path(__file__).with_name("bias-correction.json").read_text("utf-8"))
DEFAULTS, STEPS, MOST_BETAS = TABLE["defaults"], TABLE["steps"], TABLE["most_betas"]
KINDS = tuple(TABLE["means"])  # of gradients


class BiasCorrection(Explorer):
    """See Adam's m and v over thirty steps, plain and corrected for their start at 0, and the steps.

    Args:
        betas: (β₁, β₂), from 0 to 0.999 and from 0 to 0.9999.
        gradients: "constant" (all 1), "noisy" (1 with noise of standard deviation ½) or "alternating" (±1).
        t: the step whose numbers are read, from 1 to 30.
        seed: of the noise, from 0 to 2**32 - 1.

    Raises:
        traitlets.TraitError: one of them is out of range.

    Examples:
        >>> BiasCorrection((0.9, 0.9))
        BiasCorrection(betas=(0.9, 0.9), gradients='constant', t=1, seed=0)
    """

    tag = "descent-bias-correction"
    state = ("betas", "gradients", "t", "seed")
    fallback = (
        "Bias correction: an explorer that draws the first thirty steps of Adam's two averages, plain and "
        "corrected for their start at 0, and the steps that follow. It runs on the book's page and in a live "
        "notebook."
    )
    betas = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=tuple(DEFAULTS["betas"])).tag(
        sync=True
    )
    gradients = traitlets.Unicode(DEFAULTS["gradients"]).tag(sync=True)
    t = traitlets.Int(DEFAULTS["t"]).tag(sync=True)
    seed = Seed(DEFAULTS["seed"]).tag(sync=True)

    def __init__(
        self,
        betas=DEFAULTS["betas"],
        gradients=DEFAULTS["gradients"],
        t=DEFAULTS["t"],
        seed=DEFAULTS["seed"],
        **options,
    ):
        betas = tuple(float(beta) for beta in betas)
        super().__init__(betas=betas, gradients=gradients, t=t, seed=seed, **options)

    @traitlets.validate("betas")
    def _averaging(self, proposal):
        for name, beta, most in zip(("β₁", "β₂"), proposal["value"], MOST_BETAS, strict=True):
            if not 0 <= beta <= most:
                raise traitlets.TraitError(f"{name} must be from 0 to {most:g}; got {beta}.")
        return proposal["value"]

    @traitlets.validate("gradients")
    def _known(self, proposal):
        if proposal["value"] not in KINDS:
            raise traitlets.TraitError(f"Gradients are {', '.join(KINDS)}; got {proposal['value']!r}.")
        return proposal["value"]

    @traitlets.validate("t")
    def _in_the_run(self, proposal):
        if not 1 <= proposal["value"] <= STEPS:
            raise traitlets.TraitError(f"The step t must be from 1 to {STEPS}; got {proposal['value']}.")
        return proposal["value"]
