"""Critical points: every kind on surfaces with known answers, the tolerance from both sides, the search."""

import math

import pytest
import torch
from scipy.optimize import fsolve

from book.calculus import classify, critical_points, gradient, hessian, kind_of
from book.surfaces import SURFACES, himmelblau, monkey_saddle, saddle
from tests.cases import each

ORIGIN = torch.zeros(2, dtype=torch.float64)


def quadratic(*curvatures):
    λ = torch.tensor(curvatures, dtype=torch.float64)
    return lambda p: (λ * p.square()).sum() / 2


@each(
    ("curvatures", "kind"),
    [
        ((1, 2), "minimum"),
        ((-1, -2), "maximum"),
        ((-1, 2), "saddle"),
        ((-1, 0, 2), "saddle"),
        ((0, 2), "undecided"),
        ((0, -2), "undecided"),
        ((0, 0), "undecided"),
        ((3,), "minimum"),
        ((-3,), "maximum"),
        ((0,), "undecided"),
    ],
)
def test_the_signs_decide_also_when_the_axes_are_turned(curvatures, kind):
    n = len(curvatures)
    Q = torch.linalg.qr(torch.randn(n, n, dtype=torch.float64, generator=torch.Generator().manual_seed(n))).Q
    f = quadratic(*curvatures)
    point = classify(lambda p: f(Q @ p), torch.zeros(n, dtype=torch.float64))
    assert point.kind == kind
    assert point.gradient_norm == 0
    assert point.eigenvalues.tolist() == pytest.approx(sorted(curvatures), abs=1e-12)


@each("surface", SURFACES.values())
def test_every_known_minimum_of_a_surface_is_one(surface):
    for minimum in surface.minima:
        point = classify(surface, torch.tensor(minimum, dtype=torch.float64))
        assert point.kind == "minimum"
        assert point.eigenvalues[0] > 0


def test_the_surfaces_without_a_minimum():
    assert classify(saddle, ORIGIN).kind == "saddle"
    assert classify(monkey_saddle, ORIGIN).kind == "undecided"
    cubic = SURFACES["cubic"]
    assert classify(cubic, torch.tensor([1.0], dtype=torch.float64)).kind == "maximum"


@pytest.mark.parametrize("f", [lambda p: p[0] ** 4, lambda p: -(p[0] ** 4), lambda p: p[0] ** 3])
def test_a_second_derivative_of_zero_leaves_it_undecided(f):
    assert classify(f, torch.zeros(1, dtype=torch.float64)).kind == "undecided"


@each("tol", [1e-6, 1e-3])
@each(
    ("small", "kind"),
    [(1.01, "minimum"), (0.99, "undecided"), (-0.99, "undecided"), (-1.01, "saddle")],
)
def test_an_eigenvalue_just_above_tol_counts_and_one_just_below_does_not(small, kind, tol):
    assert classify(quadratic(small * tol, 1.0), ORIGIN, tol).kind == kind


@pytest.mark.parametrize(("slope", "kind"), [(0.99e-6, "minimum"), (1.01e-6, "not critical")])
def test_a_gradient_just_above_tol_is_not_zero(slope, kind):
    f = quadratic(1.0, 1.0)
    assert classify(lambda p: f(p) + slope * p[0], ORIGIN).kind == kind


def test_a_slope_is_not_critical_whatever_the_eigenvalues():
    point = classify(saddle, torch.tensor([1.0, 1.0], dtype=torch.float64))
    assert point.kind == "not critical"
    assert point.gradient_norm == pytest.approx(math.sqrt(8))


def test_a_gradient_of_nan_is_not_critical():
    assert classify(lambda p: p.sum() * math.nan, ORIGIN).kind == "not critical"
    assert kind_of(math.nan, torch.ones(2)) == "not critical"


def test_eigenvalues_of_nan_decide_nothing():
    assert kind_of(0.0, torch.tensor([math.nan, math.nan])) == "undecided"


def test_float32_needs_a_larger_tolerance():
    minimum = torch.tensor(himmelblau.minima[1], dtype=torch.float32)
    assert classify(himmelblau, minimum).kind == "not critical"
    assert classify(himmelblau, minimum, tol=1e-3).kind == "minimum"


def test_what_classify_refuses():
    with pytest.raises(ValueError, match="above 0; got 0"):
        classify(saddle, ORIGIN, tol=0)
    with pytest.raises(ValueError, match="above 0; got nan"):
        classify(saddle, ORIGIN, tol=math.nan)
    with pytest.raises(TypeError, match="wrap it"):
        classify(saddle, [0.0, 0.0])
    with pytest.raises(TypeError, match="int64"):
        classify(saddle, torch.zeros(2, dtype=torch.int64))
    with pytest.raises(ValueError, match="a vector"):
        classify(lambda p: p.sum(), torch.zeros(2, 2))
    with pytest.raises(ValueError, match="one output"):
        classify(torch.square, ORIGIN)


def grid(points=13):
    side = torch.linspace(-5, 5, points, dtype=torch.float64)
    return torch.cartesian_prod(side, side)


@pytest.mark.long
def test_himmelblau_has_nine_critical_points_and_scipy_finds_the_same():
    def slope(p):
        return gradient(himmelblau, torch.tensor(p, dtype=torch.float64)).numpy()

    ends = [fsolve(slope, start.numpy(), full_output=True, xtol=1e-12) for start in grid(11)]
    by_scipy = {tuple(end.round(5) + 0.0) for end, _, success, _ in ends if success == 1}
    points = critical_points(himmelblau, grid())
    assert {tuple(round(c, 5) + 0.0 for c in p.tolist()) for p in points} == by_scipy
    kinds = [classify(himmelblau, p).kind for p in points]
    assert [kinds.count(kind) for kind in ("minimum", "saddle", "maximum")] == [4, 4, 1]
    assert points[:, 0].tolist() == sorted(points[:, 0].tolist())


@pytest.mark.long
def test_what_is_found_is_critical_and_found_once():
    points = critical_points(himmelblau, grid().repeat(2, 1))
    assert len(points) == 9
    for p in points:
        assert gradient(himmelblau, p).norm() <= 1e-9
    assert torch.pdist(points).min() > 0.1


def test_starts_that_lead_nowhere_are_dropped():
    assert critical_points(torch.sum, grid(3)).shape == (0, 2)
    assert critical_points(lambda p: p.exp().sum(), grid(3), steps=5).shape == (0, 2)
    assert critical_points(himmelblau, grid(3), steps=0).shape == (0, 2)


def test_one_step_is_enough_on_a_quadratic():
    point = critical_points(quadratic(-3.0, 5.0), torch.tensor([[7.0, -2.0]], dtype=torch.float64), steps=1)
    assert point.tolist() == [[0.0, 0.0]]


def test_what_critical_points_refuses():
    with pytest.raises(TypeError, match="wrap it"):
        critical_points(saddle, [[0.0, 0.0]])
    with pytest.raises(ValueError, match="critical_points takes"):
        critical_points(saddle, ORIGIN)


def test_the_hessian_behind_a_kind_is_the_one_that_is_shown():
    p = torch.tensor([0.3, -0.7], dtype=torch.float64)
    expected = torch.linalg.eigvalsh(hessian(himmelblau, p))
    assert torch.equal(classify(himmelblau, p).eigenvalues, expected)


SLOPES = {
    "exp": lambda p: p.exp().sum(),
    "logarithm": lambda p: (1 + p.square().sum()).log(),
    "plateau": SURFACES["plateau"].f,
    "inverse": lambda p: 1 / (1 + p.square().sum()),
    "sigmoid": lambda p: p.sigmoid().sum(),
}


@pytest.mark.long
@pytest.mark.parametrize("name", SLOPES)
def test_no_point_is_found_on_a_slope_that_dies_away(name):
    starts = torch.tensor([[-1.5, -2.0], [3.0, 2.0], [0.0, 5.0]], dtype=torch.float64)
    found = critical_points(SLOPES[name], starts)
    assert (found.abs() < 1e-6).all()
    assert len(found) == 0


@pytest.mark.long
@pytest.mark.parametrize("scale", [1e-30, 1e-9, 1.0, 1e5])
def test_the_height_of_a_function_changes_no_point(scale):
    starts = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None]
    found = critical_points(lambda p: scale * (p[0] ** 3 - 3 * p[0]), starts)
    torch.testing.assert_close(found, torch.tensor([[-1.0], [1.0]], dtype=torch.float64))


def test_no_starts_give_no_points():
    assert critical_points(torch.sum, torch.zeros(0, 2)).shape == (0, 2)


@pytest.mark.long
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_narrow_types_are_classified_in_float32(dtype):
    found = classify(lambda p: p[0] ** 2 - p[1] ** 2, torch.zeros(2, dtype=dtype))
    assert found.kind == "saddle"
    assert found.eigenvalues.tolist() == [-2, 2]
    assert found.eigenvalues.dtype == torch.float32
    starts = torch.tensor([[1.0, -1.0]], dtype=dtype)
    assert critical_points(lambda p: p[0] ** 2 - p[1] ** 2, starts).tolist() == [[0, 0]]


def test_a_gradient_is_measured_however_large_or_small():
    for scale in (1e-30, 1e30):
        found = classify(lambda p, scale=scale: scale * p.sum(), torch.zeros(3), tol=1e-35)
        assert found.kind == "not critical"
        assert found.gradient_norm == pytest.approx(scale * 3**0.5, rel=1e-6)
    assert classify(lambda p: (1 / p).sum(), torch.tensor([0.0, math.nan])).kind == "not critical"


@pytest.mark.long
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_several_points_are_found_in_every_dtype(dtype):
    starts = torch.tensor([[-1.5], [-1.25], [1.25], [1.5]], dtype=dtype)
    found = critical_points(lambda p: p[0] ** 3 - 3 * p[0], starts, tol=0.02)
    assert found.flatten().tolist() == pytest.approx([-1, 1], abs=0.02)
