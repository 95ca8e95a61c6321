"""Polyak's momentum, the heavy ball."""

from typing import ClassVar

from torch import Tensor

from book.optim.rule import Rule


class Momentum(Rule):
    """b ← μ b + g,  x ← x − η b

    Gradients that agree from step to step add up in b, up to 1/(1−μ) times one of them; gradients that
    alternate cancel.

    Args:
        params: tensors, (name, tensor) pairs or groups of them.
        lr: the learning rate η, at least 0.
        momentum: the share μ of b that is kept, at least 0; below 1 for b to stay bounded.
        weight_decay: λ; adds λx to the gradient.
        options: `maximize`, `engine` and `error_if_nonfinite`, as for `Rule`.

    Raises:
        ValueError: a hyperparameter is outside its range.

    Source:
        Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Computational
        Mathematics and Mathematical Physics, 1964.

    Variants:
        torch.optim.SGD with momentum=μ and dampening=0. Polyak's own form keeps the rate inside the velocity,
        v ← μ v − η g, x ← x + v: the same path at a constant rate, another one when the rate changes. torch's
        dampening is left out: it multiplies every gradient but the first by 1 − dampening, which a smaller
        learning rate does as well.

    Examples:
        >>> import torch
        >>> x = torch.nn.Parameter(torch.tensor([1.0]))
        >>> optimizer = Momentum([x], lr=0.25, momentum=0.5)
        >>> for _ in range(2):
        ...     optimizer.zero_grad()
        ...     x.square().sum().backward()
        ...     optimizer.step()
        >>> x.data  # 1, then 1 − 0.25·2, then 0.5 − 0.25·(0.5·2 + 1)
        tensor([0.])
    """

    memory: ClassVar = {"momentum_buffer": None}
    fixed: ClassVar = {"dampening": 0, "nesterov": False}

    def __init__(
        self, params, lr: float | Tensor = 1e-3, momentum: float = 0.9, weight_decay: float = 0.0, **options
    ):
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay, **options)

    @staticmethod
    def update(x, g, b, *, t, lr, momentum):
        b = momentum * b + g
        x = x - lr * b
        return x, b
