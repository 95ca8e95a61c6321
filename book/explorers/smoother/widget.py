"""Random-walk smoother: random steps, their exponential average, and what it does to their variance."""

import json
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.seed import Seed

TABLE = json.loads(Path(__file__).with_name("smoother.json").read_text("utf-8"))
DEFAULTS, MOST_BETA = TABLE["defaults"], TABLE["most_beta"]


class Smoother(Explorer):
    """Smooth random steps by an exponential average; see its variance, its lag and the weights.

    Args:
        beta: the factor β, from 0 (no average) to 0.999.
        seed: of the steps, from 0 to 2**32 - 1.
        corrected: whether the average with the start made up for is drawn too.

    Raises:
        traitlets.TraitError: β or the seed is out of range.

    Examples:
        >>> Smoother(0.99)
        Smoother(beta=0.99, seed=0, corrected=False)
    """

    tag = "descent-smoother"
    state = ("beta", "seed", "corrected")
    fallback = (
        "Random-walk smoother: an explorer that draws random steps and their exponential average, with the "
        "weights of the last steps and the variances. It runs on the book's page and in a live notebook."
    )
    beta = traitlets.Float(DEFAULTS["beta"]).tag(sync=True)
    seed = Seed(DEFAULTS["seed"]).tag(sync=True)
    corrected = traitlets.Bool(DEFAULTS["corrected"]).tag(sync=True)

    def __init__(
        self, beta=DEFAULTS["beta"], seed=DEFAULTS["seed"], corrected=DEFAULTS["corrected"], **options
    ):
        super().__init__(beta=float(beta), seed=seed, corrected=corrected, **options)

    @traitlets.validate("beta")
    def _averaging(self, proposal):
        if not 0 <= proposal["value"] <= MOST_BETA:
            raise traitlets.TraitError(f"β must be from 0 to {MOST_BETA:g}; got {proposal['value']}.")
        return proposal["value"]
