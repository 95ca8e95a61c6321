"""A network depends on its widths and its seed, and leaves the global generator alone."""

import pytest
import torch
from torch import nn

from book.training.models import mlp


def test_the_layers():
    kinds = [type(layer) for layer in mlp(784, 256, 128, 10)]
    assert kinds == [nn.Flatten, nn.Linear, nn.ReLU, nn.Linear, nn.ReLU, nn.Linear]
    assert mlp(784, 10)(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_the_parameters_are_torchs_own_for_that_seed():
    torch.manual_seed(3)
    ours = mlp(6, 4, 2, seed=3)
    theirs = [nn.Linear(6, 4), nn.Linear(4, 2)]
    for mine, other in zip([ours[1], ours[3]], theirs, strict=True):
        assert torch.equal(mine.weight, other.weight)
        assert torch.equal(mine.bias, other.bias)


def test_another_seed_gives_another_network():
    assert not torch.equal(mlp(6, 4)[1].weight, mlp(6, 4, seed=1)[1].weight)


def test_the_global_generator_stays():
    before = torch.get_rng_state()
    mlp(6, 4, seed=9)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("widths", [(), (784,), (784, 0)])
def test_too_few_widths(widths):
    with pytest.raises(ValueError, match=r"^A network needs inputs and outputs"):
        mlp(*widths)
