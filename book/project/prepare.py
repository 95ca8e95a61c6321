"""How every run of the project is put together: network, batches, optimizer and schedule."""

from functools import partial
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from book.errors import BookError
from book.optim import Rule
from book.project.methods import COMPARED
from book.project.protocol import SCHEDULES
from book.project.tasks import Task, precision
from book.training.data.batches import Batches
from book.training.data.load import Data
from book.training.run.distributed import Member
from book.training.run.fit import fit
from book.training.run.history import History


def prepare(
    trial: dict, task: Task, data: Data, member: Member, engine: str = "compiled"
) -> partial[History]:
    """Put a run together, ready to start.

    Args:
        trial: with `method`, `lr`, `schedule`, `seed` and `epochs`.
        task: what is trained.
        data: on what.
        member: the process that trains, and where it computes.
        engine: of the optimizer.

    Returns:
        `fit`, which lacks only its options: `test`, `keep` and `progress`.

    Raises:
        BookError: the rate is outside the method's range, or as for `Member.spread`.

    Examples:
        >>> from book.project.tasks import TASKS
        >>> from book.training.data.load import load
        >>> data, test = load("mnist")
        >>> trial = {"method": "sgd", "lr": 0.1, "schedule": "constant", "seed": 0, "epochs": 1}
        >>> run = prepare(trial, TASKS["mlp"], data, Member(0, 1, torch.device("cpu")), "eager")
        >>> len(run(test=test).losses)
        12
    """
    rounded = precision(member.device.type)
    batches = Batches(
        data, task.batch_size, task.augment, trial["seed"], member.device, getattr(torch, rounded)
    )
    model = task.network(trial["seed"])
    # pyrefly: ignore[no-matching-overload]  torch's types leave out `memory_format`
    model = member.spread(model.to(member.device, memory_format=torch.channels_last))
    optimizer = _optimizer(trial, model, engine)
    scheduler = LambdaLR(optimizer, SCHEDULES[trial["schedule"]](trial["epochs"] * len(batches)))
    return partial(fit, model, batches, optimizer, trial["epochs"], scheduler=scheduler, precision=rounded)


def _optimizer(trial: dict, model: nn.Module, engine: str) -> Rule:
    """The method's, with one sentence where the rate is outside its range."""
    method = COMPARED[trial["method"]]
    settings: dict[str, Any] = method.fixed | {"lr": trial["lr"], "engine": engine}
    try:
        return method.make(model.parameters(), **settings)
    except ValueError as error:
        raise BookError(str(error)) from None
