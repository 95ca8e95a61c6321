"""The views of a test image that a prediction averages over: test-time augmentation."""

from collections.abc import Callable

import torch
from torch import Tensor

from book.project.recipe import Recipe
from book.project.stream import memory_format, windows

AT_ONCE = 2_000  # test images that pass through the network together


@torch.no_grad()
def predict(forward: Callable, images: Tensor, recipe: Recipe) -> Tensor:
    """The logits of each image, averaged over its views, float32, shape (N, 10).

    Args:
        forward: a network in evaluation mode.
        images: normalised, shape (N, C, H, W).
        recipe: its `views`.
    """
    layout = memory_format(recipe)
    return torch.cat(
        [
            sum(
                (weight * forward(view.contiguous(memory_format=layout)).float() for weight, view in views),
                start=torch.zeros(()),
            )
            for views in (views_of(some, recipe.views) for some in images.split(AT_ONCE))
        ]
    )


def views_of(images: Tensor, kind: str) -> list[tuple[float, Tensor]]:
    """What a network is shown of test images, and the weight of each view.

    Args:
        images: shape (N, C, H, W).
        kind: "none": the images; "flip": mirrored as well; "shift": at half the weight also moved by one
            pixel down and right, or up and left, mirrored or not.

    Examples:
        >>> [weight for weight, view in views_of(torch.zeros(1, 3, 4, 4), "shift")]
        [0.25, 0.25, 0.125, 0.125, 0.125, 0.125]
    """
    if kind == "none":
        return [(1.0, images)]
    if kind == "flip":
        return [(0.5, images), (0.5, images.flip(-1))]
    moved = windows(images, 1)
    places = ((0.25, images), (0.125, moved[:, :, 0, 0]), (0.125, moved[:, :, 2, 2]))
    return [(weight, view) for weight, place in places for view in (place, place.flip(-1))]
