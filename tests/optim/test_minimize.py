"""minimize against the method's own steps, and what it refuses."""

from functools import partial

import pytest
import torch

from book.optim import BFGS, LBFGS, Adam, Newton, minimize
from book.surfaces import beale, rosenbrock


@pytest.mark.parametrize("method", [BFGS, LBFGS, Newton])
def test_it_is_one_step_of_the_method(method):
    start = rosenbrock.at_start()
    found = minimize(partial(method, max_iter=200), rosenbrock, start)
    x = torch.nn.Parameter(start.clone())
    optimizer = method([x], max_iter=200)
    calls = []
    optimizer.step(lambda: calls.append(1) or rosenbrock(x))
    assert torch.equal(found.x, x.detach())
    assert torch.equal(found.gradient, x.grad)
    assert found.value == rosenbrock(found.x).item()
    assert found.evaluations == len(calls)
    assert found.iterations == optimizer.memory["step"] == len(found.path) - 1
    assert found.products == (2 * (found.iterations) if method is Newton else 0)
    assert found.status == optimizer.status == "gradient"
    assert torch.equal(start, rosenbrock.at_start())


@pytest.mark.parametrize("method", [BFGS, LBFGS, Newton])
def test_the_path_is_that_of_one_iteration_a_step(method):
    found = minimize(partial(method, max_iter=12), beale, beale.at_start())
    x = torch.nn.Parameter(beale.at_start())
    optimizer = method([x])
    path = [x.detach().clone()]
    for _ in range(found.iterations):
        optimizer.step(lambda: beale(x))
        path.append(x.detach().clone())
    assert torch.equal(found.path, torch.stack(path))


def test_a_start_at_the_minimum_costs_one_evaluation():
    found = minimize(BFGS, lambda x: x.square().sum() + 3, torch.zeros(4))
    assert (found.iterations, found.evaluations, found.value) == (0, 1, 3.0)
    assert found.path.shape == (1, 4)


def test_the_limit_is_the_methods_own():
    found = minimize(partial(BFGS, max_iter=3), rosenbrock, rosenbrock.at_start())
    assert (found.iterations, found.status) == (3, "max_iter")


def test_a_function_that_writes_into_its_argument_gets_a_copy():
    def rude(x):
        return x.mul_(2).square().sum()

    found = minimize(partial(BFGS, max_iter=50), rude, torch.ones(3, dtype=torch.float64))
    assert found.x.abs().max() < 1e-7


def test_what_is_no_such_method_or_start_is_refused():
    with pytest.raises(
        TypeError, match="takes a method on FullBatch, such as BFGS, and `make` returned Adam"
    ):
        minimize(Adam, rosenbrock, rosenbrock.at_start())
    with pytest.raises(TypeError, match="takes a tensor and got list"):
        minimize(BFGS, rosenbrock, [1.0, 2.0])
    with pytest.raises(TypeError, match="BFGS takes a closure that returns the loss, one number"):
        minimize(BFGS, lambda x: x, torch.ones(2))
    with pytest.raises(ValueError, match="torch does not see it"):
        minimize(BFGS, lambda x: torch.tensor(x.square().sum().item()), torch.ones(2))


def test_many_points_at_once_are_refused():
    def search(start):
        return minimize(BFGS, lambda x: x @ x, start).x

    with pytest.raises(ValueError, match="minimize takes one point at a time"):
        torch.func.vmap(search)(torch.eye(2))
