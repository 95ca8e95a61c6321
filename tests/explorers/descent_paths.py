"""The numbers of descent on a surface by the library: what the browser's are held against."""

from itertools import islice

import torch
from torch import Tensor

from book.calculus import best_rate, classify, gradient, hessian, linear_prediction, quadratic_prediction
from book.optim import descend
from book.surfaces import SURFACES, Point, Surface
from tests.explorers.noise import normals
from tests.explorers.race_paths import far, within_reach

CRITICAL = 1e-6  # a gradient no longer than this counts as zero


def noisy_path(surface: Surface, start: Point, lr: float, steps: int, seed: int = 0) -> Tensor:
    """Descend a surface as `book.optim.descend` does, its gradient blurred by the noise of `normals(seed)`.

    Returns:
        The points from the start on, shape (k + 1, n); k is less than `steps` if it ends early.

    Examples:
        >>> noisy_path(SURFACES["bowl, κ = 10"], (2.0, 1.0), lr=0.1, steps=1)
        tensor([[2.0000, 1.0000],
                [1.8000, 0.0000]], dtype=torch.float64)
    """
    x = torch.tensor(start, dtype=torch.float64)
    if not surface.noise:
        return descend(surface, x, lr, steps)
    draw, path = normals(seed), [x]
    for _ in range(steps):
        blur = torch.tensor(list(islice(draw, len(start))), dtype=torch.float64)
        g = gradient(surface, path[-1]) + surface.noise * blur
        if not g.isfinite().all():
            break
        path.append(path[-1] - lr * g)
    return torch.stack(path)


def descent(surface: str, start: Point, lr: float, steps: int) -> dict:
    """The numbers at the last point by autograd, and the name of what the next step meets.

    Examples:
        >>> found = descent("bowl, κ = 10", (2, 1), lr=0.15, steps=1)
        >>> [round(found[name], 4) for name in ("loss", "linear", "quadratic", "real")], found["story"]
        ([2.695, 4.1835, 1.3385, 1.3385], 'over')
    """
    f = SURFACES[surface]
    return after(f, noisy_path(f, start, lr, steps + 1), steps)


def after(f: Surface, path: Tensor, steps: int) -> dict:
    """The same after so many steps of a path that is known."""
    path = within_reach(path, f)
    taken = path[: steps + 1]
    x = taken[-1]
    step = path[len(taken)] - x if len(path) > len(taken) else torch.zeros_like(x)
    linear = (f(x) - linear_prediction(f, x, step)).item()
    quadratic = (f(x) - quadratic_prediction(f, x, step)).item()
    outside = far(taken, f) > 1
    left = int(outside.nonzero()[0]) if outside[-1] else None
    return {
        "path": taken.tolist(),
        "loss": f(x).item(),
        "first": f(taken[0]).item(),
        "gradient": gradient(f, x).tolist(),
        "eigenvalues": torch.linalg.eigvalsh(hessian(f, x)).tolist(),
        "best_rate": best_rate(f, x),
        "linear": linear,
        "quadratic": quadratic,
        "real": (f(x) - f(x + step)).item(),
        "left": left,
        "story": "left" if left is not None else _story(f, x, linear, 2 * (linear - quadratic)),
    }


def _story(f: Surface, x: Tensor, linear: float, curved: float) -> str:
    """`curved` is sᵀHs, so that curved / linear is η times the curvature."""
    kind = classify(f, x, CRITICAL).kind
    if kind != "not critical":
        return kind
    if linear <= 0:
        return "uphill"
    ratio = curved / linear
    if ratio <= 0:
        return "bends down"
    return "up" if ratio > 2 else "over" if ratio > 1 else "short"
