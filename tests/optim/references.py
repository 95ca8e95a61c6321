"""What each method is held against, torch's or a plain loop: options, a loss, how far apart paths come."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.optim.lr_scheduler import ExponentialLR, LRScheduler, OneCycleLR, StepLR

from book.optim import Rule
from book.optim.methods import METHODS
from tests.optim.loops import LOOPS

KEPT = 50  # every so many steps the parameters are kept


@dataclass(frozen=True)
class Held:
    """One of ours, the same one of torch's or a plain loop, and the options with which they are compared."""

    ours: type[Rule]
    theirs: Callable[..., torch.optim.Optimizer]
    lr: float
    grid: tuple[dict, ...]


LR = torch.tensor(2e-3, dtype=torch.float64)  # in float32, torch's Adam and Adagrad round their rate to it
CLIMB = {"weight_decay": 0.1, "maximize": True}
ADAM = (
    {},
    {"betas": (0.8, 0.99), "eps": 1e-3, **CLIMB},
    {"amsgrad": True, "weight_decay": 0.1},
    {"lr": LR / 4, "betas": (0.5, 0.9), "eps": 1e-2},
)
BALL = (
    {},
    {"momentum": 0.5, **CLIMB},
    {"momentum": 0.95, "weight_decay": 0.1},
    {"momentum": 0.7, "lr": LR / 4},
)
GRIDS = {  # the rate, unless a set of options has one, and the sets of options
    "SGD": (1e-3, ({}, CLIMB, {"weight_decay": 0.1}, {"lr": LR / 4, "maximize": True})),
    "Momentum": (3e-4, BALL),
    "Nesterov": (3e-4, BALL),
    "AdaGrad": (
        1e-1,
        (
            {},
            {"lr_decay": 0.01, **CLIMB},
            {"initial_accumulator_value": 0.5, "weight_decay": 0.1},
            {"lr": LR * 10, "eps": 0.1, "lr_decay": 0.1},
        ),
    ),
    "RMSProp": (
        1e-3,
        (
            {"eps": 1e-2},
            {"alpha": 0.9, "eps": 1e-2, **CLIMB},
            {"eps": 1e-1, "momentum": 0.9, "lr": 3e-4},
            {"eps": 1e-1, "centered": True, "lr": LR},
            {"eps": 1e-1, "centered": True, "momentum": 0.5, "weight_decay": 0.1},
        ),
    ),
    "AdaDelta": (
        0.1,
        ({}, {"rho": 0.95, **CLIMB}, {"eps": 1e-4, "weight_decay": 0.1, "lr": 0.02}, {"lr": LR * 100}),
    ),
    "Adam": (3e-3, ADAM),
    "AdamW": (3e-3, ADAM),
    "Lion": (
        1e-3,
        (
            {},
            {"betas": (0.8, 0.95), **CLIMB},
            {"betas": (0.5, 0.9), "weight_decay": 0.1},
            {"lr": LR, "weight_decay": 0.5},
        ),
    ),
}


def held(name: str) -> Held:
    """A method of the table with what it is held against."""
    assert name in GRIDS, f"{name}: add a rate and options to GRIDS in tests/optim/references.py"
    theirs = METHODS[name].twin or LOOPS.get(name)
    assert theirs, f"{name}: torch has no twin; add a loop to LOOPS in tests/optim/loops.py"
    return Held(METHODS[name].make, theirs, *GRIDS[name])


HELD = {name: held(name) for name in METHODS}


def pair(held: Held, options: dict, engine: str = "eager") -> tuple[Callable, Callable]:
    """From the parameters to our optimizer, and to torch's plain loop."""

    def fresh() -> dict:  # a scheduler writes into a rate that is a tensor
        given = {"lr": held.lr} | options
        return {k: v.clone() if isinstance(v, Tensor) else v for k, v in given.items()}

    return (
        lambda params: held.ours(params, engine=engine, **fresh()),
        lambda params: held.theirs(params, foreach=False, **fresh()),
    )


def schedule(optimizer: torch.optim.Optimizer, steps: int, index: int) -> LRScheduler:
    """A scheduler of torch's, another one for each set of options; one-cycle moves momentum and betas too."""
    if index % 3 == 0:
        rate = optimizer.defaults["lr"]
        moves = bool(optimizer.defaults.get("momentum") or "betas" in optimizer.defaults)
        return OneCycleLR(optimizer, float(rate), total_steps=steps + 1, cycle_momentum=moves)
    if index % 3 == 1:
        return ExponentialLR(optimizer, 0.5 ** (2 / steps))
    return StepLR(optimizer, steps // 4, gamma=0.5)


def parameters(dtype: torch.dtype = torch.float64) -> list[torch.nn.Parameter]:
    """Two layers of a small network, and a point on Rosenbrock's surface."""
    generator = torch.Generator().manual_seed(1)
    layers = [torch.randn(*shape, generator=generator, dtype=torch.float64) for shape in ((4, 3), (2, 4))]
    point = torch.tensor([-1.2, 1.0], dtype=torch.float64)
    return [torch.nn.Parameter(x.to(dtype)) for x in (*layers, point)]


def beside(name: str, options: dict | None = None) -> tuple:
    """Parameters and an optimizer over them, ours and torch's."""
    sets = parameters(), parameters()
    return tuple(
        (params, make(params)) for params, make in zip(sets, pair(HELD[name], options or {}), strict=True)
    )


@cache
def examples(dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(2)
    inputs = torch.randn(3, 16, generator=generator, dtype=torch.float64)
    return inputs.to(dtype), torch.stack([inputs.prod(0).tanh(), inputs.sum(0).sin()]).to(dtype)


def set_gradients(params: list[Tensor], climbing: bool) -> None:
    """The gradient of the network's squared error plus Rosenbrock's function; less both where one climbs."""
    first, second, point = (p.detach() for p in params)
    inputs, targets = examples(first.dtype)
    hidden = torch.tanh(first @ inputs)
    error = second @ hidden - targets
    x, y = point.unbind()
    slope = torch.stack([2 * (x - 1) - 400 * x * (y - x * x), 200 * (y - x * x)])
    back = ((second.T @ error) * (1 - hidden * hidden)) @ inputs.T
    for p, g in zip(params, (back, error @ hidden.T, slope), strict=True):
        p.grad = -g if climbing else g


def path(make: Callable, steps: int, index: int = 0, reload: bool = False) -> list[list[Tensor]]:
    """The parameters along `steps` steps under a schedule; with `reload` half the way in a new optimizer."""
    params = parameters()
    optimizer = make(params)
    scheduler = schedule(optimizer, steps, index)
    climbing = optimizer.param_groups[0]["maximize"]
    kept = []
    for t in range(1, steps + 1):
        set_gradients(params, climbing)
        optimizer.step()
        scheduler.step()
        if t % min(KEPT, steps) == 0:
            kept.append([p.detach().clone() for p in params])
        if reload and t == steps // 2:
            optimizer, scheduler = reloaded(optimizer, scheduler, make, params, steps, index)
    return kept


def reloaded(optimizer, scheduler, make, params, steps, index):
    """Optimizer and scheduler made anew, with what the old ones wrote into a file."""
    file = io.BytesIO()
    torch.save([optimizer.state_dict(), scheduler.state_dict()], file)
    file.seek(0)
    saved, progress = torch.load(file, weights_only=True)
    optimizer = make(params)
    scheduler = schedule(optimizer, steps, index)
    optimizer.load_state_dict(saved)
    scheduler.load_state_dict(progress)
    return optimizer, scheduler


def apart(ours: list[list[Tensor]], theirs: list[list[Tensor]]) -> float:
    """The largest difference anywhere along two paths, relative to the tensor's largest entry there.

    nan where only one of them holds nan.
    """
    pairs = [ab for one, other in zip(ours, theirs, strict=True) for ab in zip(one, other, strict=True)]
    return torch.stack([(a - b).abs().max() / b.abs().max() for a, b in pairs]).max().item()


def run(optimizer, params, steps=5) -> None:
    """Take steps with gradients that are set from outside."""
    for _ in range(steps):
        set_gradients(params, False)
        optimizer.step()
