"""The items of `make gpu`: each takes a device and returns plain values; on a CPU in a small size."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import nn

from book.bench.harness import cuda_seconds, interleave, median, paired_ratio, significant, wall_seconds
from book.bench.kills import identical, outcome
from book.bench.optim import TIMED, contestants, parameters
from book.errors import BookError
from book.optim import Adam
from book.optim.methods import METHODS
from book.project.declaration import declare
from book.project.estimate import measured_cost, most_hours
from book.project.protocol import BUDGETS, Plan
from book.project.recipe import FULL, SMALL
from book.project.speedrun import speedrun, trying_kernels, warm_up
from book.project.tasks import TASKS, precision, splits
from book.provenance import processor
from book.training.data.batches import Batches
from book.training.data.cache import data_folder, missing
from book.training.data.load import Data, load
from book.training.data.published import PUBLISHED
from book.training.models import cifar_cnn
from book.training.run.checkpoint import Keep
from book.training.run.fit import fit
from book.training.run.precision import PRECISIONS

ROOM = 800 * 2**20  # a step of VGG13 with all images of the sample, 1,500, asks for several times as much
RUN_AGAIN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m")


@dataclass(frozen=True)
class Size:
    """How much is measured: methods of the optimizers' table, its rounds, images of an epoch, of a step of
    VGG13 and of a run that is stopped, and speedruns.
    """

    methods: tuple[str, ...]
    rounds: int
    images: int
    batch: int
    stopped: int
    runs: int


SIZES = {"cuda": Size(tuple(TIMED), 11, 50_000, 128, 1024, 3), "cpu": Size(("Adam",), 1, 64, 4, 256, 1)}


def card(device: str) -> str:
    """The device by its maker's name."""
    return torch.cuda.get_device_name() if device == "cuda" else processor()


def device_facts(device: str) -> dict:
    """Which card, driver and libraries, and whether cuDNN is on while the speedrun runs."""
    with trying_kernels():
        cudnn = {"enabled": torch.backends.cudnn.enabled, "benchmark": torch.backends.cudnn.benchmark}
    facts = {"card": card(device), "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()}
    if device == "cuda":
        one = torch.cuda.get_device_properties(0)
        facts |= {"gpus": torch.cuda.device_count(), "capability": [one.major, one.minor]}
        facts |= {"gigabytes": significant(one.total_memory / 1e9)}
    return facts | {"precision": precision(device), "cudnn in a speedrun": cudnn}


def optimizers(device: str) -> dict:
    """Each method: how far three compiled steps are from eager ones, and milliseconds a step of every way."""
    clock = cuda_seconds if device == "cuda" else wall_seconds
    rows = {}
    for method in SIZES[device].methods:
        xs = parameters(device)
        works = {way: one.step for way, one in contestants(method, xs).items()}
        seconds = interleave(works, SIZES[device].rounds, clock)
        base = "fused" if "fused" in works else "foreach"
        rows[method] = {
            "largest_difference": _apart(method, device),
            "milliseconds": {way: significant(1e3 * median(taken)) for way, taken in seconds.items()},
            "over_" + base: paired_ratio(seconds["compiled"], seconds[base]),
        }
    return rows


def precisions(device: str) -> dict:
    """The CNN through two epochs in each precision: last loss, images a second, or why it is refused."""
    return {name: _trained(device, precision=name) for name in PRECISIONS}


def networks(device: str) -> dict:
    """The CNN as it is and compiled, in the device's own precision."""
    return {
        way: _trained(device, precision=precision(device), compiled=compiled)
        for way, compiled in {"plain": False, "compiled": True}.items()
    }


def memory(device: str) -> dict:
    """Megabytes at the peak of a step of VGG13 by optimizer, and what is said where a batch is too large."""
    peaks = {method: _peak_of(method, device) for method in ("SGD", "Momentum", "Adam")}
    return {"megabytes": peaks, "when it is full": _when_full(device)}


def resume(device: str) -> dict:
    """A run that is left alone, and one that stops after an epoch and is taken up: the same bits?"""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # torch asks for it
    torch.use_deterministic_algorithms(True)
    with TemporaryDirectory() as folder:
        for name, parts in {"alone": (2,), "stopped": (1, 2)}.items():
            for epochs in parts:
                _kept(device, Path(folder, name), epochs)
        same = identical(outcome(Path(folder, "alone")), outcome(Path(folder, "stopped")))
    return {"identical": same}


def two_processes(device: str) -> dict:
    """Two processes beside one: the same losses to rounding, and seconds. On a card alone, on the CPU."""
    where = "cuda" if device == "cuda" and torch.cuda.device_count() > 1 else "cpu"
    seen = {} if where == "cuda" else {"CUDA_VISIBLE_DEVICES": ""}
    task = "vgg13" if where == "cuda" else "mlp"
    words = ["book", "train", "--task", task, "--optimizer", "momentum", "--lr", "0.02", "--epochs", "1"]
    ways = {"one": [sys.executable, "-m"], "two": list(RUN_AGAIN)}
    seconds, losses = {}, {}
    with TemporaryDirectory() as folder:
        for name, start in ways.items():
            begun, file = time.perf_counter(), Path(folder, name)
            done = subprocess.run(
                [*start, *words, "--keep", str(file)], capture_output=True, text=True, env=os.environ | seen
            )
            if done.returncode:
                raise BookError(f"{name}: {(done.stderr.strip().splitlines() or ['no words'])[-1]}")
            seconds[name] = significant(time.perf_counter() - begun)
            losses[name] = outcome(file)["history"]["losses"]
    apart = max(abs(one - two) for one, two in zip(losses["one"], losses["two"], strict=True))
    found = {"on": f"{where}, {task} on the sample", "seconds": seconds}
    return found | {"largest_difference": significant(apart)}


def budget(device: str) -> dict:
    """Hours that the comparison takes at most on the CNN in each of its budgets, from a measured step."""
    hours, data = {}, splits("cifar10", _scale())
    for name in ("small",) if device == "cpu" else ("colab", "medium", "full"):
        plan = Plan("cnn", BUDGETS[name].methods, name)
        cost = measured_cost(plan, data)
        hours[name] = significant(most_hours(declare(plan, data), cost))
    return {"images": data.train.source, "milliseconds a step": significant(1e3 * cost.step), "hours": hours}


def speedruns(device: str) -> dict:
    """The recipe from some seeds, after a warm-up: accuracy and seconds, and which images it saw."""
    recipe = FULL if device == "cuda" else replace(SMALL, epochs=0.5)
    train, test = load("cifar10", _scale())
    data = train[: SIZES[device].images], test[: SIZES[device].images]
    if len(data[0]) < recipe.batch_size:
        recipe = replace(recipe, batch_size=len(data[0]) // 4)
    warm_up(recipe, data, device)
    ends = [speedrun(recipe, data, seed, device) for seed in range(SIZES[device].runs)]
    return {
        "images": data[0].source,
        "accuracies": [significant(end.accuracy) for end in ends],
        "seconds": [significant(end.seconds) for end in ends],
        "steps": ends[0].steps,
    }


def _apart(method: str, device: str) -> float:
    """The largest distance of a parameter after three steps of the two engines, in units of its size."""
    ends = []
    for engine in ("eager", "compiled"):
        xs = parameters(device)
        optimizer = METHODS[method].make(xs, lr=1e-2, engine=engine)
        for _ in range(3):
            optimizer.step()
        ends.append(torch.cat([x.detach().flatten() for x in xs]))
    eager, compiled = ends
    return significant(float((eager - compiled).abs().max() / eager.abs().max()))


def _trained(device: str, **options) -> dict:
    """The CNN through a first epoch, which is not timed, and a second one."""
    data = _some(SIZES[device].images)
    model = _on(device, cifar_cnn())
    batches = Batches(data, 128, TASKS["cnn"].augment, device=device)
    try:
        history = fit(model, batches, Adam(model.parameters(), lr=1e-3, engine="eager"), 2, **options)
    except BookError as refused:
        return {"refused": str(refused)}
    if history.diverged:
        return {"diverged": f"at step {len(history.losses)}"}
    return {
        "last_loss": significant(
            sum(history.losses[-5:]) / 5 if len(history.losses) > 4 else history.losses[-1]
        ),
        "images_per_second": significant(len(data) / history.seconds[-1]),
        "first_epoch_seconds": significant(history.seconds[0]),
    }


def _kept(device: str, path: Path, epochs: int) -> None:
    model = _on(device, cifar_cnn())
    optimizer = Adam(model.parameters(), lr=1e-3, engine="eager")
    fit(model, Batches(_some(SIZES[device].stopped), 128, device=device), optimizer, epochs, keep=Keep(path))


def _peak_of(method: str, device: str) -> float | None:
    """Megabytes at the peak of a step of VGG13, whose memory is free again afterwards."""
    batch, model = SIZES[device].batch, _on(device, TASKS["vgg13"].network(0))
    optimizer = METHODS[method].make(model.parameters(), lr=1e-3, engine="eager")
    _reset_peak(device)
    fit(model, Batches(_some(2 * batch), batch, device=device), optimizer, 1)
    return _peak(device)


def _when_full(device: str) -> str:
    """What `fit` says where a batch does not fit into `ROOM` beside the network and the images."""
    if device != "cuda":
        return "not tried: a CPU has no such limit"
    model = _on(device, TASKS["vgg13"].network(0))
    batches = Batches(_some(20_000), 20_000, device=device)
    torch.cuda.empty_cache()
    free, whole = torch.cuda.mem_get_info()
    room = min(ROOM, free)
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + room) / whole)
    try:
        fit(model, batches, torch.optim.SGD(model.parameters(), lr=0.0), 1)
    except (BookError, torch.OutOfMemoryError) as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return "it fitted"


def _scale() -> str:
    """ "full" where the whole of CIFAR-10 is on this computer, else "sample"."""
    published = PUBLISHED["cifar10"]
    return "sample" if missing(data_folder() / published.folder, published.members) else "full"


def _some(count: int) -> Data:
    return load("cifar10", _scale())[0][:count]


def _on(device: str, model: nn.Module) -> nn.Module:
    # pyrefly: ignore[no-matching-overload]  torch's types leave out `memory_format`
    return model.to(device, memory_format=torch.channels_last)


def _reset_peak(device: str) -> None:
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()


def _peak(device: str) -> float | None:
    return significant(torch.cuda.max_memory_allocated() / 1e6) if device == "cuda" else None
