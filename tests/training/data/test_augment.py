"""What is done to a batch is what torchvision and a plain loop do to each image, and as likely."""

from collections import Counter

import numpy as np
import pytest
import torch
from scipy.stats import chi2_contingency, chisquare
from torch.nn.functional import pad

from book.training.data.augment import Augment, crop, cut_out
from book.training.data.vision import transforms

functional = transforms.functional
SHAPE = (3, 9, 7)  # of an image
LIKELY = 1e-3  # the smallest p that passes: of a thousand fair drawings one is less even


def images(count: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    numbers = torch.randn(count, *SHAPE, generator=torch.Generator().manual_seed(0))
    return numbers.to(dtype, memory_format=torch.channels_last)


def grid(*ends: int) -> torch.Tensor:
    """Every tuple of whole numbers below the ends, one a row."""
    return torch.cartesian_prod(*map(torch.arange, ends))


@pytest.mark.parametrize("padding", [1, 2, 4])
def test_every_window_is_torchvisions(padding):
    corners = grid(2 * padding + 1, 2 * padding + 1)
    batch = images(len(corners))
    cropped = crop(batch, *corners.unbind(dim=1), padding)
    for image, (row, column), ours in zip(batch, corners.tolist(), cropped, strict=True):
        theirs = functional.crop(functional.pad(image, padding), row, column, *SHAPE[1:])
        assert torch.equal(ours, theirs)


def test_a_window_is_cut_before_it_is_mirrored():
    corners = grid(5, 5, 2)
    drawn = torch.cat([corners, torch.zeros(len(corners), 2, dtype=torch.int64)], dim=1)
    batch = images(len(corners))
    changed = Augment(padding=2, flip=True)(batch, drawn)
    for image, (row, column, mirrored), ours in zip(batch, corners.tolist(), changed, strict=True):
        theirs = functional.crop(functional.pad(image, 2), row, column, *SHAPE[1:])
        assert torch.equal(ours, functional.hflip(theirs) if mirrored else theirs)


@pytest.mark.long
def test_windows_and_mirroring_are_as_likely_as_torchvisions():
    padding, count = 2, 4000
    image = torch.arange(1.0, 31).reshape(1, 5, 6)
    windows = pad(image, (padding,) * 4).unfold(1, 5, 1).unfold(2, 6, 1)[0].reshape(-1, 5, 6)
    place = {str(possible.tolist()): i for i, possible in enumerate(torch.cat([windows, windows.flip(-1)]))}
    assert len(place) == 2 * (2 * padding + 1) ** 2
    with torch.random.fork_rng():
        torch.manual_seed(1)
        crops, flips = transforms.RandomCrop((5, 6), padding), transforms.RandomHorizontalFlip()
        theirs = [flips(crops(image))[0] for _ in range(count)]
    augment = Augment(padding, flip=True)
    drawn = augment.draw(count, 5, 6, torch.Generator().manual_seed(1))
    ours = augment(image.expand(count, -1, -1, -1), drawn)[:, 0]
    seen = [Counter(place[str(result.tolist())] for result in results) for results in (ours, theirs)]
    table = [[counter[i] for i in place.values()] for counter in seen]
    assert chisquare(table[0]).pvalue > LIKELY
    assert chi2_contingency(table).pvalue > LIKELY


def test_every_pixel_is_as_likely_the_middle_of_a_cut_out():
    drawn = Augment(cutout=3).draw(7000, *SHAPE[1:], torch.Generator().manual_seed(2))
    middles = (drawn[:, 3] * SHAPE[2] + drawn[:, 4]).bincount(minlength=SHAPE[1] * SHAPE[2])
    assert len(middles) == SHAPE[1] * SHAPE[2]
    assert chisquare(middles).pvalue > LIKELY


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8, 30])
def test_a_cut_out_is_the_plain_loops(size):
    middles = grid(*SHAPE[1:])
    batch = images(len(middles))
    cut = cut_out(batch, *middles.unbind(dim=1), size)
    for image, (row, column), ours in zip(batch, middles.tolist(), cut, strict=True):
        expected = image.clone()
        for i in range(row - size // 2, row - size // 2 + size):
            for j in range(column - size // 2, column - size // 2 + size):
                if 0 <= i < SHAPE[1] and 0 <= j < SHAPE[2]:
                    expected[:, i, j] = 0
        assert torch.equal(ours, expected)


def test_only_what_is_asked_for_is_done():
    batch = images(200)
    generator = torch.Generator().manual_seed(0)
    assert Augment()(batch, Augment().draw(200, *SHAPE[1:], generator)) is batch
    for augment in (Augment(padding=2), Augment(cutout=3)):
        drawn = augment.draw(200, *SHAPE[1:], generator)
        assert not drawn[:, 2].any()
    assert (Augment(flip=True).draw(200, *SHAPE[1:], generator)[:, :2] == 0).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_images_stay_as_they_were_and_the_new_ones_lie_like_them(dtype):
    batch = images(50, dtype)
    before = batch.clone()
    augment = Augment(padding=2, flip=True, cutout=3)
    changed = augment(batch, augment.draw(50, *SHAPE[1:], torch.Generator().manual_seed(0)))
    assert torch.equal(batch, before)
    assert not torch.equal(changed, before)
    assert changed.dtype == dtype
    assert changed.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("wrong", [{"padding": -1}, {"cutout": -2}])
def test_a_negative_size_is_refused(wrong):
    with pytest.raises(ValueError, match="starts at 0; got"):
        Augment(**wrong)


def test_sizes_may_be_of_any_type():
    assert Augment(padding=2.0, flip=np.bool_(True), cutout=np.int64(3)) == Augment(2, True, 3)


@pytest.mark.parametrize(
    "wrong",
    [{"padding": 1.5}, {"cutout": 2.5}, {"padding": "1"}, {"flip": "no"}, {"flip": 0.5}, {"cutout": 10**30}],
)
def test_what_is_no_size_is_refused(wrong):
    with pytest.raises((TypeError, ValueError), match=next(iter(wrong))):
        Augment(**wrong)
