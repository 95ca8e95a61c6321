"""The baselines beside plain definitions: a search pair by pair, and the minimum of the ridge objective."""

import pytest
import torch
from torch.nn.functional import one_hot

from book.training import baselines
from book.training.baselines import closest, linear_classifier
from book.training.data.load import load


def some_images(count, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(256, (count, 3, 5, 4), generator=generator).byte()


@pytest.mark.parametrize("at_once", [4, 500])
def test_closest_is_the_smallest_of_all_differences(at_once, monkeypatch):
    monkeypatch.setattr(baselines, "AT_ONCE", at_once)
    images, among = some_images(11, 0), some_images(30, 1)
    every = (images[:, None].double() - among[None].double()).square().mean((2, 3, 4)).sqrt()
    distances, places = closest(images, among)
    assert places.tolist() == every.argmin(dim=1).tolist()
    torch.testing.assert_close(distances, every.min(dim=1).values, rtol=1e-14, atol=0)


def test_a_copy_is_at_distance_zero_exactly():
    images = some_images(40, 2)
    distances, places = closest(images, images)
    assert distances.tolist() == [0.0] * 40
    assert places.tolist() == list(range(40))


@pytest.mark.parametrize("penalty", [0.1, 1.0])
def test_the_linear_classifier_is_where_the_ridge_objective_has_no_slope(penalty):
    train, _ = load("mnist")
    train = train[:300]
    model = linear_classifier(train, penalty)
    layer = model[1]
    targets = one_hot(train.labels, 10).double()
    errors = (model(train.inputs.double()) - targets).square().sum(1).mean()
    (errors + penalty * layer.weight.square().sum()).backward()
    assert layer.weight.grad.abs().max() < 1e-12
    assert layer.bias.grad.abs().max() < 1e-12


def test_the_bias_is_right_where_the_classes_are_not_balanced():
    train, _ = load("mnist")
    model = linear_classifier(train[train.labels < 3])
    mean = model(train[train.labels < 3].inputs.double()).mean(0)
    assert mean.tolist() == pytest.approx([1 / 3] * 3 + [0.0] * 7, abs=1e-12)
