"""The speedrun's network starts as it is described: whitened patches, identities, a published size."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from book.project.recipe import FULL, SMALL, without
from book.project.speed_network import speed_network, whiten
from book.training.data.load import load


@pytest.mark.long
def test_whitening_makes_the_outputs_uncorrelated():
    images = load("cifar10")[0][:300].inputs
    layer = nn.Conv2d(3, 24, 2)
    nn.init.zeros_(layer.bias)
    whiten(layer, images, eps=0.0)
    out = layer(images).detach().transpose(0, 1).flatten(1).double()
    torch.testing.assert_close(
        out[:12] @ out[:12].T / out.shape[1], torch.eye(12).double(), atol=0.01, rtol=0
    )
    torch.testing.assert_close(out[12:], -out[:12])


def test_shrinkage_keeps_faint_directions_small():
    images = load("cifar10")[0][:300].inputs
    sharp, shrunk = (nn.Conv2d(3, 24, 2) for _ in range(2))
    whiten(sharp, images, eps=0.0)
    whiten(shrunk, images)
    variances = 1 / sharp.weight.detach()[:12].flatten(1).square().sum(dim=1)
    expected = 1 / (variances + 5e-4)
    torch.testing.assert_close(shrunk.weight.detach()[:12].flatten(1).square().sum(dim=1), expected)


def test_whitening_leaves_the_bias():
    layer = nn.Conv2d(3, 24, 2)
    before = layer.bias.clone()
    whiten(layer, torch.randn(5, 3, 8, 8))
    assert torch.equal(layer.bias, before)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_dirac_convolution_passes_its_input_through(number):
    block = speed_network(FULL).get_submodule(f"block{number}")
    for convolution in (block.convolution1, block.convolution2):
        inputs = torch.randn(2, convolution.in_channels, 6, 6)
        assert torch.equal(convolution(inputs)[:, : convolution.in_channels], inputs)
    further = block.convolution1.weight[block.convolution1.in_channels :]
    assert further.count_nonzero() == further.numel()  # what has no input of its own starts at random


def test_without_the_trick_no_convolution_is_an_identity():
    network = speed_network(without(FULL, "dirac start"))
    assert network.block1.convolution2.weight.count_nonzero() == 64 * 64 * 9


def test_the_size_is_the_published_one():
    """About 1.97 million, as airbench94 has; the whitening weights and the scales of ones are not trained."""
    network = speed_network(FULL)
    trained = sum(x.numel() for x in network.parameters() if x.requires_grad)
    convolutions = 9 * (24 * 64 + 64 * 64 + 64 * 256 + 3 * 256 * 256)
    assert trained == convolutions + 24 + 2 * (64 + 256 + 256) + 256 * 10 == 1_971_352
    assert not network.whitening.weight.requires_grad
    assert speed_network(without(FULL, "whitening")).whitening.weight.requires_grad


def test_the_logits_are_scaled():
    images = torch.randn(4, 3, 32, 32)
    small, large = (speed_network(replace(SMALL, logit_scale=scale)).eval()(images) for scale in (0.25, 1.0))
    torch.testing.assert_close(4 * small, large)


def test_a_network_comes_from_its_seed_alone():
    before = torch.random.get_rng_state()
    first, again, other = (speed_network(SMALL, seed).linear.weight for seed in (3, 3, 4))
    assert torch.equal(before, torch.random.get_rng_state())
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
