"""The data of a curvature: one batch or several, and each batch's share of the whole loss."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeGuard

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Loss = Callable[[Tensor, Tensor], Tensor]
Pair = tuple[Tensor, Tensor]


class Batch(NamedTuple):
    """Inputs, targets, and the factor with which the batch's loss counts in the whole."""

    inputs: Tensor
    targets: Tensor
    share: float


def batches_of(data: Pair | Iterable[Pair], loss: Loss) -> list[Batch]:
    """The batches with their shares: all 1 where the loss is a sum, else terms of the batch / all terms.

    Args:
        data: one pair (inputs, targets), or several.
        loss: its `reduction` decides; a function without one counts as a mean.

    Raises:
        ValueError: there are no data, no target counts, or `reduction` is neither "mean" nor "sum".

    Examples:
        >>> pairs = [(torch.zeros(3, 2), torch.zeros(3, 1)), (torch.zeros(1, 2), torch.zeros(1, 1))]
        >>> [batch.share for batch in batches_of(pairs, nn.MSELoss())]
        [0.75, 0.25]
    """
    given = [data] if _is_pair(data) else list(data)
    pairs = [(pair[0], pair[1]) for pair in given if _is_pair(pair)]
    if not pairs or len(pairs) < len(given) or not all(len(inputs) for inputs, _ in pairs):
        raise ValueError(
            "The data are a pair of tensors (inputs, targets), or several; none of them may be empty."
        )
    reduction = getattr(loss, "reduction", "mean")
    if reduction not in ("mean", "sum"):
        raise ValueError(f'A curvature takes a loss with reduction "mean" or "sum"; got {reduction!r}.')
    terms = [_terms(loss, targets) for _, targets in pairs]
    if reduction == "mean" and not sum(terms) > 0:
        raise ValueError("The mean goes over targets that count, and none of these does.")
    shares = [1.0 if reduction == "sum" else count / sum(terms) for count in terms]
    return [Batch(inputs, targets, share) for (inputs, targets), share in zip(pairs, shares, strict=True)]


def _is_pair(data: object) -> TypeGuard[Pair]:
    return isinstance(data, tuple | list) and len(data) == 2 and all(isinstance(x, Tensor) for x in data)


def _terms(loss: Loss, targets: Tensor) -> float:
    """What a mean divides by, up to a factor that all batches share."""
    if isinstance(loss, nn.CrossEntropyLoss) and not targets.is_floating_point():
        kept = targets[targets != loss.ignore_index]
        return float(kept.numel() if loss.weight is None else loss.weight[kept].sum())
    return float(targets.numel())


def one_number(value: Tensor) -> None:
    """Refuse a loss that is not one finite number.

    Examples:
        >>> one_number(torch.zeros(2))
        Traceback (most recent call last):
        ValueError: A curvature takes a loss of shape (); got shape (2,).
    """
    if not isinstance(value, Tensor) or value.shape != ():
        kind = f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
        raise ValueError(f"A curvature takes a loss of shape (); got {kind}.")
    if not torch.isfinite(value):
        raise FloatingPointError(f"The loss is {value.item()} here, so it has no curvature.")


def followed_forward(loss: Loss) -> Loss:
    """The same loss, in operations whose gradient torch can follow forward.

    The mean of squares is none: its gradient writes into a tensor of zeros, and torch refuses that
    (pytorch/pytorch, issue 123996).

    Examples:
        >>> loss = followed_forward(nn.MSELoss())
        >>> loss(torch.tensor([1.0, 2.0]), torch.zeros(2))
        tensor(2.5000)
    """
    if loss is F.mse_loss or (isinstance(loss, nn.MSELoss) and loss.reduction == "mean"):
        return lambda outputs, targets: F.mse_loss(outputs, targets, reduction="none").mean()
    return loss
