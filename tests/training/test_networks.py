"""The project's networks have the described layers and parameters, drawn from their seed alone."""

import pytest
import torch
from torch import nn

from book.training.networks import cifar_cnn, mnist_mlp, vgg13

NETWORKS = {"mlp": (mnist_mlp, (1, 28, 28)), "cnn": (cifar_cnn, (3, 32, 32)), "vgg13": (vgg13, (3, 32, 32))}


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
