"""A run between two steps: everything that the rest of it follows from, as one dictionary and back."""

from dataclasses import asdict, dataclass, field
from math import isfinite
from time import perf_counter

import torch
from torch import Tensor, nn

from book.training.data.batches import Batches
from book.training.run.history import History
from book.training.run.precision import Precision


@dataclass
class Run:
    """Who trains on what, how far it is, and what it has seen.

    Args:
        model, batches, optimizer, scheduler: as for `fit`.
        precision: with the scale of float16's gradients.
        epoch, batch: number of the next batch, and of its epoch.
        started: when this epoch started, by `perf_counter`; earlier parts of it count as if just before.
        history: up to the last time that the losses were collected.
        pending: losses of the steps since, on the device.
    """

    model: nn.Module
    batches: Batches
    optimizer: torch.optim.Optimizer
    scheduler: torch.optim.lr_scheduler.LRScheduler | None
    precision: Precision
    epoch: int = 0
    batch: int = 0
    started: float = field(default_factory=perf_counter)
    history: History = field(default_factory=History)
    pending: list[Tensor] = field(default_factory=list)

    @property
    def steps(self) -> int:
        """How many have been taken."""
        return self.epoch * len(self.batches) + self.batch

    def collect(self) -> None:
        """Bring the pending losses into the history, up to the first that is not finite.

        The host waits for the device here, and at no other place between two tests.
        """
        if self.pending:
            losses = torch.stack(self.pending).tolist()
            wrong = next((i for i, loss in enumerate(losses) if not isfinite(loss)), len(losses))
            self.history.losses += losses[: wrong + 1]
            self.pending.clear()

    def next_epoch(self) -> None:
        """Go to the first batch of the next epoch."""
        self.history.ends.append(self.steps)
        self.epoch, self.batch = self.epoch + 1, 0

    def state(self) -> dict:
        """All that changes as the run goes on, in plain values and tensors."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler and self.scheduler.state_dict(),
            "scaler": self.precision.scaler and self.precision.scaler.state_dict(),
            "random": random_states(self.precision.device),
            "place": {"epoch": self.epoch, "batch": self.batch},
            "seconds": perf_counter() - self.started,
            "history": asdict(self.history),
        }

    def restore(self, state: dict) -> None:
        """Go back to a state, in place."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state["scheduler"])
        self.precision.load_state_dict(state["scaler"])
        set_random_states(state["random"], self.precision.device)
        self.epoch, self.batch = state["place"]["epoch"], state["place"]["batch"]
        self.started = perf_counter() - state["seconds"]
        self.history = History(**state["history"])


def random_states(device: torch.device) -> dict[str, Tensor]:
    """Where torch's random numbers are, on the CPU and on the device."""
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def set_random_states(states: dict[str, Tensor], device: torch.device) -> None:
    """Go back to where torch's random numbers were."""
    torch.set_rng_state(states["cpu"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(states["cuda"], device)
