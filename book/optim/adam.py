"""Adam: momentum's average for the direction, RMSProp's for the size, both corrected for their start at 0."""

from typing import ClassVar

import torch
from torch import Tensor

from book.optim.engine import power
from book.optim.rule import Rule


class Adam(Rule):
    """m ← β₁ m + (1−β₁) g,  v ← β₂ v + (1−β₂) g²,  x ← x − η m̂ / (√v̂ + ε)

    with m̂ = m / (1−β₁ᵗ) and v̂ = v / (1−β₂ᵗ): averages that start at 0 are too small by these factors.

    Args:
        params: tensors, (name, tensor) pairs or groups of them.
        lr: the learning rate η, at least 0; no entry moves much further than η in one step.
        betas: the shares (β₁, β₂) of m and v that are kept, each in [0, 1).
        eps: ε, at least 0, added to the root.
        weight_decay: λ; adds λx to the gradient. `AdamW` decays the weights themselves.
        amsgrad: divide by the largest v so far, which makes the method converge where Adam does not.
        options: `maximize`, `engine` and `error_if_nonfinite`, as for `Rule`.

    Raises:
        ValueError: a hyperparameter is outside its range.

    Source:
        Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2014 (ICLR 2015), algorithm 1; amsgrad:
        Reddi, Kale and Kumar, "On the Convergence of Adam and Beyond", ICLR 2018.

    Variants:
        torch.optim.Adam. Its amsgrad, as here, corrects the largest v for its start; the paper does not.

    Examples:
        >>> x = torch.nn.Parameter(torch.tensor([1.0, 1.0]))
        >>> x.grad = torch.tensor([100.0, 0.01])
        >>> Adam([x], lr=0.1).step()
        >>> x.data
        tensor([0.9000, 0.9000])
    """

    memory: ClassVar = {"exp_avg": None, "exp_avg_sq": None, "max_exp_avg_sq": "amsgrad"}
    fixed: ClassVar = {"decoupled_weight_decay": False}

    def __init__(
        self,
        params,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        **options,
    ):
        own = {"betas": betas, "eps": eps, "amsgrad": amsgrad}
        super().__init__(params, lr=lr, weight_decay=weight_decay, **own, **options)

    @staticmethod
    def update(x, g, m, v, u, *, t, lr, betas, eps, amsgrad):
        β1, β2 = betas
        m = β1 * m + (1 - β1) * g
        v = β2 * v + (1 - β2) * g**2
        u = torch.maximum(u, v) if amsgrad else v
        m_hat, u_hat = m / (1 - power(β1, t)), u / (1 - power(β2, t))
        x = x - lr * m_hat / (torch.sqrt(u_hat) + eps)
        return x, m, v, u
