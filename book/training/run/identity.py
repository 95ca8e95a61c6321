"""Whether a checkpoint is of this very run: resumed into another one, it would be neither."""

import hashlib
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

import torch
from torch import Tensor

from book.errors import BookError
from book.optim.loading import KEPT
from book.training.data.load import Data
from book.training.run.distributed import describe
from book.training.run.state import Run

LOOKED_AT = 64  # images of the first batch that must be the same
DIGESTS = {
    "first batch": "the images of the first batch are others",
    "parameters": "the model does not start with the same parameters; make it, the optimizer and the "
    "scheduler anew, from the same seed",
}


def run_settings(run: Run, epochs: int, test: Data | None, compiled: bool) -> dict[str, str]:
    """What stays the same as a run goes on, as names and texts."""
    batches, scheduler = run.batches, run.scheduler
    inputs, labels = next(iter(batches.epoch(0)))
    facts: dict[str, object] = {
        "batch size": batches.batch_size,
        "the batches' seed": batches.seed,
        "augmentation": batches.augment,
        "number of batches": len(batches),
        "number of test images": 0 if test is None else len(test),
        "precision": run.precision.name,
        "compiled": compiled,
        "device": run.precision.device.type,
        "optimizer": type(run.optimizer).__name__,
        "scheduler": type(scheduler).__name__,
        "first batch": _digest([inputs[:LOOKED_AT], labels]),
        "model": describe(run.model),
    }
    return _texts(_shapes(run.model.state_dict()) | facts | _schedule(scheduler, epochs * len(batches)))


def condition(state: dict) -> dict[str, str]:
    """Parameters, hyperparameters and schedule in a state, as names and texts."""
    facts: dict[str, object] = {"parameters": _digest(state["model"].values())}
    for index, group in enumerate(state["optimizer"]["param_groups"]):
        facts |= {
            f"{name} of parameter group {index}": value for name, value in group.items() if name not in KEPT
        }
    return _texts(facts | {f"the scheduler's {k}": v for k, v in (state["scheduler"] or {}).items()})


def check_same_run(path: Path, saved: dict, settings: dict[str, str], here: dict[str, str]) -> None:
    """Refuse a checkpoint of another run.

    The run that asks stands where that of the checkpoint stood at its start, in a new process, or where the
    checkpoint left it, in a cell that is run again.

    Args:
        path: of the checkpoint, for the sentence.
        saved: what it holds.
        settings: of the run that asks.
        here: its present condition.

    Raises:
        BookError: something differs; the sentence says what.
    """
    shared = saved["settings"].keys() & settings.keys()  # a longer run knows more of its schedule
    then, asked = (
        {name: facts[name] for name in facts if name in shared} for facts in (saved["settings"], settings)
    )
    pairs = [(then, asked)]
    if here != condition(saved):
        pairs.append((saved["start"], here))
    for there, now in pairs:
        if there != now:
            raise BookError(
                f"The checkpoint {path} is of another run: {_difference(there, now)}. Choose another path, "
                "or delete it to start anew."
            )


def _difference(there: dict[str, str], here: dict[str, str]) -> str:
    name = next(name for name in there | here if there.get(name) != here.get(name))
    if name in DIGESTS:
        return DIGESTS[name]
    lines = zip_longest(*(facts.get(name, "missing").splitlines() for facts in (there, here)), fillvalue="")
    old, new = next((old.strip(), new.strip()) for old, new in lines if old != new)
    return f"{name} is {old} there and {new} here"


def _shapes(state: dict[str, Tensor]) -> dict[str, str]:
    return {name: f"{tuple(value.shape)} {value.dtype}" for name, value in state.items()}


def _schedule(scheduler, total: int) -> dict[str, float]:
    """What a LambdaLR's functions, which no state holds, say at some steps."""
    steps = sorted({round(1.2**k) for k in range(100)} | {0})
    return {
        f"the schedule's factor {index} at step {step}": factor(step)
        for index, factor in enumerate(getattr(scheduler, "lr_lambdas", []))
        for step in steps
        if step <= total
    }


def _texts(facts: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in facts.items()}


def _digest(tensors: Iterable[Tensor]) -> str:
    digest = hashlib.sha256()
    for tensor in tensors:
        entries = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        digest.update(entries.numpy().data)
    return digest.hexdigest()
