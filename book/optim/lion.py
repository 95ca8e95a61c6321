"""Lion: a step of one size in every entry, in the direction of an average's sign."""

from typing import ClassVar

import torch
from torch import Tensor

from book.optim.rule import Rule


class Lion(Rule):
    """c = β₁ m + (1−β₁) g,  x ← x − η (sign(c) + λ x),  m ← β₂ m + (1−β₂) g

    Every entry moves by η, whatever the size of its gradient. The direction comes from c, in which the newest
    gradient weighs more than in m, which is all that is remembered.

    Args:
        params: tensors, (name, tensor) pairs or groups of them.
        lr: the learning rate η, at least 0; the paper takes a third to a tenth of AdamW's.
        betas: the shares (β₁, β₂) of m that are kept in c and in m, each in [0, 1).
        weight_decay: λ, at least 0; the paper takes three to ten times AdamW's.
        options: `maximize`, `engine` and `error_if_nonfinite`, as for `Rule`.

    Raises:
        ValueError: a hyperparameter is outside its range.

    Source:
        Chen, Liang, Huang, Real, Wang, Pham, Dong, Luong, Hsieh, Lu and Le, "Symbolic Discovery of
        Optimization Algorithms", NeurIPS 2023, algorithm 2.

    Variants:
        torch has none; lion-pytorch and pytorch_optimizer are as here.

    Examples:
        >>> x = torch.nn.Parameter(torch.tensor([1.0, 1.0, 1.0]))
        >>> x.grad = torch.tensor([100.0, -0.01, 0.0])
        >>> Lion([x], lr=0.25).step()
        >>> x.data
        tensor([0.7500, 1.2500, 1.0000])
    """

    memory: ClassVar = {"exp_avg": None}

    def __init__(
        self,
        params,
        lr: float | Tensor = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        **options,
    ):
        super().__init__(params, lr=lr, betas=betas, weight_decay=weight_decay, **options)

    @staticmethod
    def update(x, g, m, *, t, lr, betas, weight_decay):
        β1, β2 = betas
        c = β1 * m + (1 - β1) * g
        x = x - lr * (torch.sign(c) + weight_decay * x)
        m = β2 * m + (1 - β2) * g
        return x, m
