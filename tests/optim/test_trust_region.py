"""The trust region against the exact solution by eigenvalues, scipy's trust-ncg, and a plain loop."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from book.optim import TrustRegion
from book.optim.full_batch import Point
from book.optim.trust_region import gain_ratio, next_radius, rounding, steihaug, to_boundary
from book.surfaces import beale, himmelblau, rosenbrock
from tests.cases import each

DOUBLE = torch.float64


def random_model(n, seed, low=-2.0, high=5.0):
    generator = torch.Generator().manual_seed(seed)
    Q, _ = torch.linalg.qr(torch.randn(n, n, generator=generator, dtype=DOUBLE))
    λ = torch.linspace(low, high, n, dtype=DOUBLE)
    return (Q * λ) @ Q.T, torch.randn(n, generator=generator, dtype=DOUBLE)


def model_drop(H, g, p):
    return -(g @ p + p @ H @ p / 2).item()


def exact_drop(H, g, radius):
    """The largest drop within the radius: (H + μI) p = −g, μ ≥ 0 by bisection on ‖p‖ = Δ."""
    λ, Q = np.linalg.eigh(H.numpy())
    b = Q.T @ g.numpy()
    if λ[0] > 0 and np.linalg.norm(b / λ) <= radius:
        p = -b / λ
    else:
        low = max(0.0, -λ[0])
        high = low + np.linalg.norm(b) / radius + 1
        for _ in range(200):
            μ = (low + high) / 2
            low, high = (μ, high) if np.linalg.norm(b / (λ + μ)) > radius else (low, μ)
        p = -b / (λ + high)
    return -(b @ p + p @ (λ * p) / 2)


@pytest.mark.parametrize("n", [2, 3, 8])
@pytest.mark.parametrize("radius", [1e-3, 0.3, 3.0, 1e3])
def test_the_drop_of_a_convex_model_is_at_least_half_of_the_best(n, radius):
    for seed in range(10):
        H, g = random_model(n, seed, low=0.01)
        step = steihaug(H.mv, g, radius, tolerance=1e-13)
        best = exact_drop(H, g, radius)
        assert best / 2 <= step.predicted <= best * (1 + 1e-9)
        if step.end == "inside":
            assert torch.allclose(H @ step.p, -g, atol=1e-9)
            assert step.predicted == pytest.approx(best, rel=1e-9)


def test_in_a_narrow_region_the_step_is_along_the_gradient_and_the_best():
    for seed in range(10):
        H, g = random_model(6, seed)
        step = steihaug(H.mv, g, 1e-8)
        assert torch.allclose(step.p, -1e-8 * g / g.norm(), rtol=1e-6)
        assert step.predicted == pytest.approx(exact_drop(H, g, 1e-8), rel=1e-6)


@each("low", [-2.0, 0.0, 0.5])
@each("radius", [0.1, 1.0, 5.0])
def test_the_step_is_scipys(low, radius):
    for seed in range(8):
        H, g = random_model(5, seed, low)
        h, b = H.numpy(), g.numpy()
        theirs = minimize(
            lambda x, h=h, b=b: b @ x + x @ h @ x / 2,
            np.zeros(5),
            jac=lambda x, h=h, b=b: b + h @ x,
            hessp=lambda x, v, h=h: h @ v,
            method="trust-ncg",
            options={"initial_trust_radius": radius, "max_trust_radius": 10.0, "maxiter": 1},
        )
        ours = steihaug(H.mv, g, radius)
        assert np.allclose(ours.p.numpy(), theirs.x, rtol=1e-10, atol=1e-12)
        assert ours.predicted == pytest.approx(-theirs.fun, rel=1e-10)


@given(st.integers(0, 10_000), st.sampled_from([-3.0, 0.0, 1.0]), st.floats(1e-3, 1e3))
def test_what_a_step_promises_is_what_the_model_says(seed, low, radius):
    H, g = random_model(4, seed, low)
    step = steihaug(H.mv, g, radius)
    assert step.predicted == pytest.approx(model_drop(H, g, step.p), rel=1e-9)
    assert step.predicted >= steihaug(H.mv, g, radius, max_iter=1).predicted > 0
    length = step.p.norm().item()
    if step.end == "inside":
        assert length <= radius
        assert (H @ step.p + g).norm() <= min(0.5, g.norm() ** 0.5) * g.norm() * (1 + 1e-9)
    else:
        assert length == pytest.approx(radius, rel=1e-9)


def test_each_product_makes_the_step_longer_and_the_model_lower():
    H, g = random_model(8, 3, low=0.1)
    steps = [steihaug(H.mv, g, 1e3, tolerance=0.0, max_iter=k) for k in range(9)]
    lengths = torch.stack([step.p.norm() for step in steps])
    drops = torch.tensor([step.predicted for step in steps])
    assert lengths[0] == drops[0] == 0
    assert (lengths.diff() > 0).all()
    assert (drops.diff() > 0).all()
    assert torch.allclose(H @ steps[-1].p, -g, atol=1e-10)


def test_it_costs_a_product_each_and_stops_at_ten_times_n():
    H, g = random_model(5, 0, low=0.1)
    asked = []
    steihaug(lambda v: asked.append(v) or H @ v, g, 1e3, tolerance=1e-12)
    assert len(asked) == 5
    asked.clear()
    assert steihaug(lambda v: asked.append(v) or H @ v, g, 1e3, tolerance=0.0).end in ("max_iter", "inside")
    assert len(asked) <= 50


@pytest.mark.parametrize("low", [-0.4, -3.0])
def test_negative_curvature_leads_to_the_lower_end_on_the_boundary(low):
    H, g = torch.diag(torch.tensor([1.0, low], dtype=DOUBLE)), torch.tensor([1.0, 0.1], dtype=DOUBLE)
    step = steihaug(H.mv, g, 2.0, tolerance=1e-12)
    assert step.end == "curvature"
    assert step.p.norm().item() == pytest.approx(2.0, rel=1e-12)
    assert step.predicted == pytest.approx(model_drop(H, g, step.p), rel=1e-12)
    assert np.allclose(step.p, plain_step(H.numpy(), g.numpy(), 2.0, 1e-12))
    assert step.predicted > 1.5 * steihaug(H.mv, g, 2.0, max_iter=1).predicted
    down = steihaug(lambda v: -v, torch.tensor([3.0], dtype=DOUBLE), 0.5)
    assert (down.p.item(), down.end) == (-0.5, "curvature")


@pytest.mark.parametrize(("low", "slope", "radius"), [(-50.0, 0.1, 5.0), (-20.0, 0.2, 8.0)])
def test_the_end_behind_is_taken_where_it_is_lower(low, slope, radius):
    """Where the model bends down strongly, and the way to the end behind is longer."""
    H, g = torch.diag(torch.tensor([1.0, low], dtype=DOUBLE)), torch.tensor([1.0, slope], dtype=DOUBLE)
    first, step = steihaug(H.mv, g, radius, max_iter=1).p, steihaug(H.mv, g, radius)
    assert (step.p - first) @ (g + H @ first) > 0  # the model sets out uphill
    assert np.allclose(step.p, plain_step(H.numpy(), g.numpy(), radius))
    assert step.predicted == pytest.approx(model_drop(H, g, step.p), rel=1e-12)


def test_of_two_ends_that_are_equally_low_it_takes_the_one_ahead():
    """On x² − y² both ends of the second direction always are."""
    H = torch.diag(torch.tensor([2.0, -2.0], dtype=DOUBLE))
    for slope in torch.linspace(0.1, 0.9, 9, dtype=DOUBLE):
        g = torch.stack([torch.ones_like(slope), slope])
        first, step = steihaug(H.mv, g, 8.0, max_iter=1).p, steihaug(H.mv, g, 8.0, tolerance=0.0)
        assert step.end == "curvature"
        assert (step.p - first) @ first > 0


def test_without_curvature_it_goes_to_the_boundary_along_the_slope():
    g = torch.tensor([3.0, 4.0], dtype=DOUBLE)
    step = steihaug(torch.zeros_like, g, 10.0)
    assert torch.allclose(step.p, -2 * g)
    assert (step.predicted, step.end) == (pytest.approx(50.0), "curvature")


def test_a_singular_hessian_is_solved_where_it_can_be():
    H, g = torch.diag(torch.tensor([2.0, 0.0], dtype=DOUBLE)), torch.tensor([4.0, 0.0], dtype=DOUBLE)
    step = steihaug(H.mv, g, 10.0)
    assert (step.p.tolist(), step.predicted, step.end) == ([-2.0, 0.0], 4.0, "inside")


def test_without_a_slope_there_is_no_step_and_no_product():
    asked = []
    step = steihaug(asked.append, torch.zeros(3, dtype=DOUBLE), 1.0)
    assert not asked
    assert (step.p.tolist(), step.predicted, step.end) == ([0.0, 0.0, 0.0], 0.0, "inside")


@pytest.mark.parametrize("radius", [0.0, -1.0, math.inf, math.nan])
def test_a_radius_is_above_0_and_finite(radius):
    with pytest.raises(ValueError, match="above 0 and finite"):
        steihaug(lambda v: v, torch.ones(1), radius)


@pytest.mark.parametrize(("g", "Hd"), [(1.0, math.nan), (1.0, math.inf), (math.inf, 1.0)])
def test_products_that_are_not_finite_are_refused(g, Hd):
    with pytest.raises(FloatingPointError, match="not finite"):
        steihaug(lambda v: Hd * v, torch.tensor([g], dtype=DOUBLE), 1.0)


@pytest.mark.parametrize("size", [2.0**-100, 2.0**100])  # in float32 squares end at 2¹²⁸
def test_a_step_does_not_depend_on_the_unit_of_the_loss(size):
    H, g = torch.tensor([[3.0, 1.0], [1.0, 2.0]]), torch.tensor([1.0, -4.0])
    for radius in (0.5, 10.0):
        one = steihaug(H.mv, g, radius, tolerance=1e-9)
        other = steihaug((size * H).mv, size * g, radius, tolerance=size * 1e-9)
        assert (one.p.tolist(), one.end) == (other.p.tolist(), other.end)
        assert other.predicted == size * one.predicted


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.1, 2), st.sampled_from([1e-8, 1.0, 1e8]))
def test_the_boundary_is_met_on_both_sides(x, y, slant, size):
    p, d = torch.tensor([x, y], dtype=DOUBLE), torch.tensor([1.0, slant], dtype=DOUBLE) * size
    for t in to_boundary(p, d, 2.0):
        assert (p + t * d).norm().item() == pytest.approx(2.0, rel=1e-12)
    back, ahead = to_boundary(p, d, 2.0)
    assert back < 0 < ahead


def test_near_the_boundary_the_short_way_keeps_its_digits():
    p, gap = torch.tensor([2.0 - 2.0**-40, 0.0], dtype=DOUBLE), 2.0**-40
    for slope in (-3.0, -0.5, 0.25, 3.0):
        ends = to_boundary(p, torch.tensor([slope, 0.0], dtype=DOUBLE), 2.0)
        short, far = sorted(ends, key=abs)
        assert short == pytest.approx(gap / slope, rel=1e-9)
        assert far == pytest.approx(-(4 - gap) / slope, rel=1e-14)


def test_a_step_from_the_boundary_outwards_is_0_and_not_nan():
    p = torch.tensor([2.0, 0.0], dtype=DOUBLE)
    assert to_boundary(p, p, 2.0) == (-2, 0)
    assert to_boundary(p, torch.tensor([0.0, 1.0], dtype=DOUBLE), 2.0) == (0, 0)


@each(
    ("radius", "ratio", "length", "expected"),
    [
        (2.0, 0.2, 2.0, 0.5),
        (2.0, 0.2, 1.0, 0.25),  # a quarter of the step, not of Δ
        (2.0, -math.inf, 1.0, 0.25),
        (2.0, math.nan, 1.0, 0.25),
        (2.0, 0.25, 2.0, 2.0),
        (2.0, 0.75, 2.0, 2.0),
        (2.0, 0.76, 2.0, 4.0),
        (2.0, 0.76, 2.0 - 1e-12, 4.0),  # the boundary, but for rounding
        (2.0, 0.76, 1.9, 2.0),
        (4.0, 2.0, 4.0, 5.0),
    ],
)
def test_the_radius_rule(radius, ratio, length, expected):
    assert next_radius(radius, ratio, length, 5.0) == expected


def point(value, slope=1.0):
    return Point(torch.zeros(1, dtype=DOUBLE), value, torch.tensor([slope], dtype=DOUBLE))


def test_the_ratio_is_drop_over_promise():
    assert gain_ratio(point(5.0), point(2.0), 4.0) == 0.75
    assert gain_ratio(point(5.0), point(6.0), 4.0) == -0.25
    assert gain_ratio(point(5.0), point(2.0), 0.0) == -math.inf
    assert gain_ratio(point(5.0), point(math.nan), 1.0) == -math.inf
    assert gain_ratio(point(5.0), point(1.0, math.inf), 1.0) == -math.inf


def test_below_rounding_the_gradients_decide():
    here, tiny = point(1.0, 1e-8), 2.0**-52
    assert gain_ratio(here, point(1.0 + tiny, 1e-9), tiny) == 1
    assert gain_ratio(here, point(1.0 - tiny, 1e-7), tiny) == 0
    assert gain_ratio(here, point(1.0 - 8 * tiny, 1e-7), tiny) == 8


@pytest.mark.parametrize("dtype", [torch.float32, DOUBLE])
def test_rounding_is_four_units_in_the_last_place(dtype):
    for value in (-3.0, 0.5):
        here = Point(torch.zeros(1, dtype=dtype), value, torch.zeros(1, dtype=dtype))
        assert rounding(here) == 4 * abs(value) * torch.finfo(dtype).eps


def run(f, start, **options):
    x = torch.nn.Parameter(torch.tensor(start, dtype=DOUBLE))
    optimizer = TrustRegion([x], **options)
    path = [x.tolist()]

    def closure():
        return f(x)

    while optimizer.status in ("", "max_iter") and len(path) < 200:
        optimizer.step(closure)
        path.append(x.tolist())
    return optimizer, np.array(path)


def plain(f, start, radius=1.0, eta=0.15, gtol=1e-7):
    """Algorithms 4.1 and 7.2 as they stand in the book, with ¼‖p‖, in numpy."""
    at = lambda x: torch.tensor(x, dtype=DOUBLE)  # noqa: E731
    value = lambda x: f(at(x)).item()  # noqa: E731
    grad = lambda x: torch.func.grad(f)(at(x)).numpy()  # noqa: E731
    x, path = np.array(start), [np.array(start)]
    while np.abs(g := grad(x)).max() > gtol:
        H = torch.func.hessian(f)(at(x)).numpy()
        p = plain_step(H, g, radius)
        ρ = (value(x) - value(x + p)) / -(g @ p + p @ H @ p / 2)
        if ρ < 0.25:
            radius = np.linalg.norm(p) / 4
        elif ρ > 0.75 and np.linalg.norm(p) > 0.999999 * radius:
            radius = 2 * radius
        if ρ > eta:
            x = x + p
            path.append(x)
    return np.array(path)


def plain_step(H, g, radius, tolerance=None):
    z, r, d, size = 0 * g, g, -g, np.linalg.norm(g)
    while np.linalg.norm(r) > (tolerance or min(0.5, np.sqrt(size)) * size):
        α = r @ r / (d @ H @ d)
        if α <= 0 or np.linalg.norm(z + α * d) >= radius:
            roots = np.roots([d @ d, 2 * z @ d, z @ z - radius**2])
            ends = [z + t * d for t in (roots if α <= 0 else [roots.max()])]
            return min(ends, key=lambda p: g @ p + p @ H @ p / 2)
        z, fresh = z + α * d, r + α * H @ d
        r, d = fresh, -fresh + (fresh @ fresh) / (r @ r) * d
    return z


@pytest.mark.long
@pytest.mark.parametrize(
    ("f", "start"), [(rosenbrock, [-1.2, 1.0]), (himmelblau, [0.0, 0.0]), (beale, [1.0, 1.0])]
)
def test_the_path_is_the_books(f, start):
    _, ours = run(f, start, tolerance_change=0.0)
    theirs = plain(f, start)
    assert len(ours) == len(theirs)
    assert np.allclose(ours, theirs, rtol=1e-10, atol=1e-10)


def test_a_refused_step_costs_no_further_product():
    optimizer, path = run(rosenbrock, [-1.2, 1.0])
    memory = optimizer.memory
    assert memory["refused"] > 0
    assert memory["evaluations"] == 2 * (len(path) - 1) + memory["refused"]  # one more at each call of step
    x = torch.nn.Parameter(torch.tensor([-1.2, 1.0], dtype=DOUBLE))
    whole = TrustRegion([x], max_iter=200)
    whole.step(lambda: rosenbrock(x))
    assert whole.memory["evaluations"] == 1 + whole.memory["step"] + whole.memory["refused"]
    assert whole.memory["products"] == memory["products"]
    assert x.tolist() == path[-1].tolist()


def test_products_are_those_of_the_accepted_steps_alone():
    asked = []

    class Counted(TrustRegion):
        def product(self, here, v):
            asked.append((here.x.tolist(), v.tolist()))
            return super().product(here, v)

    x = torch.nn.Parameter(torch.tensor([-1.2, 1.0], dtype=DOUBLE))
    optimizer = Counted([x], max_iter=200)
    optimizer.step(lambda: rosenbrock(x))
    assert len(asked) == optimizer.memory["products"] == len({str(pair) for pair in asked})


@pytest.mark.long
@pytest.mark.parametrize("cut", [1, 4, 11])
def test_a_reload_continues_bit_for_bit(cut):
    _, whole = run(rosenbrock, [-1.2, 1.0])
    x = torch.nn.Parameter(torch.tensor([-1.2, 1.0], dtype=DOUBLE))
    first = TrustRegion([x], max_iter=cut)
    first.step(lambda: rosenbrock(x))
    y = torch.nn.Parameter(x.detach().clone())
    second = TrustRegion([y])
    second.load_state_dict(first.state_dict())
    second.param_groups[0]["max_iter"] = 1
    for expected in whole[cut + 1 :]:
        second.step(lambda: rosenbrock(y))
        assert y.tolist() == expected.tolist()


def test_steps_into_inf_or_nan_are_refused():
    def wall(x):
        return (x - torch.log(x)).sum()

    optimizer, path = run(wall, [3.0], radius=100.0)
    assert optimizer.memory["refused"] > 0
    assert optimizer.status == "gradient"
    assert (path > 0).all()
    assert path[-1] == pytest.approx(1.0)


def test_from_a_maximum_and_past_a_saddle_it_goes_down():
    _, path = run(lambda x: (x[0] ** 2 - 1) ** 2 + x[1] ** 2, [1e-3, 0.5])
    assert np.allclose(np.abs(path[-1]), [1.0, 0.0], atol=1e-6)


@pytest.mark.parametrize(
    "f", [lambda x: -(x**2).sum(), lambda x: x.sum(), lambda x: torch.where(x > 5, -math.inf, -x).sum()]
)
def test_an_unbounded_loss_is_told_and_the_parameters_stay(f):
    x = torch.nn.Parameter(torch.tensor([1.0], dtype=DOUBLE))
    optimizer = TrustRegion([x], max_iter=200)
    with pytest.raises(ValueError, match="seems to have no minimum"):
        optimizer.step(lambda: f(x))
    assert x.item() == 1.0


@pytest.mark.parametrize(
    ("f", "start", "reached"),
    [
        (lambda x: x.sum(), 0.0, -(2.0**101 - 1)),  # steps of 1, 2, 4, … up to 2¹⁰⁰
        (lambda x: -1e160 * (x**4).sum(), 1.0, -1e160),  # refused where it stands
    ],
)
def test_where_it_stops_to_believe_in_a_minimum(f, start, reached):
    x = torch.nn.Parameter(torch.tensor([start], dtype=DOUBLE))
    with pytest.raises(ValueError, match="still falls where") as error:
        TrustRegion([x], max_iter=200).step(lambda: f(x))
    assert f"{reached:g}" in str(error.value)


def far_away(unit, **options):
    """Rosenbrock's valley in a unit, with f as it is; where a trust region ends, in that unit."""
    x = torch.nn.Parameter(unit * torch.tensor([-1.2, 1.0], dtype=DOUBLE))
    optimizer = TrustRegion([x], tolerance_grad=0.0, tolerance_change=0.0, **options)
    optimizer.step(lambda: rosenbrock(x / unit))
    return x.detach() / unit, optimizer


@pytest.mark.parametrize("unit", [1e3, 1e10, 1e20, 1e28])
def test_a_region_in_which_all_is_rounding_is_widened(unit):
    found, optimizer = far_away(unit, max_iter=300)
    torch.testing.assert_close(found, torch.ones(2, dtype=DOUBLE), rtol=0, atol=1e-6)
    assert optimizer.memory["evaluations"] < 160


def test_a_region_is_widened_by_factors_of_1024_until_a_step_shows():
    _, optimizer = far_away(1e20, max_iter=1)
    radius = optimizer.memory["radius"]
    g = 232.87  # ‖∇f‖ at the start, where f = 24.2
    promised = radius / 2 * g / 1e20  # the step doubled the radius
    assert radius / 2 in [2.0 ** (10 * k) for k in range(9)]
    assert promised > 4 * 2.0**-52 * 24.2 > promised / 1024
    assert optimizer.memory["evaluations"] == 2


def test_a_region_is_never_wider_than_it_may_be():
    found, optimizer = far_away(1e20, max_iter=9, max_radius=5.0)
    assert (optimizer.status, optimizer.memory["evaluations"]) == ("precision", 2)
    assert found.tolist() == [-1.2, 1.0]


def test_a_loss_that_stays_positive_is_never_said_to_have_no_minimum():
    _, optimizer = far_away(1e36, max_iter=150)
    assert optimizer.status == "max_iter"


def test_a_minimum_below_zero_is_a_minimum():
    x = torch.nn.Parameter(torch.tensor([3.0], dtype=DOUBLE))
    optimizer = TrustRegion([x], max_iter=20)
    optimizer.step(lambda: (x - 1).square().sum() - 1e6)
    assert (x.item(), optimizer.status) == (1.0, "gradient")


def test_a_refused_step_that_promises_less_than_rounding_is_the_last():
    """Newton's step on √(1 + x²) is −x³; its promise, 4e-7, is below the rounding of 1e9."""
    x = torch.nn.Parameter(torch.tensor([2.0], dtype=DOUBLE))
    optimizer = TrustRegion([x], radius=100.0, tolerance_grad=0.0)
    optimizer.step(lambda: 1e9 + 1e-7 * (1 + x.square()).sqrt().sum())
    assert (x.item(), optimizer.status, optimizer.memory["evaluations"]) == (2.0, "precision", 2)


def test_where_no_step_is_lower_it_says_precision_and_starts_anew():
    x = torch.nn.Parameter(torch.tensor([1e-9], dtype=DOUBLE))
    optimizer = TrustRegion([x], max_iter=50, tolerance_grad=0.0, tolerance_change=0.0)
    optimizer.step(lambda: 1.0 + x.abs().sum())  # the corner at 0 is not seen by a parabola
    assert optimizer.status == "precision"
    assert "radius" not in optimizer.memory


@pytest.mark.parametrize(
    "wrong", [{"radius": 0.0}, {"radius": 2.0, "max_radius": 1.0}, {"max_radius": math.inf}, {"eta": 0.25}]
)
def test_options_outside_their_range_are_refused(wrong):
    with pytest.raises(ValueError, match=r"radius|eta"):
        TrustRegion([torch.nn.Parameter(torch.ones(1))], **wrong)
