"""Learning-rate schedules: functions of the step's number, from 0 on, that give a factor of the rate.

`torch.optim.lr_scheduler.LambdaLR(optimizer, cosine(100))` applies one. Lengths are in calls of the
scheduler's `step`, whether you call it after each batch or after each epoch. Names are torch's. Arguments are
numbers of any type, as `book.numerics.number_types` says; one that is no number is a TypeError.
"""

import math
from collections.abc import Callable

from book.numerics.number_types import number, whole

Schedule = Callable[[int], float]


def constant() -> Schedule:
    """1 at every step.

    Examples:
        >>> [constant()(t) for t in (0, 10)]
        [1.0, 1.0]
    """
    return lambda t: 1.0


def step(step_size: int, gamma: float = 0.1) -> Schedule:
    """γ^⌊t / step_size⌋: the rate is multiplied by γ after every `step_size` steps, as in `StepLR`.

    Args:
        step_size: at least 1.
        gamma: γ, above 0.

    Raises:
        ValueError: `step_size` or γ is outside its range.

    Examples:
        >>> [step(2, gamma=0.5)(t) for t in range(5)]
        [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    step_size, gamma = _count("step_size", step_size), _positive("gamma", gamma)
    return lambda t: _power(gamma, t // step_size)


def exponential(gamma: float) -> Schedule:
    """γᵗ, as in `ExponentialLR`.

    Args:
        gamma: γ, above 0.

    Raises:
        ValueError: γ is not above 0.

    Examples:
        >>> [exponential(0.5)(t) for t in range(4)]
        [1.0, 0.5, 0.25, 0.125]
    """
    gamma = _positive("gamma", gamma)
    return lambda t: _power(gamma, t)


def inverse_sqrt(warmup: int = 1) -> Schedule:
    """√(warmup / (t + 1)), after a straight rise to 1 over the first `warmup` steps.

    Args:
        warmup: the number of steps of the rise, at least 1; 1 is no rise at all.

    Raises:
        ValueError: `warmup` is below 1.

    Source:
        Vaswani et al., "Attention Is All You Need", NeurIPS 2017, equation 3; torch has none.

    Examples:
        >>> [inverse_sqrt(warmup=4)(t) for t in (0, 1, 3, 15)]
        [0.25, 0.5, 1.0, 0.5]
    """
    warmup = _count("warmup", warmup)
    return lambda t: min((t + 1) / warmup, math.sqrt(warmup / (t + 1)))


def cosine(T_max: int, eta_min: float = 0.0) -> Schedule:
    """From 1 to `eta_min` along half a cosine over `T_max` steps, and flat from there on.

    Args:
        T_max: at least 1.
        eta_min: the factor at the end, from 0 to 1; torch's `CosineAnnealingLR` takes a rate in its place,
            and rises again after `T_max`.

    Raises:
        ValueError: `T_max` or `eta_min` is outside its range.

    Source:
        Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017: one run
        without a restart.

    Examples:
        >>> [round(cosine(4)(t), 3) for t in range(6)]
        [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    T_max, eta_min = _count("T_max", T_max), _share("eta_min", eta_min)
    return lambda t: eta_min + (1 - eta_min) * _half_cosine(min(t / T_max, 1.0))


def warmup_cosine(
    warmup: int, total_steps: int, start_factor: float = 0.01, eta_min: float = 0.0
) -> Schedule:
    """A straight rise from `start_factor` to 1 over `warmup` steps, then `cosine` over the rest.

    torch's `SequentialLR` of `LinearLR` and `CosineAnnealingLR` is the same.

    Args:
        warmup: steps of the rise, at least 1.
        total_steps: of both parts, above `warmup`.
        start_factor: the factor at step 0, from 0 to 1.
        eta_min: the factor at the end, from 0 to 1.

    Raises:
        ValueError: one of them is outside its range.

    Source:
        Goyal et al., "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", 2017, for the rise.

    Examples:
        >>> [round(warmup_cosine(2, 6, start_factor=0.5)(t), 3) for t in range(7)]
        [0.5, 0.75, 1.0, 0.854, 0.5, 0.146, 0.0]
    """
    warmup, total_steps = _count("warmup", warmup), whole("total_steps", total_steps)
    start_factor = _share("start_factor", start_factor)
    if total_steps <= warmup:
        raise ValueError(f"total_steps must be above warmup, {warmup}; got {total_steps}.")
    fall = cosine(total_steps - warmup, eta_min)
    return lambda t: start_factor + (1 - start_factor) * t / warmup if t < warmup else fall(t - warmup)


def one_cycle(
    total_steps: int, pct_start: float = 0.3, div_factor: float = 25.0, final_div_factor: float = 1e4
) -> Schedule:
    """Half a cosine up from 1/`div_factor` to 1, half a cosine down to 1/(`div_factor` `final_div_factor`).

    torch's `OneCycleLR` with `max_lr` the optimizer's rate and `cycle_momentum=False`.

    Args:
        total_steps: at least 2; the last one is step `total_steps` − 1, and the factor stays from there on.
        pct_start: the share of the steps spent on the rise, between 0 and 1.
        div_factor, final_div_factor: at least 1.

    Raises:
        ValueError: one of them is outside its range.

    Source:
        Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning
        Rates", 2017.

    Examples:
        >>> [round(one_cycle(10, pct_start=0.4)(t), 3) for t in (0, 3, 9)]
        [0.04, 1.0, 0.0]
    """
    total_steps, pct_start = whole("total_steps", total_steps), number("pct_start", pct_start)
    div_factor = number("div_factor", div_factor)
    final_div_factor = number("final_div_factor", final_div_factor)
    divided = all(1 <= factor < math.inf for factor in (div_factor, final_div_factor))
    if total_steps < 2 or not 0 < pct_start < 1 or not divided:
        raise ValueError(
            "one_cycle takes total_steps from 2 on, pct_start between 0 and 1, and factors of at least 1; "
            f"got {total_steps}, {pct_start}, {div_factor} and {final_div_factor}."
        )
    top, last = pct_start * total_steps - 1, total_steps - 1
    low, end = 1 / div_factor, 1 / (div_factor * final_div_factor)

    def factor(t: int) -> float:
        if t < top:
            return 1 + (low - 1) * _half_cosine(t / top)
        return end + (1 - end) * _half_cosine(min((t - top) / (last - top), 1.0))

    return factor


def _power(gamma: float, n: int) -> float:
    """γⁿ; inf where it is beyond the largest float, so that it is refused as no rate is."""
    try:
        return float(gamma) ** n
    except OverflowError:
        return math.inf


def _half_cosine(share: float) -> float:
    """From 1 at share 0 to 0 at share 1."""
    return (1 + math.cos(math.pi * share)) / 2


def _count(name: str, value: int) -> int:
    if (found := whole(name, value)) < 1:
        raise ValueError(f"{name} must be at least 1; got {found}.")
    return found


def _positive(name: str, value: float) -> float:
    if not 0 < (found := number(name, value)) < math.inf:
        raise ValueError(f"{name} must be above 0; got {found}.")
    return found


def _share(name: str, value: float) -> float:
    if not 0 <= (found := number(name, value)) <= 1:
        raise ValueError(f"{name} is a factor from 0 to 1; got {found}.")
    return found
