"""Gauss-Newton products against Jᵀ ∇²L J written out."""

import pytest
import torch
from torch import nn

from book.calculus.matrix_free import GaussNewton, Hessian
from tests.calculus.matrix_free.small_networks import F64, NETWORKS, Case, apart, case, normal
from tests.optim.compiler import need_compiler


@pytest.mark.long
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("loss", ["squares", "cross-entropy"])
@pytest.mark.parametrize("network", NETWORKS)
def test_products_are_those_of_the_matrix(network, loss, reduction):
    one = case(network, loss, reduction)
    G, whole = GaussNewton(one.model, one.loss, one.data), one.gauss_newton()
    v = normal(len(whole), seed=5)
    assert apart(G @ v, whole @ v) <= 1e-10
    assert apart(G.to_dense(), whole) <= 1e-10


@pytest.mark.parametrize("loss", ["squares", "cross-entropy"])
def test_it_is_the_hessian_of_a_linear_network(loss):
    one = case("perceptron", loss)
    model = nn.Linear(4, 3).double()
    G, H = (kind(model, one.loss, one.data).to_dense() for kind in (GaussNewton, Hessian))
    assert apart(G, H) <= 1e-12


@pytest.mark.parametrize("loss", ["squares", "cross-entropy"])
def test_it_has_no_negative_eigenvalue_where_the_hessian_has_some(loss):
    one = case("perceptron", loss)
    least = torch.linalg.eigvalsh(GaussNewton(one.model, one.loss, one.data).to_dense())[0]
    assert least > -1e-12
    assert torch.linalg.eigvalsh(one.hessian())[0] < -1e-3


def test_a_loss_of_no_known_density():
    def loss(z, y):
        return (1 + (z - y) ** 2).log().sum()

    one = case("perceptron", "squares", sizes=(5,))
    J, z, y = one.terms()
    second = torch.diag_embed(2 * (1 - (z - y) ** 2) / (1 + (z - y) ** 2) ** 2)
    expected = torch.einsum("tci,tcd,tdj->ij", J, second, J)
    assert apart(GaussNewton(one.model, loss, one.data).to_dense(), expected) <= 1e-10


def test_batch_norm_in_training_mode_couples_the_examples():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 3)).double().train()
    one = Case(model, nn.CrossEntropyLoss(), case("perceptron", "cross-entropy", sizes=(6,)).data)
    before = model[1].running_mean.clone()
    assert apart(GaussNewton(model, one.loss, one.data).to_dense(), one.gauss_newton()) <= 1e-10
    assert torch.equal(before, model[1].running_mean)


def test_dropout_is_one_draw():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 20), nn.Tanh(), nn.Dropout(0.5), nn.Linear(20, 3)).double()
    one = case("perceptron", "cross-entropy", sizes=(6,))
    dense = GaussNewton(model, one.loss, one.data).to_dense()
    assert apart(dense, dense.T) <= 1e-12
    assert torch.linalg.eigvalsh(dense)[0] > -1e-12


def test_frozen_parameters_and_float32():
    one = case("perceptron", "squares")
    whole = one.gauss_newton()
    one.model[0].requires_grad_(False)
    data = [(X.float(), y.float()) for X, y in one.data]
    found = GaussNewton(one.model.float(), one.loss, data).to_dense()
    assert found.dtype == torch.float32
    assert apart(found.to(F64), whole[25:, 25:]) <= 1e-5


@pytest.mark.long
@pytest.mark.filterwarnings("error:A curvature")
def test_a_compiled_product_is_the_same():
    need_compiler()
    one = case("perceptron", "squares")
    v = normal(len(one.start))
    found = GaussNewton(one.model, one.loss, one.data, compile=True) @ v
    assert apart(found, one.gauss_newton() @ v) <= 1e-10
