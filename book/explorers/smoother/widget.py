"""Random-walk smoother: random steps, their exponential average, and what it does to their variance."""

from itertools import islice

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.formats import significant
from book.explorers.shared.noise import uniforms
from book.explorers.shared.seed import Seed

STEPS = 200
SIZE = 10  # a step lies between −10 and 10
VARIANCE = SIZE * SIZE / 3
MOST_BETA = 0.999
BARS = 50  # of the last steps, whose weights are drawn
START = 0.01  # the share of the start that is worth a word


def random_steps(seed: int) -> list[float]:
    """Draw 200 steps, each between −10 and 10.

    Examples:
        >>> [round(step, 2) for step in random_steps(0)[:3]]
        [-4.67, -9.99, -5.53]
    """
    return [2 * SIZE * draw - SIZE for draw in islice(uniforms(seed), STEPS)]


def averages(steps: list[float], beta: float) -> tuple[list[float], list[float]]:
    """Return mₜ = β mₜ₋₁ + (1 − β) sₜ from m₀ = 0 on, and mₜ / (1 − βᵗ), which makes up for that start.

    Examples:
        >>> averages([4.0, 8.0], beta=0.5)
        ([2.0, 5.0], [4.0, 6.666666666666667])
    """
    m, power, plain, corrected = 0.0, 1.0, [], []
    for step in steps:
        m = beta * m + (1 - beta) * step
        power *= beta
        plain.append(m)
        corrected.append(m / (1 - power))
    return plain, corrected


def variances(beta: float) -> dict[str, float]:
    """Return the exact variances: the means over the run, and what a long run comes to.

    That of mₜ is σ² (1 − β)/(1 + β) (1 − β²ᵗ), and the correction divides it by (1 − βᵗ)².

    Examples:
        >>> {name: round(value, 2) for name, value in variances(0.9).items()}
        {'average': 1.72, 'corrected': 2.23, 'long': 1.75}
    """
    long, power = VARIANCE * (1 - beta) / (1 + beta), 1.0
    plain = corrected = 0.0
    for _ in range(STEPS):
        power *= beta
        plain += long * (1 - power * power)
        corrected += long * (1 + power) / (1 - power)
    return {"average": plain / STEPS, "corrected": corrected / STEPS, "long": long}


def readout(beta: float, seed: int, corrected: bool) -> dict[str, str]:
    """Return every string that the explorer shows.

    The mean of the steps is known, 0, so that a variance is measured as the mean of the squares.

    Args:
        beta: β, from 0 to 0.999.
        seed: from 0 to 2**32 - 1.
        corrected: whether the corrected average is shown too.

    Examples:
        >>> shown = readout(0.9, 0, corrected=False)
        >>> shown["steps_exact"], shown["average_long"], shown["window"], shown["factor"], shown["lag"]
        ('33.33', '1.754', '10', '19', '9')
    """
    steps = random_steps(seed)
    plain, better = averages(steps, beta)
    exact = variances(beta)
    power = 1.0
    for _ in range(BARS):
        power *= beta
    shown = {
        "steps_measured": _mean_square(steps),
        "steps_exact": VARIANCE,
        "average_measured": _mean_square(plain),
        "average_exact": exact["average"],
        "average_long": exact["long"],
        "corrected_measured": _mean_square(better),
        "corrected_exact": exact["corrected"],
        "corrected_long": exact["long"],
        "window": 1 / (1 - beta),
        "factor": (1 + beta) / (1 - beta),
        "lag": beta / (1 - beta),
        "share": 100 * (1 - power),
    }
    texts = {name: _number(value) for name, value in shown.items()}
    texts["share"] += " %"
    return texts | {"story": _story(beta, texts, corrected)}


def _number(x: float) -> str:
    return significant(x, 4)


def _mean_square(values: list[float]) -> float:
    """By one sum after the other, as the browser does it: `sum` would be more exact."""
    total = 0.0
    for value in values:
        total += value * value
    return total / len(values)


def _story(beta: float, texts: dict[str, str], corrected: bool) -> str:
    if beta == 0:
        return "With β = 0 the average is the last step itself: nothing is smoothed, and nothing comes late."
    story = (
        f"The average looks back over about 1/(1 − β) = {texts['window']} steps and lags by "
        f"β/(1 − β) = {texts['lag']}. In the long run this divides the variance by "
        f"(1 + β)/(1 − β) = {texts['factor']}."
    )
    power = 1.0
    for _ in range(STEPS):
        power *= beta
    if power < START:
        return story
    missing = f"After {STEPS} steps the start from 0 still has {_number(100 * power)} % of the weight"
    return f"{story} {missing}{', which the correction makes up for.' if corrected else '.'}"


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
    beta = traitlets.Float(0.9).tag(sync=True)
    seed = Seed(0).tag(sync=True)
    corrected = traitlets.Bool(False).tag(sync=True)

    def __init__(self, beta: float = 0.9, seed: int = 0, corrected: bool = False, **options):
        super().__init__(beta=float(beta), seed=seed, corrected=corrected, **options)

    @traitlets.validate("beta")
    def _averaging(self, proposal):
        if not 0 <= proposal["value"] <= MOST_BETA:
            raise traitlets.TraitError(f"β must be from 0 to {MOST_BETA:g}; got {proposal['value']}.")
        return proposal["value"]
