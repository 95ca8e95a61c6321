"""What a Jacobian costs, forward and reverse, by its shape; and what forward mode would cost a network."""

import math
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from book.bench.harness import interleave, median, one_thread, paired_ratio, quartiles, record, significant
from book.calculus import gradient, jacobian, jvp, vjp

SHAPES = ((1000, 1), (300, 3), (100, 10), (50, 20), (32, 32), (20, 50), (10, 100), (3, 300), (1, 1000))
HIDDEN = (256, 1024)
REPEATS = 20
LAYERS = (784, 256, 256, 10)
BATCH = 64


@one_thread()
def run(store: bool) -> dict:
    """Time both modes on one core for every shape, print the table, store it if asked to.

    Args:
        store: whether to write `assets/results/jacobians.json`.
    """
    rows = [row(*shape, hidden) for hidden in HIDDEN for shape in SHAPES]
    training = training_gradient()
    for line in rows:
        print(
            f"{line['inputs']:4d} → {line['hidden']} → {line['outputs']:4d}: forward / reverse "
            f"{line['together']['ratio']:8.4g} together, {line['one_by_one']['ratio']:8.4g} one by one"
        )
    crossings = [meeting(rows, hidden, way) for hidden in HIDDEN for way in ("together", "one_by_one")]
    print(crossings, training, sep="\n")
    return record("jacobians", {"rows": rows, "crossings": crossings, "training": training}, store)


def network(inputs: int, outputs: int, hidden: int) -> Callable[[Tensor], Tensor]:
    """Return a network with two hidden layers of tanh units and random weights, (inputs,) → (outputs,).

    Examples:
        >>> network(3, 2, 8)(torch.ones(3)).shape
        torch.Size([2])
    """
    generator = torch.Generator().manual_seed(0)
    sizes = (inputs, hidden, hidden, outputs)
    weights = [torch.randn(n, m, generator=generator) / n**0.5 for n, m in pairwise(sizes)]

    def F(x: Tensor) -> Tensor:
        for W in weights[:-1]:
            x = torch.tanh(x @ W)
        return x @ weights[-1]

    return F


def by_columns(F: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """The Jacobian, a forward pass for each input in turn.

    Examples:
        >>> F, x = network(3, 2, 8), torch.ones(3)
        >>> torch.allclose(by_columns(F, x), jacobian(F, x), atol=1e-6)
        True
    """
    return torch.stack([torch.func.jvp(F, (x,), (v,))[1] for v in torch.eye(len(x))], dim=1)


def by_rows(F: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """The Jacobian, one evaluation and then a reverse pass for each output in turn.

    Examples:
        >>> F, x = network(3, 2, 8), torch.ones(3)
        >>> torch.allclose(by_rows(F, x), jacobian(F, x), atol=1e-6)
        True
    """
    outputs, pull = torch.func.vjp(F, x)
    return torch.stack([pull(u)[0] for u in torch.eye(len(outputs))])


def row(inputs: int, outputs: int, hidden: int) -> dict:
    """Time an evaluation, one pass of each mode, and the Jacobian in four ways."""
    F, x = network(inputs, outputs, hidden), torch.ones(inputs)
    u = torch.ones(outputs)
    seconds = interleave(
        {
            "evaluation": _repeated(lambda: F(x)),
            "forward pass": _repeated(lambda: jvp(F, x, x)),
            "reverse pass": _repeated(lambda: vjp(F, x, u)),
            "forward": lambda: jacobian(F, x, "forward"),
            "reverse": lambda: jacobian(F, x, "reverse"),
            "columns": lambda: by_columns(F, x),
            "rows": lambda: by_rows(F, x),
        }
    )
    return {
        "inputs": inputs,
        "outputs": outputs,
        "hidden": hidden,
        "evaluation_seconds": significant(median(seconds["evaluation"]) / REPEATS),
        "forward_pass": paired_ratio(seconds["forward pass"], seconds["evaluation"]),
        "reverse_pass": paired_ratio(seconds["reverse pass"], seconds["evaluation"]),
        "together": _pair(seconds["forward"], seconds["reverse"]),
        "one_by_one": _pair(seconds["columns"], seconds["rows"]),
    }


def meeting(rows: list[dict], hidden: int, way: str) -> dict:
    """Where both modes take the same time: by the medians, and by either quartile.

    Examples:
        >>> rows = [
        ...     dict(inputs=n, outputs=m, hidden=4, together={"ratio": q / 2, "quartiles": [q / 3, q]})
        ...     for n, m, q in ((8, 1, 8), (1, 8, 1 / 8))
        ... ]
        >>> meeting(rows, 4, "together")
        {'hidden': 4, 'way': 'together', 'inputs_over_outputs': 2.0, 'quartiles': [1.0, 3.0]}
    """
    chosen = [row for row in rows if row["hidden"] == hidden]
    shape = [row["inputs"] / row["outputs"] for row in chosen]
    ends = [crossing(shape, [row[way]["quartiles"][i] for row in chosen]) for i in (0, 1)]
    middle = crossing(shape, [row[way]["ratio"] for row in chosen])
    return {"hidden": hidden, "way": way, "inputs_over_outputs": middle, "quartiles": sorted(ends)}


def crossing(shape: list[float], ratios: list[float]) -> float:
    """The inputs / outputs at which a ratio is 1, on a straight line between two shapes.

    Both axes are logarithmic. Where the ratio crosses 1 more than once, the first counts; where it never
    does, the answer is nan.

    Examples:
        >>> crossing([8.0, 0.125], [4.0, 0.0625])
        2.0
    """
    points = [(math.log(x), math.log(y)) for x, y in zip(shape, ratios, strict=True)]
    for (x0, y0), (x1, y1) in pairwise(points):
        if y0 * y1 <= 0:
            return significant(math.exp(x0 - y0 * (x1 - x0) / (y1 - y0)))
    return math.nan


def training_gradient() -> dict:
    """Time the gradient of a network's loss by one reverse pass, and one of the forward passes it takes."""
    generator = torch.Generator().manual_seed(0)
    shapes = list(zip(LAYERS[1:], LAYERS[:-1], strict=True))
    ends = [size for m, n in shapes for size in (m * n, m)]
    x = torch.randn(BATCH, LAYERS[0], generator=generator)
    target = torch.randint(LAYERS[-1], (BATCH,), generator=generator)

    def loss(θ: Tensor) -> Tensor:
        parts, h = θ.split(ends), x
        for i, (m, n) in enumerate(shapes):
            h = torch.nn.functional.linear(h.relu() if i else h, parts[2 * i].view(m, n), parts[2 * i + 1])
        return torch.nn.functional.cross_entropy(h, target)

    θ = torch.randn(sum(ends), generator=generator) / LAYERS[0] ** 0.5
    seconds = interleave(
        {
            "evaluation": lambda: loss(θ),
            "gradient": lambda: gradient(loss, θ),
            "forward pass": lambda: torch.func.jvp(loss, (θ,), (θ,)),
        }
    )
    return {
        "parameters": len(θ),
        "batch": BATCH,
        "gradient_seconds": median(seconds["gradient"]),
        "forward_pass_seconds": median(seconds["forward pass"]),
        "gradient": paired_ratio(seconds["gradient"], seconds["evaluation"]),
        "forward_pass": paired_ratio(seconds["forward pass"], seconds["evaluation"]),
        "all_forward_seconds": significant(median(seconds["forward pass"]) * len(θ)),
    }


def _pair(forward: list[float], reverse: list[float]) -> dict:
    ratios = [a / b for a, b in zip(forward, reverse, strict=True)]
    return {
        "forward_seconds": median(forward),
        "reverse_seconds": median(reverse),
        "ratio": median(ratios),
        "quartiles": quartiles(ratios),
    }


def _repeated(call: Callable[[], object]) -> Callable[[], None]:
    def repeated() -> None:
        for _ in range(REPEATS):
            call()

    return repeated
