"""Losses as −log of a distribution: which vectors at the outputs make up their Fisher matrix."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor, nn

LOSSES = (nn.CrossEntropyLoss, nn.MSELoss, nn.BCEWithLogitsLoss)


def check_loss(loss: nn.Module) -> nn.Module:
    """Refuse a loss whose distribution is not known.

    Args:
        loss: an instance of a loss class of torch.

    Returns:
        The loss.

    Raises:
        TypeError: it is none of `LOSSES`.
        ValueError: it has weights, or no one number as its value.

    Examples:
        >>> check_loss(nn.L1Loss())
        Traceback (most recent call last):
        TypeError: K-FAC takes CrossEntropyLoss, MSELoss or BCEWithLogitsLoss of torch.nn; got L1Loss().
    """
    if not isinstance(loss, LOSSES):
        names = [kind.__name__ for kind in LOSSES]
        given = loss.__name__ + " itself, not an instance" if isinstance(loss, type) else repr(loss)
        raise TypeError(f"K-FAC takes {', '.join(names[:-1])} or {names[-1]} of torch.nn; got {given}.")
    if loss.reduction not in ("mean", "sum"):
        raise ValueError(f"K-FAC takes a loss of reduction 'mean' or 'sum'; got {loss.reduction!r}.")
    if any(getattr(loss, name, None) is not None for name in ("weight", "pos_weight")):
        raise ValueError(
            "K-FAC takes a loss without class weights: with them it is not −log of the model's distribution."
        )
    return loss


def loss_scale(loss: nn.Module, output: Tensor) -> float:
    """R, by which the loss multiplies the sum of −log p over all examples and outputs.

    The distribution of `MSELoss` is normal with variance 1/2, so that −log p is the square itself.

    Args:
        loss: of `LOSSES`.
        output: of the model, the batch first.

    Examples:
        >>> loss_scale(nn.CrossEntropyLoss(), torch.zeros(5, 10)), loss_scale(nn.MSELoss(), torch.zeros(5, 2))
        (0.2, 0.1)
    """
    if loss.reduction == "sum":
        return 1.0
    classes = output.shape[1] if isinstance(loss, nn.CrossEntropyLoss) else 1
    return classes / output.numel()


def exact_vectors(loss: nn.Module, output: Tensor) -> Iterator[Tensor]:
    """Vectors v, for which Σ v vᵀ is the Hessian of −log p with respect to one example's output.

    For classes these are √p_c times the gradient of −log p_c, so that the sum goes over all labels, each with
    its probability. Where an example has several outputs side by side, each has vectors of its own.

    Args:
        loss: of `LOSSES`.
        output: shape (N, C) or, with a class at each place, (N, C, …).

    Yields:
        Tensors of the output's shape, as many as one example has outputs.

    Examples:
        >>> S = torch.stack(list(exact_vectors(nn.CrossEntropyLoss(), torch.zeros(1, 2))), dim=-1)[0]
        >>> S @ S.T
        tensor([[ 0.2500, -0.2500],
                [-0.2500,  0.2500]])
    """
    first = 2 if isinstance(loss, nn.CrossEntropyLoss) else 1  # where the axes of places begin
    for column in _columns(loss, output):
        shape = column.shape[first:]
        for place in torch.eye(shape.numel(), dtype=column.dtype, device=column.device):
            yield column if shape.numel() == 1 else column * place.reshape(shape)


def sampled_vector(loss: nn.Module, output: Tensor, generator: Generator) -> Tensor:
    """The gradient of −log p at the outputs, for labels drawn from the model's own distribution.

    Args:
        loss: of `LOSSES`.
        output: shape (N, C) or (N, C, …).
        generator: what draws.

    Returns:
        Of the output's shape.

    Examples:
        >>> sampled_vector(nn.CrossEntropyLoss(), torch.tensor([[999.0, 0.0]]), Generator())
        tensor([[0., 0.]])
    """
    if isinstance(loss, nn.MSELoss):
        return torch.empty_like(output).normal_(std=2**0.5, generator=generator)
    if _binary(loss):
        p = output.sigmoid()
        return p - torch.bernoulli(p, generator=generator)
    p = output.softmax(dim=1).movedim(1, -1)
    labels = torch.multinomial(p.reshape(-1, p.shape[-1]), 1, generator=generator).reshape(p.shape[:-1])
    return (p - nn.functional.one_hot(labels, p.shape[-1])).movedim(-1, 1)


def _columns(loss: nn.Module, output: Tensor) -> Iterator[Tensor]:
    if not isinstance(loss, nn.CrossEntropyLoss):
        p = output.sigmoid()
        yield (p * (1 - p)).sqrt() if _binary(loss) else torch.full_like(output, 2**0.5)
        return
    p = output.softmax(dim=1)
    for c in range(p.shape[1]):
        label = torch.zeros_like(p)
        label[:, c] = 1
        yield p[:, c : c + 1].sqrt() * (label - p)


def _binary(loss: nn.Module) -> bool:
    return isinstance(loss, nn.BCEWithLogitsLoss)
