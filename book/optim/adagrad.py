"""AdaGrad: every parameter its own rate, from all its gradients so far."""

from typing import ClassVar

import torch
from torch import Tensor

from book.optim.rule import Rule


class AdaGrad(Rule):
    """s ← s + g²,  x ← x − η g / (√s + ε)

    Parameters that have seen large or many gradients take small steps; those that have seen few take large
    ones. With gradients of one size the rate falls like 1/√t.

    Args:
        params: tensors, (name, tensor) pairs or groups of them.
        lr: the learning rate η, at least 0.
        lr_decay: γ; η is divided by 1 + (t − 1) γ at step t.
        weight_decay: λ; adds λx to the gradient.
        initial_accumulator_value: what s is before the first step, at least 0.
        eps: ε, at least 0; keeps the division from 0/0.
        options: `maximize`, `engine` and `error_if_nonfinite`, as for `Rule`.

    Raises:
        ValueError: a hyperparameter is outside its range.

    Source:
        Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic
        Optimization", Journal of Machine Learning Research, 2011: the diagonal form.

    Variants:
        torch.optim.Adagrad, which has both `eps` and `initial_accumulator_value`. The paper puts a constant
        δ where ε stands here.

    Examples:
        >>> x = torch.nn.Parameter(torch.tensor([1.0, 1.0]))
        >>> x.grad = torch.tensor([100.0, 0.01])
        >>> AdaGrad([x], lr=0.1).step()
        >>> x.data
        tensor([0.9000, 0.9000])
    """

    memory: ClassVar = {"sum": None}
    rests_at_zero = True

    def __init__(
        self,
        params,
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        **options,
    ):
        own = {"lr_decay": lr_decay, "initial_accumulator_value": initial_accumulator_value, "eps": eps}
        super().__init__(params, lr=lr, weight_decay=weight_decay, **own, **options)

    def start(self, x: Tensor, group: dict) -> Tensor:
        value = float(group["initial_accumulator_value"])
        return torch.full_like(x, complex(value, value) if x.is_complex() else value)

    @staticmethod
    def update(x, g, s, *, t, lr, lr_decay, eps):
        s = s + g**2
        lr = lr / (1 + (t - 1) * lr_decay)
        x = x - lr * g / (torch.sqrt(s) + eps)
        return x, s
