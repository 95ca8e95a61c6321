"""What a product with a Hessian, Gauss-Newton or Fisher matrix costs in gradients, ours and two peers'."""

import importlib
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad
from torch.utils.flop_counter import FlopCounterMode

from book.bench.harness import ROUNDS, interleave, median, one_thread, paired_ratio, quartiles, record
from book.calculus.matrix_free import Fisher, GaussNewton, Hessian, LinearOperator
from book.training.data.load import load
from book.training.models import cifar_cnn, mnist_mlp
from book.training.run.loop import tensors_for

BATCHES = (32, 128, 512)
NETWORKS = {"784-1024-1024-10": (mnist_mlp, "mnist"), "small CNN": (cifar_cnn, "cifar10")}
PEERS = {"curvlinops": "curvlinops-for-pytorch", "backpack": "backpack-for-pytorch"}
OPERATORS: dict[str, tuple[Callable[..., LinearOperator], dict[str, Any]]] = {
    "Hessian, reverse over reverse": (Hessian, {}),
    "Hessian, forward over reverse": (Hessian, {"mode": "forward over reverse"}),
    "Hessian, kept graph": (Hessian, {"keep_graph": True}),
    "Gauss-Newton": (GaussNewton, {}),
    "Fisher, exact": (Fisher, {}),
    "Fisher, sampled": (Fisher, {"kind": "sampled"}),
    "Fisher, empirical": (Fisher, {"kind": "empirical"}),
}
SAME = {  # which of ours a peer's product must equal
    "curvlinops Hessian": "Hessian, reverse over reverse",
    "BackPACK Hessian": "Hessian, reverse over reverse",
    "curvlinops GGN": "Gauss-Newton",
    "BackPACK GGN": "Gauss-Newton",
    "curvlinops empirical Fisher": "Fisher, empirical",
}
Contestants = dict[str, Callable[[], Tensor]]


@one_thread()
def run(store: bool) -> dict:
    """Time all products on one core, print the table, store it if asked to.

    Args:
        store: whether to write `assets/results/curvature.json`.
    """
    rows = [row(name, batch) for name in NETWORKS for batch in BATCHES]
    peers = {name: version(package) for name, package in PEERS.items()}
    return record("curvature", {"peers": peers, "rounds": ROUNDS, "rows": rows}, store)


def row(name: str, batch: int) -> dict:
    """One network with one batch: each product's time over that of a gradient, round by round.

    Args:
        name: of the network.
        batch: how many images.
    """
    make, data = NETWORKS[name]
    model = make()
    X, y = (part[:batch] for part in tensors_for(model, load(data)[0]))
    v = torch.randn(sum(p.numel() for p in model.parameters()), generator=torch.Generator().manual_seed(0))
    calls = contestants(model, (X, y), v) | peers(model, (X, y), v)
    apart = differences(calls)
    counted = {label: flops(call) for label, call in calls.items() if "compiled" not in label}
    seconds = interleave(calls, ROUNDS)
    products = {label: _compared(label, seconds, counted) for label in calls}
    for label, found in products.items():
        print(f"{name}, batch {batch}, {label}: {found['gradients']} gradients", flush=True)
    return {"network": name, "batch": len(X), "apart": apart, "products": products}


def contestants(model: nn.Module, data: tuple[Tensor, Tensor], v: Tensor) -> Contestants:
    """A gradient, and our products, eager and compiled.

    Args:
        model: all its parameters are variables.
        data: inputs and labels.
        v: shape (n,).

    Examples:
        >>> model, data = nn.Linear(2, 3), (torch.ones(4, 2), torch.tensor([0, 1, 2, 0]))
        >>> calls = contestants(model, data, torch.ones(9))
        >>> calls["gradient"]().shape, calls["Gauss-Newton"]().shape
        (torch.Size([9]), torch.Size([9]))
    """
    loss = nn.CrossEntropyLoss()
    calls = {
        "gradient": lambda: gradient(model, loss, data),
        "gradient, compiled": compiled(model, loss, data),
    }
    for label, (kind, options) in OPERATORS.items():
        calls[label] = _product(kind(model, loss, data, **options), v)
        if "keep_graph" not in options:
            calls[f"{label}, compiled"] = _product(kind(model, loss, data, compile=True, **options), v)
    return calls


def gradient(model: nn.Module, loss: nn.Module, data: tuple[Tensor, Tensor]) -> Tensor:
    """The gradient as one vector, by one forward and one reverse pass.

    Args:
        model, loss: what is differentiated.
        data: inputs and labels.
    """
    parts = torch.autograd.grad(loss(model(data[0]), data[1]), list(model.parameters()))
    return torch.cat([part.reshape(-1) for part in parts])


def compiled(model: nn.Module, loss: nn.Module, data: tuple[Tensor, Tensor]) -> Callable[[], Tensor]:
    """The gradient through `torch.compile`, as our compiled products go through it.

    Args:
        model, loss: what is differentiated.
        data: inputs and labels.
    """
    θ = {name: parameter.detach() for name, parameter in model.named_parameters()}
    function = grad(lambda θ, X, y: loss(functional_call(model, θ, (X,)), y))
    fast = torch.compile(function, fullgraph=True)
    return lambda: torch.cat([part.reshape(-1) for part in fast(θ, *data).values()])


def peers(model: nn.Module, data: tuple[Tensor, Tensor], v: Tensor) -> Contestants:
    """The products of curvlinops and BackPACK.

    Args:
        model, data, v: as for `contestants`.
    """
    loss, params = nn.CrossEntropyLoss(), list(model.parameters())
    calls: Contestants = {}
    library = importlib.import_module("curvlinops")
    for label, name in (
        ("curvlinops Hessian", "HessianLinearOperator"),
        ("curvlinops GGN", "GGNLinearOperator"),
        ("curvlinops sampled Fisher", "FisherMCLinearOperator"),
        ("curvlinops empirical Fisher", "EFLinearOperator"),
    ):
        calls[label] = _product(getattr(library, name)(model, loss, params, [data]), v)
    return calls | _backpacks(model, loss, data, v)


def differences(calls: Contestants) -> dict[str, float]:
    """How far compiled products and the peers' are from ours, relative to their length.

    Args:
        calls: as of `contestants` and `peers`.
    """
    pairs = {label: SAME.get(label, label.removesuffix(", compiled")) for label in calls}
    return {
        label: float(f"{(calls[label]() - calls[ours]()).norm() / calls[ours]().norm():.2g}")
        for label, ours in pairs.items()
        if ours != label
    }


def flops(call: Callable[[], Tensor]) -> int | None:
    """The floating-point operations of the matrix products and convolutions in a call.

    None where torch cannot count: its counter follows modules by hooks that some nested derivatives refuse.

    Examples:
        >>> flops(lambda: torch.ones(2, 3) @ torch.ones(3, 4))
        48
    """
    try:
        with FlopCounterMode(display=False) as counter:
            call()
    except RuntimeError:
        return None
    return counter.get_total_flops()


def _product(operator, v: Tensor) -> Callable[[], Tensor]:
    return lambda: operator @ v


def _backpacks(model: nn.Module, loss: nn.Module, data: tuple[Tensor, Tensor], v: Tensor) -> Contestants:
    hvp = importlib.import_module("backpack.hessianfree.hvp").hessian_vector_product
    ggnvp = importlib.import_module("backpack.hessianfree.ggnvp").ggn_vector_product
    params = list(model.parameters())
    parts = [
        part.reshape(p.shape) for part, p in zip(v.split([p.numel() for p in params]), params, strict=True)
    ]

    def hessian() -> Tensor:
        found = hvp(loss(model(data[0]), data[1]), params, parts)
        return torch.cat([part.reshape(-1) for part in found])

    def gauss_newton() -> Tensor:
        outputs = model(data[0])
        found = ggnvp(loss(outputs, data[1]), outputs, model, parts)
        return torch.cat([part.reshape(-1) for part in found])

    return {"BackPACK Hessian": hessian, "BackPACK GGN": gauss_newton}


def _compared(label: str, seconds: dict[str, list[float]], counted: dict[str, int | None]) -> dict:
    plain, fast = seconds["gradient"], seconds["gradient, compiled"]
    found = {
        "seconds": median(seconds[label]),
        "gradients": paired_ratio(seconds[label], plain),
        "quartiles": quartiles([a / b for a, b in zip(seconds[label], plain, strict=True)]),
        "compiled_gradients": paired_ratio(seconds[label], fast),
    }
    own, gradients = counted.get(label), counted["gradient"]
    if own and gradients:
        found["operations"] = round(own / gradients, 3)
    return found
