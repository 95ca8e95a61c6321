"""One trial: a network trained by a method at a rate, and what is kept of it."""

import shutil
from math import isfinite
from pathlib import Path

import numpy as np
import torch

from book.project.prepare import prepare
from book.project.protocol import Plan
from book.project.tasks import TASKS, Splits, device
from book.provenance import commit, processor
from book.training.run.checkpoint import Keep
from book.training.run.distributed import Member
from book.training.run.history import History

POINTS = 50  # of a curve of training losses
GUESS = 10.0  # per cent: what a network of ten classes has that diverged
EVERY = 1_000  # steps between two checkpoints


def run_trial(plan: Plan, trial: dict, data: Splits, folder: Path) -> dict:
    """Train once and say how it went, in plain values.

    Args:
        plan: the comparison that the trial belongs to.
        trial: of `tuning_trials` or `final_trials`.
        data: the task's.
        folder: the trial's own, where a long run keeps its checkpoints until it is finished.

    Returns:
        `accuracy` in per cent, after the last epoch, and `accuracies`, after each; `loss`, the mean training
        loss of the last epoch, and `losses`, at most 50 means along the way; `diverged`; `steps` and
        `seconds` of training; and which device and commit it ran on.

    Examples:
        >>> from book.project.protocol import tuning_trials
        >>> from book.project.tasks import splits
        >>> plan = Plan("mlp", ("adam",), "tiny")
        >>> outcome = run_trial(plan, tuning_trials(plan)[0], splits("mnist", "sample"), Path("unused"))
        >>> outcome["steps"], outcome["accuracy"] > 50, outcome["diverged"]
        (10, True, False)
    """
    tuning = trial["judged_on"] == "validation"
    train, test = (data.tuning, data.validation) if tuning else (data.train, data.test)
    run = prepare(trial, TASKS[plan.task], train, Member(0, 1, torch.device(device())), plan.means.engine)
    kept = folder / "checkpoints"
    history = run(test=test, keep=_keep(kept) if plan.means.keep else None)
    shutil.rmtree(kept, ignore_errors=True)
    return _outcome(history, trial["epochs"]) | {"device": device_name(), "commit": commit()}


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


def _outcome(history: History, epochs: int) -> dict:
    finite = [loss for loss in history.losses if isfinite(loss)]
    diverged = len(finite) < len(history.losses) or not all(map(isfinite, history.test_losses))
    accuracies = [round(100 * accuracy, 2) for accuracy in history.test_accuracies]
    return {
        "accuracy": GUESS if diverged else accuracies[-1],
        "loss": None if diverged else _short(float(np.mean(finite[-(len(finite) // epochs) :]))),
        "diverged": diverged,
        "steps": len(history.losses),
        "seconds": round(sum(history.seconds), 1),
        "accuracies": accuracies,
        "losses": curve(finite),
    }


def _short(value: float) -> float:
    return float(f"{value:.3g}")
