"""AdamW: Adam, with the decay of the weights kept out of its averages."""

from typing import ClassVar

from torch import Tensor

from book.optim.adam import Adam


class AdamW(Adam):
    """x ← x − η λ x, then Adam's step

    The decay is decoupled from the gradient: every weight loses the same share ηλ a step, however large its
    gradients are. With λ = 0 it is Adam.

    Args:
        params: tensors, (name, tensor) pairs or groups of them.
        lr: the learning rate η, at least 0.
        betas: the shares (β₁, β₂) of m and v that are kept, each in [0, 1).
        eps: ε, at least 0, added to the root.
        weight_decay: λ, at least 0; a weight without gradient shrinks by the factor 1 − ηλ a step.
        amsgrad: divide by the largest v so far.
        options: `maximize`, `engine` and `error_if_nonfinite`, as for `Rule`.

    Raises:
        ValueError: a hyperparameter is outside its range.

    Source:
        Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2017 (ICLR 2019), algorithm 2.

    Variants:
        torch.optim.AdamW. The paper's decay is λ times the schedule alone, without η: there λ is our ηλ.

    Examples:
        >>> import torch
        >>> x = torch.nn.Parameter(torch.tensor([1.0, 1.0]))
        >>> x.grad = torch.tensor([100.0, 0.0])
        >>> AdamW([x], lr=0.1, weight_decay=0.5).step()
        >>> x.data
        tensor([0.8500, 0.9500])
    """

    fixed: ClassVar = {"decoupled_weight_decay": True}

    def __init__(
        self,
        params,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        **options,
    ):
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, **options)

    @staticmethod
    def update(x, g, m, v, u, *, t, lr, betas, eps, amsgrad, weight_decay):
        x = x - lr * weight_decay * x
        return Adam.update(x, g, m, v, u, t=t, lr=lr, betas=betas, eps=eps, amsgrad=amsgrad)
