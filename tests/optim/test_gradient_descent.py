"""`descend` against closed forms, against scipy's solution of the gradient flow, and where it stops."""

import pytest
import torch
from scipy.integrate import solve_ivp

from book.calculus import gradient
from book.numerics.vector import f64
from book.optim import descend
from book.surfaces import bowl, cubic, plateau, random_quadratic, saddle


@pytest.mark.parametrize("lr", [0.01, 0.1, 0.19, 0.21])
def test_on_a_bowl_each_coordinate_is_a_power(lr):
    path = descend(bowl(10.0), f64(2, 1), lr=lr, steps=30)
    t = torch.arange(31, dtype=torch.float64)
    closed = torch.stack([2 * (1 - lr) ** t, (1 - 10 * lr) ** t], dim=1)
    torch.testing.assert_close(path, closed, rtol=1e-10, atol=1e-13)


def test_in_the_eigenbasis_of_any_quadratic():
    surface = random_quadratic(torch.logspace(0, 2, 20))
    H = torch.func.hessian(surface)(torch.zeros(20, dtype=torch.float64))
    values, vectors = torch.linalg.eigh(H)
    end = descend(surface, surface.at_start(), lr=0.015, steps=40)[-1]
    closed = vectors @ ((1 - 0.015 * values) ** 40 * (vectors.T @ surface.at_start()))
    torch.testing.assert_close(end, closed, rtol=1e-9, atol=1e-12)


@pytest.mark.long
def test_small_rates_follow_the_gradient_flow():
    start, time = f64(0.9), 1.0
    flow = solve_ivp(lambda t, x: -gradient(cubic, f64(*x)).numpy(), (0, time), start.numpy(), rtol=1e-11)
    errors = [(descend(cubic, start, time / n, n)[-1].item() - flow.y[0, -1]) for n in (200, 400)]
    assert errors[0] / errors[1] == pytest.approx(2, abs=0.1)  # Euler's method: first order


@pytest.mark.parametrize(
    ("f", "start"),
    [(cubic, f64(1)), (cubic, f64(-1)), (saddle, f64(0, 0)), (plateau, f64(40, 0)), (plateau, f64(0, 0))],
)
def test_it_takes_no_step_where_the_gradient_is_zero(f, start):
    assert torch.equal(descend(f, start, lr=0.1, steps=10), start[None])


def test_it_stays_on_the_ridge_of_a_saddle():
    path = descend(saddle, f64(1.5, 0), lr=0.1, steps=200)
    assert (path[:, 1] == 0).all()
    assert path[-1].norm() < 1e-15


def test_the_tolerance_is_the_length_of_the_gradient():
    path = descend(bowl(10.0), f64(2, 1), lr=0.1, steps=1000, tol=1e-3)
    sizes = [gradient(bowl(10.0), x).norm() for x in path]
    assert sizes[-1] <= 1e-3 < sizes[-2]


def test_it_stops_before_the_numbers_end():
    path = descend(cubic, f64(1.2), lr=0.1, steps=1000)
    assert len(path) < 100
    assert path[:-1].isfinite().all()


def test_a_rate_may_be_chosen_at_every_point():
    seen = []

    def rate(f, x, g):
        seen.append((f, x, g))
        return 0.1 / len(seen)

    path = descend(cubic, f64(0.5), lr=rate, steps=3)
    assert [f for f, _, _ in seen] == [cubic] * 3
    assert torch.equal(torch.stack([x for _, x, _ in seen]), path[:-1])
    torch.testing.assert_close(path[1], path[0] - 0.1 * gradient(cubic, path[0]))
    torch.testing.assert_close(path[3], path[2] - 0.1 / 3 * gradient(cubic, path[2]))


def test_a_rate_that_overwrites_what_it_gets_changes_nothing():
    def greedy(f, x, g):
        x.zero_(), g.zero_()
        return torch.tensor(0.1)

    start, f = torch.tensor([1.0, 2.0]), bowl(3.0)
    torch.testing.assert_close(descend(f, start, greedy, 3), descend(f, start, 0.1, 3))
    with pytest.raises(TypeError, match="descend takes a function that returns real numbers"):
        descend(f, start, lambda *_: None, 3)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_a_gradient_is_zero_only_where_it_is(scale):
    path = descend(lambda x: (scale * x).sum(), torch.zeros(2), lr=0.5 / scale, steps=3)
    assert path.tolist() == [[-0.5 * t] * 2 for t in range(4)]
    assert len(descend(lambda x: (scale * x).sum(), torch.zeros(2), lr=0.5, steps=3, tol=2 * scale)) == 1


@pytest.mark.parametrize("start", [[1.0, 2.0], torch.tensor([1, 2])])
def test_a_start_is_looked_at_even_if_no_step_follows(start):
    with pytest.raises(TypeError, match=r"takes a tensor|use float16"):
        descend(lambda x: x.sum(), start, lr=0.1, steps=0)


@pytest.mark.parametrize("rate", [-0.1, float("nan"), torch.tensor(-1.0)])
def test_a_rate_below_zero_or_nan_is_refused_where_it_is_chosen_too(rate):
    with pytest.raises(ValueError, match=r"lr must return a rate of at least 0; it returned (-|nan)"):
        descend(bowl(2), f64(1, 1), lambda f, x, g: rate, 3)
