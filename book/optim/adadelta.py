"""AdaDelta: steps in the parameters' own units, from a second average."""

from typing import ClassVar

import torch
from torch import Tensor

from book.optim.rule import Rule


class AdaDelta(Rule):
    """v ← ρ v + (1−ρ) g²,  d = √(u + ε) / √(v + ε) · g,  u ← ρ u + (1−ρ) d²,  x ← x − η d

    The root of u, the average of the squared steps so far, stands where other methods have a rate. It has the
    unit of x, so that d has it as well, and η = 1 is the method as published.

    Args:
        params: tensors, (name, tensor) pairs or groups of them.
        lr: η, at least 0; a factor without unit.
        rho: the share ρ of both averages that is kept, from 0 to 1.
        eps: ε, at least 0, under both roots; √ε sets the size of the first steps.
        weight_decay: λ; adds λx to the gradient.
        options: `maximize`, `engine` and `error_if_nonfinite`, as for `Rule`.

    Raises:
        ValueError: a hyperparameter is outside its range.

    Source:
        Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012.

    Variants:
        torch.optim.Adadelta, which adds the factor η to the paper's formula, as here.

    Examples:
        >>> x = torch.nn.Parameter(torch.tensor([1.0]))
        >>> x.grad = torch.tensor([2.0])
        >>> AdaDelta([x], rho=0.75, eps=0.01).step()
        >>> x.data  # 1 − 2 · √0.01 / √1.01
        tensor([0.8010])
    """

    memory: ClassVar = {"square_avg": None, "acc_delta": None}

    def __init__(
        self,
        params,
        lr: float | Tensor = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        **options,
    ):
        super().__init__(params, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, **options)

    @staticmethod
    def update(x, g, v, u, *, t, lr, rho, eps):
        v = rho * v + (1 - rho) * g**2
        d = torch.sqrt(u + eps) / torch.sqrt(v + eps) * g
        u = rho * u + (1 - rho) * d**2
        x = x - lr * d
        return x, v, u
