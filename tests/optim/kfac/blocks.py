"""Networks, and the Fisher matrix of one layer written out, without hooks and without Kronecker products."""

import torch
from torch import Tensor, nn
from torch.func import functional_call, hessian, jacrev

from book.optim.kfac.layers import trained
from book.training.models import seeded


def double(seed: int, *layers) -> nn.Sequential:
    """A float64 network whose parameters come from a seed; `layers` make the modules."""
    with seeded(seed):
        return nn.Sequential(*(layer() for layer in layers)).double()


def normal(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def labels(seed: int, *shape: int, classes: int) -> Tensor:
    return torch.randint(classes, shape, generator=torch.Generator().manual_seed(seed))


def gauss_newton(model: nn.Module, loss: nn.Module, x: Tensor, y: Tensor, name: str) -> Tensor:
    """Jᵀ H J for a layer's weight and bias, in the order of the matrix (weight | bias), row by row."""
    layer = model.get_submodule(name)
    own = {key: p.detach() for key, p in layer.named_parameters() if p.requires_grad}
    prefix = f"{name}." if name else ""

    def output(parameters):
        return functional_call(model, {prefix + key: value for key, value in parameters.items()}, (x,))

    J = jacrev(output)(own)
    J = torch.cat([J[key].reshape(model(x).numel(), len(p), -1) for key, p in own.items()], dim=2).flatten(1)
    H = hessian(lambda f: loss(f, y))(model(x).detach()).reshape(len(J), len(J))
    return J.T @ H @ J


def per_example_gradients(model: nn.Module, loss: nn.Module, x: Tensor, y: Tensor, name: str) -> Tensor:
    """Each example's gradient with respect to a layer's (weight | bias), shape (N, outputs, inputs)."""
    own = trained(model.get_submodule(name))
    rows = []
    for example, target in zip(x.split(1), y.split(1), strict=True):
        parts = torch.autograd.grad(loss(model(example), target), own)
        rows.append(torch.cat([part.reshape(len(p), -1) for p, part in zip(own, parts, strict=True)], dim=1))
    return torch.stack(rows)


def relative(a: Tensor, b: Tensor) -> float:
    """The distance of two matrices over the size of the second."""
    return float((a - b).norm() / b.norm())
