"""Small networks in float64, and the matrices of their losses by torch.func: what operators must equal."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, jacrev

F64 = torch.float64


@dataclass
class Case:
    """A network, a loss, and batches."""

    model: nn.Module
    loss: nn.Module
    data: list[tuple[Tensor, Tensor]]

    @property
    def start(self) -> Tensor:
        return torch.cat([p.detach().reshape(-1) for p in self.model.parameters() if p.requires_grad])

    def outputs(self, θ: Tensor, X: Tensor) -> Tensor:
        """As a function of one vector; buffers are copied, so that training mode changes nothing."""
        named = {name: p for name, p in self.model.named_parameters() if p.requires_grad}
        parts = dict(zip(named, θ.split([p.numel() for p in named.values()]), strict=True))
        tensors = {name: part.reshape(named[name].shape) for name, part in parts.items()}
        buffers = {name: buffer.clone() for name, buffer in self.model.named_buffers()}
        return functional_call(self.model, tensors | buffers, (X,))

    def whole(self, θ: Tensor) -> Tensor:
        """The loss of all data as one batch: only where examples do not meet."""
        X, y = (torch.cat(parts) for parts in zip(*self.data, strict=True))
        return self.loss(self.outputs(θ, X), y)

    def hessian(self) -> Tensor:
        """By `grad`, not `jacrev`: with the latter, batch normalisation in training mode comes out wrong."""
        return jacrev(grad(self.whole))(self.start)

    def terms(self) -> tuple[Tensor, Tensor, Tensor]:
        """Jacobians (terms, C, n), outputs (terms, C) and targets, a row a term, written as sums."""
        X, y = (torch.cat(parts) for parts in zip(*self.data, strict=True))
        J, z = jacrev(lambda θ: self.outputs(θ, X))(self.start), self.outputs(self.start, X)
        if isinstance(self.loss, nn.CrossEntropyLoss):
            J, z = J.movedim(1, -2), z.movedim(1, -1)
        n = J.shape[-1]
        J, z = J.reshape(-1, z.shape[-1], n), z.reshape(-1, z.shape[-1])
        return J, z, y.reshape(-1) if not y.is_floating_point() else y.reshape(z.shape)

    def scale(self) -> float:
        """1 for a sum; for a mean one over the terms, or over the entries for squared errors."""
        _, z, _ = self.terms()
        size = len(z) if isinstance(self.loss, nn.CrossEntropyLoss) else z.numel()
        return 1.0 if self.loss.reduction == "sum" else 1 / size

    def gauss_newton(self) -> Tensor:
        J, z, _ = self.terms()
        if isinstance(self.loss, nn.MSELoss):
            return self.scale() * 2 * torch.einsum("tci,tcj->ij", J, J)
        p = torch.exp(z) / torch.exp(z).sum(1, keepdim=True)
        S = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]
        return self.scale() * torch.einsum("tci,tcd,tdj->ij", J, S, J)

    def slopes(self) -> Tensor:
        """The gradient of each term, (terms, n)."""
        J, z, y = self.terms()
        if isinstance(self.loss, nn.MSELoss):
            return torch.einsum("tc,tci->ti", 2 * (z - y), J)
        p = torch.exp(z) / torch.exp(z).sum(1, keepdim=True)
        return torch.einsum("tc,tci->ti", p - torch.eye(z.shape[1], dtype=F64)[y], J)

    def empirical_fisher(self) -> Tensor:
        return self.scale() * self.slopes().T @ self.slopes()


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=F64, generator=torch.Generator().manual_seed(seed))


def classes(*shape: int, count: int = 3, seed: int = 0) -> Tensor:
    return torch.randint(0, count, shape, generator=torch.Generator().manual_seed(seed))


def perceptron() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))


def convolutions() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(2, 2, 2),
        nn.Sigmoid(),
        nn.Flatten(),
        nn.Linear(2, 3),
    )


class Tied(nn.Module):
    """One weight, used twice: y = W₂ tanh(W tanh(W x)); and a parameter that nobody asks."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.second = nn.Linear(4, 4)
        self.second.weight = self.first.weight
        self.unused = nn.Parameter(torch.ones(2))
        self.last = nn.Linear(4, 3)

    def forward(self, x):
        return self.last(torch.tanh(self.second(torch.tanh(self.first(x)))))


NETWORKS = {"perceptron": (perceptron, (4,)), "convolutions": (convolutions, (1, 4, 4)), "tied": (Tied, (4,))}


def case(network: str, loss: str, reduction: str = "mean", sizes: tuple[int, ...] = (6, 3)) -> Case:
    """A network on batches of normal inputs.

    Args:
        network: of `NETWORKS`.
        loss: "squares" or "cross-entropy".
        reduction: of the loss.
        sizes: of the batches.
    """
    make, shape = NETWORKS[network]
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = make().double()
    data = []
    for seed, size in enumerate(sizes):
        X = normal(size, *shape, seed=seed)
        y = classes(size, seed=seed) if loss == "cross-entropy" else normal(size, 3, seed=seed + 9)
        data.append((X, y))
    kind = nn.CrossEntropyLoss if loss == "cross-entropy" else nn.MSELoss
    return Case(model, kind(reduction=reduction), data)


def apart(found: Tensor, expected: Tensor) -> float:
    """‖found − expected‖ / ‖expected‖."""
    return ((found - expected).norm() / expected.norm()).item()
