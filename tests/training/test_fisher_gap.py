"""The whole Fisher matrix by layers, and what simplifying it loses."""

import pytest
import torch
from torch import nn

from book.calculus.matrix_free import GaussNewton
from book.optim import kronecker_factors
from book.training import fisher_gap
from book.training.data.load import load


@pytest.mark.parametrize("activation", list(fisher_gap.ACTIVATIONS))
def test_the_whole_matrix_is_gauss_newtons(activation):
    data = load("mnist")[0][:6]
    model, loss = fisher_gap.small_network(activation, seed=1), nn.CrossEntropyLoss()
    x = data.inputs.double()
    F, g, slices = fisher_gap.fisher_by_layers(model, loss, x, data.labels)
    assert [part.stop - part.start for part in slices.values()] == [800, 272, 170]
    v = torch.randn(len(F), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    flat = GaussNewton(model, loss, (x, data.labels))
    order, start = [], 0
    for layer in (model[2], model[4], model[6]):
        places = torch.arange(start, start + layer.weight.numel()).reshape(layer.weight.shape)
        biases = torch.arange(len(layer.bias))[:, None] + start + layer.weight.numel()
        order.append(torch.cat([places, biases], dim=1).flatten())
        start += layer.weight.numel() + len(layer.bias)
    order = torch.cat(order)
    unsorted = torch.empty_like(v)
    unsorted[order] = v
    torch.testing.assert_close(F @ v, (flat @ unsorted)[order])
    slopes = torch.autograd.grad(loss(model(x), data.labels), list(model.parameters()))
    torch.testing.assert_close(g, torch.cat([s.flatten() for s in slopes])[order])


def test_without_simplification_nothing_is_lost():
    """One linear layer and squared errors: all matrices are one, but for π's damping and the diagonal."""
    model, loss = nn.Linear(3, 2).double(), nn.MSELoss()
    x, y = (
        torch.randn(9, n, generator=torch.Generator().manual_seed(n), dtype=torch.float64) for n in (3, 2)
    )
    F, g, slices = fisher_gap.fisher_by_layers(model, loss, x, y)
    factors = kronecker_factors(model, loss, x)
    assert fisher_gap.gaps(F, slices, factors)[""] < 1e-12
    found = fisher_gap.shares(F, g, fisher_gap.directions(F, g, slices, factors, damping=0.1), damping=0.1)
    assert [found[name] for name in ("whole", "layers", "products")] == pytest.approx([1, 1, 1], abs=1e-12)
    assert all(0 < found[name] < 1 for name in ("K-FAC", "diagonal", "gradient"))
