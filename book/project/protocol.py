"""The protocol of the comparison, as data: what is tried, what is chosen by what, and what is reported."""

from collections.abc import Callable
from dataclasses import dataclass

from book.errors import BookError, known
from book.optim.schedules import Schedule, constant
from book.project.methods import COMPARED, default_rate
from book.project.tasks import TASKS

VERSION = 1  # of what a result means: results of different versions are not compared
WARMUP = 0.15  # share of the steps
FIRST_FINAL_SEED = 100  # no trial that chose a rate has seen this one or a later one


@dataclass(frozen=True)
class Budget:
    """How much is spent on each method; every method gets the same.

    Args:
        scale: of the data, "sample" or "full".
        rates: how many of each method's rates are tried, from the middle of its search space.
        seeds: of the trials that choose the rate, of the final runs with it, and of those with the defaults.
        epochs: for each task that the budget is made for: of a trial, and of a final run.
        engine: of the optimizers; compiling takes seconds, which short runs do not win back.
        keep: whether each run leaves checkpoints, from which it goes on after an interruption.
    """

    scale: str
    rates: int
    seeds: tuple[int, int, int]
    epochs: dict[str, tuple[int, int]]
    engine: str = "compiled"
    keep: bool = False


BUDGETS = {
    "tiny": Budget("sample", 2, (1, 2, 2), dict.fromkeys(TASKS, (1, 1)), engine="eager"),
    "small": Budget(
        "sample", 8, (1, 3, 3), {"mlp": (10, 10), "cnn": (10, 10), "vgg13": (3, 6), "vgg13-plain": (3, 6)}
    ),
    "one-pass": Budget("full", 3, (1, 3, 2), dict.fromkeys(("vgg13", "vgg13-plain"), (1, 1))),
    "medium": Budget("full", 8, (1, 5, 3), {"mlp": (10, 10), "cnn": (2, 6)}),
    "full": Budget(
        "full",
        8,
        (1, 10, 10),
        {"mlp": (20, 20), "cnn": (40, 40), "vgg13": (60, 60), "vgg13-plain": (60, 60)},
        keep=True,
    ),
}


@dataclass(frozen=True)
class Plan:
    """One comparison: names of a task, of the methods and of a budget.

    Raises:
        BookError: there is none of that name, a method is named twice, or the budget is for other tasks.

    Examples:
        >>> Plan("cnn", ("adam", "momentun"), "small")
        Traceback (most recent call last):
        book.errors.BookError: There is no optimizer 'momentun'; did you mean 'momentum'?
    """

    task: str
    methods: tuple[str, ...]
    budget: str

    def __post_init__(self):
        known(self.task, "task", TASKS)
        known(self.budget, "budget", BUDGETS)
        for name in self.methods:
            known(name, "optimizer", COMPARED)
        if not self.methods or len(set(self.methods)) < len(self.methods):
            raise BookError(f"Name each optimizer once: {', '.join(COMPARED)}.")
        if self.task not in self.means.epochs:
            *others, last = [name for name, budget in BUDGETS.items() if self.task in budget.epochs]
            raise BookError(
                f"The budget {self.budget!r} is not made for {self.task}; "
                f"choose {', '.join(others)} or {last}."
            )

    @property
    def means(self) -> Budget:
        """What the name of the budget stands for."""
        return BUDGETS[self.budget]

    @property
    def study(self) -> str:
        """The name under which trials are kept: those of one name may be mixed."""
        return f"compare-{self.task}-{self.budget}-protocol-{VERSION}"


def warmup_linear(total_steps: int) -> Schedule:
    """A straight rise to 1 over the first 15 % of the steps, then straight down to 0 after the last one.

    Args:
        total_steps: at least 1.

    Examples:
        >>> [round(warmup_linear(20)(t), 3) for t in (0, 1, 2, 3, 19, 20)]
        [0.333, 0.667, 1.0, 1.0, 0.059, 0.0]
    """
    warmup = round(WARMUP * total_steps)
    return lambda t: (t + 1) / warmup if t < warmup else (total_steps - t) / (total_steps - warmup)


SCHEDULES: dict[str, Callable[[int], Schedule]] = {
    "warm-up and linear decay": warmup_linear,
    "constant": lambda steps: constant(),
}
TUNED, UNTUNED = SCHEDULES


def rates(method: str, budget: str) -> list[float]:
    """The rates of a method that a budget tries.

    Args:
        method, budget: their names.

    Examples:
        >>> rates("sgd", "tiny")
        [0.1, 0.2]
    """
    every, count = COMPARED[method].rates, BUDGETS[budget].rates
    first = (len(every) - count) // 2
    return list(every[first : first + count])


def tuning_trials(plan: Plan) -> list[dict]:
    """The trials that choose the rate: each method with each of its rates, judged on validation images.

    Args:
        plan: the comparison.

    Examples:
        >>> for trial in tuning_trials(Plan("mlp", ("adam",), "tiny")):
        ...     print(trial["lr"], trial["seed"], trial["judged_on"])
        0.001 0 validation
        0.002 0 validation
    """
    return [
        _trial(plan, method, lr, TUNED, seed, "validation")
        for method in plan.methods
        for lr in rates(method, plan.budget)
        for seed in range(plan.means.seeds[0])
    ]


def chosen_rates(outcomes: list[dict]) -> dict[str, float]:
    """For each method the rate with the best mean validation accuracy; of equally good ones the smallest.

    Args:
        outcomes: of the tuning trials, each with `method`, `lr` and `accuracy`.

    Examples:
        >>> tried = [(0.1, 60.0), (0.2, 62.0), (0.5, 62.0), (1.0, 10.0)]
        >>> chosen_rates([{"method": "sgd", "lr": lr, "accuracy": a} for lr, a in tried])
        {'sgd': 0.2}
    """
    found: dict[str, dict[float, list[float]]] = {}
    for outcome in outcomes:
        found.setdefault(outcome["method"], {}).setdefault(outcome["lr"], []).append(outcome["accuracy"])
    return {
        method: min(by_rate, key=lambda lr, by_rate=by_rate: (-sum(by_rate[lr]) / len(by_rate[lr]), lr))
        for method, by_rate in found.items()
    }


def final_trials(plan: Plan, chosen: dict[str, float]) -> list[dict]:
    """The runs that are reported: the chosen rate, and torch's defaults at a constant rate; fresh seeds, all
    training images, judged on the test images.

    Args:
        plan: the comparison.
        chosen: the rate of each method.

    Examples:
        >>> for trial in final_trials(Plan("mlp", ("sgd",), "tiny"), {"sgd": 0.2}):
        ...     print(trial["lr"], trial["schedule"], trial["seed"], trial["judged_on"])
        0.2 warm-up and linear decay 100 test
        0.2 warm-up and linear decay 101 test
        0.001 constant 100 test
        0.001 constant 101 test
    """
    return [
        _trial(plan, method, lr, schedule, FIRST_FINAL_SEED + index, "test")
        for method in plan.methods
        for lr, schedule, seeds in zip(
            (chosen[method], default_rate(method)), SCHEDULES, plan.means.seeds[1:], strict=True
        )
        for index in range(seeds)
    ]


def _trial(plan: Plan, method: str, lr: float, schedule: str, seed: int, judged_on: str) -> dict:
    return {
        "method": method,
        "lr": lr,
        "schedule": schedule,
        "seed": seed,
        "epochs": plan.means.epochs[plan.task][judged_on == "test"],
        "judged_on": judged_on,
    }
