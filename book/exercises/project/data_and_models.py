"""Exercises of the chapter *Data and networks*."""

import torch

from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor


def flip(images, generator):
    mirrored = torch.rand(len(images), generator=generator) < 0.5
    return torch.where(mirrored[:, None, None, None], images.flip(-1), images)


def _images(count: int) -> torch.Tensor:
    """Images of 2 × 3 pixels, no two alike, none like its mirror image or upside down."""
    return torch.arange(12.0 * count).reshape(count, 2, 2, 3)


def _seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _mirrored(attempt, count: int, generator: torch.Generator) -> torch.Tensor:
    """Whether each image came back mirrored."""
    images = _images(count)
    return (tensor(attempt(images.clone(), generator)) == images.flip(-1)).flatten(1).all(1)


def _keeps_its_input(attempt) -> bool:
    images = _images(40)
    attempt(images, _seeded())
    return torch.equal(images, _images(40))


def _keeps_the_shape(attempt) -> bool:
    return tensor(attempt(_images(5), _seeded())).shape == (5, 2, 2, 3)


def _whole_images(attempt) -> bool:
    """Whether each image comes back as it was or mirrored left to right, in its own place."""
    images = _images(40)
    found = tensor(attempt(images.clone(), _seeded()))
    same, mirrored = ((found == each).flatten(1).all(1) for each in (images, images.flip(-1)))
    return bool((same | mirrored).all())


def _decides_for_each(attempt) -> bool:
    shares = [_mirrored(attempt, 40, _seeded(seed)).double().mean().item() for seed in range(4)]
    return not set(shares) <= {0.0, 1.0}


def _half_of_them(attempt) -> bool:
    return 0.45 < _mirrored(attempt, 4_000, _seeded()).double().mean().item() < 0.55


def _uses_the_generator(attempt) -> bool:
    generator = _seeded()
    one, two = (_mirrored(attempt, 40, generator) for _ in range(2))
    again = _mirrored(attempt, 40, _seeded())
    return torch.equal(one, again) and not torch.equal(one, two)


EXERCISES = (
    Number(
        id="6-project/conv-parameters",
        prompt="The parameters of a convolution of 5 × 5 from 64 to 96 channels, with a bias.",
        answer=96 * (64 * 25 + 1),
        rtol=0,
        mistakes={
            96 * 64 * 25: "You left out the bias: one more number for each channel of the output.",
            64 * (96 * 25 + 1): "The bias belongs to the output's channels: 96 of them, not 64.",
            96 * (25 + 1): "Each output channel looks at all 64 input channels, with a window for each.",
            96 * (64 + 1): "That is a convolution of 1 × 1. A window of 5 × 5 has 25 weights.",
            96 * (64 * 5 + 1): "A window of 5 × 5 has 25 weights, not 5.",
            96 * (64 * 9 + 1): "That is for windows of 3 × 3.",
        },
        hint="One output channel has 64 windows of 25 weights and one bias. There are 96 of them.",
        right="The size of the image does not matter: the same weights are used at every pixel.",
        worked="$96 \\cdot (64 \\cdot 25 + 1) = 96 \\cdot 1601 = 153{,}696$.",
    ),
    Number(
        id="6-project/versions-seen",
        prompt="How many of 162 equally likely versions 30 draws show, on average.",
        answer=162 * (1 - (161 / 162) ** 30),
        mistakes={
            30: "Some versions come twice. What is the chance that a given version never comes?",
            162: "In 30 epochs at most 30 can come.",
            81 * (1 - (80 / 81) ** 30): "You counted 81 windows. Each can be mirrored as well: 162 versions.",
            162 * (161 / 162) ** 30: "That is how many have not been seen.",
            1 - (161 / 162) ** 30: "That is the chance for one version. There are 162.",
        },
        hint="A given version is missed in one epoch with the chance 161/162, in all 30 with its 30th power.",
        right="About 27 of 30: in so few epochs the network hardly ever sees the same version twice.",
        worked=(
            "A version is never drawn with the chance $(161/162)^{30} = 0.830$. So "
            "$162 \\cdot (1 - 0.830) = 27.5$ are seen on average."
        ),
    ),
    Choice(
        id="6-project/cheaper-network",
        prompt="Whose removal saves the most multiply-adds of VGG13.",
        options={
            "a": "both linear layers",
            "b": "the first convolution of all",
            "c": "the second convolution of all",
            "d": "both convolutions of the last block",
        },
        answer="c",
        hints={
            "a": "Their orange bars cannot be seen: a weight of a linear layer is used once for each image.",
            "b": "It has 3 channels in, so its orange bar is near 0, although its image is the largest.",
            "d": "They hold half of the parameters, the blue bars. Add up their orange ones: 8 %.",
        },
        right="Its orange bar is at 16 %, while it has less than half a per cent of the parameters.",
        worked=(
            "Read the orange bars: 16.5 % for the second convolution, twice 4.1 % for the last block, 0.8 % "
            "for the first convolution and 0.1 % for the linear layers together."
        ),
    ),
    Code(
        id="6-project/flip",
        prompt="Write flip(images, generator), which mirrors each image with probability ½.",
        solution=flip,
        cases=(
            Case(_keeps_its_input, "Your function changes its input in place. Build new images."),
            Case(_keeps_the_shape, "5 images of shape (2, 2, 3) must come back as (5, 2, 2, 3)."),
            Case(
                _whole_images,
                "Each image must come back whole: as it was, or with its columns, the last axis, reversed.",
            ),
            Case(
                _decides_for_each,
                "All images were treated alike. Draw one chance for each, `torch.rand(len(images), …)`.",
            ),
            Case(_half_of_them, "About half of 4,000 images must be mirrored."),
            Case(
                _uses_the_generator,
                "Draw from `generator`: the same seed must mirror the same images, the next call others.",
            ),
        ),
        right="One draw for each image, one `where` for all: no loop, and the seed decides.",
    ),
)
