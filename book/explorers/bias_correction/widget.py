"""Bias correction: thirty steps of Adam's two averages, which start at 0, and what makes up for that."""

import math
from itertools import islice

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.formats import significant
from book.explorers.shared.noise import normals
from book.explorers.shared.seed import Seed

STEPS = 30
NOISE = 0.5  # the standard deviation of the noisy gradients
KINDS = {"constant": (1.0, 1.0), "noisy": (1.0, 1 + NOISE * NOISE), "alternating": (0.0, 1.0)}
MOST_BETAS = (0.999, 0.9999)
CLOSE = 0.01  # steps that differ by less are as good as equal


def gradients(kind: str, seed: int = 0) -> list[float]:
    """Return thirty gradients: all 1, 1 with noise of standard deviation ½, or 1 and −1 in turn.

    `KINDS` has the mean and the mean square of each kind.

    Examples:
        >>> gradients("alternating")[:3], [round(g, 2) for g in gradients("noisy")[:3]]
        ([1.0, -1.0, 1.0], [0.15, 1.14, 0.68])
    """
    if kind == "noisy":
        return [1 + NOISE * noise for noise in islice(normals(seed), STEPS)]
    return [-1.0 if kind == "alternating" and t % 2 else 1.0 for t in range(STEPS)]


def moments(grads: list[float], betas: tuple[float, float]) -> list[dict[str, float]]:
    """Return what `Adam.update` works out at each step, with ε = 0, and the step without the correction.

    Steps are in units of the learning rate, against the gradient: m̂/√v̂ is `step`, m/√v is `raw_step`.

    Examples:
        >>> first, *_ = moments([1.0], (0.9, 0.999))
        >>> {name: round(value, 3) for name, value in first.items() if "step" in name}
        {'raw_step': 3.162, 'step': 1.0}
    """
    (beta1, beta2), (m, v), (power1, power2), found = betas, (0.0, 0.0), (1.0, 1.0), []
    for g in grads:
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * (g * g)
        power1 *= beta1
        power2 *= beta2
        held_m, held_v = 1 - power1, 1 - power2
        m_hat, v_hat = m / held_m, v / held_v
        found.append(
            {"m": m, "held_m": held_m, "m_hat": m_hat, "v": v, "held_v": held_v, "v_hat": v_hat}
            | {"raw_step": m / math.sqrt(v), "step": m_hat / math.sqrt(v_hat)}
            | {"ratio": held_m / math.sqrt(held_v)}
        )
    return found


def readout(betas: tuple[float, float], kind: str, t: int, seed: int) -> dict[str, str]:
    """Return every string that the explorer shows.

    Args:
        betas: (β₁, β₂).
        kind: of gradients, a name of `KINDS`.
        t: the step to read, from 1 to 30.
        seed: of the noise.

    Examples:
        >>> shown = readout((0.9, 0.999), "constant", 1, 0)
        >>> shown["m"], shown["v"], shown["raw_step"], shown["step"], shown["first"]
        ('0.1', '0.001', '3.162', '1', '3.162')
        >>> shown["story"][:57]
        'After step 1, m holds 10 % of a full average and v 0.1 %.'
    """
    run = moments(gradients(kind, seed), betas)
    here, mean = run[t - 1], KINDS[kind]
    worst = max(run, key=lambda one: max(one["ratio"], 1 / one["ratio"]))
    shown = {name: _number(value) for name, value in here.items()}
    return shown | {
        "mean": _number(mean[0]),
        "mean_square": _number(mean[1]),
        "first": _number(run[0]["ratio"]),
        "worst": f"{_number(worst['ratio'])} at t = {run.index(worst) + 1}",
        "story": _story(here, t),
    }


def _number(x: float) -> str:
    return significant(x, 4).replace("-", "−")


def _story(here: dict[str, float], t: int) -> str:
    ratio = here["ratio"]
    held = (
        f"After step {t}, m holds {_number(100 * here['held_m'])} % of a full average and v "
        f"{_number(100 * here['held_v'])} %. "
    )
    if abs(ratio - 1) < CLOSE:
        return f"{held}The step is the same with the correction and without it, to within 1 %."
    wrong = "long" if ratio > 1 else "short"
    return (
        f"{held}Without the correction the step is too {wrong}: {_number(ratio)} times as long as with it, "
        "whatever the gradients are."
    )


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
    betas = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(0.9, 0.999)).tag(sync=True)
    gradients = traitlets.Unicode("constant").tag(sync=True)
    t = traitlets.Int(1).tag(sync=True)
    seed = Seed(0).tag(sync=True)

    def __init__(self, betas=(0.9, 0.999), gradients: str = "constant", t: int = 1, seed: int = 0, **options):
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
