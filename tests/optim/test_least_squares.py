"""Residuals and their Jacobian, and what a method is told whose closure returns something else."""

import pytest
import torch

from book.optim import GaussNewton, LevenbergMarquardt
from book.optim.derivatives import jacobian
from book.optim.full_batch import FullBatch, Point
from book.optim.least_squares import LeastSquares

DOUBLE = torch.float64


class Still(LeastSquares):
    """Looks at the point, and stays."""

    def advance(self, here):
        self.seen = here
        return here


@pytest.mark.parametrize("m", [1, 2, 4, 5, 9])
def test_the_jacobian_is_torchs_with_more_rows_or_more_columns(m):
    generator = torch.Generator().manual_seed(m)
    A = torch.randn(m, 4, generator=generator, dtype=DOUBLE)
    x = torch.randn(4, generator=generator, dtype=DOUBLE, requires_grad=True)
    f = lambda x: torch.sin(A @ x) + (A @ x) ** 2  # noqa: E731
    expected = torch.func.jacrev(f)(x.detach())
    assert torch.allclose(jacobian(f(x), [x]), expected, rtol=1e-13, atol=1e-13)


def test_it_goes_over_all_parameters_in_their_order():
    a = torch.tensor([[1.0, 2.0]], dtype=DOUBLE, requires_grad=True)
    b = torch.tensor(3.0, dtype=DOUBLE, requires_grad=True)
    unused = torch.zeros(1, dtype=DOUBLE, requires_grad=True)
    r = torch.stack([a[0, 0] * b, a[0, 1] ** 2, b, b - 1, a.sum()])
    rows = [[3, 0, 0, 1], [0, 4, 0, 0], [0, 0, 0, 1], [0, 0, 0, 1], [1, 1, 0, 0]]
    for count in (2, 5):
        assert jacobian(r[:count], [a, unused, b]).tolist() == rows[:count]


@pytest.mark.parametrize(("m", "n"), [(3, 2000), (2000, 3)])
def test_its_memory_is_m_times_n_and_not_the_square_of_the_larger(m, n):
    A, largest = torch.ones(m, n, dtype=DOUBLE), []
    x = torch.zeros(n, dtype=DOUBLE, requires_grad=True)

    class Watch(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            found = function(*args, **(kwargs or {}))
            largest.extend(
                t.numel() for t in (found if isinstance(found, tuple) else [found]) if hasattr(t, "numel")
            )
            return found

    r = A @ x
    with Watch():
        assert torch.equal(jacobian(r, [x]), A)
    assert max(largest) == m * n


def test_a_frozen_parameter_has_columns_of_zeros():
    x = torch.tensor([1.0, 2.0], dtype=DOUBLE, requires_grad=True)
    frozen = torch.tensor(3.0, dtype=DOUBLE)
    r = torch.stack([x[0] * frozen, x[1], x.prod(), x.sum()])
    for count in (2, 4):
        J = jacobian(r[:count], [frozen, x])
        assert J.tolist() == [[0, 3, 0], [0, 0, 1], [0, 2, 1], [0, 1, 1]][:count]


def test_a_point_has_the_loss_the_gradient_and_what_they_come_from():
    x = torch.nn.Parameter(torch.tensor([1.0, 2.0], dtype=DOUBLE))
    optimizer = Still([x])
    loss = optimizer.step(lambda: torch.stack([x[0] * x[1], x[0] - 3, x[1]]))
    here = optimizer.seen
    assert loss == here.value == (4 + 4 + 4) / 2
    assert here.residuals.tolist() == [2, -2, 2]
    assert here.jacobian.tolist() == [[2, 1], [1, 0], [0, 1]]
    assert here.gradient.tolist() == x.grad.tolist() == [2 * 2 - 2, 2 + 2]
    assert not here.jacobian.requires_grad
    assert optimizer.memory["jacobians"] == optimizer.memory["evaluations"] == 1


def test_residuals_of_any_shape_are_one_vector():
    x = torch.nn.Parameter(torch.tensor([1.0, 2.0], dtype=DOUBLE))
    optimizer = Still([x])
    optimizer.step(lambda: torch.outer(x, x))
    assert optimizer.seen.residuals.tolist() == [1, 2, 2, 4]
    assert optimizer.seen.jacobian.shape == (4, 2)
    optimizer.step(lambda: x[0])
    assert optimizer.seen.residuals.shape == (1,)


@pytest.mark.parametrize("returned", [None, 1.0, torch.empty(0), torch.ones(2, dtype=torch.int64)])
def test_a_closure_that_returns_no_residuals_is_refused(returned):
    with pytest.raises(TypeError, match="closure that returns the residuals"):
        Still([torch.nn.Parameter(torch.ones(1))]).step(lambda: returned)


def test_residuals_without_a_graph_are_refused():
    with pytest.raises(RuntimeError, match="do not depend on the parameters"):
        Still([torch.nn.Parameter(torch.ones(1))]).step(lambda: torch.ones(3))


@pytest.mark.parametrize("method", [GaussNewton, LevenbergMarquardt])
def test_a_start_that_is_not_finite_is_refused(method):
    x = torch.nn.Parameter(torch.tensor([0.0], dtype=DOUBLE))
    with pytest.raises(FloatingPointError, match="starts where the loss and its gradient are finite"):
        method([x]).step(lambda: 1 / x)
    with pytest.raises(FloatingPointError, match="starts where the loss and its gradient are finite"):
        method([x]).step(lambda: x.sqrt() + 1)
    assert x.item() == 0.0


def test_a_method_may_take_a_closure_of_its_own_kind():
    class Halving(FullBatch):
        def evaluate(self, x):
            self.word, loss = self.call(x)
            return Point(x, float(loss), 2 * x)

        def advance(self, here):
            return self.evaluate(here.x / 2)

    x = torch.nn.Parameter(torch.tensor([4.0], dtype=DOUBLE))
    optimizer = Halving([x], max_iter=2)
    optimizer.step(lambda: ("anything", x @ x))
    assert (x.item(), optimizer.word, optimizer.memory["evaluations"]) == (1.0, "anything", 3)


def test_a_closure_that_fails_is_not_counted():
    x = torch.nn.Parameter(torch.tensor([4.0], dtype=DOUBLE))
    optimizer = LevenbergMarquardt([x])
    with pytest.raises(ZeroDivisionError):
        optimizer.step(lambda: 1 / 0)
    assert not optimizer.memory
