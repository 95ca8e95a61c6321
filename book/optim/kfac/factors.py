"""The Kronecker factors of a model's layers on one batch."""

import torch
from torch import Tensor, nn

from book.optim.kfac.hooks import FactorHooks, Factors, Request
from book.optim.kfac.layers import sorted_layers, trained


def kronecker_factors(
    model: nn.Module,
    loss: nn.Module,
    x: Tensor,
    y: Tensor | None = None,
    *,
    fisher: str = "exact",
    approximation: str = "expand",
    seed: int = 0,
) -> dict[str, Factors]:
    """The factors of a model's layers on one batch.

    Args:
        model: its Linear and Conv2d layers are taken, and other parameters left out.
        loss: `CrossEntropyLoss`, `MSELoss` or `BCEWithLogitsLoss`, with the reduction "mean" or "sum".
        x: the inputs, the batch first.
        y: the targets, for the empirical Fisher.
        fisher: "exact" sums over classes, "sampled" draws one label an example from the model, "empirical"
            takes the labels of the data.
        approximation: what to do with a weight that is used at several places of an example: "expand" takes
            the places for examples of their own, "reduce" adds them up first.
        seed: for the labels that are drawn.

    Returns:
        By the layer's name, its `Factors`; B ⊗ A stands for the layer's Fisher matrix.

    Raises:
        TypeError, ValueError: the loss or the model is none that K-FAC knows, or the empirical Fisher has no
            targets.

    Source:
        Martens and Grosse, "Optimizing Neural Networks with Kronecker-factored Approximate Curvature", ICML
        2015; Grosse and Martens, "A Kronecker-factored approximate Fisher matrix for convolution layers",
        ICML 2016; Eschenhagen and others, "Kronecker-Factored Approximate Curvature for Modern Neural Network
        Architectures", NeurIPS 2023, for expand and reduce.

    Examples:
        >>> model = nn.Linear(1, 1, bias=False)
        >>> factors = kronecker_factors(model, nn.MSELoss(), torch.tensor([[1.0], [3.0]]))
        >>> factors[""].A, factors[""].B.round(decimals=4)
        (tensor([[5.]]), tensor([[2.]]))
    """
    request = Request(fisher, approximation, seed)
    if fisher == "empirical" and y is None:
        raise ValueError("The empirical Fisher takes the labels of the data; give y.")
    hooks = FactorHooks(model, sorted_layers(model, unknown="gradient")[0], loss, lambda: request)
    try:
        with torch.enable_grad():
            output = model(x)
            if fisher == "empirical":
                parameters = [parameter for layer in hooks.layers.values() for parameter in trained(layer)]
                torch.autograd.grad(loss(output, y), parameters, allow_unused=True)
    finally:
        hooks.remove()
    return hooks.found
