"""One trial: a network trained by a method at a rate, and what is kept of it."""

import shutil
from math import isfinite
from pathlib import Path

import numpy as np
import torch

from book.project.failures import CHANCE, failed
from book.project.predictions import predict, to_text
from book.project.prepare import prepare
from book.project.protocol import Plan
from book.project.tasks import TASKS, Splits, device, precision
from book.provenance import commit, processor
from book.training.run.checkpoint import Keep
from book.training.run.distributed import Member
from book.training.run.history import History

POINTS = 50  # of a curve of training losses
EVERY = 1_000  # steps between two checkpoints


def run_trial(plan: Plan, trial: dict, data: Splits, folder: Path) -> dict:
    """Train once and say how it went, in plain values.

    Every run trains on the same images and is watched on the held-out ones. A final run sees the test images
    once, after its last epoch.

    Args:
        plan: the comparison that the trial belongs to.
        trial: of `first_trials`, `wider_trials`, `finalist_trials` or `final_trials`.
        data: the task's.
        folder: the trial's own, where a long run keeps its checkpoints until it is finished.

    Returns:
        `accuracy` in per cent, after the last epoch, on the images that the trial is judged on; `accuracies`
        of the validation images, after each epoch; `loss`, the mean training loss of the last epoch, and
        `losses`, at most 50 means along the way; `diverged`, and `failed`, which counts guesses too; `steps`
        and `seconds` of training; of a final run its `predictions` as text; device, precision and commit.

    Examples:
        >>> from book.project.rate_search import first_trials
        >>> from book.project.tasks import splits
        >>> plan = Plan("mlp", ("adam",), "tiny")
        >>> outcome = run_trial(plan, first_trials(plan)[0], splits("mnist", "sample"), Path("unused"))
        >>> outcome["steps"], outcome["accuracy"] > 50, outcome["failed"]
        (10, True, False)
    """
    here = device()
    run = prepare(trial, TASKS[plan.task], data.tuning, Member(0, 1, torch.device(here)), plan.means.engine)
    kept = folder / "checkpoints"
    history = run(test=data.validation, keep=_keep(kept) if plan.means.keep else None)
    outcome = _outcome(history, trial["epochs"])
    judged = data.validation
    if trial["judged_on"] == "test":
        judged = data.test
        outcome |= _tested(run.args[0], data, precision(here))
    shutil.rmtree(kept, ignore_errors=True)
    if failed(outcome["diverged"], outcome["accuracy"], len(judged)):
        outcome |= {"accuracy": CHANCE, "failed": True}
    return outcome | {"device": device_name(), "precision": precision(here), "commit": commit()}


def device_name() -> str:
    """The device on which trials run here, by its maker's name."""
    return torch.cuda.get_device_name() if device() == "cuda" else processor()


def curve(losses: list[float], points: int = POINTS) -> list[float]:
    """At most so many means of neighbouring losses, to three significant digits.

    Args:
        losses: of each step, finite.
        points: at least 1.

    Examples:
        >>> curve([4.0, 2.0, 1.0, 0.5], points=2)
        [3.0, 0.75]
    """
    return [
        _short(part.mean()) for part in np.array_split(losses, min(points, len(losses)) or 1) if part.size
    ]


def _keep(folder: Path) -> Keep:
    folder.mkdir(parents=True, exist_ok=True)
    return Keep(folder / "state.pt", every=EVERY)


def _tested(model: torch.nn.Module, data: Splits, rounded: str) -> dict:
    """What the trained network says of the test images."""
    said = predict(model, data.test, rounded)
    right = said == data.test.labels.numpy()
    return {"accuracy": round(100 * float(right.mean()), 2), "predictions": to_text(said)}


def _outcome(history: History, epochs: int) -> dict:
    finite = [loss for loss in history.losses if isfinite(loss)]
    diverged = len(finite) < len(history.losses) or not all(map(isfinite, history.test_losses))
    accuracies = [round(100 * accuracy, 2) for accuracy in history.test_accuracies]
    return {
        "accuracy": CHANCE if diverged else accuracies[-1],
        "loss": None if diverged else _short(float(np.mean(finite[-(len(finite) // epochs) :]))),
        "diverged": diverged,
        "failed": False,
        "steps": len(history.losses),
        "seconds": round(sum(history.seconds), 1),
        "accuracies": accuracies,
        "losses": curve(finite),
    }


def _short(value: float) -> float:
    return float(f"{value:.3g}")
