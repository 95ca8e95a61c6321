"""Momentum phase diagram: rate × damping coloured by the speed, and the path that a point of it takes."""

import math

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.formats import significant
from book.optim.heavy_ball import best, critical_momentum, eigenvalues, rate, regime

MOST_RATE, MOST_MOMENTUM, MOST_KAPPA = 4.4, 1.1, 100.0
DIGITS = 4
CLOSE = 0.02  # eigenvalues no further apart than this count as one
SAME = 1e-6  # rates, and eigenvalues to print, no further apart than this are the same


def readout(lr: float, momentum: float, kappa: float) -> dict[str, str]:
    """Return every string that the explorer shows.

    Args:
        lr: η times the largest curvature, which is 1 here.
        momentum: μ.
        kappa: the largest curvature over the smallest; at 1 there is one direction only.

    Examples:
        >>> shown = readout(0.5, 0.81, 1)
        >>> shown["steep_regime"], shown["steep_rate"], shown["steep_tenth"]
        ('oscillating', '0.9', '21.9')
        >>> shown = readout(1.0, 0.0, 9)
        >>> shown["flat_eigenvalues"], shown["best_momentum"], shown["best_rate"]
        ('0.8889 and 0', '0.25', '0.5')
    """
    curvatures = {"steep": 1.0, "flat": 1 / kappa}
    shown = {}
    for name, curvature in curvatures.items():
        shown |= {f"{name}_{k}": text for k, text in _direction(lr, momentum, curvature).items()}
    best_lr, best_momentum = best(1 / kappa, 1.0)
    shown["best_lr"], shown["best_momentum"] = _number(best_lr), _number(best_momentum)
    shown["best_rate"] = _number(math.sqrt(best_momentum))
    story = _story(lr, momentum) if kappa == 1 else _story_of_valley(lr, momentum, kappa)
    return shown | {"story": story}


def _direction(lr: float, momentum: float, curvature: float) -> dict[str, str]:
    first, second = eigenvalues(lr, momentum, curvature)
    if _apart(first, second) <= SAME:
        pair = f"{_number(first.real)} twice"
    elif first.imag:
        pair = f"{_number(first.real)} ± {_number(first.imag)}i"
    else:
        pair = f"{_number(first.real)} and {_number(second.real)}"
    return {
        "product": _number(lr * curvature),
        "regime": _kind(lr, momentum, curvature),
        "eigenvalues": pair,
        "rate": _number(rate(lr, momentum, curvature)),
        "tenth": _tenth(rate(lr, momentum, curvature)),
    }


def _kind(lr: float, momentum: float, curvature: float) -> str:
    """The regime, or "critical" where it converges and the eigenvalues all but meet."""
    name = regime(lr, momentum, curvature)
    meet = _apart(*eigenvalues(lr, momentum, curvature)) <= CLOSE
    return "critical" if meet and name not in ("marginal", "diverging") else name


def _apart(first: complex, second: complex) -> float:
    return abs(first.real - second.real) + abs(first.imag - second.imag)


def _tenth(size: float) -> str:
    """How many steps make the distance ten times smaller."""
    if size >= 1:
        return "never"
    return significant(-1 / math.log10(size), 3) if size else "at once"


def _number(x: float) -> str:
    return significant(x, DIGITS).replace("-", "−")


def _story(lr: float, momentum: float) -> str:
    kind, size = _kind(lr, momentum, 1.0), rate(lr, momentum, 1.0)
    first, _ = eigenvalues(lr, momentum, 1.0)
    critical = _number(critical_momentum(lr, 1.0))
    if kind == "critical":
        return (
            f"Critical damping: the two eigenvalues meet at {significant(first.real, 2).replace('-', '−')}. "
            f"For this ηλ no other momentum is faster."
        )
    if kind == "monotone":
        return (
            f"Both eigenvalues are real and positive: x falls without a change of sign. The larger one, "
            f"{_number(size)}, sets the pace; with more momentum, up to μ = (1 − √ηλ)² = {critical}, "
            f"it shrinks."
        )
    if kind == "oscillating":
        period = 2 * math.pi / math.atan2(first.imag, first.real)
        return (
            f"The eigenvalues are a complex pair of size √μ = {_number(size)}, whatever ηλ is: x swings "
            f"with a period of {significant(period, 3)} steps. With less momentum, down to "
            f"μ = (1 − √ηλ)² = {critical}, it settles sooner."
        )
    if kind == "alternating":
        return (
            f"Both eigenvalues are real and negative: x changes its sign at every step. A smaller ηλ is "
            f"faster, and so is more momentum, up to μ = (1 − √ηλ)² = {critical}."
        )
    if kind == "marginal":
        return "With ηλ = 0 nothing moves." if lr == 0 else "A rate of exactly 1: x never settles."
    return f"An eigenvalue lies outside the unit circle, and x grows. {_limit(momentum)}"


def _limit(momentum: float) -> str:
    if momentum > 1:
        return "The momentum must stay below 1."
    return f"At this momentum ηλ must stay below 2(1 + μ) = {_number(2 * (1 + momentum))}."


def _story_of_valley(lr: float, momentum: float, kappa: float) -> str:
    steep, flat = rate(lr, momentum, 1.0), rate(lr, momentum, 1 / kappa)
    size = max(steep, flat)
    if size >= 1:
        if regime(lr, momentum, 1.0) != "diverging":
            return "A rate of exactly 1: one direction never settles."
        who = "Both directions diverge" if flat >= 1 else "The steep direction diverges"
        return f"{who}: an eigenvalue lies outside the unit circle. {_limit(momentum)}"
    _, best_momentum = best(1 / kappa, 1.0)
    best_size, plain = math.sqrt(best_momentum), (kappa - 1) / (kappa + 1)
    words = f"κ = {_number(kappa)}"
    if size - best_size <= SAME:
        return (
            f"This is the best pair for {words}: both directions are critically damped. "
            f"A factor of ten takes {_tenth(best_size)} steps; "
            f"the best that plain descent can do is {_tenth(plain)}."
        )
    return (
        f"{_slower(steep, flat)} A factor of ten takes {_tenth(size)} steps. The best pair for {words} takes "
        f"{_tenth(best_size)}, the best plain descent {_tenth(plain)}."
    )


def _slower(steep: float, flat: float) -> str:
    if abs(steep - flat) <= SAME:
        return f"Both directions have the same rate, {_number(flat)}."
    name, slow, fast = ("flat", flat, steep) if flat > steep else ("steep", steep, flat)
    return f"The {name} direction is the slower one, {_number(slow)} a step against {_number(fast)}."


class MomentumPhases(Explorer):
    """Drag a point over rate × damping; see the path it takes, its eigenvalues, and the pace of a valley.

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
        "fast a quadratic is minimized, with the path that each point takes. It runs on the "
        "book's page and in a live notebook."
    )
    lr = traitlets.Float(0.1).tag(sync=True)
    momentum = traitlets.Float(0.9).tag(sync=True)
    kappa = traitlets.Float(1.0).tag(sync=True)

    def __init__(self, lr: float = 0.1, momentum: float = 0.9, kappa: float = 1.0, **options):
        super().__init__(lr=float(lr), momentum=float(momentum), kappa=float(kappa), **options)

    @traitlets.validate("lr", "momentum", "kappa")
    def _in_range(self, proposal):
        name, low, high = {
            "lr": ("learning rate times the curvature", 0, MOST_RATE),
            "momentum": ("momentum", 0, MOST_MOMENTUM),
            "kappa": ("condition number", 1, MOST_KAPPA),
        }[proposal["trait"].name]
        if not low <= proposal["value"] <= high:  # nan neither
            raise traitlets.TraitError(
                f"The {name} must be from {low:g} to {high:g}; got {proposal['value']}."
            )
        return proposal["value"]
