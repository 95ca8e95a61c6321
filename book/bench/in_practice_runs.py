"""One run of a method on a problem, counted in steps: load on the computer changes nothing in its outcome."""

import math
from collections.abc import Iterator
from itertools import count
from typing import Any

import torch
from torch import nn

from book.bench.harness import significant
from book.optim.full_batch import FullBatch
from book.project.in_practice_methods import ENTRANTS, closure_of, pace
from book.project.in_practice_tasks import PROBLEMS, Material, Part, Problem, judged
from book.project.protocol import SCHEDULES
from book.training.data.batches import generator_of, shuffled

WATCHED = 1000  # validation images of a mark
BROKEN = (FloatingPointError, torch.linalg.LinAlgError)  # what a method says of a run that has diverged


def one_run(trial: dict, data: Material) -> dict:
    """Train once and say how it went.

    Args:
        trial: with `problem`, `method`, `lr` (the dial's value), `schedule`, `seed`, `judged_on` and how long
            it is: `steps`, or for L-BFGS `evaluations`.
        data: of the problem.

    Returns:
        `score` and `loss` on the images that it is judged on; `accuracy`, which is the score by the name that
        the rate search reads; `steps`, `evaluations` of L-BFGS, `diverged`; of a final run `marks`, along the
        way on held-out images.
    """
    return trained(trial, data).outcome(data)


def trained(trial: dict, data: Material) -> "Watch":
    """Train once: the watch that looked on, with the model as it is at the end.

    Args:
        trial, data: as for `one_run`.
    """
    problem, entrant = PROBLEMS[trial["problem"]], ENTRANTS[trial["method"]]
    model = problem.network(trial["seed"])
    optimizer = entrant.optimizer(model, problem, trial["lr"])
    searched = isinstance(optimizer, FullBatch)
    batches = endless(data.tuning, problem.large if searched else problem.batch, trial["seed"])
    watch = Watch(problem, model, data, trial)
    try:
        (search_run if searched else paced_run)(trial, problem, model, optimizer, batches, watch)
    except BROKEN:
        watch.diverged = True
    return watch


def endless(part: Part, size: int, seed: int) -> Iterator[Part]:
    """The whole batches of one epoch after the other; what is left of an epoch is dropped.

    Args:
        part: what is trained on.
        size: of a batch.
        seed: of the order, which is that of `Batches`.
    """
    for epoch in count():
        order = shuffled(len(part.targets), generator_of(seed, epoch))
        for chosen in order.split(size):
            if len(chosen) == size:
                yield Part(part.inputs[chosen], part.targets[chosen])


class Watch:
    """Notes how a run goes: how far it is, and how it does on held-out images at marks along the way.

    Args:
        problem, model: of the run.
        data: of the problem.
        trial: of the run.
    """

    def __init__(self, problem: Problem, model: nn.Module, data: Material, trial: dict):
        self.problem, self.model, self.trial = problem, model, trial
        self.seen = Part(*(tensor[:WATCHED] for tensor in data.validation))
        self.diverged, self.steps, self.evaluations, self.marks = False, 0, 0, []
        self.length = trial["steps"] or trial["evaluations"]
        self.look()

    def look(self) -> None:
        """Note how the model does, if it is time."""
        gone = self.steps if self.trial["steps"] else self.evaluations
        if self.trial["judged_on"] != "test":
            return
        if gone * self.problem.marks < len(self.marks) * self.length:
            return
        loss, score = judged(self.problem, self.model, self.seen)
        self.marks.append(
            {
                "steps": self.steps,
                "evaluations": self.evaluations,
                "loss": significant(loss),
                "score": significant(score),
            }
        )

    @property
    def over(self) -> bool:
        """Whether the run is as long as it should be."""
        gone = self.steps if self.trial["steps"] else self.evaluations
        return self.diverged or gone >= self.length

    def outcome(self, data: Material) -> dict:
        """How the run ended."""
        images = data.test if self.trial["judged_on"] == "test" else data.validation
        loss, score = (math.nan, 0.0) if self.diverged else judged(self.problem, self.model, images)
        lost = self.diverged or not math.isfinite(loss)
        score = self.problem.failed if lost else significant(score)
        return {
            "score": score,
            "accuracy": score,
            "loss": None if lost else significant(loss),
            "diverged": lost,
            "steps": self.steps,
            "evaluations": self.evaluations,
            "marks": self.marks,
        }


def paced_run(
    trial: dict,
    problem: Problem,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Iterator[Part],
    watch: Watch,
) -> None:
    """Steps of a method with a rate, which follows the trial's schedule; one batch a step."""
    schedule = SCHEDULES[trial["schedule"]](trial["steps"])
    first: dict[str, Any] = dict(optimizer.param_groups[0])
    while not watch.over:
        batch = next(batches)
        pace(optimizer, first, schedule(watch.steps))
        # pyrefly: ignore[no-matching-overload]  torch's types ask for a float, its methods take a tensor
        loss = optimizer.step(closure_of(optimizer, model, problem, *batch))
        watch.steps += 1
        watch.diverged = not math.isfinite(loss.detach())
        watch.look()


def search_run(
    trial: dict,
    problem: Problem,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Iterator[Part],
    watch: Watch,
) -> None:
    """Iterations of L-BFGS, `max_iter` of them on a batch before the next one comes.

    A pair (s, y) is of two gradients on one batch; pairs of earlier batches are kept. Near the end of the run
    it stays on a batch for fewer.
    """
    while not watch.over:
        batch = next(batches)
        left = (trial["steps"] or 0) - watch.steps
        if not trial["steps"]:  # an iteration takes one evaluation, and now and then a few more
            left = max(1, 3 * (trial["evaluations"] - watch.evaluations) // 4)
        optimizer.param_groups[0]["max_iter"] = min(int(trial["lr"]), left)
        before = watch.evaluations
        # pyrefly: ignore[no-matching-overload]  torch's types ask for a float, its methods take a tensor
        loss = optimizer.step(closure_of(optimizer, model, problem, *batch))
        memory = next(iter(optimizer.state.values()))
        watch.steps, watch.evaluations = memory.get("step", 0), memory["evaluations"]
        watch.diverged = not math.isfinite(loss.detach()) or watch.evaluations > before + 100 * trial["lr"]
        watch.look()
