"""Descent on a surface: choose a start and a learning rate, watch the path, forecast the next step."""

import math
from itertools import islice

import torch
import traitlets
from torch import Tensor

from book.calculus import best_rate, classify, gradient, hessian, linear_prediction, quadratic_prediction
from book.explorers.shared.ground import DEFAULT, OnASurface, picture
from book.explorers.shared.noise import normals
from book.optim import descend
from book.surfaces import SURFACES, Point, Surface

MOST_STEPS, STEPS = 200, 12
RATE_LIMITS = (1e-6, 100.0)
RATES = {
    "bowl, κ = 10": 0.15,
    "bowl, κ = 50, turned by 30°": 0.038,
    "noisy bowl, κ = 10": 0.1,
    "Rosenbrock": 0.0015,
    "Beale": 0.02,
    "Himmelblau": 0.01,
    "saddle": 0.1,
    "monkey saddle": 0.05,
    "plateau": 0.5,
}
REACH = 10  # half pictures from the middle, beyond which a path is not followed
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


def readout(surface: str, start: Point, lr: float, steps: int) -> dict:
    """Return the numbers that the explorer shows, by autograd, and the name of what it tells.

    Args:
        surface: one of the names of `RATES`.
        start: two numbers.
        lr: the learning rate.
        steps: how many are taken.

    Returns:
        `path`, `loss`, `gradient`, `eigenvalues` and `best_rate` at the last point; `linear`, `quadratic`
        and `real`, by how much the next step lowers the loss as forecast and in truth; `left`, the first
        step outside the picture, or None; `story`.

    Examples:
        >>> shown = readout("bowl, κ = 10", (2, 1), lr=0.15, steps=1)
        >>> [round(shown[name], 4) for name in ("loss", "linear", "quadratic", "real")]
        [2.695, 4.1835, 1.3385, 1.3385]
        >>> shown["story"]
        'over'
    """
    f = SURFACES[surface]
    path = within_reach(noisy_path(f, start, lr, steps + 1), f)
    taken = path[: steps + 1]
    x = taken[-1]
    step = path[len(taken)] - x if len(path) > len(taken) else torch.zeros_like(x)
    linear = (f(x) - linear_prediction(f, x, step)).item()
    quadratic = (f(x) - quadratic_prediction(f, x, step)).item()
    left = _first_outside(taken, f)
    return {
        "path": taken.tolist(),
        "loss": f(x).item(),
        "gradient": gradient(f, x).tolist(),
        "eigenvalues": torch.linalg.eigvalsh(hessian(f, x)).tolist(),
        "best_rate": best_rate(f, x),
        "linear": linear,
        "quadratic": quadratic,
        "real": (f(x) - f(x + step)).item(),
        "left": left,
        "story": "left" if left is not None else _story(f, x, linear, 2 * (linear - quadratic)),
    }


def within_reach(path: Tensor, surface: Surface) -> Tensor:
    """Cut a path behind its first point that is ten times too far out: what diverges does it for good."""
    gone = (distance(path, surface) > REACH).nonzero()
    return path[: int(gone[0]) + 1] if len(gone) else path


def _first_outside(path: Tensor, surface: Surface) -> int | None:
    outside = distance(path, surface) > 1
    return int(outside.nonzero()[0]) if outside[-1] else None


def distance(path: Tensor, surface: Surface) -> Tensor:
    """How far each point is from the middle of the picture: 1 at its edges."""
    low, high = torch.tensor(picture(surface), dtype=path.dtype).T
    return ((path - (low + high) / 2).abs() / ((high - low) / 2)).amax(-1)


def _story(f: Surface, x: Tensor, linear: float, curved: float) -> str:
    """Name what the next step meets; `curved` is sᵀHs, so that curved / linear is η times the curvature."""
    kind = classify(f, x, CRITICAL).kind
    if kind != "not critical":
        return kind
    if linear <= 0:
        return "uphill"
    ratio = curved / linear
    if ratio <= 0:
        return "bends down"
    return "up" if ratio > 2 else "over" if ratio > 1 else "short"


class DescentOnASurface(OnASurface):
    """Drag the start and the learning rate of gradient descent; see the path and forecast the next step.

    Args:
        surface: a name of `book.surfaces.SURFACES`, of a surface in two dimensions.
        start: two numbers inside the picture; the surface's own start if left out.
        lr: the learning rate; one that suits the surface if left out.
        steps: how many are taken, at most 200.

    Raises:
        traitlets.TraitError: an unknown surface, a start outside the picture, a learning rate that is not
            between 1e-6 and 100, or a number of steps that is not between 0 and 200.

    Examples:
        >>> DescentOnASurface("Beale", lr=0.01)
        DescentOnASurface(surface='Beale', start=(1.0, 1.0), lr=0.01, steps=12)
    """

    tag = "descent-on-a-surface"
    state = ("surface", "start", "lr", "steps")
    fallback = (
        "Descent on a surface: an explorer that shows the path of gradient descent on level lines, and what "
        "the gradient and the Hessian forecast for the next step. It runs on the book's page and in a live "
        "notebook."
    )
    surface = traitlets.Enum(tuple(RATES), DEFAULT).tag(sync=True)
    lr = traitlets.Float(RATES[DEFAULT]).tag(sync=True)
    steps = traitlets.Int(STEPS, min=0, max=MOST_STEPS).tag(sync=True)

    def __init__(self, surface: str = DEFAULT, start=None, lr=None, steps: int = STEPS, **options):
        known = SURFACES.get(surface, SURFACES[DEFAULT])  # an unknown name is refused by its trait
        start = known.start if start is None else tuple(float(entry) for entry in start)
        lr = RATES.get(surface, 1.0) if lr is None else float(lr)
        super().__init__(surface=surface, start=start, lr=lr, steps=steps, **options)

    @traitlets.validate("lr")
    def _rate(self, proposal):
        low, high = RATE_LIMITS
        if math.isnan(proposal["value"]) or not low <= proposal["value"] <= high:
            raise traitlets.TraitError(
                f"The learning rate must be from {low:g} to {high:g}; got {proposal['value']}."
            )
        return proposal["value"]
