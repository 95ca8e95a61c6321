"""What is counted of a network, beside `numel`, torch's own counter, and the gradient."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from book.training.anatomy import layers, multiply_adds, receptive_fields
from book.training.models import cifar_cnn, mnist_mlp, vgg13

NETWORKS = {
    "mlp": (mnist_mlp(), (1, 28, 28)),
    "cnn": (cifar_cnn(), (3, 32, 32)),
    "vgg13": (vgg13(), (3, 32, 32)),
    "plain vgg13": (vgg13(batch_norm=False), (3, 32, 32)),
    "uneven": (
        nn.Sequential(
            nn.Conv2d(2, 5, (3, 1), stride=2, bias=False),
            nn.Sequential(nn.Conv2d(5, 4, 2, padding=1, groups=1), nn.ReLU()),
            nn.Flatten(),
            nn.Linear(4 * 7 * 12, 3, bias=False),
        ),
        (2, 13, 21),
    ),
    "in groups": (nn.Sequential(nn.Conv2d(6, 4, 3, groups=2)), (6, 9, 9)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_parameters_are_what_numel_counts(name):
    model, shape = NETWORKS[name]
    assert sum(layer.parameters for layer in layers(model, shape)) == sum(
        parameter.numel() for parameter in model.parameters()
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_multiply_adds_are_half_of_what_torch_counts(name):
    model, shape = NETWORKS[name]
    with FlopCounterMode(display=False) as counter:
        model(torch.zeros(3, *shape))
    found = layers(model, shape)
    assert counter.get_total_flops() == 3 * 2 * sum(layer.multiply_adds for layer in found)


def test_layers_come_in_their_order_with_the_shape_of_one_image():
    found = layers(*NETWORKS["cnn"])
    assert [layer.module for layer in found] == list(NETWORKS["cnn"][0])
    assert [layer.shape for layer in found][::3] == [
        *((32, 32, 32), (64, 16, 16), (128, 8, 8)),
        (2048,),
    ]


def test_the_model_stays_as_it_was():
    model = vgg13()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    layers(model, (3, 32, 32))
    assert model.training
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())


def test_a_network_that_refuses_the_image_is_left_without_hooks():
    model = mnist_mlp()
    with pytest.raises(RuntimeError):
        layers(model, (3, 32, 32))
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())


def test_on_the_meta_device_nothing_is_computed():
    with torch.device("meta"):
        model = nn.Sequential(nn.Flatten(), nn.Linear(10**6, 10**6))
    assert layers(model, (10**6,))[1].multiply_adds == 10**12


def test_other_layers_cost_nothing():
    assert multiply_adds(nn.BatchNorm2d(8), (8, 4, 4)) == 0


def seen(model, images):
    """Rows and columns of the pixels that a middle output depends on: how many of each."""
    x = images.clone().requires_grad_()
    y = model(x)
    y[:, :, y.shape[2] // 2, y.shape[3] // 2].sum().backward()
    touched = x.grad.abs().sum((0, 1)) > 0
    return [int(touched.any(dim=axis).sum()) for axis in (0, 1)]


@pytest.mark.long
@pytest.mark.parametrize("depth", [1, 3, 4, 6, 7, 9])
def test_a_receptive_field_is_where_the_gradient_is_not_zero(depth):
    model = cifar_cnn()[:depth]
    images = torch.randn(50, 3, 48, 48, generator=torch.Generator().manual_seed(0))
    *_, (_, field, _) = receptive_fields(model)
    assert seen(model, images) == [field, field]


def test_strides_and_windows_of_other_sizes():
    model = nn.Sequential(nn.Conv2d(1, 1, 5, stride=2), nn.AvgPool2d(1), nn.MaxPool2d(3, stride=1))
    assert [(r, j) for _, r, j in receptive_fields(model)] == [(5, 2), (9, 2)]
