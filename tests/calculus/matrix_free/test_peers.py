"""Products, trace and diagonal against curvlinops and BackPACK."""

import curvlinops
import pytest
import torch
from backpack import backpack as watched
from backpack import extend
from backpack.extensions import DiagGGNExact, DiagHessian
from backpack.hessianfree.ggnvp import ggn_vector_product_from_plist
from backpack.hessianfree.hvp import hessian_vector_product
from curvlinops.diagonal import hutchinson
from curvlinops.trace import meyer2020hutch

from book.calculus.matrix_free import (
    Fisher,
    GaussNewton,
    Hessian,
    hutch_plus_plus,
    hutchinson_diagonal,
    random_probes,
)
from tests.calculus.matrix_free.small_networks import F64, NETWORKS, apart, case, normal

REDUCTIONS = ["mean", "sum"]
LOSSES = ["squares", "cross-entropy"]


def used(model):
    """curvlinops differentiates by every parameter that it gets; BackPACK knows no parameter out of use."""
    return [p for name, p in model.named_parameters() if name != "unused"]


OURS = {
    "HessianLinearOperator": (Hessian, {}),
    "GGNLinearOperator": (GaussNewton, {}),
    "EFLinearOperator": (Fisher, {"kind": "empirical"}),
}


@pytest.mark.long
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("theirs", OURS)
def test_products_are_curvlinops(theirs, network, loss, reduction):
    one = case(network, loss, reduction)
    params = used(one.model)
    kind, options = OURS[theirs]
    ours = kind(one.model, one.loss, one.data, params=params, **options)
    other = getattr(curvlinops, theirs)(one.model, one.loss, params, one.data)
    V = normal(ours.shape[1], 2, seed=5)
    assert apart(ours @ V, other @ V) <= 1e-10


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_the_sampled_fisher_is_curvlinops_for_its_targets(loss, reduction):
    """Their samples, in the place of ours: the draws differ, the matrix of a draw may not."""
    one = case("perceptron", loss, reduction, sizes=(6,))
    params = used(one.model)
    other = curvlinops.FisherMCLinearOperator(one.model, one.loss, params, one.data, seed=11, mc_samples=3)
    ours = Fisher(one.model, one.loss, one.data, kind="sampled", samples=3)
    generator = torch.Generator().manual_seed(11)
    z = one.model(one.data[0][0]).detach()
    sampler = curvlinops.fisher.make_grad_output_sampler(one.loss)
    drawn = sampler(z, 3, one.data[0][1], generator).to(F64)
    ours.batches = [ours.batches[0]._replace(targets=drawn)]
    V = normal(ours.shape[1], 2, seed=5)
    assert apart(ours @ V, other @ V) <= 1e-10


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("network", NETWORKS)
def test_products_are_backpacks(network, loss, reduction):
    one = case(network, loss, reduction, sizes=(6,))
    params, (X, y) = used(one.model), one.data[0]
    H, G = (kind(one.model, one.loss, one.data, params=params) for kind in (Hessian, GaussNewton))
    v = normal(H.shape[1], seed=5)
    outputs = one.model(X)
    parts = list(H.split(v).values())
    theirs = hessian_vector_product(one.loss(outputs, y), params, parts)
    assert apart(H @ v, torch.cat([part.reshape(-1) for part in theirs])) <= 1e-10
    outputs = one.model(X)
    theirs = ggn_vector_product_from_plist(one.loss(outputs, y), outputs, params, parts)
    assert apart(G @ v, torch.cat([part.reshape(-1) for part in theirs])) <= 1e-10


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_diagonals_are_backpacks(loss, reduction):
    one, plain = (case("perceptron", loss, reduction, sizes=(6,)) for _ in range(2))
    model, criterion = extend(one.model), extend(one.loss)
    with watched(DiagGGNExact(), DiagHessian()):
        criterion(model(one.data[0][0]), one.data[0][1]).backward()
    for kind, name in ((GaussNewton, "diag_ggn_exact"), (Hessian, "diag_h")):
        theirs = torch.cat([getattr(p, name).reshape(-1) for p in model.parameters()])
        assert apart(kind(plain.model, plain.loss, plain.data).to_dense().diagonal(), theirs) <= 1e-10


def test_estimates_are_curvlinops_for_the_same_probes(monkeypatch):
    A = normal(20, 20)
    A = A @ A.T

    def run(ours, module, theirs, count, products):
        Z = random_probes(20, count, generator=torch.Generator().manual_seed(0), dtype=F64)
        columns = iter(Z.T)
        monkeypatch.setattr(module, "random_vector", lambda *_: next(columns))
        found = ours(A, products, generator=torch.Generator().manual_seed(0)).value
        assert apart(found, theirs(A, products)) <= 1e-10

    run(hutchinson_diagonal, hutchinson, curvlinops.hutchinson_diag, 9, 9)
    run(hutch_plus_plus, meyer2020hutch, curvlinops.hutchpp_trace, 6, 9)
