"""The speedrun's network: a whitening convolution, three blocks without residuals, one linear layer."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from book.project.recipe import Recipe
from book.training.models import seeded

PATCH = 2  # side in pixels of what the whitening convolution sees
SHRINKAGE = 5e-4  # keeps the directions in which patches hardly vary from being blown up


class Scale(nn.Module):
    """Multiply by a constant.

    Args:
        factor: the constant.

    Examples:
        >>> Scale(0.5)(torch.tensor([4.0]))
        tensor([2.])
    """

    def __init__(self, factor: float):
        super().__init__()
        self.factor = factor

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs * self.factor


def speed_network(recipe: Recipe, seed: int = 0) -> nn.Sequential:
    """The network of a recipe on the CPU, in float32, for images of 3 × 32 × 32; not yet whitened.

    Args:
        recipe: its widths and tricks.
        seed: of the initial parameters.

    Source:
        Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", arXiv:2404.00498, 2024, section 3.

    Examples:
        >>> network = speed_network(Recipe())
        >>> sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
        1971352
        >>> network(torch.zeros(5, 3, 32, 32)).shape
        torch.Size([5, 10])
    """
    channels = 2 * 3 * PATCH**2  # each direction of a patch, and its opposite
    with seeded(seed):
        layers = OrderedDict(whitening=nn.Conv2d(3, channels, PATCH), activation=_activation(recipe))
        layers["whitening"].get_parameter("weight").requires_grad_(not recipe.whitening)
        nn.init.zeros_(layers["whitening"].get_parameter("bias"))
        for number, width in enumerate(recipe.widths, 1):
            layers[f"block{number}"] = _block(channels, width, recipe)
            channels = width
        layers |= {"pool": nn.MaxPool2d(3), "flatten": nn.Flatten()}
        layers |= {"linear": nn.Linear(channels, 10, bias=False), "scale": Scale(recipe.logit_scale)}
        return nn.Sequential(layers)


@torch.no_grad()
def whiten(convolution: nn.Conv2d, images: Tensor, eps: float = SHRINKAGE) -> None:
    """Set a convolution's weights so that its first outputs are uncorrelated and of mean square 1.

    With C = E[p pᵀ] = Q Λ Qᵀ over all patches p, the weights are the rows of (Λ + ε)^{−½} Qᵀ, and after them
    the same ones negated, since the activation that follows lets pass one sign only.

    Args:
        convolution: its weight has shape (2d, C, h, w), d = C h w; the bias is left alone.
        images: normalised, shape (N, C, H, W).
        eps: ε, at least 0.

    Source:
        Page, "How to Train Your ResNet 8: Bag of Tricks", 2018.

    Examples:
        >>> layer = nn.Conv2d(1, 2, 1, bias=False)
        >>> whiten(layer, 4 * torch.tensor([1.0, -1.0]).reshape(1, 1, 1, 2), eps=0.0)
        >>> layer.weight.flatten().abs().tolist()
        [0.25, 0.25]
    """
    height, width = convolution.kernel_size
    patches = images.float().unfold(2, height, 1).unfold(3, width, 1)  # (N, C, rows, columns, h, w)
    patches = patches.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(0, 2)
    variances, directions = torch.linalg.eigh(patches.T @ patches / len(patches))  # in float32
    rows = (directions / (variances + eps).sqrt()).T.reshape(-1, *convolution.weight.shape[1:])
    convolution.weight.copy_(torch.cat([rows, -rows]))


def _block(inputs: int, outputs: int, recipe: Recipe) -> nn.Sequential:
    """Convolution, pooling, normalisation, activation; then the same without pooling."""
    return nn.Sequential(
        OrderedDict(
            convolution1=_convolution(inputs, outputs, recipe),
            pool=nn.MaxPool2d(2),
            normalisation1=_normalisation(outputs, recipe),
            activation1=_activation(recipe),
            convolution2=_convolution(outputs, outputs, recipe),
            normalisation2=_normalisation(outputs, recipe),
            activation2=_activation(recipe),
        )
    )


def _convolution(inputs: int, outputs: int, recipe: Recipe) -> nn.Conv2d:
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    if recipe.dirac:
        nn.init.dirac_(convolution.weight.data[:inputs])  # further outputs keep their random weights
    return convolution


def _normalisation(channels: int, recipe: Recipe) -> nn.BatchNorm2d:
    normalisation = nn.BatchNorm2d(channels, eps=1e-12, momentum=recipe.batch_norm_momentum)
    normalisation.weight.requires_grad_(not recipe.bias_only)
    return normalisation


def _activation(recipe: Recipe) -> nn.Module:
    return nn.GELU() if recipe.gelu else nn.ReLU()
