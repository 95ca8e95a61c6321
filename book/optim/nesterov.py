"""Nesterov's accelerated gradient, in the form that takes the gradient where the parameters are."""

from typing import ClassVar

from torch import Tensor

from book.optim.rule import Rule


class Nesterov(Rule):
    """b ← μ b + g,  x ← x − η (g + μ b)

    Nesterov takes the gradient at the point to which the velocity alone would carry the parameters. This form
    keeps that look-ahead point as its parameters x, so the gradient is taken where x is.

    Args:
        params: tensors, (name, tensor) pairs or groups of them.
        lr: the learning rate η, at least 0.
        momentum: μ, at least 0; below 1 for b to stay bounded.
        weight_decay: λ; adds λx to the gradient.
        options: `maximize`, `engine` and `error_if_nonfinite`, as for `Rule`.

    Raises:
        ValueError: a hyperparameter is outside its range.

    Source:
        Nesterov, "A method for solving the convex programming problem with convergence rate O(1/k²)", Soviet
        Mathematics Doklady, 1983; with a constant μ: Sutskever, Martens, Dahl and Hinton, "On the importance
        of initialization and momentum in deep learning", ICML 2013.

    Variants:
        torch.optim.SGD with nesterov=True. Nesterov's own μ grows with the steps towards 1.

    Examples:
        >>> import torch
        >>> x = torch.nn.Parameter(torch.tensor([1.0]))
        >>> x.square().sum().backward()
        >>> Nesterov([x], lr=0.25, momentum=0.5).step()
        >>> x.data  # 1 − 0.25·(2 + 0.5·2)
        tensor([0.2500])
    """

    memory: ClassVar = {"momentum_buffer": None}
    fixed: ClassVar = {"dampening": 0, "nesterov": True}

    def __init__(
        self, params, lr: float | Tensor = 1e-3, momentum: float = 0.9, weight_decay: float = 0.0, **options
    ):
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay, **options)

    @staticmethod
    def update(x, g, b, *, t, lr, momentum):
        b = momentum * b + g
        x = x - lr * (g + momentum * b)
        return x, b
