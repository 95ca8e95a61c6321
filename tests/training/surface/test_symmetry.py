"""Permuted and rescaled networks compute the same; matching undoes a permutation."""

import itertools

import pytest
import torch
from torch import nn

from book.training.models import mlp
from book.training.surface.flat import flat_parameters
from book.training.surface.symmetry import match_units, permute_units, rescale_units
from tests.cases import each

WIDTHS = (12, 7, 9, 5)


def network(seed=0, widths=WIDTHS):
    return mlp(*widths, seed=seed).double()


def inputs(n=50):
    return torch.randn(n, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(9))


def shuffled(model, seed):
    generator = torch.Generator().manual_seed(seed)
    for layer, units in enumerate(WIDTHS[1:-1]):
        model = permute_units(model, layer, torch.randperm(units, generator=generator))
    return model


@pytest.mark.parametrize("seed", range(5))
def test_a_permuted_network_computes_the_same_from_other_weights(seed):
    model = network()
    other = shuffled(model, seed)
    assert not torch.equal(flat_parameters(other), flat_parameters(model))
    assert torch.allclose(other(inputs()), model(inputs()), rtol=0, atol=1e-14)
    assert torch.equal(flat_parameters(other).sort().values, flat_parameters(model).sort().values)


def test_the_new_unit_i_is_the_old_unit_order_i():
    model, order = network(), torch.tensor([3, 0, 6, 1, 2, 5, 4])
    hidden = torch.relu(model[1](inputs()))
    moved = torch.relu(permute_units(model, 0, order)[1](inputs()))
    assert torch.allclose(moved, hidden[:, order], rtol=0, atol=1e-14)


def test_permuting_leaves_the_model_itself_alone():
    model = network()
    before = flat_parameters(model)
    shuffled(model, 1)
    rescale_units(model, 0, 3.0)
    match_units(network(1), model)
    assert torch.equal(flat_parameters(model), before)


@each("k", [2.0, 0.5, 3.0, 1e-3, 1e3])
@each("layer", [0, 1])
@each("units", [slice(None), 4])
def test_positive_rescaling_changes_no_output(k, layer, units):
    model = network()
    other = rescale_units(model, layer, k, units)
    assert not torch.allclose(flat_parameters(other), flat_parameters(model))
    assert torch.allclose(other(inputs()), model(inputs()), rtol=1e-12, atol=1e-14)


def test_rescaling_multiplies_rows_and_divides_columns():
    model = network()
    other = rescale_units(model, 0, 4.0, units=2)
    assert torch.equal(other[1].weight[2], 4 * model[1].weight[2])
    assert torch.equal(other[1].bias[2], 4 * model[1].bias[2])
    assert torch.equal(other[3].weight[:, 2], model[3].weight[:, 2] / 4)
    assert torch.equal(other[1].weight[3], model[1].weight[3])


def test_a_negative_factor_changes_relu_but_its_sign_passes_through_tanh():
    model = network()
    assert (rescale_units(model, 0, -1.0)(inputs()) - model(inputs())).abs().max() > 1e-2
    odd = nn.Sequential(*[nn.Tanh() if isinstance(part, nn.ReLU) else part for part in model])
    assert torch.allclose(rescale_units(odd, 0, -1.0)(inputs()), odd(inputs()), rtol=0, atol=1e-15)
    assert (rescale_units(odd, 0, 2.0)(inputs()) - odd(inputs())).abs().max() > 1e-4


@each("seed", range(10))
def test_matching_undoes_a_permutation_to_the_last_bit(seed):
    model = network(seed)
    assert torch.equal(flat_parameters(match_units(model, shuffled(model, seed))), flat_parameters(model))


@pytest.mark.parametrize("seed", range(5))
def test_matching_two_networks_keeps_the_function_and_raises_the_agreement(seed):
    a, b = network(seed), network(seed + 100)
    matched = match_units(a, b)
    assert torch.allclose(matched(inputs()), b(inputs()), rtol=0, atol=1e-14)
    θ = flat_parameters(a)
    assert θ @ flat_parameters(matched) > θ @ flat_parameters(b)
    assert torch.equal(flat_parameters(match_units(a, matched)), flat_parameters(matched))


def test_matching_one_hidden_layer_finds_the_best_of_all_orders():
    a, b = network(3, (12, 5, 4)), network(4, (12, 5, 4))
    orders = map(torch.tensor, itertools.permutations(range(5)))
    best = max(flat_parameters(a) @ flat_parameters(permute_units(b, 0, order)) for order in orders)
    assert flat_parameters(a) @ flat_parameters(match_units(a, b)) == pytest.approx(best.item(), rel=1e-13)


def test_matching_ends_in_float32_and_where_units_are_equal():
    a, b = mlp(784, 256, 256, 10), mlp(784, 256, 256, 10, seed=1)
    match_units(a, b)
    with torch.no_grad():
        for parameter in b.parameters():
            parameter.zero_()
    assert torch.equal(flat_parameters(match_units(a, b)), flat_parameters(b))


def test_what_is_refused():
    model = network()
    with pytest.raises(ValueError, match="each of the 7 units once"):
        permute_units(model, 0, torch.zeros(7, dtype=torch.int64))
    with pytest.raises(ValueError, match="2 hidden layers, counted from 0; got 2"):
        permute_units(model, 2, torch.arange(5))
    with pytest.raises(ValueError, match="k = 0"):
        rescale_units(model, 0, 0)
    with pytest.raises(ValueError, match="same widths"):
        match_units(model, network(0, (12, 7, 8, 5)))
    with torch.no_grad():
        model[1].weight[0, 0] = torch.nan
    with pytest.raises(ValueError, match="invalid numeric entries"):
        match_units(network(), model)
