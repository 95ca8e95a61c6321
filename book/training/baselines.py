"""How far one gets without a network: the closest image, and the best linear layer, both in closed form."""

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from book.training.data.load import Data
from book.training.data.sample import CLASSES

AT_ONCE = 500  # images whose distances to all others are held at the same time


def closest(images: Tensor, among: Tensor) -> tuple[Tensor, Tensor]:
    """For each image the one that differs least from it, pixel by pixel.

    Squares of whole numbers are added in float64, which is exact: no rounding decides between two neighbours.

    Args:
        images: uint8, shape (N, C, H, W).
        among: uint8, shape (M, C, H, W).

    Returns:
        The root mean square difference in grey levels (0 to 255), float64, and the index into `among`, int64,
        shape (N,) each.

    Examples:
        >>> among = torch.tensor([[0, 0], [10, 10]], dtype=torch.uint8).reshape(2, 1, 1, 2)
        >>> [found.item() for found in closest(among[1:] + 3, among)]
        [3.0, 1]
    """
    others = among.flatten(1).double()
    squares = (others**2).sum(1)
    found = [
        ((some**2).sum(1, keepdim=True) - 2 * some @ others.T + squares).min(dim=1)
        for part in images.split(AT_ONCE)
        for some in [part.flatten(1).double()]
    ]
    distances, places = (torch.cat(column) for column in zip(*found, strict=True))
    return (distances / others.shape[1]).sqrt(), places


def linear_classifier(train: Data, penalty: float = 1.0) -> nn.Sequential:
    """The linear layer that comes closest to one-hot labels, by least squares with a penalty (ridge).

    With inputs X and labels Y centred it solves (X^T X / N + penalty I) W = X^T Y / N: there is no step, and
    no learning rate.

    Args:
        train: N images with n numbers each; the layer has n inputs and 10 outputs, float64.
        penalty: added to every eigenvalue of X^T X / N, above 0.

    Source:
        Hoerl and Kennard, "Ridge Regression: Biased Estimation for Nonorthogonal Problems", 1970.

    Examples:
        >>> from book.training.data.load import load
        >>> from book.training.run.loop import evaluate
        >>> train, test = load("mnist")
        >>> 0.8 < evaluate(linear_classifier(train), test)[1] < 0.9
        True
    """
    inputs, targets = train.inputs.flatten(1).double(), one_hot(train.labels, CLASSES).double()
    middle, shares = inputs.mean(0), targets.mean(0)
    centred = inputs - middle
    covariance = centred.T @ centred / len(inputs)
    covariance.diagonal().add_(penalty)
    cross = centred.T @ (targets - shares) / len(inputs)
    weights = torch.cholesky_solve(cross, torch.linalg.cholesky(covariance))
    layer = nn.Linear(weights.shape[0], weights.shape[1], dtype=torch.float64)
    layer.weight.data, layer.bias.data = weights.T.contiguous(), shares - middle @ weights
    return nn.Sequential(nn.Flatten(), layer)
