"""LineSearch: a direction is followed by the search that was asked for, or repaired, or refused."""

import math

import pytest
import torch

from book.optim import BFGS, LineSearch
from tests.optim.closures import Calls, plain, rosenbrock, valley


class Along(LineSearch):
    """Goes where it is told, and writes down what it learns."""

    def __init__(self, params, way, **options):
        super().__init__(params, **options)
        self.way, self.learned, self.forgotten = way, [], 0

    def direction(self, here):
        return self.way(here)

    def observe(self, s, y):
        self.learned.append((s, y))

    def forget(self):
        self.forgotten += 1


def steepest(here):
    return -here.gradient


def bowl(x):
    return (x * x * torch.tensor([1.0, 4.0], dtype=x.dtype)).sum() / 2


def run(way, f=rosenbrock, start=None, **options):
    params = [torch.nn.Parameter(torch.tensor(start, dtype=torch.float64))] if start else valley()
    optimizer = Along(params, way, **options)
    calls = Calls(lambda: f(params[0]), params)
    optimizer.step(calls)
    assert optimizer.memory["evaluations"] == calls.count
    return optimizer, params[0].detach()


def test_a_step_fulfils_both_conditions_and_is_learned_from():
    optimizer, x = run(steepest, c2=0.1)
    start = valley()[0]
    (g,) = torch.autograd.grad(rosenbrock(start), start)
    after = x.clone().requires_grad_()
    (g_after,) = torch.autograd.grad(rosenbrock(after), after)
    s = x - start.detach()
    assert rosenbrock(x) <= rosenbrock(start) + 1e-4 * s @ g
    assert abs(s @ g_after) <= 0.1 * abs(s @ g)
    ((learned_s, learned_y),) = optimizer.learned
    assert torch.equal(learned_s, s)
    assert torch.equal(learned_y, g_after - g)
    assert (optimizer.forgotten, optimizer.memory.get("repairs", 0)) == (0, 0)


@pytest.mark.parametrize(
    "way",
    [
        lambda here: here.gradient,  # uphill
        lambda here: torch.zeros_like(here.x),
        lambda here: torch.full_like(here.x, math.nan),
        lambda here: -here.gradient * math.inf,
        lambda here: torch.stack([-here.gradient[1], here.gradient[0]]),  # at a right angle
    ],
    ids=["uphill", "zero", "nan", "inf", "across"],
)
def test_a_direction_that_is_not_downhill_is_repaired(way):
    optimizer, x = run(way)
    _, expected = run(steepest)
    assert torch.equal(x, expected)
    assert (optimizer.forgotten, optimizer.memory["repairs"]) == (1, 1)
    assert len(optimizer.learned) == 1


def test_minus_the_gradient_is_not_repaired_by_itself():
    """Where −g holds no lower step, it is not searched a second time."""

    def lying(x):
        return x.detach().square().sum() + (x - x.detach()).sum()

    optimizer, x = run(steepest, f=lying, start=[0.0, 0.0])
    assert (optimizer.status, optimizer.forgotten) == ("precision", 0)
    assert torch.equal(x, torch.zeros(2))
    assert optimizer.memory["evaluations"] <= 31


def test_without_a_search_a_direction_is_taken_as_it_is():
    optimizer, x = run(steepest, f=bowl, start=[1.0, 1.0], line_search_fn=None, lr=0.1)
    assert torch.allclose(x, torch.tensor([0.9, 0.6], dtype=torch.float64), rtol=1e-15)
    assert optimizer.memory["evaluations"] == 2
    _, x = run(lambda here: here.gradient, f=bowl, start=[1.0, 1.0], line_search_fn=None, lr=0.1)
    assert torch.allclose(x, torch.tensor([1.1, 1.4], dtype=torch.float64), rtol=1e-15)


def test_without_a_search_a_step_to_where_nothing_is_finite_is_refused():
    def wall(x):
        return torch.where(x > 1.5, math.inf, (x - 1).square()).sum()

    params = [torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))]
    optimizer = Along(params, steepest, line_search_fn=None, lr=5.0)
    with pytest.raises(FloatingPointError, match="A step of lr=5 leads where the loss is inf"):
        optimizer.step(lambda: wall(params[0]))
    assert torch.equal(params[0].data, torch.zeros(2))


def test_armijo_halves_the_step_until_it_is_low_enough():
    optimizer, x = run(steepest, f=bowl, start=[1.0, 1.0], line_search_fn="armijo", lr=2.0, c1=0.1)
    # gᵀg = 17 and gᵀHg = 65: 2.5 − 17 η + 32.5 η² ≤ 2.5 − 1.7 η where η ≤ 0.47: 2, 1, ½, ¼.
    assert torch.allclose(x, torch.tensor([0.75, 0.0], dtype=torch.float64))
    assert optimizer.memory["evaluations"] == 1 + 4


def test_the_first_trial_is_lr_times_the_methods_own():
    tried = []
    params = valley()

    class Own(Along):
        def first_length(self, here, d):
            return 1e-3

    def closure():
        tried.append(params[0].detach().clone())
        return bowl(params[0])

    Own(params, steepest, lr=0.5).step(closure)
    g = valley()[0].detach() * torch.tensor([1.0, 4.0])
    assert torch.allclose(tried[1], tried[0] - 5e-4 * g, rtol=1e-14)


def test_a_loss_without_a_minimum_is_refused_and_nothing_moves():
    params = valley()
    optimizer = BFGS(params, max_iter=50)
    with pytest.raises(ValueError, match="still falls where it has reached -"):
        optimizer.step(lambda: -params[0].square().sum())
    assert torch.equal(plain(params)[0], plain(valley())[0])
    assert "inverse" not in optimizer.memory


def test_what_fits_no_option_is_refused():
    with pytest.raises(ValueError, match="line_search_fn is 'strong_wolfe', 'armijo', None; got 'wolfe'"):
        Along(valley(), steepest, line_search_fn="wolfe")
    for c1, c2 in ((0.0, 0.9), (0.9, 0.5), (0.5, 0.5), (1e-4, 1.0)):
        with pytest.raises(ValueError, match=r"0 < c1 < c2 < 1|Invalid c"):
            Along(valley(), steepest, c1=c1, c2=c2)
    params = valley()
    with pytest.raises(NotImplementedError, match="writes its direction"):
        LineSearch(params).step(lambda: rosenbrock(params[0]))


@pytest.mark.parametrize("search", ["strong_wolfe", "armijo"])
@pytest.mark.parametrize("size", [1e-170, 1e-300])
def test_a_slope_too_small_for_its_square_ends_at_the_precision(size, search):
    """No tolerance stops it, the square of the gradient is 0, and nothing is said of a way uphill."""
    for way in (steepest, lambda here: -2 * here.gradient):
        x = torch.nn.Parameter(torch.tensor([size, -size], dtype=torch.float64))
        optimizer = Along([x], way, line_search_fn=search, tolerance_grad=0.0, tolerance_change=0.0)
        optimizer.step(lambda x=x: bowl(x))
        assert (optimizer.status, x.tolist()) == ("precision", [size, -size])
