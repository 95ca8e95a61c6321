"""Critical points of a small network on digits: how they are found, and their index against the loss.

Two searches set out from points on and beside paths of descent. One minimises half the squared length of the
gradient. It can end where the gradient is not zero but lies in a direction without curvature: gradient-flat
(Frye et al., "Critical point-finding methods reveal gradient-flat regions of deep network losses", 2021).
The other takes Newton's steps towards a zero of the gradient, none longer than a cap. Beside them, a third
way goes downhill from the last point of each path: to where training ends.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from book.bench.harness import one_thread, record, significant
from book.calculus import gradient, hessian, kind_of
from book.optim import descend
from book.training.data.load import Data, load
from book.training.surface.flat import flat_loss, flat_parameters

SCALE, DIGITS, HIDDEN, WEIGHT_DECAY = "full", 500, 3, 1e-2
SEEDS, AT, NOISE, LR = 5, (0, 10, 20, 40, 100, 300), (0.0, 0.2), 0.5
ITERATIONS, CAP, TOL, FLAT, ZERO = 120, 0.5, 1e-9, 1e-3, 1e-6

Loss = Callable[[Tensor], Tensor]


class End(NamedTuple):
    """Where a search ended: the point, its gradient, its Hessian's eigenvalues and H g."""

    point: Tensor
    gradient: Tensor
    eigenvalues: Tensor
    pull: Tensor


@one_thread()
def run(store: bool) -> dict:
    """Search from every start by both ways, print what they end at, store it if asked to.

    Args:
        store: whether to write `assets/results/saddles.json`.
    """
    data = load("mnist", SCALE)[0][:DIGITS]
    loss, n = regularised_loss(data)
    rows = [
        {"seed": seed, "step": step, "noise": noise, "search": name, **_row(loss, search(loss, start))}
        for seed in range(SEEDS)
        for step, noise, start in starts(loss, n, seed)
        for name, search in SEARCHES.items()
    ]
    ends = [downhill(loss, list(starts(loss, n, seed))[-len(NOISE)][-1]) for seed in range(SEEDS)]
    reached = [_row(loss, end) for end in ends]
    for name in SEARCHES:
        ends = [row["end"] for row in rows if row["search"] == name]
        counts = ", ".join(f"{ends.count(end)} {end}" for end in sorted(set(ends)))
        print(f"{name}: of {len(ends)} searches {counts}")
    settings = {
        "data": data.source,
        "network": f"16 inputs (7 × 7 average pooling), {HIDDEN} tanh units, 10 outputs",
        "parameters": n,
        "weight_decay": WEIGHT_DECAY,
        "seeds": list(range(SEEDS)),
        "lr": LR,
        "steps": list(AT),
        "noise": list(NOISE),
        "tol": TOL,
        "zero": ZERO,
    }
    return record("saddles", {"settings": settings, "rows": rows, "descent": reached}, store)


def regularised_loss(data: Data) -> tuple[Loss, int]:
    """The mean cross-entropy plus ½ weight_decay ‖θ‖², in float64, and the number of parameters.

    Without the decay a shift of all output biases changes nothing, and no critical point is isolated.
    """
    model = nn.Sequential(
        nn.AvgPool2d(7), nn.Flatten(), nn.Linear(16, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 10)
    )
    plain = flat_loss(model, data)
    return lambda p: plain(p) + WEIGHT_DECAY / 2 * p.square().sum(), len(flat_parameters(model))


def starts(loss: Loss, n: int, seed: int) -> Iterator[tuple[int, float, Tensor]]:
    """Yield the step, the noise and the point: on a path of descent, and beside it."""
    generator = torch.Generator().manual_seed(seed)
    start = 0.3 * torch.randn(n, dtype=torch.float64, generator=generator)
    path = descend(loss, start, lr=LR, steps=max(AT))
    for step in AT:
        for noise in NOISE:
            yield step, noise, path[step] + noise * torch.randn(n, dtype=torch.float64, generator=generator)


def downhill(loss: Loss, start: Tensor) -> End:
    """Newton's steps with the size of each eigenvalue in place of its value, halved until the loss falls.

    So they lead down along every eigenvector, as those of descent do, and away from a saddle.

    Source:
        Dauphin et al., "Identifying and attacking the saddle point problem", 2014.

    Examples:
        >>> end = downhill(lambda p: p[0] ** 4 - 2 * p[0] ** 2, torch.tensor([0.1], dtype=torch.float64))
        >>> f"{end.point.item():.6f}"
        '1.000000'
    """
    point = start
    for _ in range(3 * ITERATIONS):
        g, (values, vectors) = gradient(loss, point), torch.linalg.eigh(hessian(loss, point))
        if g.norm() <= TOL:
            break
        step = -vectors @ ((vectors.T @ g) / values.abs().clamp(min=1e-4))
        step = step * min(1.0, CAP / step.norm().item())
        while step.norm() > 1e-12 and loss(point + step) > loss(point):
            step = step / 2
        point = point + step
    return End(point, g, values, vectors @ (values * (vectors.T @ g)))


def by_gradient_norm(loss: Loss, start: Tensor) -> End:
    """Minimise ½‖g‖² by Levenberg and Marquardt: the step −(H² + μI)⁻¹ H g, with μ as small as it works.

    Examples:
        >>> end = by_gradient_norm(lambda p: p[0] ** 3 - 3 * p[0], torch.tensor([2.0], dtype=torch.float64))
        >>> f"{end.point.item():.6f}"
        '1.000000'
    """
    mu, point = 1e-2, start
    g, (values, vectors) = gradient(loss, point), torch.linalg.eigh(hessian(loss, point))
    for _ in range(ITERATIONS):
        step = -vectors @ (values / (values.square() + mu) * (vectors.T @ g))
        there = gradient(loss, point + step)
        if there.norm() < g.norm():
            point, g, mu = point + step, there, mu / 5
            values, vectors = torch.linalg.eigh(hessian(loss, point))
        else:
            mu *= 10
        pull = vectors @ (values * (vectors.T @ g))
        if g.norm() <= TOL or pull.norm() <= 1e-10 * g.norm() or mu > 1e10:
            break
    return End(point, g, values, pull)


def by_newton(loss: Loss, start: Tensor) -> End:
    """Newton's steps −H⁻¹ g to a zero of the gradient, of length CAP at most.

    Examples:
        >>> end = by_newton(lambda p: p[0] ** 3 - 3 * p[0], torch.tensor([-2.0], dtype=torch.float64))
        >>> f"{end.point.item():.6f}"
        '-1.000000'
    """
    point = start
    for _ in range(ITERATIONS):
        g, (values, vectors) = gradient(loss, point), torch.linalg.eigh(hessian(loss, point))
        if g.norm() <= TOL:
            break
        safe = torch.where(values < 0, -1.0, 1.0) * values.abs().clamp(min=1e-4)
        step = -vectors @ ((vectors.T @ g) / safe)
        point = point + step * min(1.0, CAP / step.norm().item())
    return End(point, g, values, vectors @ (values * (vectors.T @ g)))


SEARCHES = {"gradient norm": by_gradient_norm, "Newton": by_newton}


def _row(loss: Loss, end: End) -> dict:
    size, steepest = end.gradient.norm().item(), end.eigenvalues.abs().max().item()
    flat = end.pull.norm().item() <= FLAT * size * steepest
    found = "critical" if size <= TOL else "gradient-flat" if flat else "unfinished"
    return {
        "end": found,
        "kind": kind_of(size, end.eigenvalues, ZERO),
        "loss": round(loss(end.point).item(), 6),
        "negative": int((end.eigenvalues < -ZERO).sum()),
        "zero": int((end.eigenvalues.abs() <= ZERO).sum()),
        "gradient": significant(size),
        "flatness": significant(end.pull.norm().item() / (size * steepest)),
        "lowest": significant(end.eigenvalues[0].item()),
        "smallest": significant(end.eigenvalues.abs().min().item()),
    }
