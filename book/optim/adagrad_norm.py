"""AdaGrad with one sum for the whole tensor: a rate that falls, and no rate of one's own."""

from typing import ClassVar

import torch
from torch import Tensor

from book.optim.adagrad import AdaGrad


class AdaGradNorm(AdaGrad):
    """s ← s + ‖g‖²,  x ← x − η g / (√s + ε)

    The step keeps the gradient's direction. What is left of AdaGrad is a learning rate that falls by itself.

    Args:
        params: tensors, (name, tensor) pairs or groups of them; each tensor has its own s.
        lr: the learning rate η, at least 0.
        options: as for `AdaGrad`.

    Raises:
        ValueError: a hyperparameter is outside its range.
        RuntimeError: at a step, a gradient is sparse.

    Source:
        Ward, Wu and Bottou, "AdaGrad stepsizes: sharp convergence over nonconvex landscapes", ICML, 2019.

    Variants:
        The paper has one s for all parameters together.

    Examples:
        >>> x = torch.nn.Parameter(torch.tensor([1.0, 1.0]))
        >>> x.grad = torch.tensor([3.0, 4.0])
        >>> AdaGradNorm([x], lr=0.5).step()
        >>> x.data
        tensor([0.7000, 0.6000])
    """

    rests_at_zero: ClassVar[bool] = False

    @staticmethod
    def update(x: Tensor, g: Tensor, s: Tensor, *, t, lr, lr_decay, eps):
        s = s + torch.sum(g**2)
        lr = lr / (1 + (t - 1) * lr_decay)
        x = x - lr * g / (torch.sqrt(s) + eps)
        return x, s
