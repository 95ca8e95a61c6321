"""`load` gives whole tensors of the right shape, order and statistics, or says what to do."""

import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import torch

from book.errors import BookError
from book.training.data.cache import data_folder
from book.training.data.load import FACTS, NAMES, load
from tests.training.full_data import needs_full

TOTAL = {"mnist": (60_000, 10_000), "cifar10": (50_000, 10_000)}


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_is_balanced_and_interleaved(name):
    facts = FACTS[name]
    for data, per_class in zip(load(name), (150, 50), strict=True):
        assert data.images.shape == (10 * per_class, facts.channels, facts.size, facts.size)
        assert data.images.dtype == torch.uint8
        assert data.labels.dtype == torch.int64
        assert data.labels.tolist() == list(range(10)) * per_class
        assert f"{10 * per_class:,} of the" in data.source


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_inputs_are_standardised_with_the_full_sets_statistics(name):
    train, _ = load(name)
    facts = FACTS[name]
    assert train.inputs.dtype == torch.float32
    assert train.inputs is train.inputs  # made once
    for channel in range(facts.channels):
        expected = (train.images[:, channel].numpy() / 255 - facts.mean[channel]) / facts.deviation[channel]
        np.testing.assert_allclose(train.inputs[:, channel].numpy(), expected, atol=2e-6)
        # 1,500 images stand near the full set's mean 0 and deviation 1, not on it.
        assert abs(expected.mean()) < 0.1
        assert abs(expected.std() - 1) < 0.1


@pytest.mark.parametrize("name", NAMES)
def test_the_published_statistics_are_those_of_the_full_training_set(name):
    needs_full(name)
    train, _ = load(name, "full")
    pixels = train.images.double() / 255
    assert pixels.mean((0, 2, 3)).tolist() == pytest.approx(FACTS[name].mean, abs=6e-5)
    assert pixels.std((0, 2, 3)).tolist() == pytest.approx(FACTS[name].deviation, abs=6e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_full_set_is_what_torchvision_reads(name):
    needs_full(name)
    from book.training.data.vision import datasets

    cls = {"mnist": datasets.MNIST, "cifar10": datasets.CIFAR10}[name]
    for data, train, total in zip(load(name, "full"), (True, False), TOTAL[name], strict=True):
        theirs = cls(data_folder(), train=train)
        images = torch.as_tensor(theirs.data)
        images = images[:, None] if name == "mnist" else images.permute(0, 3, 1, 2)
        assert torch.equal(data.images, images)
        assert torch.equal(data.labels, torch.as_tensor(theirs.targets))
        assert len(data) == total
        assert data.source.startswith(f"All {total:,} ")


def test_some_of_the_images():
    train, _ = load("mnist")
    some = train[torch.tensor([3, 13])]
    assert torch.equal(some.images, train.images[[3, 13]])
    assert some.labels.tolist() == [3, 3]
    assert torch.equal(some.inputs, train.inputs[[3, 13]])
    assert some.source.startswith("2 out of: 1,500 of the 60,000")
    assert len(train[:100]) == 100


def test_data_does_not_change():
    train, _ = load("mnist")
    with pytest.raises(FrozenInstanceError):
        train.images = None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("minst",), "There is no data set 'minst'; did you mean 'mnist'?"),
        (("CIFAR-10",), "There is no data set 'CIFAR-10'; did you mean 'cifar10'?"),
        (("imagenet-21k",), "There is no data set 'imagenet-21k'; choose one of 'mnist', 'cifar10'."),
        (("mnist", "samples"), "There is no scale 'samples'; did you mean 'sample'?"),
        (("mnist", 0.1), "There is no scale 0.1; choose one of 'sample', 'full'."),
    ],
)
def test_an_unknown_name_or_scale(arguments, sentence):
    with pytest.raises(BookError) as caught:
        load(*arguments)
    assert str(caught.value) == sentence


def test_data_survives_a_pickle():
    _, test = load("mnist")
    again = pickle.loads(pickle.dumps(test))
    assert torch.equal(again.images, test.images)
