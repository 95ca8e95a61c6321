"""The flat vector goes in and out without loss, and its loss has the right first and second derivatives."""

import pytest
import torch
from torch import nn
from torch.func import grad, hessian, jvp, vmap
from torch.nn.functional import cross_entropy

from book.calculus import hvp
from book.training.data.load import load
from book.training.models import mlp
from book.training.surface.flat import flat_loss, flat_parameters, set_parameters

DATA = load("mnist")[1][:60]


@pytest.fixture
def small():
    """A smooth network with few parameters, in float64, and the loss as a function of them."""
    model = nn.Sequential(nn.AvgPool2d(7), nn.Flatten(), nn.Linear(16, 3), nn.Tanh(), nn.Linear(3, 10))
    vector = torch.randn(91, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    return model, vector, flat_loss(model, DATA)


def test_there_and_back():
    model, other = mlp(784, 8, 10), mlp(784, 8, 10, seed=1)
    vector = flat_parameters(model)
    assert vector.tolist() == [x for p in model.parameters() for x in p.flatten().tolist()]
    set_parameters(other, vector)
    for mine, theirs in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(mine, theirs)


@pytest.mark.parametrize("model", [mlp(784, 8, 10), nn.Linear(4, 1, bias=False)])
def test_the_vector_is_a_copy_both_ways(model):
    vector = flat_parameters(model)
    assert not vector.requires_grad
    before = vector.clone()
    vector.zero_()
    assert torch.equal(flat_parameters(model), before)
    set_parameters(model, vector)
    vector.fill_(7)
    assert torch.equal(flat_parameters(model), torch.zeros_like(before))
    assert all(parameter.requires_grad for parameter in model.parameters())


@pytest.mark.parametrize("size", [7849, 7851])
def test_a_vector_of_the_wrong_length(size):
    model = mlp(784, 10)
    before = flat_parameters(model)
    for call in (lambda v: set_parameters(model, v), flat_loss(model, DATA)):
        with pytest.raises(ValueError, match=rf"has 7850 parameters; got a vector of shape \({size},\)"):
            call(torch.zeros(size))
    assert torch.equal(flat_parameters(model), before)


def test_the_loss_is_the_models_own():
    model = mlp(784, 32, 10)
    loss = cross_entropy(model(DATA.inputs), DATA.labels)
    vector = flat_parameters(model)
    assert flat_loss(model, DATA)(vector).item() == loss.item()
    loss.backward()
    own = torch.cat([parameter.grad.flatten() for parameter in model.parameters()])
    torch.testing.assert_close(grad(flat_loss(model, DATA))(vector), own)


def test_the_models_own_parameters_play_no_part():
    model = mlp(784, 32, 10)
    vector = flat_parameters(mlp(784, 32, 10, seed=1))
    before, value = flat_parameters(model), flat_loss(model, DATA)(vector)
    assert torch.equal(flat_parameters(model), before)
    set_parameters(model, torch.zeros_like(vector))
    assert flat_loss(model, DATA)(vector) == value


def test_the_gradient_against_differences(small):
    _, θ, loss = small
    step = 1e-5 * torch.eye(len(θ), dtype=θ.dtype)
    differences = torch.stack([(loss(θ + h) - loss(θ - h)) / 2e-5 for h in step])
    torch.testing.assert_close(grad(loss)(θ), differences, rtol=1e-6, atol=1e-8)


def test_the_hessian_vector_product_against_differences_and_double_backward(small):
    _, θ, loss = small
    v = torch.randn(len(θ), dtype=θ.dtype, generator=torch.Generator().manual_seed(1))
    _, Hv = jvp(grad(loss), (θ,), (v,))
    difference = (grad(loss)(θ + 1e-5 * v) - grad(loss)(θ - 1e-5 * v)) / 2e-5
    torch.testing.assert_close(Hv, difference, rtol=1e-6, atol=1e-8)
    _, twice = torch.autograd.functional.hvp(loss, θ, v)
    torch.testing.assert_close(Hv, twice)
    H = hessian(loss)(θ)
    torch.testing.assert_close(H, H.T)
    torch.testing.assert_close(Hv, H @ v)


def test_many_vectors_at_once(small):
    _, θ, loss = small
    many = torch.stack([θ, 2 * θ, 0 * θ])
    torch.testing.assert_close(vmap(loss)(many), torch.stack([loss(θ) for θ in many]))


def test_the_dtype_is_the_vectors(small):
    model, θ, loss = small
    assert loss(θ).dtype == torch.float64
    assert loss(θ.float()).dtype == torch.float32
    assert next(model.parameters()).dtype == torch.float32


def test_it_may_be_differentiated_before_it_was_ever_called():
    data, model = load("mnist")[1][:7], mlp(784, 10)
    loss, x = flat_loss(model, data), flat_parameters(model)
    products = [hvp(loss, x, torch.ones_like(x)) for _ in range(2)]
    assert torch.equal(*products)
