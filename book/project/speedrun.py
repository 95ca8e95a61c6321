"""The speedrun: CIFAR-10 to 94 % in as few seconds as one GPU can do."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count, islice
from math import ceil
from time import perf_counter

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from book.errors import BookError
from book.project.lookahead import Lookahead, lookahead_decay
from book.project.recipe import Recipe
from book.project.speed_network import speed_network, whiten
from book.project.stream import Stream, memory_format
from book.project.views import predict
from book.training.data.load import Data

WHITENED = 5_000  # images whose patches the first convolution whitens
EVERY = 5  # steps between two of Lookahead's
PEAK = 0.23  # the share of the steps after which the rate is highest


@dataclass(frozen=True)
class Result:
    """What a speedrun ends with.

    Args:
        accuracy: on the test images, from 0 to 1, with the recipe's views.
        plain_accuracy: the same network's, each image seen once.
        seconds: of whitening, training and the prediction from all views; neither making and compiling the
            network nor bringing the images to the device is in it.
        steps: of the optimizer.
    """

    accuracy: float
    plain_accuracy: float
    seconds: float
    steps: int


def speedrun(recipe: Recipe, data: tuple[Data, Data], seed: int = 0, device: str = "cpu") -> Result:
    """Train the recipe's network from the beginning, and test it.

    While it trains, nothing waits for the device. The clock is that of airbench.

    Args:
        recipe: what is done; `warm_up` once first, where it is compiled.
        data: training and test set of CIFAR-10.
        seed: of the initial parameters, the order, flips and translations. On a CPU it fixes every bit.
        device: "cpu" or "cuda".

    Raises:
        BookError: the training set is smaller than a batch.

    Source:
        Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", arXiv:2404.00498, 2024.

    Examples:
        >>> from book.project.recipe import SMALL
        >>> from book.training.data.load import load
        >>> train, test = load("cifar10")
        >>> speedrun(SMALL, (train[:100], test[:10])).steps
        4
    """
    train, test = data
    if len(train) < recipe.batch_size:
        sizes = f"a batch holds {recipe.batch_size} images, the training set {len(train)}"
        raise BookError(f"Not one step is possible: {sizes}. Give the recipe a smaller batch_size.")
    network, forward = _machine(recipe, device)
    network.load_state_dict(speed_network(recipe, seed).state_dict())
    images, test_images = (_pixels(half, recipe, device) for half in data)
    labels, answers = (half.labels.to(device) for half in data)

    def whole() -> tuple[int, Tensor]:
        normal = normalise(images, train)
        if recipe.whitening:
            # pyrefly: ignore[bad-argument-type]  a layer by its name counts as any module
            whiten(network.whitening, normal[:WHITENED])
        generator = torch.Generator(device).manual_seed(seed)
        steps = train_by_recipe(network, forward, Stream(normal, labels, recipe, generator), recipe)
        return steps, predict(forward, normalise(test_images, test), recipe)

    with trying_kernels():
        (steps, logits), seconds = _timed(whole, device)
        network.eval()
        single = predict(forward, normalise(test_images, test), replace(recipe, views="none"))
    return Result(_share(logits, answers), _share(single, answers), seconds, steps)


@contextmanager
def trying_kernels() -> Generator[None]:
    """Let cuDNN try its kernels for each new shape and keep the quickest; its other settings stay.

    `torch.backends.cudnn.flags(benchmark=True)` would set them all, `enabled` to False.

    Examples:
        >>> with trying_kernels():
        ...     torch.backends.cudnn.benchmark
        True
    """
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = True
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before


def warm_up(recipe: Recipe, data: tuple[Data, Data], device: str) -> None:
    """One whole run on labels drawn at random, so that all that is compiled or tried out once is there.

    Args:
        recipe, data, device: as for `speedrun`.
    """
    train, test = data
    labels = torch.randint(10, train.labels.shape, generator=torch.Generator().manual_seed(0))
    speedrun(recipe, (replace(train, labels=labels), test), device=device)


def train_by_recipe(network: nn.Sequential, forward: Callable, stream: Stream, recipe: Recipe) -> int:
    """Train a network in place.

    Args:
        network: from `speed_network`, whitened.
        forward: the network, or what it was compiled to.
        stream: the training set.
        recipe: everything else.

    Returns:
        The steps taken.
    """
    network.train()
    network.get_parameter("whitening.bias").requires_grad_()  # a run before this one has stopped it, perhaps
    optimizer = recipe.optimizer(groups(network, recipe), momentum=recipe.momentum)
    rates = [group["lr"] for group in optimizer.param_groups]
    lookahead, total = Lookahead(network), ceil(len(stream) * recipe.epochs)
    for step, (inputs, labels) in enumerate(_batches(network, stream, recipe, total), 1):
        factor = triangular((step - 1) / total) if recipe.triangular else 1.0
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * factor
        optimizer.zero_grad()
        logits = forward(inputs).float()
        # The sum, not the mean: gradients of a mean over 1,024 images would underflow in float16.
        cross_entropy(logits, labels, reduction="sum", label_smoothing=recipe.label_smoothing).backward()
        optimizer.step()
        if recipe.lookahead and step % EVERY == 0:
            lookahead.step(lookahead_decay(step / total))
    if recipe.lookahead:
        lookahead.step(1.0)
    network.eval()
    return total


def groups(network: nn.Sequential, recipe: Recipe) -> list[dict]:
    """The parameters in two groups, biases of batch normalisation and all others, with torch's lr and decay.

    Args:
        network: from `speed_network`.
        recipe: its decoupled `lr` and `weight_decay`, `momentum`, `batch_size` and `bias_scale`.

    Examples:
        >>> biases, others = groups(speed_network(Recipe()), Recipe())
        >>> len(biases["params"]), round(others["lr"] * 1024, 6), biases["lr"] / others["lr"]
        (6, 1.5, 64.0)
    """
    named = list(network.named_parameters())
    biases = [x for name, x in named if "normalisation" in name and name.endswith("bias")]
    others = [x for _, x in named if x.requires_grad and not any(x is bias for bias in biases)]
    decay = recipe.weight_decay * recipe.batch_size / recipe.lr  # decay · lr · steps a batch stays the same
    lr = recipe.lr * (1 - recipe.momentum) / 1024  # of the gradient of a sum
    scale = recipe.bias_scale
    return [
        {"params": biases, "lr": lr * scale, "weight_decay": decay / scale},
        {"params": others, "lr": lr, "weight_decay": decay},
    ]


def triangular(share: float) -> float:
    """The factor of the rate: in straight lines from 0.2 up to 1, and down to 0.07 at the end.

    Args:
        share: of the steps that are done, from 0 to 1.

    Examples:
        >>> triangular(0.0), triangular(0.23), round(triangular(1.0), 6)
        (0.2, 1.0, 0.07)
    """
    if share < PEAK:
        return 0.2 + 0.8 * share / PEAK
    return 1 - 0.93 * (share - PEAK) / (1 - PEAK)


def normalise(pixels: Tensor, data: Data) -> Tensor:
    """(pixel − mean) / deviation of each channel.

    Args:
        pixels: from 0 to 1, shape (N, C, H, W).
        data: whose facts hold the statistics.
    """
    facts = (data.facts.mean, data.facts.deviation)
    mean, deviation = (pixels.new_tensor(values)[:, None, None] for values in facts)
    return (pixels - mean) / deviation


@lru_cache(maxsize=1)
def _machine(recipe: Recipe, device: str) -> tuple[nn.Sequential, Callable]:
    """The network on the device, and what to call: runs of one recipe share what was compiled."""
    # pyrefly: ignore[unexpected-keyword]  torch's types leave out `memory_format`
    network = speed_network(recipe).to(device, recipe.dtype, memory_format=memory_format(recipe))
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.float()
    if not recipe.compiled:
        return network, network
    return network, torch.compile(network, mode="max-autotune", dynamic=False)


def _batches(
    network: nn.Sequential, stream: Stream, recipe: Recipe, total: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """So many batches; the bias of the whitening convolution stays from some epoch on."""

    def endless():
        for number in count():
            trained = number < recipe.whitening_bias_epochs or not recipe.whitening
            network.get_parameter("whitening.bias").requires_grad_(trained)
            yield from stream.epoch(number)

    return islice(endless(), total)


def _pixels(data: Data, recipe: Recipe, device: str) -> Tensor:
    return data.images.to(device, recipe.dtype, memory_format=memory_format(recipe)).div_(255)


def _share(logits: Tensor, labels: Tensor) -> float:
    return (logits.argmax(dim=1) == labels).double().mean().item()


def _timed(work: Callable, device: str) -> tuple:
    """What some work returns, and its seconds, on the device's own clock where it has one."""
    if torch.device(device).type != "cuda":
        start = perf_counter()
        return work(), perf_counter() - start
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    begin.record()
    done = work()
    end.record()
    torch.cuda.synchronize()
    return done, begin.elapsed_time(end) / 1e3  # which is in milliseconds
