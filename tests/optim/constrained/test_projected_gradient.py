"""Projected gradient against a plain loop, its rates on a quadratic, and scipy's quadratic programmes."""

import math
import warnings
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from book.numerics.vector import f64
from book.optim import descend
from book.optim.constrained import project_ball, project_box, project_simplex, projected_gradient
from tests.cases import each

H = torch.diag(f64(1, 4, 20))
H = H + 0.5
CENTER = f64(2, -1, 0.5)


def bowl(x):
    return (x - CENTER) @ (H @ (x - CENTER)) / 2


def test_a_fixed_rate_is_the_plain_loop():
    x, path = np.array([0.0, 0.5, 1.0]), []
    for _ in range(21):
        x = np.clip(x, 0, 1)
        path.append(x)
        x = x - 0.05 * (H.numpy() @ (x - CENTER.numpy()))
    ours = projected_gradient(
        bowl, partial(project_box, low=0.0, high=1.0), f64(0, 0.5, 1), 0.05, 20, tol=0.0
    )
    np.testing.assert_allclose(ours.numpy(), path[: len(ours)], rtol=0, atol=1e-14)
    assert len(ours) > 5


def test_without_a_constraint_it_is_gradient_descent():
    ours = projected_gradient(bowl, lambda x: x, f64(0, 0, 0), 0.05, 30, tol=0.0)
    torch.testing.assert_close(ours, descend(bowl, f64(0, 0, 0), 0.05, 30), rtol=0, atol=1e-14)


SETS = {
    "box": (partial(project_box, low=0.0, high=1.0), [("ineq", lambda z: np.concatenate([z, 1 - z]))]),
    "ball": (project_ball, [("ineq", lambda z: 1 - z @ z)]),
    "simplex": (project_simplex, [("ineq", lambda z: z), ("eq", lambda z: z.sum() - 1)]),
}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("lr", [None, 0.05])
def test_it_ends_where_the_quadratic_programme_does(name, lr):
    project, constraints = SETS[name]
    path = projected_gradient(bowl, project, f64(3, 3, 3), lr, 2000, tol=1e-12)
    theirs = minimize(
        lambda z: bowl(torch.from_numpy(z)).item(),
        np.full(3, 0.3),
        jac=lambda z: H.numpy() @ (z - CENTER.numpy()),
        method="SLSQP",
        constraints=[{"type": kind, "fun": g} for kind, g in constraints],
        options={"ftol": 1e-16},
    )
    torch.testing.assert_close(path[-1], torch.from_numpy(theirs.x), rtol=0, atol=1e-6)
    assert bowl(path[-1]) <= theirs.fun + 1e-10
    x, g = path[-1], H @ (path[-1] - CENTER)
    assert (x - project(x - g)).abs().max() <= 1e-10
    assert len(path) < 2000


def test_the_search_lowers_f_at_each_step_by_the_promised_share():
    project = SETS["simplex"][0]
    path = projected_gradient(bowl, project, f64(3, 3, 3), tol=1e-6)
    for x, following in pairwise(path):
        slope = (H @ (x - CENTER)) @ (following - x)
        assert slope < 0
        assert bowl(following) <= bowl(x) + 1e-4 * slope + 1e-14


def test_the_search_gets_through_a_rate_that_is_far_too_long():
    steep = lambda x: 1e6 * bowl(x)  # noqa: E731
    path = projected_gradient(steep, project_ball, f64(0, 0, 0), tol=1e-8)
    near = projected_gradient(bowl, project_ball, f64(0, 0, 0), tol=1e-12)
    torch.testing.assert_close(path[-1], near[-1], rtol=0, atol=1e-7)


def everywhere(x):
    return x


def test_the_rate_begins_at_1_and_doubles_from_step_to_step():
    path = projected_gradient(lambda x: -x.sum(), everywhere, f64(0), steps=3)
    assert path.squeeze(1).tolist() == [0, 1, 3, 7]


def test_the_rate_is_halved_until_f_falls():
    path = projected_gradient(lambda x: 2 * x.square().sum(), everywhere, f64(1))  # to −3, −1 and 0
    assert path.squeeze(1).tolist() == [1, 0]


def test_the_rate_is_halved_where_the_point_is_beyond_the_largest_number():
    low, high = f64(0, -9), f64(1, 9)  # along the first axis f rises, and by 2 · 10³⁰⁸ at twice the rate
    path = projected_gradient(lambda x: 1e308 * x[0] - x[1], partial(project_box, low=low, high=high), low)
    assert path[:4, 1].tolist() == [-9, -8, -7, -6]


@pytest.mark.parametrize("fall", [-5e-5, 5e-5])
def test_a_fall_of_less_than_the_share_is_none(fall):
    bend = 1 - fall  # f(0) = f(1) − fall, with the slope 1 at 1, which promises 10⁻⁴
    path = projected_gradient(lambda x: (bend * x * x + (1 - 2 * bend) * x).sum(), everywhere, f64(1))
    assert path[1].tolist() == [0.5]


def test_a_fall_that_is_no_rounding_counts_whatever_the_gradient_does():
    # f(1) = 2⁻⁵⁰ and f(0) = f(1) − 1; the slope is 1 at 1 and −5 at 0, so that f is curved by 6 between.
    def cubic(x):
        return (-6 * x**3 + 12 * x**2 - 5 * x - 1).sum() + 2.0**-50

    assert projected_gradient(cubic, everywhere, f64(1), steps=1).squeeze(1).tolist() == [1, 0]


def test_where_values_are_equal_the_change_of_the_gradient_decides():
    path = projected_gradient(lambda x: x.square().sum(), everywhere, f64(1))  # to −1, as high, and to 0
    assert path.squeeze(1).tolist() == [1, 0]


def test_it_stops_at_once_where_nothing_is_to_be_gained():
    corner = projected_gradient(lambda x: -x.sum(), partial(project_box, low=0.0, high=1.0), f64(1, 1))
    assert corner.tolist() == [[1, 1]]


def test_it_stops_where_the_gradient_is_not_finite():
    path = projected_gradient(
        lambda x: x.log().sum(), partial(project_box, low=0.0, high=9.0), f64(1, 1), lr=1.0
    )
    assert path[-1].tolist() == [0, 0]
    assert path.isfinite().all()


def test_the_start_is_projected_first_and_stays_as_it_is():
    start = f64(3, 4, 0)
    assert projected_gradient(bowl, project_ball, start, steps=0).tolist() == [[0.6, 0.8, 0]]
    assert start.tolist() == [3, 4, 0]


def test_a_function_with_parameters_of_its_own_leaves_no_graph_and_no_warning():
    weight = torch.nn.Parameter(f64(1, 4, 20))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = projected_gradient(lambda x: x @ (weight * x) - x.sum(), project_ball, f64(1, 1, 1))
    assert not path.requires_grad
    assert weight.grad is None


def test_your_functions_may_work_in_place_and_under_no_grad():
    def rough(x):
        return x.sub_(CENTER) @ (H @ x) / 2

    def onto(x):
        return x.mul_(1 / max(1.0, float(x.norm())))

    plain = projected_gradient(bowl, project_ball, f64(1, 1, 1), 0.05, 20)
    with torch.no_grad():
        torch.testing.assert_close(projected_gradient(rough, onto, f64(1, 1, 1), 0.05, 20), plain)


@each(
    ("call", "error", "message"),
    [
        (
            lambda: projected_gradient(bowl, lambda x: x[:2], f64(1, 1, 1)),
            ValueError,
            "argument's shape, .3,",
        ),
        (
            lambda: projected_gradient(bowl, lambda x: x * math.nan, f64(1, 1, 1)),
            ValueError,
            "not finite of the start",
        ),
        (lambda: projected_gradient(bowl, lambda x: None, f64(1, 1, 1)), ValueError, "argument's shape"),
        (lambda: projected_gradient(bowl, project_ball, f64(1, 1, 1), lr=-1), ValueError, "lr must be in"),
        (
            lambda: projected_gradient(bowl, project_ball, f64(1, 1, 1), lr="1"),
            TypeError,
            "lr must be a number",
        ),
        (
            lambda: projected_gradient(bowl, project_ball, f64(1, 1, 1), tol=math.nan),
            ValueError,
            "tol must be in",
        ),
        (
            lambda: projected_gradient(bowl, project_ball, f64(1, 1, 1), steps=-1),
            ValueError,
            "steps start at 0",
        ),
        (lambda: projected_gradient(lambda x: x, project_ball, f64(1, 1, 1)), ValueError, "one output"),
        (lambda: projected_gradient(bowl, project_ball, [1, 1, 1]), TypeError, "takes a tensor"),
    ],
)
def test_bad_input_gets_one_sentence(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_repair_that_has_no_answer_far_away_may_still_be_tried():
    def clip_and_divide(w):
        w = w.clamp(min=0)
        return w / w.sum()  # 0/0 where all are negative, as at w − g

    path = projected_gradient(lambda w: w @ (f64(1, 2, 4) * w), clip_and_divide, f64(1, 1, 1) / 3, 0.1, 300)
    torch.testing.assert_close(path[-1], f64(1, 0, 0), rtol=0, atol=1e-6)
