"""Gradient descent, which on minibatches is stochastic gradient descent."""

from typing import ClassVar

from torch import Tensor

from book.optim.rule import Rule


class SGD(Rule):
    """x ← x − η g

    On the whole data it is gradient descent (Cauchy, 1847); on a random minibatch, stochastic gradient
    descent. The formula is the same.

    Args:
        params: tensors, (name, tensor) pairs or groups of them.
        lr: the learning rate η, at least 0.
        weight_decay: λ; adds λx to the gradient.
        options: `maximize`, `engine` and `error_if_nonfinite`, as for `Rule`.

    Raises:
        ValueError: a hyperparameter is outside its range.

    Source:
        Robbins and Monro, "A Stochastic Approximation Method", Annals of Mathematical Statistics, 1951.

    Variants:
        torch.optim.SGD with momentum=0. Its momentum is `Momentum` here, its nesterov `Nesterov`.

    Examples:
        >>> import torch
        >>> x = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
        >>> x.square().sum().backward()
        >>> SGD([x], lr=0.25).step()
        >>> x.data
        tensor([ 0.5000, -1.0000])
    """

    rests_at_zero = True
    fixed: ClassVar = {"momentum": 0, "dampening": 0, "nesterov": False}

    def __init__(self, params, lr: float | Tensor = 1e-3, weight_decay: float = 0.0, **options):
        super().__init__(params, lr=lr, weight_decay=weight_decay, **options)

    @staticmethod
    def update(x, g, *, t, lr):
        x = x - lr * g
        return (x,)
