"""Nearest points: by brute force, as quadratic programmes, and by what all projections have in common."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from book.numerics.vector import f64
from book.optim.constrained import (
    project_ball,
    project_box,
    project_box_and_plane,
    project_half_space,
    project_simplex,
)
from tests.cases import each

N = 5
LOW, HIGH = f64(-1, 0, -0.5, -2, 0), f64(1, 0.5, 2, -1, 3)
NORMAL = f64(1, -2, 0.5, 0, 3)
SETS = {  # each projection under its name, so that a mutant in its place is what is called
    "box": (lambda x: project_box(x, LOW, HIGH), lambda z: ((z >= LOW) & (z <= HIGH)).all()),
    "orthant": (lambda x: project_box(x, 0.0, math.inf), lambda z: (z >= 0).all()),
    "ball": (
        lambda x: project_ball(x, 1.5, f64(1, 0, 0, 2, 0)),
        lambda z: (z - f64(1, 0, 0, 2, 0)).norm() <= 1.5 + 1e-12,
    ),
    "simplex": (
        lambda x: project_simplex(x, 2.0),
        lambda z: (z >= 0).all() and abs(z.sum() - 2) < 1e-12,
    ),
    "half-space": (
        lambda x: project_half_space(x, NORMAL, 1.0),
        lambda z: NORMAL @ z <= 1 + 1e-12 * (1 + z.abs().max()),
    ),
    "box and plane": (
        lambda x: project_box_and_plane(x, LOW, HIGH, NORMAL, 1.0),
        lambda z: ((z >= LOW) & (z <= HIGH)).all() and abs(NORMAL @ z - 1) < 1e-12,
    ),
}
every = pytest.mark.parametrize("name", SETS)
POINTS = st.lists(st.floats(-4, 4, width=32), min_size=N, max_size=N).map(lambda p: f64(*p))


@pytest.mark.long
@every
@given(x=POINTS)
def test_the_projection_is_allowed_and_projecting_again_changes_nothing(name, x):
    project, allowed = SETS[name]
    nearest = project(x)
    assert allowed(nearest)
    torch.testing.assert_close(project(nearest), nearest, rtol=0, atol=1e-14)


@pytest.mark.long
@every
@given(x=POINTS, y=POINTS)
def test_two_points_come_no_further_apart(name, x, y):
    project, _ = SETS[name]
    assert (project(x) - project(y)).norm() <= (x - y).norm() + 1e-13


@pytest.mark.long
@every
@given(x=POINTS, y=POINTS)
def test_from_the_projection_no_allowed_point_lies_towards_x(name, x, y):
    project, _ = SETS[name]
    nearest, other = project(x), project(y)
    assert (x - nearest) @ (other - nearest) <= 1e-12 * (1 + x.norm() * y.norm())


CONSTRAINTS = {  # as scipy takes them: kind and function
    "box": [("ineq", lambda z: np.concatenate([z - LOW.numpy(), HIGH.numpy() - z]))],
    "orthant": [("ineq", lambda z: z)],
    "ball": [("ineq", lambda z: 1.5**2 - ((z - [1, 0, 0, 2, 0]) ** 2).sum())],
    "simplex": [("ineq", lambda z: z), ("eq", lambda z: z.sum() - 2)],
    "half-space": [("ineq", lambda z: 1 - NORMAL.numpy() @ z)],
    "box and plane": [
        ("ineq", lambda z: np.concatenate([z - LOW.numpy(), HIGH.numpy() - z])),
        ("eq", lambda z: NORMAL.numpy() @ z - 1),
    ],
}


@every
def test_it_is_the_solution_of_the_quadratic_programme(name):
    project, _ = SETS[name]
    generator = torch.Generator().manual_seed(0)
    for x in 2 * torch.randn(10, N, dtype=torch.float64, generator=generator):
        far = x.numpy()
        theirs = minimize(
            lambda z, far=far: ((z - far) ** 2).sum() / 2,
            np.zeros(N),
            jac=lambda z, far=far: z - far,
            method="SLSQP",
            constraints=[{"type": kind, "fun": g} for kind, g in CONSTRAINTS[name]],
            options={"ftol": 1e-15},
        )
        torch.testing.assert_close(project(x), torch.from_numpy(theirs.x), rtol=0, atol=2e-6)


def simplex_by_trying_all(x: list[float], total: float) -> list[float]:
    """Of the feet on all faces, the nearest that is allowed."""
    best, shortest = None, math.inf
    for kept in itertools.chain.from_iterable(
        itertools.combinations(range(len(x)), k + 1) for k in range(len(x))
    ):
        shift = (sum(x[i] for i in kept) - total) / len(kept)
        foot = [x[i] - shift if i in kept else 0.0 for i in range(len(x))]
        distance = sum((a - b) ** 2 for a, b in zip(x, foot, strict=True))
        if min(foot) >= 0 and distance < shortest:
            best, shortest = foot, distance
    return best


@given(x=st.lists(st.floats(-3, 3), min_size=1, max_size=6), total=st.floats(0.25, 4))
def test_the_simplex_by_trying_every_face(x, total):
    nearest = project_simplex(f64(*x), total)
    torch.testing.assert_close(nearest, f64(*simplex_by_trying_all(x, total)), rtol=0, atol=1e-12)


@pytest.mark.long
@given(x=POINTS, offset=st.floats(-2, 10))
def test_box_and_plane_by_bisection_of_the_plane_s_multiplier(x, offset):
    low, high = -100.0, 100.0
    for _ in range(200):
        middle = (low + high) / 2
        z = np.clip(x.numpy() - middle * NORMAL.numpy(), LOW.numpy(), HIGH.numpy())
        low, high = (middle, high) if NORMAL.numpy() @ z > offset else (low, middle)
    nearest = project_box_and_plane(x, LOW, HIGH, NORMAL, offset)
    torch.testing.assert_close(nearest, torch.from_numpy(z), rtol=0, atol=1e-11)


def test_the_simplex_is_a_box_and_a_plane():
    x = f64(0.3, -1, 2, 0.9, 1.7)
    boxed = project_box_and_plane(x, 0.0, 3.0, torch.ones(5, dtype=torch.float64), 3.0)
    torch.testing.assert_close(project_simplex(x, 3.0), boxed, rtol=0, atol=1e-15)


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_sizes_at_the_ends_of_the_range_do_no_harm(size):
    x = size * f64(3, 4)
    torch.testing.assert_close(project_ball(x, 0.5 * size), size * f64(0.3, 0.4), rtol=1e-14, atol=0)
    torch.testing.assert_close(
        project_half_space(x, size * f64(1, 0), 0.0), size * f64(0, 4), rtol=1e-14, atol=0
    )
    assert project_simplex(1e300 * f64(1, -1, 1)).tolist() == [0.5, 0, 0.5]


def test_a_point_whose_length_is_beyond_its_dtype_has_a_nearest_point_too():
    for dtype in (torch.float32, torch.float64):
        x = torch.full((4,), torch.finfo(dtype).max, dtype=dtype)
        torch.testing.assert_close(project_ball(x), torch.full_like(x, 0.5))


def test_a_ball_of_no_dimension_is_a_point():
    assert project_ball(f64()).tolist() == project_ball(f64(), 0.0).tolist() == []


def test_a_projection_leaves_its_argument_alone_and_shares_no_memory():
    for project, _ in SETS.values():
        x = f64(0, 0.25, 0, -1.5, 0.5)
        before = x.clone()
        project(x).add_(1)
        assert x.equal(before)


X = f64(1, 2)
REFUSED = {
    "a box upside down": (lambda: project_box(X, 1.0, 0.0), "box is empty"),
    "a bound of nan": (lambda: project_box(X, math.nan, 0.0), "box is empty"),
    "a negative radius": (lambda: project_ball(X, -1.0), "radius of a ball is at least 0; got -1"),
    "a radius of nan": (lambda: project_ball(X, math.nan), "radius of a ball"),
    "a simplex of nothing": (lambda: project_simplex(X, 0.0), "finite number above 0; got 0"),
    "an endless simplex": (lambda: project_simplex(X, math.inf), "finite number above 0"),
    "a point that is not finite": (lambda: project_simplex(f64(1, math.inf)), "finite entries; got inf"),
    "a normal of 0": (lambda: project_half_space(X, 0 * X, 1.0), "not 0"),
    "an endless offset": (lambda: project_half_space(X, X, math.inf), "finite offset"),
    "a plane without a normal": (lambda: project_box_and_plane(X, 0.0, 1.0, 0 * X, 0.0), "not 0"),
    "an endless box": (lambda: project_box_and_plane(X, 0.0, math.inf, X, 1.0), "finite bounds"),
    "a box too far away": (
        lambda: project_box_and_plane(f64(1e20, 1e20), -1.0, 1.0, f64(1, 1), 0.5),
        "x is so far from the box",
    ),
    "a plane that misses": (
        lambda: project_box_and_plane(X, 0.0, 1.0, X, 4.0),
        "No point of the box lies on the plane: aᵀx is between 0 and 3 there",
    ),
}


@each("case", REFUSED)
def test_what_has_no_nearest_point_is_refused_in_one_sentence(case):
    call, message = REFUSED[case]
    with pytest.raises(ValueError, match=message) as error:
        call()
    assert "\n" not in str(error.value)


def test_what_is_no_vector_is_refused():
    for project in (project_ball, project_simplex):
        with pytest.raises(ValueError, match="takes a vector"):
            project(torch.eye(2))
        with pytest.raises(TypeError, match="takes a tensor"):
            project([1.0, 2.0])


def test_a_ball_around_a_point_and_the_defaults_by_hand():
    assert project_ball(f64(5, 6), 1.0, f64(2, 2)).tolist() == pytest.approx([2.6, 2.8], rel=1e-15)
    assert project_ball(f64(2, 2.5), 1.0, f64(2, 2)).tolist() == [2.0, 2.5]
    assert project_ball(f64(3, 4)).tolist() == pytest.approx([0.6, 0.8], rel=1e-15)
    assert project_half_space(f64(2, 2), f64(1, 0)).tolist() == [0.0, 2.0]
    foot = project_half_space(f64(3, 3), f64(3, 4), 5.0)  # aᵀx = 21, and 16/25 of a too far
    assert foot.tolist() == pytest.approx([1.08, 0.44], rel=1e-14)


def test_a_plane_that_misses_by_rounding_alone_is_met():
    one, eps = f64(1), torch.finfo(torch.float64).eps
    for offset, end in ((1 + 8 * eps, 1.0), (-8 * eps, 0.0)):  # eight roundings of the largest number, 1
        assert project_box_and_plane(f64(0.3), 0.0, 1.0, one, offset).tolist() == [end]
    with pytest.raises(ValueError, match="No point of the box"):
        project_box_and_plane(f64(0.3), 0.0, 1.0, one, 1 + 9 * eps)


@pytest.mark.parametrize("offset", [0.0, 0.25, 1.0])
def test_between_the_two_bounds_of_one_entry_lies_one_piece(offset):
    assert project_box_and_plane(f64(0.3), 0.0, 1.0, f64(1), offset).tolist() == pytest.approx([offset])


def test_a_ball_whose_center_lies_opposite_at_the_end_of_float32():
    """x − center is a number of the dtype in each entry, its length is not, and x + center is 0."""
    x = torch.full((2,), 1.7e38)
    found = project_ball(x, 1e38, -x)
    torch.testing.assert_close(found, -x + 1e38 * 0.5**0.5, rtol=1e-6, atol=0)


@given(bound=st.floats(0.01, 1.0), form=st.sampled_from([float, lambda b: [b] * N, lambda b: np.full(N, b)]))
def test_a_bound_keeps_all_its_digits(bound, form):
    """torch makes float32 of Python's numbers, and so would a float64 box be 1e-9 off, without a word."""
    x = torch.linspace(2, 3, N, dtype=torch.float64)
    assert project_box(x, 0.0, form(bound)).tolist() == [bound] * N
    assert project_ball(x, 0.0, form(bound)).tolist() == [bound] * N
    ones = torch.ones(N, dtype=torch.float64)
    at_its_bounds = project_box_and_plane(x, 0.0, form(bound), ones, N * bound)
    assert at_its_bounds.tolist() == pytest.approx([bound] * N, rel=1e-15)
