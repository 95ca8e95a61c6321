"""What a step of each method takes on each of the three problems, all side by side in one run."""

from collections.abc import Callable

import torch

from book.bench.harness import interleave, median, one_thread, paired_ratio, quartiles, record
from book.project.in_practice_methods import ENTRANTS, EVERY, closure_of
from book.project.in_practice_tasks import PROBLEMS, Part, Problem
from book.project.tasks import splits

ROUNDS = 15
SCALE = "full"
WARM = EVERY + 1  # steps before the first that is timed
KINDS = {  # method → kind of work → hyperparameters with which each step is of that kind
    "momentum": {"step": {}},
    "adamw": {"step": {}},
    "lbfgs": {"evaluation": {"max_iter": 1}},
    "kfac": {
        "step": {"factor_every": 10**9, "inverse_every": 10**9},
        "refresh": {"factor_every": 1, "inverse_every": 1},
    },
    "adahessian": {"step": {}},
    "shampoo": {"step": {}, "refresh": {"update_each": 1}},
}


@one_thread()
def run(store: bool) -> dict:
    """Time each kind of step on one core, all of them once a round, print the medians, store all if asked to.

    A step holds the passes through the network. K-FAC and Shampoo renew their matrices in some steps and use
    them in others; both kinds are timed. Of L-BFGS one iteration on its larger batch is timed and divided by
    the evaluations that it took.

    Args:
        store: whether to write `assets/results/step-seconds.json`.
    """
    found = {name: _timed(problem) for name, problem in PROBLEMS.items()}
    for name, kinds in found.items():
        print(name, {key: f"{row['seconds']:.2e} s, {row['in_steps']}" for key, row in kinds.items()})
    problems = {
        name: {
            method: {kind: kinds[f"{method} {kind}"]["seconds"] for kind in of}
            for method, of in KINDS.items()
        }
        for name, kinds in found.items()
    }
    return record("step-seconds", {"rounds": ROUNDS, "problems": problems, "details": found}, store)


def contestants(problem: Problem, part: Part) -> dict[str, Callable[[], int]]:
    """One step of each kind, each on a network of its own that has taken some; it counts its evaluations.

    Args:
        problem: which network and loss.
        part: at least as many examples as the larger batch has.
    """
    return {
        f"{method} {kind}": _step(problem, method, kind, options, part)
        for method, kinds in KINDS.items()
        for kind, options in kinds.items()
    }


def _step(problem: Problem, method: str, kind: str, options: dict, part: Part) -> Callable[[], int]:
    model = problem.network(0)
    few = ENTRANTS[method].rates[0]
    optimizer = ENTRANTS[method].optimizer(model, problem, few, **options)
    size = problem.large if method == "lbfgs" else problem.batch
    closure = closure_of(optimizer, model, problem, *(tensor[:size].clone() for tensor in part))

    def evaluations() -> int:
        memory = next(iter(optimizer.state.values()), {})
        return memory.get("evaluations", 0) if method == "lbfgs" else 0

    def step() -> int:
        before = evaluations()
        if method == "shampoo" and kind == "step":
            _between_refreshes(optimizer)
        # pyrefly: ignore[no-matching-overload]  torch's types ask for a float, its methods take a tensor
        optimizer.step(closure)
        return max(1, evaluations() - before)

    for _ in range(WARM):
        step()
    return step


def _between_refreshes(optimizer: torch.optim.Optimizer) -> None:
    """Let the next step be one that keeps its roots, once there are some."""
    for state in optimizer.state.values():
        if state["step"] > EVERY:
            state["step"] = EVERY + 1


def _timed(problem: Problem) -> dict[str, dict]:
    calls = contestants(problem, problem.part(splits(problem.data, SCALE).tuning[: problem.large]))
    taken: dict[str, list[int]] = {name: [] for name in calls}

    def counted(name: str) -> Callable[[], None]:
        return lambda: taken[name].append(calls[name]())

    seconds = interleave({name: counted(name) for name in calls}, ROUNDS)
    each = {
        name: [second / times for second, times in zip(values, taken[name][1:], strict=True)]
        for name, values in seconds.items()
    }
    return {
        name: {
            "seconds": median(values),
            "quartiles": quartiles(values),
            "in_steps": paired_ratio(values, each["momentum step"]),
        }
        for name, values in each.items()
    }
