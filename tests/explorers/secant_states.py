"""The numbers of *Secant learning* by the library: BFGS step by step, and autograd's Hessian."""

import math
from functools import cache

import torch

from book.calculus import hessian
from book.optim import BFGS
from book.surfaces import SURFACES

F64 = torch.float64


@cache
def walked(name: str, start: tuple[float, ...], most: int = 60) -> tuple[dict, ...]:
    """Each point that BFGS reaches, with its inverse there and the pair that it has seen last."""
    surface = SURFACES[name]
    x = torch.nn.Parameter(torch.tensor(start, dtype=F64))
    method = BFGS([x])
    points, skipped = [_point(surface, x, None, None, False)], 0
    while len(points) <= most:
        method.step(lambda: surface(x))
        if method.status in ("gradient", "precision") and torch.equal(x.detach(), points[-1]["x"]):
            break
        lost = method.memory.get("skipped", 0) > skipped
        skipped += lost
        points.append(_point(surface, x, method.memory.get("inverse"), points[-1], lost))
        if method.status in ("gradient", "change", "precision"):
            break
    return tuple(points)


def _point(surface, x, inverse, before, skipped) -> dict:
    x = x.detach().clone().requires_grad_()
    loss = surface(x)
    (g,) = torch.autograd.grad(loss, x)
    x = x.detach()
    return {
        "x": x,
        "loss": loss.item(),
        "gradient": g,
        "inverse": torch.eye(2, dtype=F64) if inverse is None else inverse.clone(),
        "s": None if before is None else x - before["x"],
        "y": None if before is None else g - before["gradient"],
        "skipped": skipped,
    }


def after(state: dict) -> dict:
    """What is to be shown in a state, with the quantities written out by torch."""
    path = walked(state["surface"], tuple(map(float, state["start"])))
    taken = min(state["steps"], len(path) - 1)
    here = path[taken]
    B, g, s, y = (here[name] for name in ("inverse", "gradient", "s", "y"))
    H = hessian(SURFACES[state["surface"]], here["x"])
    model = torch.linalg.inv(B)
    truth = torch.linalg.eigvalsh(H)
    bowl = truth[0].item() > 0
    return {
        "x": here["x"].tolist(),
        "loss": here["loss"],
        "gradient": g.tolist(),
        "inverse": B.tolist(),
        "hessian": H.tolist(),
        "model": model.tolist(),
        "taken": taken,
        "end": len(path) - 1,
        "path": [point["x"].tolist() for point in path[: taken + 1]],
        "believed": torch.linalg.eigvalsh(model).tolist(),
        "truth": truth.tolist(),
        "shares": torch.linalg.eigvals(B @ H).real.sort().values.tolist() if bowl else None,
        "seen": None if s is None else (y @ s / (s @ s)).item(),
        "said": None if s is None else (s @ model @ s / (s @ s)).item(),
        "angle": _angle(B @ g, torch.linalg.solve(H, g)) if bowl else None,
        "skipped": here["skipped"],
    }


def _angle(u: torch.Tensor, v: torch.Tensor) -> float:
    cosine = (u @ v / (u.norm() * v.norm())).clamp(-1, 1).item()
    return math.degrees(math.acos(cosine))
