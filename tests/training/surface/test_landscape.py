"""Slices against formulas: a quadratic along a line and a plane; directions have the lengths they should."""

import pytest
import torch

from book.training.data.load import load
from book.training.models import mlp
from book.training.surface.flat import flat_loss, flat_parameters
from book.training.surface.landscape import barrier, line, plane, random_direction, rise
from book.training.surface.symmetry import rescale_units

TS = torch.linspace(-0.5, 1.5, 9, dtype=torch.float64)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def quadratic(n=6):
    root = torch.randn(n, n, dtype=torch.float64, generator=generator())
    return root @ root.T


def vectors(count, n=6):
    return torch.randn(count, n, dtype=torch.float64, generator=generator(1)).unbind()


def test_a_line_through_a_quadratic_is_its_parabola():
    H, (start, end) = quadratic(), vectors(2)
    d = end - start
    expected = start @ H @ start / 2 + TS * (start @ H @ d) + TS**2 * (d @ H @ d) / 2
    assert torch.allclose(line(lambda p: p @ H @ p / 2, start, end, TS), expected, rtol=1e-12)


def test_a_plane_through_a_quadratic():
    H, (centre, u, v) = quadratic(), vectors(3)
    heights = plane(lambda p: p @ H @ p / 2, centre, u, v, TS)
    for i, b in enumerate(TS):
        for j, a in enumerate(TS):
            p = centre + a * u + b * v
            assert heights[i, j].item() == pytest.approx((p @ H @ p / 2).item(), rel=1e-12)


def test_slices_of_a_network_equal_the_loss_at_their_centre_and_ends():
    model, other = mlp(784, 8, 10).double(), mlp(784, 8, 10, seed=1).double()
    loss = flat_loss(model, load("mnist")[1][:50])
    a, b = flat_parameters(model), flat_parameters(other)
    ends = line(loss, a, b, torch.tensor([0.0, 1.0]))
    assert torch.equal(ends, torch.stack([loss(a), loss(b)]))
    u, v = random_direction(model, generator()), random_direction(model, generator(1))
    assert plane(loss, a, u, v, torch.tensor([-1.0, 0.0, 1.0]))[1, 1] == loss(a)


def test_a_line_refuses_two_shapes():
    with pytest.raises(ValueError, match="one shape"):
        line(torch.sum, torch.zeros(2), torch.zeros(3), TS)


def pieces(model, direction):
    sizes = [parameter.numel() for parameter in model.parameters()]
    parts = zip(direction.split(sizes), model.parameters(), strict=True)
    return [(part.view_as(parameter), parameter.detach()) for part, parameter in parts]


@pytest.mark.parametrize("scale", ["filter", "layer", "none"])
def test_a_direction_is_as_long_as_what_it_changes(scale):
    model = mlp(20, 6, 5, 3).double()
    direction = random_direction(model, generator(), scale)
    matrices = [(d, w) for d, w in pieces(model, direction) if w.ndim == 2]
    assert all(not d.any() for d, w in pieces(model, direction) if w.ndim == 1)
    rows = all(torch.allclose(d.norm(dim=1), w.norm(dim=1)) for d, w in matrices)
    layers = all(torch.allclose(d.norm(), w.norm()) for d, w in matrices)
    assert (rows, layers) == {"filter": (True, True), "layer": (False, True), "none": (False, False)}[scale]
    weights = torch.cat([w.flatten() for _, w in matrices])
    assert direction.norm().item() == pytest.approx(weights.norm().item(), rel=1e-12)


def test_directions_come_from_their_generator_alone():
    model = mlp(20, 6, 3)
    first, again, other = (random_direction(model, generator(seed)) for seed in (0, 0, 1))
    assert first.dtype == torch.float32
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("scale", ["filter", "layer"])
def test_a_scaled_slice_does_not_see_the_scale_of_a_layer(scale):
    model = mlp(784, 8, 10).double()
    other = rescale_units(model, 0, 7.0)
    slices = []
    for network in (model, other):
        θ, d = flat_parameters(network), random_direction(network, generator(), scale)
        slices.append(line(flat_loss(network, load("mnist")[1][:50]), θ, θ + d, TS))
    assert torch.allclose(*slices, rtol=1e-10)


def test_an_unknown_scale_is_refused():
    with pytest.raises(ValueError, match='"filter", "layer" or "none"'):
        random_direction(mlp(3, 2), generator(), "unit")


def test_barrier_and_rise_by_hand():
    ts = torch.tensor([0.0, 0.25, 0.5, 1.0])
    assert barrier(torch.tensor([1.0, 2.0, 1.0, 5.0]), ts) == 0
    assert barrier(torch.tensor([1.0, 4.0, 1.0, 5.0]), ts) == 2
    assert rise(torch.tensor([3.0, 2.0, 2.0, 1.0])) == 0
    assert rise(torch.tensor([3.0, 1.0, 2.0, 0.5, 2.25])) == 1.75
