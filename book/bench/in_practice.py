"""Six methods on three problems, at equal steps and at equal seconds, by the comparison's own protocol."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from book import results
from book.bench.harness import one_thread, record, significant
from book.bench.in_practice_runs import one_run
from book.errors import known
from book.project.in_practice_methods import ENTRANTS, seconds_of
from book.project.in_practice_tasks import PROBLEMS, Material
from book.project.intervals import LEVEL, mean_interval, paired_interval
from book.project.protocol import FIRST_FINAL_SEED, TUNED, Budget, Plan, trial_of
from book.project.rate_search import chosen_rates, finalist_trials, first_trials, wider_trials
from book.project.summary import pairwise_p
from book.project.tasks import splits
from book.project.work_queue import run_trials

STORAGE = Path("_runs")
LONGER = 2.5  # how many times as long as its run of equal steps momentum runs where seconds are equal
SECONDS = "step-seconds"  # the result that says what a step takes
LENGTHS = ("steps", "seconds")
BUDGETS = {
    "tiny": Budget("sample", 2, 0, (1, 2, 0), {}),
    "autoencoder": Budget("full", 4, 2, (1, 5, 0), {}),
    "mlp": Budget("full", 4, 2, (1, 4, 0), {}),
    "cnn": Budget("full", 4, 2, (1, 5, 0), {}),
}


@dataclass(frozen=True)
class StepPlan(Plan):
    """A comparison whose runs are counted in steps.

    Args:
        task: a name in `PROBLEMS`.
        methods: names in `ENTRANTS`.
        budget: a name in `BUDGETS`.
    """

    def __post_init__(self):
        known(self.task, "problem", PROBLEMS)
        known(self.budget, "budget", BUDGETS)
        for name in self.methods:
            known(name, "method", ENTRANTS)

    @property
    def means(self) -> Budget:
        """What the name of the budget stands for."""
        return BUDGETS[self.budget]

    @property
    def table(self) -> Mapping[str, Any]:
        """The six methods."""
        return ENTRANTS

    def length(self, judged_on: str) -> dict[str, Any]:
        """As many steps as the problem's runs have."""
        return {"problem": self.task, "steps": PROBLEMS[self.task].steps, "evaluations": None}


@one_thread()
def run(store: bool, problem: str) -> dict:
    """Search each method's dial, run the best value with fresh seeds, print the ends, store them if asked to.

    What is finished is kept in `_runs`, and is not run again. The lengths of the runs of equal seconds come
    from the stored result `step-seconds`, which is measured before.

    Args:
        store: whether to write `assets/results/in-practice-PROBLEM.json`.
        problem: a name in `PROBLEMS`.
    """
    cost = results.load(SECONDS)["results"]["problems"][problem]
    found = compared(StepPlan(problem, tuple(ENTRANTS), problem), cost)
    return record(f"in-practice-{problem}", {"longer": LONGER, "level": LEVEL} | found, store)


autoencoder, mlp, cnn = (partial(run, problem=name) for name in PROBLEMS)


def compared(plan: StepPlan, cost: dict) -> dict:
    """One problem: what was tried, what was chosen, and how it ended at equal steps and at equal seconds.

    Args:
        plan: which methods, with which budget.
        cost: of each method, seconds of each kind of work, as in the result `step-seconds`.
    """
    problem = PROBLEMS[plan.task]
    parts = splits(problem.data, plan.means.scale)
    data = problem.material(parts)
    tuning = searched(plan, data)
    chosen = chosen_rates(tuning)
    long = {method: in_seconds(method, problem.steps, cost) for method in plan.methods}
    finals = {length: _finals(plan, data, chosen, long if length == "seconds" else {}) for length in LENGTHS}
    rows = {length: summed_up(plan, ends) for length, ends in finals.items()}
    for length, ends in rows.items():
        print(
            f"{problem.title}, equal {length}:", *(_line(name, row) for name, row in ends.items()), sep="\n  "
        )
    return {
        "title": problem.title,
        "images": {name: len(part) for name, part in parts._asdict().items()},
        "batch": problem.batch,
        "large": problem.large,
        "parameters": sum(parameter.numel() for parameter in problem.network(0).parameters()),
        "methods": {
            name: {"title": ENTRANTS[name].title, "dial": ENTRANTS[name].dial, "fixed": ENTRANTS[name].fixed}
            for name in plan.methods
        },
        "chosen": chosen,
        "tuning": [_stored(trial, "lr", "seed", "score", "diverged") for trial in tuning],
        **rows,
    }


def searched(plan: StepPlan, data: Material) -> list[dict]:
    """The trials that choose each dial's value, with their outcomes: the comparison's search.

    Args:
        plan: which methods, with which budget.
        data: of the problem.
    """
    tuning = finished(plan, first_trials(plan), data)
    while further := [t for t in wider_trials(plan, tuning) if t["lr"] >= ENTRANTS[t["method"]].least]:
        tuning += finished(plan, further, data)
    return tuning + finished(plan, finalist_trials(plan, tuning), data)


def finished(plan: StepPlan, trials: list[dict], data: Material) -> list[dict]:
    """Trials with their outcomes; only what is missing runs."""

    def one(trial: dict, folder: Path) -> dict:
        outcome = one_run(trial, data)
        print(
            f"{trial['problem']} {trial['method']} {trial['lr']:g}, seed {trial['seed']}, "
            f"{outcome['steps']} steps: {outcome['score']:g}",
            flush=True,
        )
        return outcome

    outcomes = run_trials(STORAGE, f"in-practice-{plan.budget}-{plan.task}", trials, one)
    return [trial | outcome for trial, outcome in zip(trials, outcomes, strict=True)]


def in_seconds(method: str, steps: int, cost: dict) -> dict[str, int | None]:
    """How long a run of a method is that takes the seconds of `LONGER` times so many steps of momentum.

    Args:
        method: a name in `ENTRANTS`.
        steps: of a run of equal steps.
        cost: as for `compared`.

    Examples:
        >>> cost = {"momentum": {"step": 1}, "lbfgs": {"evaluation": 5}, "kfac": {"step": 1, "refresh": 6}}
        >>> in_seconds("lbfgs", 10, cost), in_seconds("kfac", 10, cost)
        ({'steps': None, 'evaluations': 5}, {'steps': 10, 'evaluations': None})
    """
    limit = LONGER * steps * cost["momentum"]["step"]
    if method == "lbfgs":
        return {"steps": None, "evaluations": int(limit / cost[method]["evaluation"])}
    longest = 0
    while seconds_of(method, longest + 1, 0, cost) <= limit:
        longest += 1
    return {"steps": longest, "evaluations": None}


def summed_up(plan: StepPlan, ends: list[dict]) -> dict[str, dict]:
    """For each method its runs' ends, their mean with its interval, and the paired difference to the best.

    The difference has Bonferroni's correction for all pairs of methods, its p Holm's, as in the comparison.

    Args:
        plan: which methods.
        ends: of the final runs of one length.
    """
    of = {name: [end for end in ends if end["method"] == name] for name in plan.methods}
    scores = {name: [end["score"] for end in some] for name, some in of.items()}
    best, p = max(scores, key=lambda name: statistics.mean(scores[name])), pairwise_p(scores)
    level = 1 - (1 - LEVEL) / len(p)
    return {
        name: {
            "scores": scores[name],
            "losses": [end["loss"] for end in some],
            "steps": [end["steps"] for end in some],
            "evaluations": [end["evaluations"] for end in some],
            "mean": [significant(value) for value in mean_interval(scores[name])],
            "to_best": [significant(value) for value in paired_interval(scores[name], scores[best], level)],
            "p": 1.0 if name == best else significant(p[frozenset((name, best))]),
            "marks": [end["marks"] for end in some],
        }
        for name, some in of.items()
    }


def _finals(plan: StepPlan, data: Material, chosen: dict[str, float], long: dict[str, dict]) -> list[dict]:
    """The runs with the chosen values, fresh seeds, judged on the test images."""
    trials = [
        trial_of(plan, name, chosen[name], TUNED, FIRST_FINAL_SEED + number, "test") | long.get(name, {})
        for name in plan.methods
        for number in range(plan.means.seeds[1])
    ]
    return finished(plan, trials, data)


def _stored(trial: dict, *keys: str) -> dict:
    return {"method": trial["method"]} | {key: trial[key] for key in keys}


def _line(name: str, row: dict) -> str:
    mean, half = row["mean"]
    return (
        f"{name:12s}{mean:9.4f} ± {half:.4f}, to the best {row['to_best'][0]:+.4f} ± {row['to_best'][1]:.4f}"
    )
