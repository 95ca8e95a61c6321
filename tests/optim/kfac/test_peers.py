"""The factors beside those of curvlinops 3.0.1 and BackPACK 1.7.1."""

import warnings
from contextlib import contextmanager
from functools import partial

import backpack
import curvlinops
import pytest
import torch
from backpack import extensions
from torch import nn

from book.optim import kronecker_factors
from tests.cases import each
from tests.optim.kfac.blocks import double, labels, normal, relative

FISHERS = {"exact": "type-2", "empirical": "empirical"}
REDUCTIONS = ["mean", "sum"]


def perceptron():
    return double(0, partial(nn.Linear, 5, 4), nn.Tanh, partial(nn.Linear, 4, 4, bias=False), nn.ReLU, last)


def last():
    return nn.Linear(4, 3)


def convolutions():
    first = partial(nn.Conv2d, 2, 3, 3, stride=2, padding=(1, 0))
    second = partial(nn.Conv2d, 3, 4, (2, 3), dilation=(2, 1), bias=False)
    return double(0, first, nn.ReLU, second, nn.Tanh, nn.Flatten, partial(nn.Linear, 16, 3))


def same_padding():
    return double(0, partial(nn.Conv2d, 2, 3, 3, padding="same"), nn.Flatten, partial(nn.Linear, 90, 3))


INPUTS = {perceptron: (7, 5), convolutions: (4, 2, 8, 10), same_padding: (4, 2, 5, 6)}
PLACES = {perceptron: (6, 4, 5)}


def target(loss, *shape):
    if loss is nn.CrossEntropyLoss:
        return labels(2, *shape, classes=3)
    return normal(2, *shape, 3) if loss is nn.MSELoss else labels(2, *shape, 3, classes=2).double()


def curvlinops_factors(model, loss, x, y, fisher, approximation):
    """curvlinops' pair (input factor, gradient factor) for each layer, weight and bias together."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        operator = curvlinops.KFACLinearOperator(
            model,
            loss,
            list(model.parameters()),
            [(x, y)],
            check_deterministic=False,
            fisher_type=FISHERS[fisher],
            kfac_approx=approximation,
            separate_weight_and_bias=False,
        )
        operator.compute_kronecker_factors()
    saved = operator.state_dict()  # its public way to the factors
    return {
        name: (saved["input_covariances"][name], saved["gradient_covariances"][name])
        for name in saved["input_covariances"]
    }


@pytest.mark.long
@each("reduction", REDUCTIONS)
@each("approximation", ["expand", "reduce"])
@each("fisher", list(FISHERS))
@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss, nn.MSELoss, nn.BCEWithLogitsLoss])
@pytest.mark.parametrize("make", list(INPUTS))
def test_as_curvlinops(make, loss, fisher, approximation, reduction):
    model, x, y = make(), normal(1, *INPUTS[make]), target(loss, INPUTS[make][0])
    ours = kronecker_factors(
        model, loss(reduction=reduction), x, y, fisher=fisher, approximation=approximation
    )
    theirs = curvlinops_factors(model, loss(reduction=reduction), x, y, fisher, approximation)
    assert ours.keys() == theirs.keys()
    for name, (A, B) in theirs.items():
        assert relative(ours[name].A, A) < 1e-10
        assert relative(ours[name].B, B) < 1e-10


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss, nn.MSELoss])
def test_as_curvlinops_where_each_place_has_an_output(loss, reduction):
    x, y = normal(1, 6, 4, 5), target(loss, 6, 4)
    model = nn.Sequential(perceptron(), ClassesSecond() if loss is nn.CrossEntropyLoss else nn.Identity())
    ours = kronecker_factors(model, loss(reduction=reduction), x)
    theirs = curvlinops_factors(model, loss(reduction=reduction), x, y, "exact", "expand")
    assert ours.keys() == theirs.keys()
    for name, (A, B) in theirs.items():
        assert relative(ours[name].A, A) < 1e-10
        assert relative(ours[name].B, B) < 1e-10


class ClassesSecond(nn.Module):
    def forward(self, x):
        return x.movedim(-1, 1)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss, nn.MSELoss])
@pytest.mark.parametrize("make", [perceptron, convolutions])
def test_as_the_kflr_of_backpack(make, loss, reduction):
    model, x, y = make(), normal(1, *INPUTS[make]), target(loss, INPUTS[make][0])
    ours = kronecker_factors(model, loss(reduction=reduction), x)
    with_backpack(model, loss(reduction=reduction), x, y, "KFLR")
    reduced = kronecker_factors(model, loss(reduction=reduction), x, approximation="reduce")
    for name, (A, B) in ours.items():
        layer = model.get_submodule(name)
        if isinstance(layer, nn.Conv2d):  # BackPACK's A is the sum of "expand", its B that of "reduce"
            places = model[: int(name) + 1](x)[0, 0].numel()
            A, B = places * A, reduced[name].B
        assert_as_backpack(layer, A, B, "kflr")


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_as_the_kfra_of_backpack_where_the_network_is_linear(reduction):
    """KFRA averages after each layer; where all slopes are the same, that changes nothing."""
    model = double(0, partial(nn.Linear, 5, 4), partial(nn.Linear, 4, 4), last)
    loss, x, y = nn.MSELoss(reduction=reduction), normal(1, 7, 5), normal(2, 7, 3)
    ours = kronecker_factors(model, loss, x)
    with_backpack(model, loss, x, y, "KFRA")
    for name, (A, B) in ours.items():
        assert_as_backpack(model.get_submodule(name), A, B, "kfra")


def test_sampled_as_the_kfac_of_backpack():
    """Both draw labels; many draws have one mean."""
    model = double(0, partial(nn.Linear, 5, 4), nn.Tanh, last)
    loss, x, y = nn.CrossEntropyLoss(), normal(1, 3, 5), labels(2, 3, classes=3)
    with_backpack(model, loss, x, y, "KFAC", mc_samples=3000)
    ours = kronecker_factors(model, loss, x.repeat(3000, 1), fisher="sampled")
    for name, factors in ours.items():
        B, A = model.get_submodule(name).weight.kfac
        assert relative(factors.A[:-1, :-1], A) < 1e-10
        assert relative(factors.B, B) < 0.1


@contextmanager
def float64_by_default():
    """BackPACK's KFRA makes tensors of torch's default dtype."""
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


def with_backpack(model, loss, x, y, extension, **options):
    """Leave BackPACK's factors at the parameters; seeds torch for its draws."""
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]), float64_by_default():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        value = backpack.extend(loss)(backpack.extend(model)(x), y)
        with backpack.backpack(getattr(extensions, extension)(**options)):
            value.backward()


def assert_as_backpack(layer, A, B, field):
    """BackPACK splits weight and bias."""
    inputs = layer.weight[0].numel()
    gradient_factor, input_factor = getattr(layer.weight, field)
    assert relative(A[:inputs, :inputs], input_factor) < 1e-10
    assert relative(B, gradient_factor) < 1e-10
    if layer.bias is not None:
        assert relative(B, *getattr(layer.bias, field)) < 1e-10
