"""Levenberg–Marquardt against MINPACK, evaluation by evaluation, and in every shape and rank."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import least_squares, leastsq

from book.optim import LevenbergMarquardt
from book.optim.levenberg_marquardt import next_region
from tests.cases import each
from tests.optim.fits import FITS, jacobian_function, residual_function

DOUBLE = torch.float64


def ours(r, start, **options):
    """Where it evaluated, the end, and the optimizer."""
    x = torch.nn.Parameter(torch.tensor(start, dtype=DOUBLE))
    options = {"tolerance_grad": 0.0, "tolerance_change": 0.0, "max_iter": 500} | options
    optimizer, seen = LevenbergMarquardt([x], **options), []

    def closure():
        seen.append(x.tolist())
        return r(x)

    optimizer.step(closure)
    return np.array(seen), x.detach(), optimizer


def minpack(r, start, scale="jac"):
    seen = []

    def residuals(x):
        seen.append(x.copy())
        return residual_function(r)(x)

    found = least_squares(
        residuals, start, jacobian_function(r), method="lm", x_scale=scale, ftol=1e-15, xtol=1e-15, gtol=1e-15
    )
    return np.array(seen), found


@pytest.mark.long
@pytest.mark.parametrize("name", FITS)
def test_it_evaluates_where_minpack_does(name):
    r, start, _ = FITS[name]
    theirs, found = minpack(r, start)
    mine, x, _ = ours(r, start)
    # From where rounding decides on, each goes its own way.
    costs = np.array([np.square(residual_function(r)(point)).sum() / 2 for point in theirs])
    ahead = np.minimum.accumulate(costs) - found.cost > 1e-8 * max(found.cost, 1e-3 * costs[0])
    same = min(int(ahead.sum()), len(mine))
    assert same >= min(4, len(theirs))
    assert np.allclose(mine[:same], theirs[:same], rtol=1e-6, atol=1e-9)
    assert np.allclose(mine[:5], theirs[:5], rtol=1e-10, atol=1e-12)
    assert 0.5 * r(x).square().sum().item() == pytest.approx(found.cost, rel=1e-10, abs=1e-20)


@pytest.mark.parametrize("name", ["rosenbrock", "beale", "bard", "wood"])
def test_without_scaling_too(name):
    r, start, _ = FITS[name]
    theirs, _ = minpack(r, start, scale=1.0)
    mine, *_ = ours(r, start, scaled=False)
    assert np.allclose(mine[:6], theirs[:6], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("start", [[0.3, 3.0], [0.0, 3.0], [0.0, 0.0]])
def test_the_first_radius_is_minpacks_with_a_small_factor(start):
    """A column of zeros counts as 1, a start of zeros has the radius of the factor itself."""
    t = torch.linspace(0, 0.5, 9, dtype=DOUBLE)

    def r(x):
        return torch.exp(0.1 * x[0] * t) - torch.exp(0.8 * t) + 0 * x[1]

    seen = []

    def residuals(x):
        seen.append(x.copy())
        return residual_function(r)(x)

    leastsq(residuals, start, Dfun=jacobian_function(r), factor=0.1, ftol=1e-15, xtol=1e-15, gtol=1e-15)
    theirs = np.array([x for i, x in enumerate(seen) if i == 0 or not np.array_equal(x, seen[i - 1])])
    mine, *_ = ours(r, start, factor=0.1)
    assert np.allclose(mine[:4], theirs[:4], rtol=1e-9, atol=1e-12)


def test_where_values_no_longer_tell_the_gradient_does():
    """½‖r‖² is 5e11, and the drop 5e-7 is below its rounding."""
    start = [1.001]
    _, x, optimizer = ours(lambda x: torch.stack([x[0] - 1, 1e6 + 0 * x[0]]), start)
    assert x.item() == pytest.approx(1.0, abs=1e-12)
    assert optimizer.memory["step"] >= 1


def test_the_units_of_the_parameters_do_not_matter():
    r, start, _ = FITS["bard"]
    units = torch.tensor([1e6, 1e-6, 1.0], dtype=DOUBLE)
    plain, *_ = ours(r, start)
    scaled, *_ = ours(lambda x: r(x * units), (torch.tensor(start) / units).tolist())
    assert np.allclose(scaled[:6] * units.numpy(), plain[:6], rtol=1e-8)


@pytest.mark.parametrize(("m", "n"), [(8, 3), (3, 5)])
def test_a_linear_fit_ends_at_numpys_answer(m, n):
    generator = torch.Generator().manual_seed(m)
    A = torch.randn(m, n, generator=generator, dtype=DOUBLE)
    y = torch.randn(m, generator=generator, dtype=DOUBLE)
    _, x, optimizer = ours(lambda x: A @ x - y, [0.0] * n, scaled=False)
    assert np.allclose(x, np.linalg.lstsq(A.numpy(), y.numpy(), rcond=None)[0], rtol=1e-10, atol=1e-12)
    assert optimizer.memory["damping"] == 0 if "damping" in optimizer.memory else True


@pytest.mark.parametrize("scaled", [True, False])
def test_fewer_residuals_than_parameters_and_a_curve_of_answers(scaled):
    _, x, optimizer = ours(
        lambda x: (x[0] * x[1] * x[2] - 6.0).reshape(1), [1.0, 1.0, 1.0], tolerance_grad=1e-12, scaled=scaled
    )
    assert x.prod().item() == pytest.approx(6.0, rel=1e-12)
    assert x[0] == pytest.approx(6 ** (1 / 3), rel=1e-6)  # from the diagonal the shortest way keeps to it
    assert optimizer.status == "gradient"


def test_two_parameters_that_do_the_same_share_the_step():
    t = torch.linspace(0, 1, 9, dtype=DOUBLE)
    _, x, _ = ours(lambda x: torch.exp((x[0] + x[1]) * t) - torch.exp(0.8 * t), [0.0, 0.0])
    assert x.tolist() == pytest.approx([0.4, 0.4], rel=1e-10)


def test_a_parameter_without_influence_stays():
    t = torch.linspace(0, 1, 9, dtype=DOUBLE)
    _, x, _ = ours(lambda x: torch.exp(x[0] * t) - torch.exp(0.8 * t) + 0 * x[1], [0.0, 3.0])
    assert x.tolist() == pytest.approx([0.8, 3.0], rel=1e-10)


def test_a_step_into_nan_is_refused_and_costs_no_jacobian():
    _, x, optimizer = ours(lambda x: torch.log(x) - 1e-3, [40.0], tolerance_grad=1e-12)
    assert x.item() == pytest.approx(math.exp(1e-3), rel=1e-10)
    memory = optimizer.memory
    assert memory["refused"] > 0
    assert memory["jacobians"] == memory["evaluations"] - memory["refused"] == memory["step"] + 1


def test_the_damping_falls_to_0_at_a_good_fit():
    r, start, _ = FITS["box"]
    *_, optimizer = ours(r, start, tolerance_grad=1e-10)
    assert (optimizer.memory["damping"], optimizer.status) == (0.0, "gradient")


@each(
    ("given", "expected"),
    [  # radius, damping, length, ratio, drop, slope
        ((4.0, 8.0, 4.0, 0.1, 0.5, -5.0), (2.0, 16.0)),  # the loss fell, and by little: half
        ((4.0, 8.0, 4.0, -1.0, -2.0, -1.0), (4.0 / 6, 48.0)),  # to the parabola's minimum, 1/6
        ((4.0, 8.0, 4.0, -9.0, -99.0, -1.0), (0.4, 80.0)),  # and no further than a tenth
        ((4.0, 8.0, 0.1, -1.0, -2.0, -1.0), (1 / 6, 48.0)),  # of ten times a step far inside
        ((4.0, 8.0, 4.0, -math.inf, -math.inf, -1.0), (0.4, 80.0)),
        ((4.0, 8.0, 4.0, math.nan, math.nan, -1.0), (0.4, 80.0)),
        ((4.0, 8.0, 4.0, 0.25, 1.0, -1.0), (2.0, 16.0)),
        ((4.0, 8.0, 3.9, 0.5, 1.0, -1.0), (4.0, 8.0)),
        ((4.0, 8.0, 3.9, 0.75, 1.0, -1.0), (7.8, 4.0)),
        ((4.0, 0.0, 0.5, 0.5, 1.0, -1.0), (1.0, 0.0)),  # inside: twice the step, though Δ falls by it
    ],
)
def test_the_region_rule(given, expected):
    radius, damping, length, ratio, drop, slope = given
    assert next_region(radius, damping, length, ratio, drop, slope) == pytest.approx(expected, rel=1e-14)


@pytest.mark.long
@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_reload_continues_bit_for_bit(cut):
    r, start, _ = FITS["wood"]
    x = torch.nn.Parameter(torch.tensor(start, dtype=DOUBLE))
    first = LevenbergMarquardt([x])
    for _ in range(cut):
        first.step(lambda: r(x))
    y = torch.nn.Parameter(x.detach().clone())
    second = LevenbergMarquardt([y])
    second.load_state_dict(first.state_dict())
    for _ in range(15):
        first.step(lambda: r(x))
        second.step(lambda: r(y))
        assert torch.equal(x, y)
    assert first.memory["radius"] == second.memory["radius"]


def test_ten_steps_of_one_iteration_are_one_step_of_ten():
    r, start, _ = FITS["meyer"]
    _, together, _ = ours(r, start, max_iter=10)
    x = torch.nn.Parameter(torch.tensor(start, dtype=DOUBLE))
    alone = LevenbergMarquardt([x], tolerance_grad=0.0, tolerance_change=0.0)
    for _ in range(10):
        alone.step(lambda: r(x))
    assert torch.equal(x, together)


def test_single_precision_ends_at_its_precision():
    t = torch.linspace(0, 1, 9)
    x = torch.nn.Parameter(torch.zeros(2))
    optimizer = LevenbergMarquardt([x], max_iter=100, tolerance_grad=0.0, tolerance_change=0.0)
    optimizer.step(lambda: x[0] * torch.exp(x[1] * t) - 2 * torch.exp(0.5 * t) + torch.sin(9 * t))
    assert optimizer.status == "precision"
    assert optimizer.memory["evaluations"] < 60


@pytest.mark.parametrize("wrong", [{"factor": 0.0}, {"factor": math.inf}, {"eta": 0.25}, {"scaled": 2}])
def test_options_outside_their_range_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        LevenbergMarquardt([torch.nn.Parameter(torch.ones(1))], **wrong)
