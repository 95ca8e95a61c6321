"""Where B ⊗ A is the Gauss–Newton matrix itself: the tests of *KFAC from Scratch*, and where it is not.

Dangel, Mucsányi, Weber and Eschenhagen, "Kronecker-factored Approximate Curvature (KFAC) From Scratch", 2025.
"""

from functools import partial

import pytest
import torch
from torch import nn

from book.optim import kronecker_factors
from tests.optim.kfac.blocks import double, gauss_newton, labels, normal, per_example_gradients, relative

SUM_AND_MEAN = pytest.mark.parametrize("reduction", ["mean", "sum"])


class Pool(nn.Module):
    """The sum or the mean over an example's places, which leaves (N, features)."""

    def __init__(self, how: str, channels: bool = False):
        super().__init__()
        self.how, self.axes = how, (2, 3) if channels else (1,)

    def forward(self, x):
        return getattr(x, self.how)(dim=self.axes)


def linear_net(bias=True, pool=None, after=3):
    widths = [(4, 3), (3, 3), (3, 2)]
    layers = [partial(nn.Linear, *pair, bias=bias) for pair in widths]
    return double(1, *layers[:after], *([partial(Pool, pool)] if pool else []), *layers[after:])


def gaps(model, loss, x, y, **options):
    factors = kronecker_factors(model, loss, x, y, **options)
    return {
        name: relative(torch.kron(B, A), gauss_newton(model, loss, x, y, name))
        for name, (A, B) in factors.items()
    }


@SUM_AND_MEAN
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("places", [(), (5,), (2, 3)])
def test_regression_by_a_deep_linear_network(reduction, bias, places):
    model, loss = linear_net(bias), nn.MSELoss(reduction=reduction)
    found = gaps(model, loss, normal(0, 6, *places, 4), normal(2, 6, *places, 2))
    assert len(found) == 3
    assert max(found.values()) < 1e-10


@SUM_AND_MEAN
@pytest.mark.parametrize("how", ["sum", "mean"])
def test_regression_by_a_deep_linear_network_that_pools_at_its_end(reduction, how):
    model, loss = linear_net(pool=how), nn.MSELoss(reduction=reduction)
    x, y = normal(0, 6, 5, 4), normal(2, 6, 2)
    assert max(gaps(model, loss, x, y, approximation="reduce").values()) < 1e-10
    assert min(gaps(model, loss, x, y, approximation="expand").values()) > 1e-2


@SUM_AND_MEAN
@pytest.mark.parametrize("how", ["sum", "mean"])
def test_a_deep_linear_network_that_pools_on_its_way(reduction, how):
    """After the pooling there are no places, so that both agree; before it only "reduce" is exact."""
    model, loss = linear_net(pool=how, after=2), nn.MSELoss(reduction=reduction)
    x, y = normal(0, 6, 5, 4), normal(2, 6, 2)
    assert max(gaps(model, loss, x, y, approximation="reduce").values()) < 1e-10
    expand = gaps(model, loss, x, y, approximation="expand")
    assert [gap < 1e-10 for gap in expand.values()] == [False, False, True]


@SUM_AND_MEAN
def test_the_last_convolution_before_a_sum_over_places(reduction):
    model = double(
        0,
        partial(nn.Conv2d, 2, 3, 3, padding=1),
        partial(nn.Conv2d, 3, 3, (2, 3), stride=(2, 1), padding=(1, 2), dilation=(1, 2)),
        partial(Pool, "sum", channels=True),
    )
    x, y = normal(1, 3, 2, 6, 7), normal(2, 3, 3)
    found = gaps(model, nn.MSELoss(reduction=reduction), x, y, approximation="reduce")
    assert found["1"] < 1e-10
    assert found["0"] > 1e-6  # the border's patches are cut off, so that places differ


@pytest.mark.long
@SUM_AND_MEAN
@pytest.mark.parametrize("loss", [nn.MSELoss, nn.CrossEntropyLoss, nn.BCEWithLogitsLoss])
@pytest.mark.parametrize("activation", [nn.Tanh, nn.Sigmoid, nn.ReLU])
def test_one_example(reduction, loss, activation):
    """The Fisher matrix of one example is one product, whatever stands between the layers."""
    layers = [part for pair in [(5, 4), (4, 4), (4, 3)] for part in (partial(nn.Linear, *pair), activation)]
    model, x = double(1, *layers), normal(0, 1, 5)
    y = {
        nn.MSELoss: normal(2, 1, 3),
        nn.CrossEntropyLoss: torch.tensor([2]),
        nn.BCEWithLogitsLoss: torch.tensor([[1.0, 0.0, 1.0]]).double(),
    }[loss]
    assert max(gaps(model, loss(reduction=reduction), x, y).values()) < 1e-10


@pytest.mark.parametrize("loss", [nn.MSELoss, nn.CrossEntropyLoss])
def test_one_example_with_its_label(loss):
    model = double(1, partial(nn.Linear, 5, 4), nn.Tanh, partial(nn.Linear, 4, 3))
    x = normal(0, 1, 5)
    y = normal(2, 1, 3) if loss is nn.MSELoss else torch.tensor([2])
    for name, (A, B) in kronecker_factors(model, loss(reduction="sum"), x, y, fisher="empirical").items():
        (G,) = per_example_gradients(model, loss(reduction="sum"), x, y, name)
        assert relative(torch.kron(B, A), torch.outer(G.flatten(), G.flatten())) < 1e-10


@SUM_AND_MEAN
def test_classification_by_a_deep_linear_network_where_all_examples_have_one_prediction(reduction):
    """Slopes are the same for all; with one prediction for all, so is the loss's Hessian."""
    model, loss = linear_net(), nn.CrossEntropyLoss(reduction=reduction)
    with torch.no_grad():
        model[0].weight[:, 1:] = 0  # it looks at the first entry alone, and that is the same for all
    x = normal(0, 6, 4)
    x[:, 0] = 1
    assert max(gaps(model, loss, x, labels(2, 6, classes=2)).values()) < 1e-10


@SUM_AND_MEAN
def test_classification_by_a_linear_network_is_not_exact_elsewhere(reduction):
    model, loss = linear_net(), nn.CrossEntropyLoss(reduction=reduction)
    assert min(gaps(model, loss, normal(0, 6, 4), labels(2, 6, classes=2)).values()) > 1e-3


def test_regression_by_a_network_with_relu_is_not_exact():
    model = double(1, partial(nn.Linear, 4, 8), nn.ReLU, partial(nn.Linear, 8, 2))
    found = gaps(model, nn.MSELoss(), normal(0, 6, 4), normal(2, 6, 2))
    assert found["2"] < 1e-10  # the last layer is linear in its weights, with one Hessian for all
    assert found["0"] > 1e-2


def test_the_mean_of_sampled_factors_is_the_exact_one():
    model = double(1, partial(nn.Linear, 4, 3), nn.Tanh, partial(nn.Linear, 3, 3))
    x = normal(0, 3, 4).repeat(2000, 1)
    for loss in (nn.CrossEntropyLoss(), nn.MSELoss(), nn.BCEWithLogitsLoss()):
        exact = kronecker_factors(model, loss, x, fisher="exact")
        sampled = kronecker_factors(model, loss, x, fisher="sampled", seed=3)
        for name in exact:
            assert sampled[name].A.equal(exact[name].A)
            assert 1e-4 < relative(sampled[name].B, exact[name].B) < 0.05


@pytest.mark.parametrize("approximation", ["expand", "reduce"])
def test_sampled_factors_of_a_linear_network_come_to_gauss_newton_where_the_exact_are(approximation):
    """With places: an output at each for "expand", and their mean for "reduce"."""
    reduced = approximation == "reduce"
    model, loss = linear_net(pool="mean" if reduced else None), nn.MSELoss()
    x, y = normal(0, 6, 5, 4), normal(2, 6, *(() if reduced else (5,)), 2)
    many = kronecker_factors(
        model, loss, x.repeat(2000, 1, 1), approximation=approximation, fisher="sampled", seed=3
    )
    for name, (A, B) in many.items():
        gap = relative(torch.kron(B, A), gauss_newton(model, loss, x, y, name))
        assert 1e-4 < gap < 0.05


def test_by_columns_the_product_is_the_other_way_round():
    """Martens and Grosse stack a matrix's columns, and write A ⊗ B for the same entries in another order."""
    model, loss = linear_net(), nn.MSELoss()
    x, y = normal(0, 6, 4), normal(2, 6, 2)
    for name, (A, B) in kronecker_factors(model, loss, x, y).items():
        G = gauss_newton(model, loss, x, y, name)
        order = torch.arange(len(G)).view(len(B), len(A)).T.flatten()
        assert relative(torch.kron(A, B), G[order][:, order]) < 1e-10
        assert relative(torch.kron(A, B), G) > 0.1
