from functools import partial

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from book.optim.kfac.layers import (
    as_matrix,
    as_tensors,
    has_gradient,
    inputs_of,
    is_known,
    slopes_of,
    sorted_layers,
    trained,
)
from tests.cases import each
from tests.optim.kfac.blocks import double, normal

CONVOLUTIONS = [
    {"kernel_size": 3},
    {"kernel_size": 3, "padding": 1, "bias": False},
    {"kernel_size": (2, 3), "padding": (2, 1), "stride": (1, 2), "dilation": (2, 1)},
    {"kernel_size": (2, 4), "padding": "same", "dilation": (1, 2)},
    {"kernel_size": 3, "padding": "valid"},
    {"kernel_size": 3, "padding": (2, 1), "padding_mode": "circular"},
    {"kernel_size": (3, 5), "padding": (1, 2), "padding_mode": "reflect", "stride": 2},
    {"kernel_size": (2, 3), "padding": "same", "padding_mode": "replicate"},
]


@each("options", CONVOLUTIONS)
def test_a_convolution_is_its_matrix_times_its_patches(options):
    (layer,) = double(0, partial(nn.Conv2d, 2, 3, **options))
    x = normal(1, 4, 2, 7, 9)
    matrix = as_matrix(layer, {p: p.detach() for p in trained(layer)})
    torch.testing.assert_close(inputs_of(layer, x) @ matrix.T, slopes_of(layer, layer(x).detach()))


@pytest.mark.parametrize("shape", [(4, 2), (4, 5, 2), (4, 5, 6, 2)])
def test_a_linear_layer_is_its_matrix_times_its_inputs(shape):
    (layer,) = double(0, partial(nn.Linear, 2, 3))
    matrix = as_matrix(layer, {p: p.detach() for p in trained(layer)})
    x = normal(1, *shape)
    torch.testing.assert_close(inputs_of(layer, x) @ matrix.T, slopes_of(layer, layer(x).detach()))


@pytest.mark.parametrize("layer", [nn.Linear(2, 3), nn.Conv2d(2, 3, 2)], ids=str)
def test_reduce_is_the_mean_of_inputs_and_the_sum_of_slopes(layer):
    x = torch.randn(4, 5, 6, 2) if isinstance(layer, nn.Linear) else torch.randn(4, 2, 5, 6)
    y = layer(x).detach()
    inputs, slopes = inputs_of(layer, x), slopes_of(layer, y)
    assert len(inputs) == len(slopes) == 4 * (30 if isinstance(layer, nn.Linear) else 20)
    torch.testing.assert_close(inputs_of(layer, x, "reduce"), inputs.reshape(4, -1, inputs.shape[1]).mean(1))
    torch.testing.assert_close(slopes_of(layer, y, "reduce"), slopes.reshape(4, -1, 3).sum(1))


@pytest.mark.parametrize("frozen", ["weight", "bias"])
def test_what_is_frozen_is_left_out(frozen):
    layer = nn.Linear(2, 3)
    getattr(layer, frozen).requires_grad_(False)
    x = torch.tensor([[5.0, 6.0]])
    expected = torch.ones(1, 1) if frozen == "weight" else x
    torch.testing.assert_close(inputs_of(layer, x), expected)
    assert as_matrix(layer, {p: p.detach() for p in trained(layer)}).shape == (3, expected.shape[1])


def test_the_way_from_tensors_to_a_matrix_and_back():
    layer = nn.Conv2d(2, 3, (2, 3))
    tensors = {p: torch.randn_like(p) for p in trained(layer)}
    back = as_tensors(layer, as_matrix(layer, tensors))
    assert all(back[p].equal(tensors[p]) for p in tensors)


def test_normalisations_are_told_apart_by_their_parameters():
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3),
        nn.BatchNorm2d(2),
        nn.GroupNorm(1, 2),
        nn.Flatten(),
        nn.Linear(8, 2),
        nn.LayerNorm(2),
    )
    layers, rest = sorted_layers(model)
    assert list(layers) == ["0", "4"]
    assert {id(p) for p in rest} == {id(p) for index in (1, 2, 5) for p in model[index].parameters()}


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.size = nn.Parameter(torch.ones(1))


class Odd(nn.Linear):
    def forward(self, x):
        return super().forward(x) ** 2


STRANGERS = [
    nn.Embedding(3, 2),
    nn.LSTM(2, 2),
    nn.Conv2d(2, 2, 1, groups=2),
    nn.Conv1d(2, 2, 1),
    nn.ConvTranspose2d(2, 2, 1),
    nn.Bilinear(2, 2, 2),
    Scale(),
    Odd(2, 2),
    parametrizations.weight_norm(nn.Linear(2, 2)),
]


@each("stranger", STRANGERS)
def test_an_unknown_layer_is_refused_by_name_and_may_be_let_through(stranger):
    model = nn.ModuleDict({"known": nn.Linear(2, 2), "odd": stranger})
    assert not is_known(stranger)
    with pytest.raises(
        ValueError, match=r"does not know odd.*\(\w+\).* Freeze these parameters, or give unknown="
    ):
        sorted_layers(model)
    layers, rest = sorted_layers(model, unknown="gradient")
    assert list(layers) == ["known"]
    assert {id(p) for p in rest} == {id(p) for p in stranger.parameters()}
    stranger.requires_grad_(False)
    assert sorted_layers(model)[1] == []


def test_an_unknown_word_for_unknown_layers():
    with pytest.raises(ValueError, match=r"unknown is 'error' or 'gradient'; got 'skip'\."):
        sorted_layers(nn.Linear(2, 2), unknown="skip")


@pytest.mark.parametrize(
    "model", [nn.ReLU(), nn.Linear(2, 2).requires_grad_(False), nn.BatchNorm1d(2)], ids=str
)
def test_a_model_without_a_known_layer(model):
    with pytest.raises(ValueError, match=r"no Linear or Conv2d that is trained"):
        sorted_layers(model)


def test_tied_weights_are_refused():
    one, other = nn.Linear(2, 2), nn.Linear(2, 2)
    other.weight = one.weight
    with pytest.raises(ValueError, match=r"0\.weight and 2\.weight are one tensor.* untie"):
        sorted_layers(nn.Sequential(one, nn.Tanh(), other))


def test_so_are_views_of_one_tensor():
    one, other = nn.Linear(2, 2), nn.Linear(2, 2)
    other.weight = nn.Parameter(one.weight.detach())
    with pytest.raises(ValueError, match=r"are views of one tensor.* clone\(\) the views"):
        sorted_layers(nn.Sequential(one, nn.Tanh(), other))
    whole = torch.randn(4, 2)
    one.weight, other.weight = nn.Parameter(whole[:2]), nn.Parameter(whole[2:])
    assert len(sorted_layers(nn.Sequential(one, nn.Tanh(), other))[0]) == 2


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_a_layer_without_inputs_or_outputs_is_refused(shape):
    layer = nn.Linear(*shape)
    with pytest.raises(
        ValueError, match=r"In layer 0 the weight has shape .* take the layer out, or freeze it"
    ):
        sorted_layers(nn.Sequential(layer, nn.Linear(2, 2)))
    layer.requires_grad_(False)
    assert list(sorted_layers(nn.Sequential(layer, nn.Linear(2, 2)))[0]) == ["1"]


def test_a_model_without_values_is_refused():
    with pytest.raises(
        ValueError, match=r"K-FAC takes tensors with values, and those on the device meta have"
    ):
        sorted_layers(nn.Linear(2, 2, device="meta"))


def test_a_layer_under_two_names_is_refused():
    layer = nn.Linear(2, 2)
    with pytest.raises(ValueError, match=r"0\.weight and 1\.weight are one tensor"):
        sorted_layers(nn.Sequential(layer, layer))


def test_half_a_gradient():
    layer = nn.Linear(2, 2)
    layer.weight.grad = torch.zeros(2, 2)
    with pytest.raises(
        RuntimeError, match=r"One parameter of layer head has a gradient and another has none"
    ):
        has_gradient("head", layer)
    layer.bias.grad = torch.zeros(2)
    assert has_gradient("head", layer)
