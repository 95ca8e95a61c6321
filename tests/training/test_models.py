"""Networks have the described layers, come from their seed alone, and leave the global generator alone."""

import numpy as np
import pytest
import torch
from torch import nn

from book.training.models import cifar_cnn, mlp, mnist_mlp, vgg13

NETWORKS = {"mlp": (mnist_mlp, (1, 28, 28)), "cnn": (cifar_cnn, (3, 32, 32)), "vgg13": (vgg13, (3, 32, 32))}


def test_the_layers_of_a_perceptron():
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


def kinds(model: nn.Module) -> str:
    return " ".join(type(layer).__name__ for layer in model)


def test_the_layers_are_the_described_ones():
    assert kinds(mnist_mlp()) == "Flatten Linear ReLU Linear ReLU Linear"
    assert kinds(cifar_cnn()) == "Conv2d ReLU MaxPool2d " * 3 + "Flatten Linear"
    plain, normalised = vgg13(batch_norm=False), vgg13()
    assert kinds(plain) == ("Conv2d ReLU " * 2 + "MaxPool2d ") * 5 + "Flatten Linear ReLU Linear"
    assert (
        kinds(normalised)
        == ("Conv2d BatchNorm2d ReLU " * 2 + "MaxPool2d ") * 5 + "Flatten Linear ReLU Linear"
    )
    assert all(layer.kernel_size == (3, 3) for layer in plain if isinstance(layer, nn.Conv2d))
    assert all(layer.bias is None for layer in normalised if isinstance(layer, nn.Conv2d))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_comes_from_its_seed_alone(name):
    make, shape = NETWORKS[name]
    before = torch.random.get_rng_state()
    first, again, other = make(seed=3), make(seed=3), make(seed=4)
    assert torch.equal(before, torch.random.get_rng_state())
    assert all(map(torch.equal, first.parameters(), again.parameters()))
    assert not torch.equal(next(first.parameters()), next(other.parameters()))
    assert first.eval()(torch.zeros(2, *shape)).shape == (2, 10)


@pytest.mark.parametrize("seed", [2**64, -(2**63) - 1, 1.5, "3", None])
def test_what_is_no_seed_is_refused_by_its_name(seed):
    with pytest.raises((TypeError, ValueError), match=r"^seed "):
        mlp(4, 2, seed=seed)


def test_widths_may_be_of_any_type():
    assert str(mlp(4.0, np.int64(2))) == str(mlp(4, 2))
    with pytest.raises(TypeError, match="widths must be a number"):
        mlp(4, "2")
