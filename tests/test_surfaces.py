"""Every surface: its minima by gradient and Hessian, its derivatives against formulas written by hand."""

import math
from functools import partial

import pytest
import torch

from book.calculus import classify, gradient, hessian
from book.surfaces import SURFACES, bowl, cubic, plateau, quadratic, random_quadratic
from tests.cases import each

F64 = torch.float64
EVERY = [*SURFACES.values(), random_quadratic(torch.logspace(-1, 2, 12, dtype=F64))]
every_surface = pytest.mark.parametrize("surface", EVERY, ids=lambda surface: surface.name)


def _rosenbrock(x, y):
    slope = [-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)]
    return slope, [[2 - 400 * y + 1200 * x**2, -400 * x], [-400 * x, 200]]


def _beale(x, y):
    slope, bend = [0.0, 0.0], [[0.0, 0.0], [0.0, 0.0]]
    for k, c in ((1, 1.5), (2, 2.25), (3, 2.625)):
        r, dx, dy = c - x + x * y**k, y**k - 1, k * x * y ** (k - 1)
        dxy, dyy = k * y ** (k - 1), k * (k - 1) * x * y ** (k - 2) if k > 1 else 0.0
        slope = [slope[0] + 2 * r * dx, slope[1] + 2 * r * dy]
        cross = 2 * dx * dy + 2 * r * dxy
        bend = [
            [bend[0][0] + 2 * dx * dx, bend[0][1] + cross],
            [bend[1][0] + cross, bend[1][1] + 2 * dy * dy + 2 * r * dyy],
        ]
    return slope, bend


def _himmelblau(x, y):
    a, b = x**2 + y - 11, x + y**2 - 7
    slope = [4 * x * a + 2 * b, 2 * a + 4 * y * b]
    return slope, [[12 * x**2 + 4 * y - 42, 4 * (x + y)], [4 * (x + y), 12 * y**2 + 4 * x - 26]]


def _plateau(x, y):
    e = math.exp(-(x**2 + y**2) / 2)
    return [x * e, y * e], [[(1 - x * x) * e, -x * y * e], [-x * y * e, (1 - y * y) * e]]


def _bowl(kappa, degrees):
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    H = [[c * c + kappa * s * s, c * s * (1 - kappa)], [c * s * (1 - kappa), s * s + kappa * c * c]]
    return lambda x, y: ([H[0][0] * x + H[0][1] * y, H[1][0] * x + H[1][1] * y], H)


BY_HAND = {
    "bowl, κ = 10": _bowl(10, 0),
    "bowl, κ = 50, turned by 30°": _bowl(50, 30),
    "noisy bowl, κ = 10": _bowl(10, 0),
    "Rosenbrock": _rosenbrock,
    "Beale": _beale,
    "Himmelblau": _himmelblau,
    "saddle": lambda x, y: ([2 * x, -2 * y], [[2, 0], [0, -2]]),
    "monkey saddle": lambda x, y: ([3 * x * x - 3 * y * y, -6 * x * y], [[6 * x, -6 * y], [-6 * y, -6 * x]]),
    "cubic": lambda x: ([3 - 3 * x * x], [[-6 * x]]),
    "plateau": _plateau,
}


def points_in(surface, count=200):
    generator = torch.Generator().manual_seed(1)
    low, high = torch.tensor(surface.box, dtype=F64).T
    return low + (high - low) * torch.rand(count, len(low), dtype=F64, generator=generator)


def test_every_surface_has_its_derivatives_by_hand():
    assert BY_HAND.keys() == SURFACES.keys()


@each("name", BY_HAND)
def test_gradient_and_hessian_are_those_by_hand(name):
    surface, points = SURFACES[name], points_in(SURFACES[name])
    by_hand = zip(*(BY_HAND[name](*p.tolist()) for p in points), strict=True)
    for derivative, wanted in zip((gradient, hessian), by_hand, strict=True):
        found = torch.func.vmap(partial(derivative, surface))(points)
        torch.testing.assert_close(found, torch.tensor(wanted, dtype=F64), rtol=1e-12, atol=1e-11)


@every_surface
def test_every_known_minimum_is_one(surface):
    for minimum in surface.minima:
        point = classify(surface, torch.tensor(minimum, dtype=F64))
        assert point.kind == "minimum"
        assert point.gradient_norm < 1e-12


@every_surface
def test_a_surface_says_where_to_start_and_where_it_comes_from(surface):
    assert len(surface.start) == len(surface.box) == surface.at_start().numel()
    assert all(low <= x <= high for x, (low, high) in zip(surface.start, surface.box, strict=True))
    assert all(
        low <= x <= high for m in surface.minima for x, (low, high) in zip(m, surface.box, strict=True)
    )
    assert len(surface.source) > 5
    assert gradient(surface, surface.at_start()).norm() > 0


@every_surface
def test_a_batch_of_points_gives_a_batch_of_values(surface):
    points = points_in(surface, 6)
    alone = torch.stack([surface(p) for p in points])
    torch.testing.assert_close(surface(points.reshape(2, 3, -1)), alone.reshape(2, 3), rtol=1e-14, atol=1e-14)


def test_the_cubic_has_a_maximum_at_1_and_no_lower_end():
    assert classify(cubic, torch.tensor([1.0], dtype=F64)).kind == "maximum"
    assert cubic(torch.tensor([1e3], dtype=F64)) < -9e8


def test_the_plateau_is_flat_far_out():
    assert gradient(plateau, torch.tensor([6.0, 6.0], dtype=F64)).norm() < 1e-14


def test_a_bowl_has_the_curvatures_it_is_asked_for():
    eigenvalues = torch.linalg.eigvalsh(hessian(bowl(37.0, angle=12.0), torch.zeros(2, dtype=F64)))
    torch.testing.assert_close(eigenvalues, torch.tensor([1.0, 37.0], dtype=F64))


def test_a_random_quadratic_has_its_spectrum_in_axes_of_its_own():
    spectrum = torch.tensor([0.5, 1.0, 2.0, 100.0], dtype=F64)
    surface = random_quadratic(spectrum, seed=3)
    H = hessian(surface, surface.at_start())
    torch.testing.assert_close(torch.linalg.eigvalsh(H), spectrum)
    assert (H - torch.diag(H.diagonal())).abs().max() > 0.1
    assert surface.at_start().norm().item() == pytest.approx(2.0)
    again, other = random_quadratic(spectrum, seed=3), random_quadratic(spectrum, seed=4)
    assert surface.start == again.start != other.start


@pytest.mark.parametrize("H", [[[1.0, 2.0], [0.0, 1.0]], [[1.0, 2.0], [2.0, 1.0]], [[0.0, 0.0], [0.0, 1.0]]])
def test_a_quadratic_without_a_minimum_is_refused(H):
    with pytest.raises(ValueError, match="symmetric with eigenvalues above 0"):
        quadratic(torch.tensor(H, dtype=F64), (1.0, 1.0))


def test_the_plateau_has_its_digits_near_the_minimum():
    for r in (1e-3, 1e-8, 1e-100):
        p = torch.tensor([r, 0.0], dtype=F64)
        assert plateau(p).item() == pytest.approx(r * r / 2, rel=1e-6, abs=0)


def test_a_bowl_that_rounding_would_flatten_is_refused():
    for kappa, angle in ((0.0, 0), (-1.0, 0), (math.inf, 0), (math.nan, 0), (1e16, 30), (1e30, 45)):
        with pytest.raises(ValueError, match="κ must be above 0 and finite, and below 1e15 in a turned bowl"):
            bowl(kappa, angle=angle)
    assert bowl(1e30)(torch.tensor([1.0, 0.0])).item() == 0.5


def test_a_quadratic_keeps_a_copy_of_its_matrix():
    H = torch.eye(2, dtype=F64)
    surface = quadratic(H, (1.0, 1.0))
    H.mul_(10)
    assert surface(torch.ones(2)).item() == 1.0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_a_matrix_may_be_narrow_and_a_start_a_tensor(dtype):
    surface = quadratic(torch.eye(2, dtype=dtype), torch.tensor([1.0, 2.0]))
    assert (surface.start, surface(surface.at_start()).item()) == ((1.0, 2.0), 2.5)


@each(
    ("make", "error", "words"),
    [
        (lambda: quadratic([[1.0]], (1.0,)), TypeError, "quadratic takes a tensor and got list"),
        (lambda: quadratic(torch.eye(2).long(), (1.0, 1.0)), TypeError, "use float16"),
        (lambda: quadratic(torch.ones(2), (1.0, 1.0)), ValueError, "takes a matrix of shape"),
        (lambda: quadratic(torch.zeros(0, 0), ()), ValueError, "symmetric with eigenvalues above 0"),
        (lambda: quadratic(torch.eye(2), (1.0,)), ValueError, "A start has 2 numbers here"),
        (lambda: bowl(noise=-1), ValueError, "noise is finite, from 0 on"),
        (lambda: bowl(noise=math.nan), ValueError, "noise is finite, from 0 on"),
        (lambda: bowl(angle=math.inf), ValueError, "The angle must be finite"),
        (lambda: random_quadratic([1.0, 2.0]), TypeError, "takes a tensor of eigenvalues; got list"),
        (lambda: random_quadratic(torch.ones(0)), ValueError, r"a vector of shape \(n,\)"),
        (lambda: random_quadratic(torch.tensor([0.0, 1.0])), ValueError, "Eigenvalues must be above 0"),
        (lambda: random_quadratic(torch.tensor([-1.0, 1.0])), ValueError, "Eigenvalues must be above 0"),
        (lambda: random_quadratic(torch.tensor([1.0, 1e20])), ValueError, "below 1e15 times the smallest"),
        (lambda: random_quadratic(torch.tensor([1.0, math.nan])), ValueError, "above 0 and finite"),
        (lambda: cubic.grid(), ValueError, "in each of two coordinates; got 80 in 1"),
        (lambda: bowl().grid(0), ValueError, "got 0 in 2"),
    ],
)
def test_what_makes_no_surface_is_refused_in_one_sentence(make, error, words):
    with pytest.raises(error, match=words) as refusal:
        make()
    assert "\n" not in str(refusal.value)


@every_surface
def test_what_is_no_point_is_refused(surface):
    n = len(surface.start)
    with pytest.raises(TypeError, match=r"takes a tensor; got list\. Wrap it"):
        surface(list(surface.start))
    for shape in ((), (n + 1,), (n, n + 1)):
        with pytest.raises(ValueError, match=rf"takes points of shape \(\.\.\., {n}\)"):
            surface(torch.ones(shape))
