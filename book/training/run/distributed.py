"""One network trained by several processes, each on its part of every batch: what `torchrun` starts."""

import os
import re
from collections.abc import Generator
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from book.errors import BookError

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)
# Models of this process's team, kept to its end. One that is deleted early joins gloo's thread with Python's
# lock held, while that thread may want the lock to let go of its last tensors: then both wait for ever.
ALIVE: list[nn.Module] = []
PATIENCE = timedelta(minutes=10)  # how long a member waits for one that does not answer


@dataclass(frozen=True)
class Member:
    """One of the processes that train together.

    Args:
        rank: its number, from 0 on.
        size: how many there are.
        device: where this one computes.
    """

    rank: int
    size: int
    device: torch.device

    def spread(self, model: nn.Module) -> nn.Module:
        """The same model, which passes only this member's part of each batch through the network.

        From the same inputs on every member it computes the same logits on every member: those of the whole
        batch. So a loss, a training loop and a test that know nothing of the others are right as they are,
        and every member must take part in each of them. The gradients are those of one process too.

        Args:
            model: maps inputs (B, ...) to logits (B, classes); on the member's device. All members start from
                the first one's parameters.

        Returns:
            For a member on its own, the model itself.

        Raises:
            BookError: the model normalises batches, and the members share CPUs.
        """
        if self.size == 1:
            return model
        if any(isinstance(part, BATCH_NORMS) for part in model.modules()):
            if self.device.type != "cuda":
                raise BookError(
                    "Batch normalisation needs the whole batch's mean, which torch shares among GPUs only. "
                    "Train on GPUs, in one process, or without it: vgg13(batch_norm=False), task vgg13-plain."
                )
            model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
        spread = Spread(model)
        spread.register_comm_hook(None, _add_up)
        ALIVE.append(spread)
        return spread


class Spread(DistributedDataParallel):
    """A model that passes its member's part of each batch through the network and shares the logits."""

    def forward(self, inputs: Tensor) -> Tensor:
        """The logits (B, classes) of all inputs (B, ...), the same on every member."""
        rank, size = distributed.get_rank(), distributed.get_world_size()
        mine = slice(len(inputs) * rank // size, len(inputs) * (rank + 1) // size)
        return _Gather.apply(super().forward(inputs[mine]), mine, len(inputs))

    def state_dict(self, *args, **kwargs) -> dict:
        """The network's own, for one process to load too."""
        return self.module.state_dict(*args, **kwargs)

    def load_state_dict(self, *args, **kwargs):
        """Take up the network's own."""
        return self.module.load_state_dict(*args, **kwargs)


class _Gather(torch.autograd.Function):
    """From each member's logits those of the whole batch; back, each takes its own ones' gradient."""

    @staticmethod
    def forward(ctx, logits: Tensor, mine: slice, count: int) -> Tensor:
        ctx.mine = mine
        whole = logits.new_zeros(count, *logits.shape[1:])
        whole[mine] = logits
        distributed.all_reduce(whole)  # adds zeros: exact
        return whole

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None]:
        return gradient[ctx.mine], None, None


def _add_up(_, bucket: distributed.GradBucket) -> torch.futures.Future[Tensor]:
    """Add up the members' gradients, each tensor by itself.

    In one message with others the order of its sums would follow from how torch packs them, and after its
    first step a process packs anew: a run that is taken up would round in another way.
    """
    total = bucket.buffer()
    sums = [distributed.all_reduce(gradient, async_op=True) for gradient in bucket.gradients()]
    if total.is_cuda:  # one stream: the last one ends last
        return sums[-1].get_future().then(lambda _: total)
    for each in sums:
        each.wait()
    done = torch.futures.Future()
    done.set_result(total)
    return done


@contextmanager
def team() -> Generator[Member]:
    """Join the processes that `torchrun` started; without it, be a team of one.

    Only the first member's prints are seen. Start a script of yours with two processes by
    `torchrun --nproc-per-node 2 script.py`, one for each GPU where there are any.

    Yields:
        Who this process is.

    Raises:
        BookError: the machine has fewer GPUs than processes; or another member has ended or does not answer.

    Examples:
        >>> with team() as member:
        ...     model = member.spread(nn.Linear(3, 2).to(member.device))
        ...     member.rank, member.size
        (0, 1)
    """
    rank, size = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    device = _device(int(os.environ.get("LOCAL_RANK", 0)))
    if size == 1:
        yield Member(rank, size, device)
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere) if rank else nullcontext():
            yield Member(rank, size, device)
    except RuntimeError as error:
        if not _is_of_the_network(error):
            raise
        raise BookError(
            f"Process {rank} of {size} has lost another one, which ended or gave no answer for "
            f"{PATIENCE.total_seconds():g} seconds. Start all of them again; a run that is kept goes on "
            "from its last checkpoint."
        ) from error
    finally:
        distributed.destroy_process_group()


def is_first() -> bool:
    """Whether this process is the one that prints, shows progress and writes files.

    Examples:
        >>> is_first()
        True
    """
    return rank() == 0


def rank() -> int:
    """The number of this process in its team, 0 where there is none.

    Examples:
        >>> rank()
        0
    """
    return distributed.get_rank() if distributed.is_initialized() else 0


def describe(model: nn.Module) -> str:
    """A model in torch's words, the same ones in one process and in a team.

    Examples:
        >>> describe(nn.SyncBatchNorm(2)) == describe(nn.BatchNorm2d(2))
        True
    """
    network = model.module if isinstance(model, Spread) else model
    return re.sub(r" at 0x[0-9a-f]+", "", repr(network)).replace("SyncBatchNorm(", "BatchNorm2d(")


def _is_of_the_network(error: RuntimeError) -> bool:
    """Whether a call that all members share failed; gloo's errors have no type of their own."""
    return isinstance(error, distributed.DistError) or "/gloo/" in str(error)


def _device(place: int) -> torch.device:
    """The device of a machine's process number `place`."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    if place >= (count := torch.cuda.device_count()):
        raise BookError(f"There are more processes than GPUs here: start --nproc-per-node {count}.")
    torch.cuda.set_device(place)
    return torch.device("cuda", place)
