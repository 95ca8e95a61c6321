"""A schedule in numbers: its factors, how far it lets a run go, and the expected loss of a noisy run."""

from book.explorers.shared.formats import significant
from book.optim import schedules

SETTINGS = {  # of each schedule, in its own order: (default, lowest, highest); whole numbers stay whole
    "constant": {},
    "step": {"step_size": (100, 1, 1000), "gamma": (0.1, 0.01, 1.0)},
    "exponential": {"gamma": (0.99, 0.9, 1.0)},
    "inverse_sqrt": {"warmup": (40, 1, 500)},
    "cosine": {"T_max": (400, 1, 1000), "eta_min": (0.0, 0.0, 1.0)},
    "warmup_cosine": {
        "warmup": (40, 1, 500),
        "start_factor": (0.01, 0.0, 1.0),
        "eta_min": (0.0, 0.0, 1.0),
    },
    "one_cycle": {
        "pct_start": (0.3, 0.01, 0.99),
        "div_factor": (25.0, 1.0, 100.0),
        "final_div_factor": (1e4, 1.0, 1e6),
    },
}
NAMES_ITS_STEPS = ("warmup_cosine", "one_cycle")  # these take the run's length as `total_steps`
CURVATURES, START, SIGMA = (1.0, 0.02), 10.0, 1.0
CLOSE = 0.01  # losses that differ by less are as good as equal
SMALL = 1e-9


def arguments(name: str, parameters: list[float], total_steps: int) -> dict[str, float]:
    """Return what `book.optim.schedules` is called with.

    Examples:
        >>> arguments("warmup_cosine", [40, 0.01, 0.0], 400)
        {'warmup': 40, 'total_steps': 400, 'start_factor': 0.01, 'eta_min': 0.0}
    """
    named = list(zip(SETTINGS[name], parameters, strict=True))
    if name in NAMES_ITS_STEPS:
        named.insert(name == "warmup_cosine", ("total_steps", total_steps))
    return dict(named)


def factors(name: str, parameters: list[float], total_steps: int) -> list[float]:
    """Return the factor of the rate at each step.

    Examples:
        >>> [round(factor, 2) for factor in factors("cosine", [100, 0.0], 100)[::25]]
        [1.0, 0.85, 0.5, 0.15]
    """
    factor = getattr(schedules, name)(**arguments(name, parameters, total_steps))
    return [factor(t) for t in range(total_steps)]


def expected(rates: list[float]) -> list[tuple[float, float]]:
    """Return the two parts of the expected loss of a noisy run, before the first step and after each.

    The loss is ½(x₁² + 0.02 x₂²), the start (10, 10), and the noise in each entry of the gradient has
    σ = 1. As x ← x − η(λx + noise), E[x²] ← (1 − ηλ)² E[x²] + η²σ²: exactly, for any rates. It is linear,
    so that what is left of the start and what the noise has brought are two sums.

    Examples:
        >>> [(round(start, 3), round(noise, 3)) for start, noise in expected([0.5, 0.5])]
        [(51.0, 0.0), (13.48, 0.128), (4.086, 0.161)]
    """
    starts, noises = [START * START] * len(CURVATURES), [0.0] * len(CURVATURES)
    found = [_losses(starts, noises)]
    for rate in rates:
        for i, curvature in enumerate(CURVATURES):
            kept = (1 - rate * curvature) * (1 - rate * curvature)
            starts[i] = kept * starts[i]
            noises[i] = kept * noises[i] + rate * rate * (SIGMA * SIGMA)
        found.append(_losses(starts, noises))
    return found


def _losses(starts: list[float], noises: list[float]) -> tuple[float, float]:
    start, noise = 0.0, 0.0
    for curvature, one, other in zip(CURVATURES, starts, noises, strict=True):
        start += curvature * one / 2
        noise += curvature * other / 2
    return start, noise


def readout(name: str, parameters: list[float], total_steps: int, lr: float, t: int) -> dict[str, str]:
    """Return every string that the explorer shows.

    Args:
        name: of the schedule.
        parameters: of the schedule, in its own order, without the length of the run.
        total_steps: the length of the run.
        lr: the peak learning rate.
        t: the step to read.

    Examples:
        >>> shown = readout("cosine", [400, 0.0], 400, 0.5, 100)
        >>> shown["rate"], shown["share"], shown["code"]
        ('0.4268', '50.12 %', 'LambdaLR(optimizer, cosine(T_max=400, eta_min=0.0))')
    """
    rates = [lr * factor for factor in factors(name, parameters, total_steps)]
    losses, steady = expected(rates), expected([lr] * total_steps)
    way = 0.0
    for rate in rates:
        way += rate
    shown = {"rate": rates[t], "loss_at": losses[t][0] + losses[t][1], "way": way}
    for suffix, (start, noise) in (("", losses[-1]), ("_constant", steady[-1])):
        shown |= {f"start{suffix}": start, f"noise{suffix}": noise, f"loss{suffix}": start + noise}
    texts = {key: _number(value) for key, value in shown.items()}
    texts["share"] = f"{_number(100 * way / (lr * total_steps))} %"
    given = ", ".join(f"{key}={value!r}" for key, value in arguments(name, parameters, total_steps).items())
    texts["code"] = f"LambdaLR(optimizer, {name}({given}))"
    return texts | {"story": _story(name, shown, texts)}


def _number(x: float) -> str:
    """To four digits, by way of twelve: the last ones of a cosine differ from machine to machine."""
    if 0 < x < SMALL:
        return "< 1e−9"
    return significant(float(f"{x:.12g}"), 4).replace("-", "−")


def _story(name: str, shown: dict[str, float], texts: dict[str, str]) -> str:
    left = (
        "What is left is mostly the start, not yet forgotten: the rates add up to too little."
        if shown["start"] > shown["noise"]
        else "What is left is mostly noise that the steps have brought in."
    )
    if name == "constant":
        return f"At the constant rate the run ends at an expected loss of {texts['loss']}. {left}"
    ratio = shown["loss"] / shown["loss_constant"]
    ends = f"With {name} the run ends at an expected loss of {texts['loss']}"
    if abs(ratio - 1) < CLOSE:
        ends += ", as at the constant rate to within 1 %."
    else:
        times = _number(ratio if ratio > 1 else 1 / ratio)
        ends += (
            f", a factor of {times} {'above' if ratio > 1 else 'below'} the constant rate's "
            f"{texts['loss_constant']}."
        )
    return f"{ends} {left}"


def defaults(name: str, total_steps: int) -> list[float]:
    """Return the parameters to begin with: `T_max` is the whole run.

    Examples:
        >>> defaults("cosine", 250), defaults("exponential", 250)
        ([250, 0.0], [0.99])
    """
    return [total_steps if key == "T_max" else default for key, (default, *_) in SETTINGS[name].items()]
