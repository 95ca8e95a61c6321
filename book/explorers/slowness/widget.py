"""Slowness: descent and momentum find a picture, each step to be seen, and the distance that is left."""

import base64
import json
from pathlib import Path

import torch
import traitlets
from torch import Tensor

from book.explorers.shared.base import Explorer
from book.explorers.shared.limits import in_range

TABLE = json.loads(Path(__file__).with_name("slowness.json").read_text("utf-8"))
DEFAULTS, MOST_STEPS = TABLE["defaults"], TABLE["most_steps"]
SHAPE = (TABLE["channels"], TABLE["side"], TABLE["side"])


class Slowness(Explorer):
    """Find a picture from the differences of neighbouring pixels, by descent and by momentum at their best.

    Both begin with grey, and a frame of grey is known. What is made small is half the sum of the squared
    errors of the differences, whose eigenvectors are waves.

    Args:
        picture: uint8, shape (3, 32, 32), such as one of CIFAR-10.
        steps: shown at first, from 0 to 300.

    Raises:
        traitlets.TraitError: the picture is of another kind or shape, or the steps are out of range.

    Examples:
        >>> Slowness(torch.zeros(3, 32, 32, dtype=torch.uint8), steps=30)
        Slowness(steps=30)
    """

    tag = "descent-slowness"
    state = ("steps",)
    data = ("pixels",)
    fallback = (
        "Slowness: an explorer that shows the picture which descent and momentum have found at each of 300 "
        "steps, and the distance that is left. It runs on the book's page and in a live notebook."
    )
    pixels = traitlets.Unicode().tag(sync=True)  # the bytes of the picture in base64, channel by channel
    steps = traitlets.Int(DEFAULTS["steps"]).tag(sync=True)

    def __init__(self, picture: Tensor, steps: int = DEFAULTS["steps"], **options):
        super().__init__(pixels=_encoded(picture), steps=steps, **options)

    @traitlets.validate("steps")
    def _in_range(self, proposal):
        return in_range("The steps", proposal["value"], (0, MOST_STEPS))


def _encoded(picture: Tensor) -> str:
    kind = (picture.dtype, tuple(picture.shape)) if isinstance(picture, Tensor) else type(picture).__name__
    if kind != (torch.uint8, SHAPE):
        raise traitlets.TraitError(f"The picture is a tensor, uint8, of shape {SHAPE}; got {kind}.")
    return base64.b64encode(picture.cpu().numpy().tobytes()).decode()
