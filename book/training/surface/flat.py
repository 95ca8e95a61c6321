"""A model's parameters as one vector θ, and its loss as a function of that vector."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy
from torch.nn.utils import parameters_to_vector

from book.training.data.load import Data


def flat_parameters(model: nn.Module) -> Tensor:
    """Copy all parameters, in the order of `model.parameters()`, into one vector of shape (n,).

    Args:
        model: with n parameters in all.

    Examples:
        >>> flat_parameters(nn.Linear(3, 2)).shape
        torch.Size([8])
    """
    return parameters_to_vector(model.parameters()).detach().clone()


def set_parameters(model: nn.Module, vector: Tensor) -> None:
    """Copy a vector of shape (n,) into the model's parameters, the inverse of `flat_parameters`.

    Args:
        model: with n parameters in all.
        vector: shape (n,); it is rounded to the parameters' dtype.

    Raises:
        ValueError: the vector's shape is not (n,).

    Examples:
        >>> model = nn.Linear(2, 1)
        >>> set_parameters(model, torch.tensor([1.0, 2.0, 3.0]))
        >>> model.bias.item()
        3.0
    """
    with torch.no_grad():
        for parameter, values in zip(model.parameters(), _split(model, vector).values(), strict=True):
            parameter.copy_(values)


def flat_loss(model: nn.Module, data: Data) -> Callable[[Tensor], Tensor]:
    """L(θ): the mean cross-entropy over all of `data` as a function of the flat parameter vector.

    It is made of torch operations alone, so `torch.func` differentiates it as often as you like. The model
    lends its structure; its own parameters are neither read nor changed. The inputs follow the dtype and the
    device of θ: a float64 vector gives a float64 loss.

    Args:
        model: maps inputs (N, C, H, W) to logits (N, classes).
        data: N images, passed through the model at once.

    Returns:
        A function from shape (n,) to a scalar.

    Raises:
        ValueError: from the function, where the vector's shape is not (n,).

    Examples:
        The product of the Hessian with a vector, without the Hessian:

        >>> from torch.func import grad, jvp
        >>> from book.training.data.load import load
        >>> from book.training.models import mlp
        >>> model = mlp(784, 10)
        >>> loss, θ = flat_loss(model, load("mnist")[1]), flat_parameters(model)
        >>> gradient, Hv = jvp(grad(loss), (θ,), (torch.ones_like(θ),))
        >>> Hv.shape
        torch.Size([7850])
    """

    images = data.inputs  # kept from here: made inside a transform of torch.func, it would not outlive it

    def loss(vector: Tensor) -> Tensor:
        inputs = images.to(vector.device, vector.dtype)
        logits = functional_call(model, _split(model, vector), (inputs,))
        return cross_entropy(logits, data.labels.to(vector.device))

    return loss


def _split(model: nn.Module, vector: Tensor) -> dict[str, Tensor]:
    """Views of the vector, one for each parameter, in its shape and under its name."""
    named = dict(model.named_parameters())
    sizes = [parameter.numel() for parameter in named.values()]
    if vector.shape != (sum(sizes),):
        raise ValueError(
            f"The model has {sum(sizes)} parameters; got a vector of shape {tuple(vector.shape)}."
        )
    parts = zip(named.items(), vector.split(sizes), strict=True)
    return {name: part.view_as(parameter) for (name, parameter), part in parts}
