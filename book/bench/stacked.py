"""Sweeps of small networks: one by one, stacked, and the faster of the two as `sweep` finds it."""

import contextlib
import io
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from book.bench.harness import interleave, median, paired_ratio, quartiles, record, significant, wall_seconds
from book.optim import SGD, Adam, Rule
from book.training.data.load import Data, load
from book.training.models import mlp
from book.training.sweep.solo import Feed, Member, Solo, advance, member
from book.training.sweep.sweep import advance_stacked, sweep

CORES = (1, 2)
COUNTS = (8, 32, 64)
ROUNDS = 5
STEPS = 24
CASES = (  # widths, method, batch size
    ((49, 16, 10), Adam, 32),
    ((49, 16, 10), SGD, 32),
    ((49, 16, 10), Adam, 128),
    ((784, 32, 10), Adam, 32),
    ((784, 256, 10), Adam, 32),
)
RATES: dict[type[Rule], tuple[float, float]] = {Adam: (1e-4, 1e-2), SGD: (1e-2, 1.0)}
COMPARED, EPOCHS = 32, 10  # runs whose trajectories are compared, and their length
CLOSE = 1e-5


def run(store: bool) -> dict:
    """Time sweeps of K configurations on one core and on two, compare trajectories; print, store if asked to.

    Args:
        store: whether to write `assets/results/stacked.json`.
    """
    rows = []
    for cores in CORES:
        with threads(cores):
            rows += [timed(*case, K, cores) for case in CASES for K in COUNTS]
    with threads(1):
        units = [(unit, dtype) for unit in (nn.Tanh, nn.ReLU) for dtype in (torch.float32, torch.float64)]
        trajectories = [compared(*unit) for unit in units]
    results = {"steps": STEPS, "rows": rows, "close": CLOSE, "trajectories": trajectories}
    return record("stacked", results, store, cores=max(CORES))


@contextmanager
def threads(count: int) -> Generator[None]:
    """Let torch compute with so many threads meanwhile.

    Examples:
        >>> with threads(1):
        ...     torch.get_num_threads()
        1
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def images(inputs: int) -> Data:
    """The MNIST sample's training images; for 49 inputs as the means of 4 × 4 pixels.

    Examples:
        >>> images(49).images.shape
        torch.Size([1500, 1, 7, 7])
    """
    data, _ = load("mnist")
    if inputs == 784:
        return data
    return replace(data, images=avg_pool2d(data.images.float(), 4).round().byte())


def configurations(rule: type[Rule], K: int) -> list[dict]:
    """K rates from one end of the method's range to the other, each with a seed of its own.

    Examples:
        >>> configurations(SGD, 3)
        [{'seed': 0, 'lr': 0.01}, {'seed': 1, 'lr': 0.1}, {'seed': 2, 'lr': 1.0}]
    """
    low, high = RATES[rule]
    return [{"seed": k, "lr": significant(low * (high / low) ** (k / (K - 1)))} for k in range(K)]


def timed(widths: tuple[int, ...], rule: type[Rule], batch_size: int, K: int, cores: int) -> dict:
    """Time a sweep of K configurations three ways, from the making of the networks to the last step."""
    data = images(widths[0])[: batch_size * STEPS // 2]
    make = partial(network, widths, nn.ReLU, torch.float32)
    chosen = configurations(rule, K)
    seconds = interleave(
        {
            "solo": lambda: alone(*begin(make, rule, chosen, data, batch_size), STEPS),
            "stacked": lambda: advance_stacked(*begin(make, rule, chosen, data, batch_size), STEPS),
            "sweep": lambda: quiet_sweep(make, data, rule, chosen, 2, batch_size),
        },
        ROUNDS,
        wall_seconds,
    )
    ratios = [solo / stack for solo, stack in zip(seconds["solo"], seconds["stacked"], strict=True)]
    row = {
        "network": "-".join(map(str, widths)),
        "method": rule.__name__,
        "batch_size": batch_size,
        "configurations": K,
        "cores": cores,
        "solo_seconds": median(seconds["solo"]),
        "stacked_seconds": median(seconds["stacked"]),
        "solo_over_stacked": median(ratios),
        "quartiles": quartiles(ratios),
        "solo_over_sweep": paired_ratio(seconds["solo"], seconds["sweep"]),
    }
    print(
        f"{row['network']:10s} {row['method']:4s} batch {batch_size:3d} K {K:2d} on {cores} cores: "
        f"solo {row['solo_seconds']:6.3g} s, solo / stacked {row['solo_over_stacked']:5.3g}, "
        f"solo / sweep {row['solo_over_sweep']:5.3g}",
        flush=True,
    )
    return row


def compared(unit: type[nn.Module], dtype: torch.dtype) -> dict:
    """How far stacked runs end from their solo runs; and solo runs that sum each batch in another order.

    Both differences are nothing but rounding, which grows as the runs go on.
    """
    data, chosen = images(49), configurations(Adam, COMPARED)
    make = partial(network, (49, 16, 10), unit, dtype)
    ends = {"solo": begin(make, Adam, chosen, data, 32)}
    steps = EPOCHS * ends["solo"][1].steps
    alone(*ends["solo"], steps)
    for name, kind, go in (("stacked", Feed, advance_stacked), ("turned", Turned, alone)):
        ends[name] = begin(make, Adam, chosen, data, 32, kind)
        go(*ends[name], steps)
    row: dict[str, Any] = {"unit": unit.__name__, "dtype": str(dtype).removeprefix("torch."), "steps": steps}
    for name in ("stacked", "turned"):
        apart = [difference(*pair) for pair in zip(ends[name][0], ends["solo"][0], strict=True)]
        within = sum(value < CLOSE for value in apart)
        row[name] = {"median": median(apart), "largest": significant(max(apart)), "within": within}
    print(row, flush=True)
    return row


def network(widths: tuple[int, ...], unit: type[nn.Module], dtype: torch.dtype, seed: int) -> nn.Sequential:
    """A perceptron with other units than ReLU, if asked for.

    Examples:
        >>> [type(layer).__name__ for layer in network((3, 2, 2), nn.Tanh, torch.float32, seed=0)]
        ['Flatten', 'Linear', 'Tanh', 'Linear']
    """
    layers = mlp(*widths, seed=seed).to(dtype)
    return nn.Sequential(*[unit() if isinstance(layer, nn.ReLU) else layer for layer in layers])


class Turned(Feed):
    """The same batches, each from its last image to its first."""

    def batches(self, seeds: tuple[int, ...], epoch: int) -> tuple[Tensor, ...]:
        """The numbers of the images of each batch of an epoch."""
        return tuple(batch.flip(-1) for batch in super().batches(seeds, epoch))


def begin(
    make: Callable[[int], nn.Module],
    rule: type[Rule],
    chosen: list[dict],
    data: Data,
    batch_size: int,
    kind: type[Feed] = Feed,
) -> tuple[list[Member], Feed]:
    """The members of a sweep before their first step, and what they train on."""
    members = [member(make, rule, configuration) for configuration in chosen]
    return members, kind(data, batch_size, next(members[0].model.parameters()))


def alone(members: list[Member], feed: Feed, until: int) -> None:
    """Bring one member after the other to a step."""
    for some in members:
        advance(Solo(some, feed), until)


def quiet_sweep(*arguments) -> None:
    """A sweep that does not say which way it goes."""
    with contextlib.redirect_stderr(io.StringIO()):
        sweep(*arguments)


def difference(ours: Member, theirs: Member) -> float:
    """The largest between two members' parameters, relative to each tensor's largest entry."""
    pairs = zip(ours.model.parameters(), theirs.model.parameters(), strict=True)
    return max(((a - b).detach().abs().max() / b.detach().abs().max()).item() for a, b in pairs)
