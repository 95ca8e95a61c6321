"""The speedrun's stream: flips that alternate, translations as a plain loop makes them."""

from dataclasses import replace

import pytest
import torch

from book.project.recipe import SMALL
from book.project.stream import Stream, windows

COUNT, SIZE = 60, 8
STILL = replace(SMALL, batch_size=20, translate=0, flip="none", cutout=0)


def images() -> torch.Tensor:
    """Each differs from every other and from its own mirror image."""
    return torch.arange(COUNT * 3 * SIZE * SIZE, dtype=torch.float32).reshape(COUNT, 3, SIZE, SIZE)


def epochs(recipe, numbers, seed: int = 0) -> list[dict[int, torch.Tensor]]:
    """For each epoch, label → what was shown; labels number the images."""
    stream = Stream(images(), torch.arange(COUNT), recipe, torch.Generator().manual_seed(seed))
    return [
        {int(n): image for inputs, labels in stream.epoch(e) for n, image in zip(labels, inputs, strict=True)}
        for e in numbers
    ]


def mirrored(shown: dict[int, torch.Tensor]) -> torch.Tensor:
    """Whether each image was shown mirrored; it must be one of the two."""
    for n, image in shown.items():
        assert torch.equal(image, images()[n]) or torch.equal(image, images()[n].flip(-1))
    return torch.tensor([not torch.equal(shown[n], images()[n]) for n in range(COUNT)])


def test_an_epoch_shows_every_image_once_in_a_new_order():
    first, second = epochs(STILL, (0, 1))
    assert sorted(first) == sorted(second) == list(range(COUNT))
    assert list(first) != list(second)
    assert not mirrored(first).any()


def test_alternating_flips_show_either_side_once_in_two_epochs():
    sides = [mirrored(shown) for shown in epochs(replace(STILL, flip="alternating"), range(4))]
    assert 0 < sides[0].sum() < COUNT
    assert torch.equal(sides[1], ~sides[0])
    assert torch.equal(sides[2], sides[0])
    assert torch.equal(sides[3], sides[1])


def test_random_flips_are_drawn_anew():
    first, second = (mirrored(shown) for shown in epochs(replace(STILL, flip="random"), (0, 1)))
    assert not torch.equal(second, first)
    assert not torch.equal(second, ~first)


def reflected(position: int) -> int:
    """Where a position outside 0 … SIZE − 1 is looked up."""
    return SIZE - 1 - abs(SIZE - 1 - abs(position))


@pytest.mark.parametrize("translate", [0, 1, 2])
def test_windows_are_the_translations_of_a_plain_loop(translate):
    image = images()[:1, :1]
    seen = windows(image, translate)[0, 0]
    for i in range(2 * translate + 1):
        for j in range(2 * translate + 1):
            for row in range(SIZE):
                for column in range(SIZE):
                    source = reflected(row + i - translate), reflected(column + j - translate)
                    assert seen[i, j, row, column] == image[0, 0][source]


def test_every_translation_is_shown():
    shown = [image for epoch in epochs(replace(STILL, translate=2), range(10)) for image in epoch.items()]
    moves = windows(images(), 2).flatten(2, 3)
    seen = torch.zeros(25, dtype=torch.int64)
    for n, image in shown:
        seen += (moves[n] == image[:, None]).flatten(2).all(dim=2).all(dim=0)
    assert seen.sum() == len(shown)  # each image is one of its translations
    assert seen.min() >= 8  # of 24 expected each


def test_a_cutout_is_a_square_of_zeros():
    for image in epochs(replace(STILL, cutout=3), (0,))[0].values():
        hidden = image[1] == 0  # no image has a 0 of its own in this channel
        rows, columns = hidden.any(dim=1).sum(), hidden.any(dim=0).sum()
        assert hidden.sum() == rows * columns
        assert 2 <= rows <= 3


def test_what_is_left_over_is_dropped():
    stream = Stream(images(), torch.arange(COUNT), replace(STILL, batch_size=25), torch.Generator())
    assert [len(labels) for _, labels in stream.epoch(0)] == [25, 25]
    assert len(stream) == 2
