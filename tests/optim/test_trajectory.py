"""The path of an optimizer on a function against the loop written out."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from torch.optim import LBFGS

from book import optim
from book.optim import SGD, AdaDelta, GaussNewton, trajectory
from book.surfaces import rosenbrock
from tests.optim.closures import OF_ANY_LOSS


def test_a_trajectory_is_the_loop_written_out():
    x = rosenbrock.at_start().requires_grad_()
    optimizer = torch.optim.Adam([x], lr=0.01)
    points = [x.detach().clone()]
    errors = torch.randn(20, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for error in errors:
        optimizer.zero_grad()
        rosenbrock(x).backward()
        x.grad += error
        optimizer.step()
        points.append(x.detach().clone())
    start = rosenbrock.at_start()
    path = trajectory(lambda p: torch.optim.Adam(p, lr=0.01), rosenbrock, start, 20, errors)
    assert torch.equal(path, torch.stack(points))
    assert torch.equal(start, rosenbrock.at_start())


def test_a_trajectory_ends_with_its_noise_or_where_it_diverges():
    def square(x):
        return x.square().sum()

    start = torch.ones(1, dtype=torch.float64)
    assert len(trajectory(lambda p: SGD(p, lr=0.1), square, start, 9, noise=[0.0, 0.0])) == 3
    path = trajectory(lambda p: SGD(p, lr=1e200), square, start, 9)
    assert len(path) < 5
    assert path[0] == 1


def test_adadelta_at_a_rate_of_one_is_the_published_method():
    ρ, ε = 0.8, 1e-3
    x, v, u = 1.0, 0.0, 0.0
    points = [x]
    for _ in range(50):
        g = 2 * x
        v = ρ * v + (1 - ρ) * g * g
        d = -math.sqrt(u + ε) / math.sqrt(v + ε) * g
        u = ρ * u + (1 - ρ) * d * d
        x += d
        points.append(x)
    start = torch.ones(1, dtype=torch.float64)
    path = trajectory(lambda p: AdaDelta(p, rho=ρ, eps=ε), lambda x: x.square().sum(), start, 50)
    torch.testing.assert_close(path[:, 0], torch.tensor(points, dtype=torch.float64), rtol=1e-12, atol=0)


def test_what_is_no_optimizer_is_refused():
    with pytest.raises(TypeError, match="`make` must return an optimizer over the parameters; got NoneType"):
        trajectory(lambda p: None, torch.sum, torch.ones(2), 3)


def test_an_optimizer_that_needs_a_closure_gets_it():
    start, many, one = torch.tensor([-1.2, 1.0]), partial(LBFGS, max_iter=20), partial(LBFGS, max_iter=1)
    path = trajectory(many, rosenbrock, start, 12)
    torch.testing.assert_close(path[-1], torch.ones(2), atol=1e-3, rtol=0)
    pushed = trajectory(one, lambda x: 0 * x.sum(), torch.zeros(2), 1, [1.0])
    assert (pushed[-1] < 0).all()  # the noise is in the gradient that the closure computes


METHODS_WITH_A_LOSS = [*OF_ANY_LOSS.values(), optim.AdaHessian]


@pytest.mark.parametrize("make", METHODS_WITH_A_LOSS)
def test_a_method_that_computes_the_loss_anew_gets_it(make):
    start = torch.tensor([-1.2, 1.0], dtype=torch.float64)
    path = trajectory(make, rosenbrock, start, 4)
    x = torch.nn.Parameter(start.clone())
    optimizer, points = make([x]), [start]
    for _ in range(4):
        optimizer.step(lambda: rosenbrock(x))
        points.append(x.detach().clone())
    assert torch.equal(path, torch.stack(points))
    assert path.diff(dim=0).any(dim=1).all()


@pytest.mark.parametrize("make", METHODS_WITH_A_LOSS)
def test_noise_tilts_the_loss_of_such_a_method(make):
    start, noise = torch.tensor([1.0, 2.0], dtype=torch.float64), [0.5, torch.tensor([-1.0, 0.25])]
    path = trajectory(make, lambda x: x.square().sum(), start, 2, noise)
    x = torch.nn.Parameter(start.clone())
    optimizer = make([x])
    for point, error in zip(path[1:], noise, strict=True):
        optimizer.step(lambda error=error: x.square().sum() + (error * x).sum())
        assert torch.equal(point, x.detach())


def test_noise_of_another_dtype_is_converted_and_of_another_shape_refused():
    start = torch.ones(2)
    path = trajectory(SGD, torch.sum, start, 2, [np.float64(0.5), torch.ones(2, dtype=torch.float64)])
    assert path.dtype == torch.float32
    with pytest.raises(ValueError, match=r"noise of a step is a number or of shape \(2,\); got \(3,\)"):
        trajectory(SGD, torch.sum, start, 2, [torch.ones(3)])


def test_an_optimizer_over_other_parameters_or_of_residuals_is_refused():
    with pytest.raises(ValueError, match="takes the parameters that it is given"):
        trajectory(lambda p: SGD([torch.nn.Parameter(torch.ones(2))]), torch.sum, torch.ones(2), 3)
    with pytest.raises(ValueError, match="GaussNewton takes residuals, and f is one number"):
        trajectory(GaussNewton, torch.sum, torch.ones(2), 3)


def test_noise_in_numbers_keeps_all_its_digits():
    path = trajectory(
        lambda p: SGD(p, lr=1.0), lambda x: 0 * x.sum(), torch.zeros(1, dtype=torch.float64), 1, [0.1]
    )
    assert path[1].tolist() == [-0.1]
