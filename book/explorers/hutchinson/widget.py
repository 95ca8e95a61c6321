"""Hutchinson's probes: the trace and the diagonal of a matrix from random probes, as they are added."""

import json
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.limits import in_range
from book.explorers.shared.seed import Seed

TABLE = json.loads(Path(__file__).with_name("hutchinson.json").read_text("utf-8"))
DEFAULTS, LIMITS = TABLE["defaults"], TABLE["limits"]
NAMES = {"coupling": "coupling", "probes": "number of probes"}
CHOICES = {"kind": TABLE["kinds"], "block": TABLE["blocks"]}


class Hutchinson(Explorer):
    """Add random probes of a matrix; see the estimates of its trace and its diagonal settle.

    The matrix has the diagonal 1, 2, …, 8, and beside it ρ^|i−j| √(ij), with ρ the coupling.

    Args:
        coupling: ρ, from 0 (a diagonal matrix) to 0.95.
        kind: the entries of a probe: "signs", ±1, or "normal".
        block: so many entries of the diagonal that lie side by side share their mean: 1, 2, 4 or 8.
        probes: how many count, from 1 to 400.
        seed: of the probes, from 0 to 2**32 - 1.

    Raises:
        traitlets.TraitError: a number is out of range, or there is no such choice.

    Examples:
        >>> Hutchinson(0.9, kind="normal")
        Hutchinson(coupling=0.9, kind='normal', block=1, probes=4, seed=0)
    """

    tag = "descent-hutchinson"
    state = ("coupling", "kind", "block", "probes", "seed")
    fallback = (
        "Hutchinson's probes: an explorer that adds random probes of a matrix and draws how the estimates of "
        "its trace and its diagonal settle. It runs on the book's page and in a live notebook."
    )
    coupling = traitlets.Float(DEFAULTS["coupling"]).tag(sync=True)
    kind = traitlets.Unicode(DEFAULTS["kind"]).tag(sync=True)
    block = traitlets.Int(DEFAULTS["block"]).tag(sync=True)
    probes = traitlets.Int(DEFAULTS["probes"]).tag(sync=True)
    seed = Seed(DEFAULTS["seed"]).tag(sync=True)

    def __init__(self, coupling=DEFAULTS["coupling"], **options):
        super().__init__(coupling=float(coupling), **options)

    @traitlets.validate(*LIMITS)
    def _in_range(self, proposal):
        name = proposal["trait"].name
        return in_range(f"The {NAMES[name]}", proposal["value"], LIMITS[name])

    @traitlets.validate(*CHOICES)
    def _known(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        if value not in CHOICES[name]:
            raise traitlets.TraitError(
                f"{name} is one of {', '.join(map(str, CHOICES[name]))}; got {value!r}."
            )
        return value
