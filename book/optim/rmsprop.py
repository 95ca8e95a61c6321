"""RMSProp: AdaGrad that forgets."""

from typing import ClassVar

import torch
from torch import Tensor

from book.optim.rule import Rule


class RMSProp(Rule):
    """v ← α v + (1−α) g²,  x ← x − η g / (√v + ε)

    The average of the squares forgets with the factor α, so the rate recovers after large gradients.

    Args:
        params: tensors, (name, tensor) pairs or groups of them.
        lr: the learning rate η, at least 0.
        alpha: the share α of v that is kept, from 0 to 1; it averages over about 1/(1−α) steps.
        eps: ε, at least 0, added to the root.
        weight_decay: λ; adds λx to the gradient.
        momentum: μ; with it b ← μ b + g / (√v + ε) and x ← x − η b, which is Polyak's, not Nesterov's.
        centered: divide by the root of v − a², with a the average of g: an estimate of g's variance. What
            rounding leaves below 0 counts as 0; on gradients that hardly change, steps grow to ηg/ε.
        options: `maximize`, `engine` and `error_if_nonfinite`, as for `Rule`.

    Raises:
        ValueError: a hyperparameter is outside its range.

    Source:
        Tieleman and Hinton, "Lecture 6.5 - rmsprop", COURSERA: Neural Networks for Machine Learning, 2012;
        centred and with momentum: Graves, "Generating Sequences With Recurrent Neural Networks", 2013.

    Variants:
        torch.optim.RMSprop, whose centred root is nan where v − a² rounds to less than 0. Others put ε under
        the root: √(v + ε).

    Examples:
        >>> x = torch.nn.Parameter(torch.tensor([1.0, 1.0]))
        >>> x.grad = torch.tensor([100.0, 0.01])
        >>> RMSProp([x], lr=0.01).step()
        >>> x.data  # √v is a tenth of |g| at the first step
        tensor([0.9000, 0.9000])
    """

    memory: ClassVar = {"square_avg": None, "grad_avg": "centered", "momentum_buffer": "momentum"}

    def __init__(
        self,
        params,
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        **options,
    ):
        own = {"alpha": alpha, "eps": eps, "momentum": momentum, "centered": centered}
        super().__init__(params, lr=lr, weight_decay=weight_decay, **own, **options)

    @staticmethod
    def update(x, g, v, a, b, *, t, lr, alpha, eps, momentum, centered):
        v = alpha * v + (1 - alpha) * g**2
        a = alpha * a + (1 - alpha) * g if centered else 0.0
        variance = torch.clamp(v - a**2, min=0) if centered else v
        b = momentum * b + g / (torch.sqrt(variance) + eps)
        x = x - lr * b
        return x, v, a, b
