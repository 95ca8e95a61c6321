"""How long a comparison will take here, from a few steps and a few tests of its network."""

from dataclasses import dataclass
from math import ceil
from time import perf_counter

import torch

from book.project.declaration import trial_counts
from book.project.prepare import prepare
from book.project.protocol import Plan
from book.project.rate_search import first_trials
from book.project.tasks import TASKS, Splits, device
from book.training.run.distributed import Member
from book.training.run.loop import AT_ONCE, evaluate

STEPS = 4  # that are timed, after as many that warm up


@dataclass(frozen=True)
class Cost:
    """What one step and the test of one image take here, in seconds."""

    step: float
    image: float


def measured_cost(plan: Plan, data: Splits) -> Cost:
    """Time a few steps of the plan's first trial, and one test; the second time counts.

    Args:
        plan: the comparison.
        data: the task's.
    """
    task, trial = TASKS[plan.task], first_trials(plan)[0] | {"epochs": 1}
    few, tested = data.tuning[: STEPS * task.batch_size], data.validation[:AT_ONCE]
    for _ in range(2):
        run = prepare(trial, task, few, Member(0, 1, torch.device(device())), plan.means.engine)
        history = run()
        start = perf_counter()
        evaluate(run.args[0], tested)
        image = (perf_counter() - start) / len(tested)
    return Cost(history.seconds[0] / len(history.losses), image)


def most_hours(declared: dict, cost: Cost, workers: int = 1) -> float:
    """The hours that a comparison takes if every search is widened to its limit.

    Args:
        declared: by `declare`.
        cost: of a step and of a tested image.
        workers: processes that share the work, each as fast as this one is now.

    Examples:
        >>> from book.project.declaration import declare
        >>> from book.project.tasks import splits
        >>> declared = declare(Plan("mlp", ("adam",), "tiny"), splits("mnist", "sample"))
        >>> most_hours(declared, Cost(step=60.0, image=0.0))  # 4 trials and 4 runs of 10 steps, a minute each
        1.3333333333333333
    """
    images, epochs = declared["images"], declared["epochs"]
    runs = len(declared["methods"]) * (len(declared["seeds"]["final"]) + len(declared["seeds"]["defaults"]))
    passes = trial_counts(declared)[1] * epochs["tuning"] + runs * epochs["final"]
    seconds = passes * ceil(images["tuning"] / declared["batch_size"]) * cost.step
    seconds += (passes * images["validation"] + runs * images["test"]) * cost.image
    return seconds / workers / 3600


def describe_cost(declared: dict, cost: Cost, workers: int = 1) -> str:
    """The estimate in a line, to be read before the run.

    Args:
        declared, cost, workers: as for `most_hours`.
    """
    hours = most_hours(declared, cost, workers)
    time = f"{hours:.1f} hours" if hours >= 1 else f"{max(1, round(60 * hours))} min"
    return (
        f"At most about {time} here, with {workers} process{'es' * (workers > 1)} and "
        f"{1000 * cost.step:.3g} ms a step, less what is finished already."
    )
