"""The protocol of the comparison, as data: what is tried, what is chosen by what, and what is reported."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from book.errors import BookError, known
from book.optim.schedules import Schedule, constant
from book.project.methods import COMPARED, default_rate
from book.project.tasks import TASKS

VERSION = 2  # of what a result means: results of different versions are not compared
WARMUP = 0.15  # share of the steps
FIRST_FINAL_SEED = 100  # no trial that chose a rate has seen this one or a later one
FINALISTS = 2  # rates of each method that run with all seeds before one of them is chosen


@dataclass(frozen=True)
class Budget:
    """How much is spent on each method; every method gets the same.

    Args:
        scale: of the data, "sample" or "full".
        rates: how many of each method's rates are tried at first, from the middle of its search space.
        wider: how many more at most, one by one, while the best one lies at the edge of those tried.
        seeds: of the finalists' trials, of the final runs with the chosen rate, and of those with defaults.
        epochs: for each task that the budget is made for: of a trial, and of a final run.
        engine: of the optimizers; compiling takes seconds, which short runs do not win back.
        keep: whether each run leaves checkpoints, from which it goes on after an interruption.
        methods: that are compared where none are named; all of them by default.
    """

    scale: str
    rates: int
    wider: int
    seeds: tuple[int, int, int]
    epochs: dict[str, tuple[int, int]]
    engine: str = "compiled"
    keep: bool = False
    methods: tuple[str, ...] = tuple(COMPARED)


VGG = ("vgg13", "vgg13-plain")
BUDGETS = {
    "tiny": Budget("sample", 2, 0, (2, 2, 2), dict.fromkeys(TASKS, (1, 1)), engine="eager"),
    "small": Budget(
        "sample", 4, 4, (3, 3, 3), {"mlp": (10, 10), "cnn": (10, 10)} | dict.fromkeys(VGG, (3, 6))
    ),
    "one-pass": Budget("full", 4, 4, (3, 5, 2), dict.fromkeys(TASKS, (1, 1))),
    "colab": Budget(
        "full",
        4,
        2,
        (3, 3, 3),
        {"cnn": (2, 8)},
        keep=True,
        methods=("sgd", "momentum", "adam", "adamw"),
    ),
    "medium": Budget("full", 4, 4, (3, 5, 3), {"mlp": (10, 10), "cnn": (2, 6)}),
    "full": Budget(
        "full",
        8,
        3,
        (3, 10, 10),
        {"mlp": (20, 20), "cnn": (40, 40)} | dict.fromkeys(VGG, (60, 60)),
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
        if not self.methods:
            raise BookError(f"Name optimizers: {', '.join(COMPARED)}.")
        if twice := [name for name in self.methods if self.methods.count(name) > 1]:
            raise BookError(f"The optimizer {twice[0]!r} is named twice; name each one once.")
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
    def table(self) -> Mapping[str, Any]:
        """The methods that it knows, each with its `rates` and what is `fixed`."""
        return COMPARED

    def length(self, judged_on: str) -> dict[str, int]:
        """How long a run is, by what it is judged on."""
        return {"epochs": self.means.epochs[self.task][judged_on == "test"]}


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


def final_trials(plan: Plan, chosen: dict[str, float]) -> list[dict]:
    """The runs that are reported: the chosen rate, and torch's defaults at a constant rate; fresh seeds,
    judged on the test images after the last epoch.

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
        trial_of(plan, method, lr, schedule, FIRST_FINAL_SEED + index, "test")
        for method in plan.methods
        for lr, schedule, seeds in zip(
            (chosen[method], default_rate(method)), SCHEDULES, plan.means.seeds[1:], strict=True
        )
        for index in range(seeds)
    ]


def trial_of(plan: Plan, method: str, lr: float, schedule: str, seed: int, judged_on: str) -> dict:
    """One run as plain values: all that tells its outcome from another's of the same declaration.

    Args:
        plan: the comparison.
        method, lr, schedule, seed: of the run.
        judged_on: "validation" or "test".

    Examples:
        >>> trial_of(Plan("mlp", ("momentum",), "tiny"), "momentum", 0.1, TUNED, 0, "validation")["fixed"]
        {'momentum': 0.9}
    """
    return {
        "method": method,
        "fixed": plan.table[method].fixed,
        "lr": lr,
        "schedule": schedule,
        "seed": seed,
        **plan.length(judged_on),
        "judged_on": judged_on,
    }
