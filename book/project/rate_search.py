"""How each method's rate is chosen: a few rates, further ones beyond an edge, and a final of the best two."""

from collections.abc import Sequence
from statistics import mean

from book.project.methods import COMPARED
from book.project.protocol import BUDGETS, FINALISTS, TUNED, Plan, trial_of


def rates(method: str, budget: str) -> list[float]:
    """The rates of a method that a budget tries at first.

    Args:
        method, budget: their names.

    Examples:
        >>> rates("sgd", "tiny")
        [0.1, 0.2]
    """
    return _middle(COMPARED[method].rates, BUDGETS[budget].rates)


def first_trials(plan: Plan) -> list[dict]:
    """Each method with each of its first rates, once, judged on validation images.

    Args:
        plan: the comparison.

    Examples:
        >>> for trial in first_trials(Plan("mlp", ("adam",), "tiny")):
        ...     print(trial["lr"], trial["seed"], trial["judged_on"])
        0.001 0 validation
        0.002 0 validation
    """
    return [_trial(plan, method, lr, 0) for method in plan.methods for lr in first_rates(plan, method)]


def first_rates(plan: Plan, method: str) -> list[float]:
    """The rates of a method that a plan tries at first.

    Args:
        plan: the comparison.
        method: its name.

    Examples:
        >>> first_rates(Plan("mlp", ("sgd",), "tiny"), "sgd")
        [0.1, 0.2]
    """
    return _middle(plan.table[method].rates, plan.means.rates)


def wider_trials(plan: Plan, outcomes: list[dict]) -> list[dict]:
    """One further rate for each method whose best one is the lowest or the highest tried; none at the limit.

    Args:
        plan: the comparison.
        outcomes: of all trials so far, each with `method`, `lr`, `seed` and `accuracy`.

    Examples:
        >>> plan = Plan("mlp", ("adam",), "small")
        >>> tried = dict(zip(rates("adam", "small"), (97.0, 96.0, 95.0, 94.0)))
        >>> outcomes = [{"method": "adam", "lr": lr, "seed": 0, "accuracy": a} for lr, a in tried.items()]
        >>> [trial["lr"] for trial in wider_trials(plan, outcomes)]
        [0.0002]
    """
    limit, further = plan.means.rates + plan.means.wider, []
    for method, tried in _by_rate(outcomes).items():
        best, ordered = _ranked(tried)[0], sorted(tried)
        if len(tried) < limit and best in (ordered[0], ordered[-1]):
            further.append(_trial(plan, method, neighbour(best, up=best == ordered[-1]), 0))
    return further


def neighbour(lr: float, up: bool) -> float:
    """The next rate in the row 1, 2, 5, 10, …

    Args:
        lr: a rate in that row.
        up: whether the larger or the smaller one.

    Examples:
        >>> neighbour(0.5, up=True), neighbour(0.2, up=True), neighbour(0.001, up=False)
        (1.0, 0.5, 0.0005)
    """
    digits, exponent = f"{lr:.0e}".split("e")
    row = {"1": ("5e-1", "2"), "2": ("1", "5"), "5": ("2", "1e1")}
    step, _, shift = row[digits][up].partition("e")
    return float(f"{step}e{int(exponent) + int(shift or 0)}")


def finalist_trials(plan: Plan, outcomes: list[dict]) -> list[dict]:
    """The best rates of each method with the seeds that they have not run with.

    Args:
        plan: the comparison.
        outcomes: of all trials with seed 0.

    Examples:
        >>> plan = Plan("mlp", ("adam",), "small")
        >>> outcomes = [{"method": "adam", "lr": lr, "seed": 0, "accuracy": 90 + lr} for lr in (1, 2, 5)]
        >>> [(trial["lr"], trial["seed"]) for trial in finalist_trials(plan, outcomes)]
        [(5, 1), (5, 2), (2, 1), (2, 2)]
    """
    return [
        _trial(plan, method, lr, seed)
        for method, best in finalists(outcomes).items()
        for lr in best
        for seed in range(1, plan.means.seeds[0])
    ]


def finalists(outcomes: list[dict]) -> dict[str, list[float]]:
    """For each method the rates that are best with one seed, the best first.

    Args:
        outcomes: of all trials with seed 0.
    """
    return {method: _ranked(tried)[:FINALISTS] for method, tried in _by_rate(outcomes).items()}


def chosen_rates(outcomes: list[dict]) -> dict[str, float]:
    """For each method, of the rates with the most seeds, the one with the best mean validation accuracy.

    Of equally good ones it is the smallest.

    Args:
        outcomes: of all tuning trials, each with `method`, `lr` and `accuracy`.

    Examples:
        >>> tried = [(0.1, 60.0), (0.2, 62.0), (0.5, 62.0), (1.0, 10.0)]
        >>> chosen_rates([{"method": "sgd", "lr": lr, "accuracy": a} for lr, a in tried])
        {'sgd': 0.2}
    """
    chosen = {}
    for method, tried in _by_rate(outcomes).items():
        most = max(map(len, tried.values()))
        chosen[method] = _ranked({lr: some for lr, some in tried.items() if len(some) == most})[0]
    return chosen


def _by_rate(outcomes: list[dict]) -> dict[str, dict[float, list[float]]]:
    """Method → rate → accuracies, one a seed."""
    found: dict[str, dict[float, list[float]]] = {}
    for outcome in outcomes:
        found.setdefault(outcome["method"], {}).setdefault(outcome["lr"], []).append(outcome["accuracy"])
    return found


def _ranked(tried: dict[float, list[float]]) -> list[float]:
    """Rates, the best mean first; of equally good ones the smallest."""
    return sorted(tried, key=lambda lr: (-mean(tried[lr]), lr))


def _middle(every: Sequence[float], count: int) -> list[float]:
    first = (len(every) - count) // 2
    return list(every[first : first + count])


def _trial(plan: Plan, method: str, lr: float, seed: int) -> dict:
    return trial_of(plan, method, lr, TUNED, seed, "validation")
