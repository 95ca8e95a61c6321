"""K-FAC's product beside a layer's own Fisher matrix: how far it is off, and what a step loses by that."""

from collections.abc import Mapping
from itertools import accumulate, pairwise

import torch
from torch import Tensor, nn
from torch.func import functional_call, jacrev, vmap

from book.calculus.matrix_free import Kronecker
from book.optim.kfac import Factors
from book.optim.kfac.damping import damped_inverses, natural
from book.optim.kfac.layers import as_matrix, sorted_layers, trained
from book.optim.kfac.losses import exact_vectors, loss_scale
from book.training.models import seeded

WIDTHS = (49, 16, 16, 10)
ACTIVATIONS = {"identity": nn.Identity, "tanh": nn.Tanh, "ReLU": nn.ReLU}


def small_network(activation: str, seed: int) -> nn.Sequential:
    """Images averaged to 7 × 7, then 49-16-16-10 in float64.

    Examples:
        >>> small_network("ReLU", seed=0)(torch.zeros(3, 1, 28, 28, dtype=torch.float64)).shape
        torch.Size([3, 10])
    """
    make = ACTIVATIONS[activation]
    with seeded(seed):
        first, second, third = (nn.Linear(*pair) for pair in pairwise(WIDTHS))
    return nn.Sequential(nn.AvgPool2d(4), nn.Flatten(), first, make(), second, make(), third).double()


def loss_and_targets(loss: str, labels: Tensor) -> tuple[nn.Module, Tensor]:
    """A loss, and the labels as it takes them.

    Examples:
        >>> loss_and_targets("squared errors", torch.tensor([1]))[1][0, :3]
        tensor([0., 1., 0.], dtype=torch.float64)
    """
    if loss == "cross-entropy":
        return nn.CrossEntropyLoss(), labels
    return nn.MSELoss(), nn.functional.one_hot(labels, WIDTHS[-1]).double()


def fisher_by_layers(
    model: nn.Module, loss: nn.Module, x: Tensor, y: Tensor
) -> tuple[Tensor, Tensor, dict[str, slice]]:
    """The whole Fisher matrix and the gradient, layer after layer, in the order of K-FAC's products.

    Args:
        model: its Linear and Conv2d layers hold all its parameters.
        loss: cross-entropy or squared errors; the labels do not enter the matrix.
        x, y: a batch.

    Returns:
        F of shape (n, n), the gradient of shape (n,), and where each layer's entries are.

    Examples:
        >>> model = nn.Linear(1, 1)
        >>> F, g, places = fisher_by_layers(model, nn.MSELoss(), torch.tensor([[3.0]]), torch.zeros(1, 1))
        >>> F.round(decimals=3), places
        (tensor([[18.,  6.],
                [ 6.,  2.]]), {'': slice(0, 2, None)})
    """
    layers = sorted_layers(model)[0]
    own: list[Tensor] = [parameter for layer in layers.values() for parameter in trained(layer)]
    output, J = model(x).detach(), _jacobians(model, x, layers)
    rows = [torch.einsum("nc,ncp->np", v, J) for v in exact_vectors(loss, output)]
    F = loss_scale(loss, output) * torch.cat(rows).T @ torch.cat(rows)
    slopes = dict(zip(own, torch.autograd.grad(loss(model(x), y), own), strict=True))
    parts = [as_matrix(layer, slopes).flatten() for layer in layers.values()]
    ends = accumulate([len(part) for part in parts], initial=0)
    slices = {name: slice(*pair) for name, pair in zip(layers, pairwise(ends), strict=True)}
    return F, torch.cat(parts), slices


def gaps(F: Tensor, slices: Mapping[str, slice], factors: Mapping[str, Factors]) -> dict[str, float]:
    """‖B ⊗ A − F‖ / ‖F‖ of each layer's block, in Frobenius' norm.

    Examples:
        >>> gaps(torch.tensor([[4.0]]), {"": slice(0, 1)}, {"": Factors(torch.tensor([[3.0]]), torch.eye(1))})
        {'': 0.25}
    """
    blocks = {name: F[part, part] for name, part in slices.items()}
    return {
        name: float((torch.kron(factors[name].B, factors[name].A) - block).norm() / block.norm())
        for name, block in blocks.items()
    }


def directions(
    F: Tensor, g: Tensor, slices: Mapping[str, slice], factors: Mapping[str, Factors], damping: float
) -> dict[str, Tensor]:
    """(F + λ I)⁻¹ g and what stands for it where the matrix is simplified, step by step.

    Args:
        F, g, slices: as from `fisher_by_layers`.
        factors: of each layer.
        damping: λ.

    Examples:
        >>> F, g = torch.tensor([[3.0]]), torch.tensor([4.0])
        >>> found = directions(F, g, {"": slice(0, 1)}, {"": Factors(torch.eye(1), F)}, damping=1.0)
        >>> found["whole"], found["gradient"]
        (tensor([1.]), tensor([4.]))
    """
    damped = F + damping * torch.eye(len(F)).to(F)
    parts = {name: (damped[part, part], g[part], factors[name]) for name, part in slices.items()}
    return {
        "whole": torch.linalg.solve(damped, g),
        "layers": torch.cat([torch.linalg.solve(block, v) for block, v, _ in parts.values()]),
        "products": torch.cat([_exactly_damped(v, f, damping) for _, v, f in parts.values()]),
        "K-FAC": torch.cat([_damped_by_pi(v, f, damping) for _, v, f in parts.values()]),
        "diagonal": g / damped.diagonal(),
        "gradient": g,
    }


def shares(F: Tensor, g: Tensor, found: Mapping[str, Tensor], damping: float) -> dict[str, float]:
    """What each direction, at its best length, gains in the damped quadratic model, as a share of the most.

    Along d the model −gᵀd + ½ dᵀ(F + λ I) d falls by at most (gᵀd)² / (2 dᵀ(F + λ I) d).

    Examples:
        >>> F, g = torch.diag(torch.tensor([1.0, 9.0])), torch.tensor([1.0, 1.0])
        >>> found = shares(F, g, {"whole": g / F.diagonal(), "gradient": g}, damping=0.0)
        >>> found["whole"], round(found["gradient"], 6)
        (1.0, 0.36)
    """
    damped = F + damping * torch.eye(len(F)).to(F)
    gains = {name: float((g @ d) ** 2 / (d @ damped @ d)) for name, d in found.items()}
    return {name: gain / gains["whole"] for name, gain in gains.items()}


def _jacobians(model: nn.Module, x: Tensor, layers: Mapping[str, nn.Module]) -> Tensor:
    """Of each example's output, shape (N, outputs, n)."""
    named = {name: parameter.detach() for name, parameter in model.named_parameters()}
    known = {parameter: name for name, parameter in model.named_parameters()}
    one = vmap(jacrev(lambda p, x: functional_call(model, p, (x[None],))[0]), in_dims=(None, 0))(named, x)
    rows = [
        torch.cat([one[known[p]].reshape(*one[known[p]].shape[:3], -1) for p in trained(layer)], dim=3)
        for layer in layers.values()
    ]
    return torch.cat([part.flatten(2) for part in rows], dim=2)


def _exactly_damped(v: Tensor, factors: Factors, damping: float) -> Tensor:
    return Kronecker(factors.B, factors.A).damped_inverse(damping) @ v


def _damped_by_pi(v: Tensor, factors: Factors, damping: float) -> Tensor:
    inverses = damped_inverses(factors.A, factors.B, damping)
    return natural(v.reshape(len(factors.B), len(factors.A)), *inverses).flatten()
