"""Fisher products: exact, sampled and empirical, against sums over the terms written out."""

from functools import partial

import pytest
import torch
from torch import nn

from book.calculus.matrix_free import Fisher, GaussNewton
from book.calculus.matrix_free.likelihood import likelihood
from tests.calculus.matrix_free.small_networks import F64, NETWORKS, Case, apart, case, classes, normal
from tests.cases import each
from tests.optim.compiler import need_compiler


@pytest.mark.long
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("loss", ["squares", "cross-entropy"])
@pytest.mark.parametrize("network", NETWORKS)
def test_the_exact_one_is_gauss_newtons_and_the_empirical_one_that_of_the_gradients(network, loss, reduction):
    one = case(network, loss, reduction)
    v = normal(len(one.start), seed=5)
    for kind, whole in (("exact", one.gauss_newton()), ("empirical", one.empirical_fisher())):
        F = Fisher(one.model, one.loss, one.data, kind=kind)
        assert apart(F @ v, whole @ v) <= 1e-10
        assert apart(F.to_dense(), whole) <= 1e-10


@pytest.mark.parametrize("loss", ["squares", "cross-entropy"])
def test_the_exact_one_is_the_expectation_over_the_models_own_targets(loss):
    """Cross-entropy: the sum over all classes, weighted by p. Squares: Gauss and Hermite's three points."""
    one = case("perceptron", loss, sizes=(5,))
    J, z, _ = one.terms()
    if loss == "cross-entropy":
        targets = [(torch.full((5,), c), z.softmax(1)[:, c]) for c in range(3)]
        whole = sum(
            torch.einsum("t,ti,tj->ij", p, s, s)
            for y, p in targets
            for s in [Case(one.model, one.loss, [(one.data[0][0], y)]).slopes()]
        )
    else:  # variance ½: z ± √(3/2) e_c with weight 1/6 each, z with 2/3; the coordinates add up
        whole = 0.0
        for c in range(3):
            for sign in (-1, 1):
                y = z + sign * 1.5**0.5 * torch.eye(3, dtype=F64)[c]
                s = torch.einsum("tc,tci->ti", 2 * (z - y), J)
                whole = whole + s.T @ s / 6
    found = Fisher(one.model, one.loss, one.data).to_dense()
    assert apart(found, one.scale() * whole) <= 1e-10


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("loss", ["squares", "cross-entropy"])
def test_the_sampled_one_is_the_mean_of_its_samples_and_unbiased(loss, reduction):
    """vᵀF v from each of 1,000 samples: their mean is F's own, and within 4 errors of the exact one."""
    one = case("perceptron", loss, reduction, sizes=(6,))
    v, whole, J = normal(len(one.start), seed=5), one.gauss_newton(), one.terms()[0]
    F = Fisher(one.model, one.loss, one.data, kind="sampled", samples=1000)
    slopes = F.batches[0].targets
    samples = one.scale() * torch.einsum("mtc,tc->mt", slopes, J @ v).square().sum(1)
    assert (v @ (F @ v)).item() == pytest.approx(samples.mean().item(), rel=1e-10)
    error = samples.std() / 1000**0.5
    assert (samples.mean() - v @ whole @ v).abs() < 4 * error
    assert (samples.mean() - 1.25 * (v @ whole @ v)).abs() > 4 * error  # a bound that can fail


@pytest.mark.parametrize("loss", ["squares", "cross-entropy"])
def test_more_samples_come_closer_as_the_root(loss):
    one = case("perceptron", loss)
    whole = one.gauss_newton()

    def far(samples):
        found = [
            Fisher(one.model, one.loss, one.data, kind="sampled", samples=samples, seed=s) for s in range(9)
        ]
        return torch.tensor([apart(F.to_dense(), whole) for F in found]).square().mean().sqrt()

    assert 3 < far(10) / far(160) < 5.3  # √16 = 4


def test_the_sampled_one_is_one_matrix_and_its_seed_decides():
    one = case("perceptron", "cross-entropy")
    F = Fisher(one.model, one.loss, one.data, kind="sampled", samples=2, seed=1)
    dense = F.to_dense()
    v = normal(len(dense))
    assert torch.equal(F @ v, F @ v)
    assert apart(F @ v, dense @ v) <= 1e-12
    assert apart(dense, dense.T) <= 1e-12
    again = Fisher(one.model, one.loss, one.data, kind="sampled", samples=2, seed=1)
    assert torch.equal(again @ v, F @ v)
    assert apart(Fisher(one.model, one.loss, one.data, kind="sampled", samples=2, seed=2) @ v, F @ v) > 0.01


def test_the_draw_leaves_torchs_own_generator_alone():
    one = case("perceptron", "cross-entropy")
    before = torch.random.get_rng_state()
    Fisher(one.model, one.loss, one.data, kind="sampled") @ normal(len(one.start))
    assert torch.equal(before, torch.random.get_rng_state())


def test_the_empirical_one_vanishes_where_the_model_fits():
    one = case("perceptron", "squares", sizes=(5,))
    X = one.data[0][0]
    y = one.model(X).detach()
    F = Fisher(one.model, one.loss, (X, y), kind="empirical")
    assert not F.to_dense().any()
    assert Fisher(one.model, one.loss, (X, y)).to_dense().norm() > 0.1


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("kind", ["exact", "empirical"])
def test_an_axis_of_positions_makes_more_terms(kind, reduction):
    """(N, C, d) logits with (N, d) classes; (N, d, C) outputs with targets of that shape."""

    class Positions(nn.Module):
        def __init__(self, classify):
            super().__init__()
            self.layer, self.classify = nn.Linear(2, 3), classify

        def forward(self, x):
            z = self.layer(x)
            return z.movedim(-1, 1) if self.classify else z

    X = normal(4, 5, 2)
    for classify, y in ((True, classes(4, 5)), (False, normal(4, 5, 3, seed=2))):
        loss = (nn.CrossEntropyLoss if classify else nn.MSELoss)(reduction=reduction)
        one = Case(Positions(classify).double(), loss, [(X, y)])
        whole = one.gauss_newton() if kind == "exact" else one.empirical_fisher()
        assert apart(Fisher(one.model, loss, (X, y), kind=kind).to_dense(), whole) <= 1e-10


@pytest.mark.parametrize("kind", ["exact", "empirical"])
def test_one_output_without_an_axis(kind):
    model = nn.Sequential(nn.Linear(4, 1), nn.Flatten(0)).double()
    X, y = normal(6, 4), normal(6, seed=2)
    one = Case(model, nn.MSELoss(), [(X, y[:, None])])
    J = torch.func.jacrev(lambda θ: one.outputs(θ, X))(one.start)
    slopes = J if kind == "exact" else (2**0.5 * (one.outputs(one.start, X) - y))[:, None] * J
    assert (
        apart(Fisher(model, nn.MSELoss(), (X, y), kind=kind).to_dense(), 2 / 6 * slopes.T @ slopes) <= 1e-10
    )


def test_targets_may_be_probabilities():
    one = case("perceptron", "cross-entropy", sizes=(6,))
    X, y = one.data[0]
    as_shares = torch.eye(3, dtype=F64)[y]
    found = Fisher(one.model, one.loss, (X, as_shares), kind="empirical").to_dense()
    assert apart(found, one.empirical_fisher()) <= 1e-10


def test_frozen_parameters_float32_and_dropout():
    one = case("perceptron", "cross-entropy")
    whole = one.empirical_fisher()
    one.model[0].requires_grad_(False)
    data = [(X.float(), y) for X, y in one.data]
    found = Fisher(one.model.float(), one.loss, data, kind="empirical").to_dense()
    assert found.dtype == torch.float32
    assert apart(found.to(F64), whole[25:, 25:]) <= 1e-5
    model = nn.Sequential(nn.Linear(4, 20), nn.Dropout(), nn.Linear(20, 3))
    for kind in ("exact", "sampled", "empirical"):
        dense = Fisher(model, one.loss, data, kind=kind).to_dense()
        assert apart(dense, dense.T) <= 1e-5
        assert torch.linalg.eigvalsh(dense)[0] > -1e-5
    exact, gn = (kind(model, one.loss, data).to_dense() for kind in (Fisher, GaussNewton))
    assert apart(exact, gn) <= 1e-5  # the same draw


def made(loss=None, data=None, **options):
    one = case("perceptron", "cross-entropy", sizes=(4,))
    return Fisher(one.model, loss or one.loss, data or one.data, **options)


X4 = normal(4, 4)


@each(
    ("call", "error", "message"),
    [
        (lambda: made(kind="true"), ValueError, "kind is"),
        (lambda: made(samples=0), ValueError, "at least 1"),
        (lambda: made(loss=nn.L1Loss()), TypeError, "GaussNewton takes any loss"),
        (lambda: made(loss=nn.functional.cross_entropy), TypeError, "nn.CrossEntropyLoss"),
        (lambda: made(loss=nn.CrossEntropyLoss(label_smoothing=0.1)), ValueError, "no Fisher"),
        (lambda: made(loss=nn.CrossEntropyLoss(weight=torch.ones(3).double())), ValueError, "no Fisher"),
        (
            lambda: made(data=(X4, torch.tensor([0, 1, -100, 2])), kind="empirical"),
            ValueError,
            "leave the ignored ones out",
        ),
        (
            lambda: made(loss=nn.MSELoss(), data=(X4, normal(4, 1)), kind="empirical"),
            ValueError,
            "outputs' shape",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_what_it_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_ignored_targets_are_refused_by_the_exact_one_too():
    """Its mean would divide by terms that do not count."""
    with pytest.raises(ValueError, match="leave the ignored ones out"):
        made(data=(X4, torch.tensor([0, 1, -100, 2])))


def test_slopes_are_the_gradients_that_torch_finds():
    z, y = normal(5, 3), classes(5)
    squares = normal(5, 3, seed=4)
    for loss, targets in (
        (nn.CrossEntropyLoss(reduction="sum"), y),
        (nn.MSELoss(reduction="sum"), squares),
    ):
        expected = torch.func.grad(lambda z, loss=loss, t=targets: loss(z, t))(z)
        assert apart(likelihood(loss).slope(z, targets), expected) <= 1e-12


@pytest.mark.long
@pytest.mark.filterwarnings("error:A curvature")
@pytest.mark.parametrize(("kind", "backend"), [("exact", "aot_eager"), ("empirical", "inductor")])
def test_a_compiled_product_is_the_same(kind, backend, monkeypatch):
    """The exact one is Gauss and Newton's, which goes through the C++ compiler in its own test."""
    if backend == "inductor":
        need_compiler()
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend=backend))
    one = case("perceptron", "cross-entropy")
    v = normal(len(one.start))
    whole = one.gauss_newton() if kind == "exact" else one.empirical_fisher()
    assert apart(Fisher(one.model, one.loss, one.data, kind=kind, compile=True) @ v, whole @ v) <= 1e-10
