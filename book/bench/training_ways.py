"""Ways to train a network: the plain one, by torchvision and torch.optim, and the book's, in steps."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import count, islice, repeat
from time import perf_counter

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset, RandomSampler

from book import optim
from book.training.data.augment import Augment
from book.training.data.batches import Batches
from book.training.data.load import Data
from book.training.data.vision import transforms

BATCH = 128
LR = 1e-3
PARTS = ("data", "forward", "backward", "optimizer")
OPTIMIZERS = {
    "loop": torch.optim.Adam,  # what torch chooses on the CPU
    "fused": partial(torch.optim.Adam, fused=True),
    "compiled": partial(optim.Adam, engine="compiled"),
}
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
Batch = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Workload:
    """What is trained on what.

    Args:
        network: from a seed to a network.
        data: name of the data set.
        augment: what is done to an image each time.
    """

    network: Callable[[int], nn.Module]
    data: str
    augment: Augment


@dataclass(frozen=True)
class Way:
    """How it is trained.

    Args:
        workers: of the plain way's DataLoader; None for `Batches`.
        channels_last: whether network and inputs lie in memory with their channels last.
        optimizer: one of `OPTIMIZERS`.
        precision: "float32", or "bfloat16" for autocast and inputs kept in it.
        fit: whether `book.training.run.fit` runs the loop rather than `timed_steps`.
    """

    workers: int | None = None
    channels_last: bool = False
    optimizer: str = "loop"
    precision: str = "float32"
    fit: bool = False


PLAIN = {"DataLoader, no workers": Way(workers=0), "DataLoader, two workers": Way(workers=2)}


def ways(task: Workload) -> dict[str, tuple[Way, str | None]]:
    """The book's ways, each with the one that it adds an ingredient to; None stands for the plain way.

    Channels last are of use to a network with convolutions alone.
    """
    convolutions = any(parameter.ndim == 4 for parameter in task.network(0).parameters())
    last = Way(channels_last=convolutions)
    compiled = replace(last, optimizer="compiled")
    reduced = replace(compiled, precision="bfloat16")
    before = "channels last" if convolutions else "data as tensors"
    return {
        "data as tensors": (Way(), None),
        **({"channels last": (last, "data as tensors")} if convolutions else {}),
        "fused optimizer": (replace(last, optimizer="fused"), before),
        "compiled optimizer": (compiled, before),
        "bfloat16": (reduced, "compiled optimizer"),
        "fit in float32": (replace(compiled, fit=True), "compiled optimizer"),
        "fit in bfloat16": (replace(reduced, fit=True), "bfloat16"),
    }


class Pictures(Dataset):
    """What torchvision's MNIST and CIFAR10 do: an array becomes a PIL image, and the transform a tensor.

    Args:
        data: images and labels.
        augment: crops and flips, which torchvision's transforms carry out; no cut-out.
    """

    def __init__(self, data: Data, augment: Augment):
        self.arrays = data.images.permute(0, 2, 3, 1).squeeze(3).contiguous().numpy()
        self.labels = data.labels.tolist()
        crops = [transforms.RandomCrop(data.facts.size, padding=augment.padding)] if augment.padding else []
        flips = [transforms.RandomHorizontalFlip()] if augment.flip else []
        normalise = transforms.Normalize(data.facts.mean, data.facts.deviation)
        self.transform = transforms.Compose([*crops, *flips, transforms.ToTensor(), normalise])

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> Batch:
        return self.transform(Image.fromarray(self.arrays[index])), self.labels[index]


def batches_of(task: Workload, data: Data, seed: int = 0) -> dict[str, Batches]:
    """The data in batches, with inputs of each precision."""
    return {name: Batches(data, BATCH, task.augment, seed, dtype=dtype) for name, dtype in DTYPES.items()}


def feed(task: Workload, way: Way, data: Data, batches: Batches, every: int) -> Iterator[Iterable[Batch]]:
    """`every` whole batches in a random order, again and again anew: what each turn trains on.

    Args:
        task, way: who is fed.
        data: what the plain way draws from; `every` batches of it at most.
        batches: the same data for the book's way.
        every: how many.
    """
    if way.workers is not None:
        pictures = Pictures(data, task.augment)
        sampler = RandomSampler(pictures, num_samples=every * BATCH)
        workers = {"num_workers": way.workers, "persistent_workers": way.workers > 0}
        return repeat(DataLoader(pictures, BATCH, sampler=sampler, **workers))
    epochs = (islice(batches.epoch(number), every) for number in count())
    if way.channels_last:
        return epochs
    return (((inputs.contiguous(), labels) for inputs, labels in epoch) for epoch in epochs)


def start(task: Workload, way: Way, seed: int) -> tuple[nn.Module, torch.optim.Optimizer]:
    """The network as the way wants it in memory, and its optimizer."""
    layout = torch.channels_last if way.channels_last else torch.contiguous_format
    # pyrefly: ignore[no-matching-overload]  torch's types leave out `memory_format`
    model = task.network(seed).to(memory_format=layout)
    return model, OPTIMIZERS[way.optimizer](model.parameters(), lr=LR)


def timed_steps(
    model: nn.Module, optimizer: torch.optim.Optimizer, batches: Iterable[Batch], precision: str
) -> list[float]:
    """Take a step with each batch; the seconds of each of `PARTS`, a batch on average."""
    marks = [perf_counter()]
    for inputs, labels in batches:
        marks.append(perf_counter())
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            loss = cross_entropy(model(inputs), labels)
        marks.append(perf_counter())
        loss.backward()
        marks.append(perf_counter())
        optimizer.step()
        marks.append(perf_counter())
    return torch.tensor(marks, dtype=torch.float64).diff().view(-1, len(PARTS)).mean(dim=0).tolist()
