"""Non-linear conjugate gradient: each β against its paper, the directions taken, restarts, and scipy."""

import copy
import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize, rosen, rosen_der

from book.optim.conjugate_gradient import conjugate_directions
from book.optim.nonlinear_cg import BETAS, ConjugateGradient, _twice_the_fall

D = torch.float64
every_beta = pytest.mark.parametrize("beta", BETAS)


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def start(n=2):
    return torch.tensor([-1.2, 1.0] * (n // 2), dtype=D)


class Watched(ConjugateGradient):
    """Keeps what is asked of it: (point, direction, first length, step, change)."""

    def __init__(self, params, **options):
        self.seen = []
        super().__init__(params, **options)

    def observe(self, s, y):
        here, d = self._asked
        self.seen.append((here, d, self._first, s, y))
        super().observe(s, y)

    def direction(self, here):
        self._asked = here, super().direction(here)
        return self._asked[1]

    def first_length(self, here, d):
        self._asked, self._first = (here, d), super().first_length(here, d)
        return self._first


def walked(f, x0, steps, **options):
    x = torch.nn.Parameter(x0.clone())
    optimizer = Watched([x], max_iter=steps, tolerance_change=0, **options)
    optimizer.step(lambda: f(x))
    return optimizer, x.detach()


def papers_beta(name, g, before, d):
    """From the papers, in numpy: g is the new gradient, d the direction that led from g₋ to it."""
    y = g - before
    if name == "fletcher_reeves":
        return np.sum(g**2) / np.sum(before**2)
    if name == "polak_ribiere":
        return max(np.dot(g, y) / np.sum(before**2), 0)
    dy = np.dot(d, y)
    plain = np.dot(y, g) / dy - 2 * np.sum(y**2) * np.dot(d, g) / dy**2
    eta = 0.01
    return max(plain, -1 / (np.sqrt(np.sum(d**2)) * min(eta, np.sqrt(np.sum(before**2)))))


@every_beta
@pytest.mark.parametrize("size", [1e-4, 1.0, 100.0])
def test_beta_is_the_papers(beta, size):
    for seed in range(20):
        rng = torch.Generator().manual_seed(seed)
        g, before, d = torch.randn(3, 5, generator=rng, dtype=D) * size
        d, g = -before + 0.3 * d, g + (before if seed % 2 else 0)
        found = BETAS[beta](g, before, g - before, d)
        assert found == pytest.approx(papers_beta(beta, g.numpy(), before.numpy(), d.numpy()), rel=1e-10)


def test_each_branch_of_beta_is_among_the_cases():
    before, d = torch.tensor([1.0, 0.0], dtype=D), torch.tensor([-1.0, 0.0], dtype=D)
    short = torch.tensor([0.9, 0.0], dtype=D)
    assert BETAS["polak_ribiere"](short, before, short - before, d) == 0
    for far, before, floor in ((-1e3, 1.0, -100), (-1e4, 1e-3, -1000)):
        g, before = torch.tensor([far, 0.0], dtype=D), torch.tensor([before, 0.0], dtype=D)
        assert BETAS["hager_zhang"](g, before, g - before, d) == pytest.approx(floor)


@every_beta
def test_each_direction_is_minus_g_and_the_share_of_the_last(beta):
    optimizer, _ = walked(rosenbrock, start(4), 25, beta=beta, tolerance_grad=0)
    assert len(optimizer.seen) == 25
    last = None
    for here, d, *_ in optimizer.seen:
        g = here.gradient.numpy()
        wanted = -g if last is None else -g + papers_beta(beta, g, *last) * last[1]
        if last is None or np.dot(wanted, g) < 0:
            assert np.abs(d.numpy() - wanted).max() <= 1e-8 * np.abs(wanted).max()
        else:
            assert d.equal(-here.gradient)
        last = g, d.numpy()


@every_beta
def test_on_a_quadratic_with_close_searches_it_is_the_linear_method(beta):
    rng = torch.Generator().manual_seed(0)
    Q, _ = torch.linalg.qr(torch.randn(6, 6, generator=rng, dtype=D))
    A, b = Q @ torch.diag(torch.linspace(1, 9, 6, dtype=D)) @ Q.T, torch.ones(6, dtype=D)
    visits = list(zip(conjugate_directions(lambda v: A @ v, b), range(6), strict=False))
    optimizer, _ = walked(
        lambda x: x @ A @ x / 2 - b @ x, torch.zeros(6, dtype=D), 5, beta=beta, c1=1e-12, c2=1e-9
    )
    for (visit, _), (here, *_) in zip(visits, optimizer.seen, strict=False):
        torch.testing.assert_close(here.x, visit.x, rtol=1e-8, atol=1e-8)


def test_the_first_trial_is_where_a_parabola_has_fallen_as_far_as_the_last_step():
    """The slopes at both ends of the last step say how far."""
    optimizer, _ = walked(rosenbrock, start(4), 12, tolerance_grad=0)
    before = None
    for here, d, first, s, y in optimizer.seen:
        g = here.gradient
        if before is None:
            assert first == pytest.approx(min(1, 1 / g.norm().item()))
        else:
            assert first == pytest.approx(before / (g @ d).item(), rel=1e-12)
        before = (s @ g + s @ (g + y)).item()


@pytest.mark.parametrize("size", [0.25, 0.8, 3.0])
def test_the_first_step_along_minus_g_is_no_longer_than_g_and_than_1(size):
    optimizer, _ = walked(lambda x: x @ x / 2, torch.tensor([0.6, 0.8], dtype=D) * size, 1)
    assert optimizer.seen[0][2] == pytest.approx(min(1, 1 / size), rel=1e-14)


def test_where_a_step_ended_steeply_uphill_its_first_slope_alone_says_how_far_it_fell():
    s, g = torch.tensor([2.0], dtype=D), torch.tensor([-3.0], dtype=D)
    for y, expected in ((1.0, -10.0), (3.0, -6.0), (5.0, -2.0), (6.0, -6.0), (9.0, -6.0)):
        assert _twice_the_fall(s, g, torch.tensor([y], dtype=D)) == expected


def test_on_a_quadratic_the_first_trial_needs_no_values():
    """2 (f − f₋) is what the slopes at both ends add up to, and the first trial is N&W's 3.60."""
    A = torch.diag(torch.tensor([1.0, 3.0, 9.0], dtype=D))
    optimizer, _ = walked(lambda x: x @ A @ x / 2, torch.ones(3, dtype=D), 4)
    for (before, *_), (here, d, first, *_) in itertools.pairwise(optimizer.seen):
        fall = 2 * (here.value - before.value)
        assert first == pytest.approx(fall / (here.gradient @ d).item(), rel=1e-9)


@pytest.mark.parametrize("line_search_fn", ["strong_wolfe", "armijo"])
def test_hager_and_zhang_go_downhill_whatever_was_searched(line_search_fn):
    """Their theorem 1.1: gᵀd ≤ −⅞ ‖g‖²."""
    optimizer, _ = walked(
        rosenbrock, start(6), 40, beta="hager_zhang", line_search_fn=line_search_fn, tolerance_grad=0, c2=0.9
    )
    assert len(optimizer.seen) == 40
    assert optimizer.memory.get("repairs", 0) == 0
    for here, d, *_ in optimizer.seen:
        assert here.gradient @ d <= -7 / 8 * here.gradient @ here.gradient


@every_beta
def test_restarts_begin_with_minus_g(beta):
    for restart, longest in ((3, 2), (5, 4), (None, 5)):
        optimizer, _ = walked(rosenbrock, start(4), 24, beta=beta, restart=restart, tolerance_grad=0)
        kept = ["-" if d.equal(-here.gradient) else "k" for here, d, *_ in optimizer.seen]
        runs = [len(run) for run in "".join(kept).split("-")]
        assert max(runs) == longest if restart else max(runs) >= longest, kept
    optimizer, _ = walked(rosenbrock, start(4), 12, beta=beta, orthogonality=1e-12, tolerance_grad=0)
    assert all(d.equal(-here.gradient) for here, d, *_ in optimizer.seen)


def test_powells_test_asks_how_far_from_at_right_angles_the_gradients_are():
    optimizer, _ = walked(rosenbrock, start(4), 30, orthogonality=0.3, tolerance_grad=0)
    gs = [here.gradient for here, *_ in optimizer.seen]
    for before, g, (here, d, *_) in zip(gs, gs[1:], optimizer.seen[1:], strict=False):
        near, beta = abs(g @ before) >= 0.3 * (g @ g), BETAS["polak_ribiere"](g, before, g - before, d)
        assert d.equal(-here.gradient) is bool(near or beta == 0)
    assert len({d.equal(-here.gradient) for here, d, *_ in optimizer.seen}) == 2


@pytest.mark.long
@every_beta
@pytest.mark.parametrize("n", [2, 10])
def test_it_comes_to_scipys_minimum(beta, n):
    restarts = {"orthogonality": 0.1} if beta == "fletcher_reeves" else {}  # without them it creeps
    optimizer, x = walked(rosenbrock, start(n), 2000, beta=beta, tolerance_grad=1e-8, **restarts)
    theirs = minimize(rosen, start(n).numpy(), jac=rosen_der, method="CG", options={"gtol": 1e-8})
    assert optimizer.status == "gradient"
    assert rosenbrock(x).item() == pytest.approx(theirs.fun, abs=1e-8)


def test_a_direction_uphill_is_left_for_minus_g():
    x = torch.nn.Parameter(start())
    optimizer = ConjugateGradient([x], max_iter=3)
    optimizer.step(lambda: rosenbrock(x))
    before, repairs = rosenbrock(x).item(), optimizer.memory.get("repairs", 0)
    optimizer.memory["direction"] = 1e6 * x.grad
    optimizer.memory["change"] = x.grad.clone()
    optimizer.param_groups[0]["max_iter"] = 1
    optimizer.step(lambda: rosenbrock(x))
    assert rosenbrock(x).item() < before
    assert optimizer.memory["repairs"] == repairs + 1
    assert optimizer.memory["age"] == 1


@every_beta
def test_a_reload_goes_on_bit_for_bit(beta):
    ends = []
    for reload in (False, True):
        x = torch.nn.Parameter(start(4))
        optimizer = ConjugateGradient([x], beta=beta, max_iter=5, restart=4)
        for _ in range(3):
            optimizer.step(lambda x=x: rosenbrock(x))
            if reload:
                saved = copy.deepcopy(optimizer.state_dict())
                optimizer = ConjugateGradient([x])
                optimizer.load_state_dict(saved)
        ends.append((x.detach(), optimizer.memory["evaluations"], optimizer.memory["age"]))
    assert ends[0][0].equal(ends[1][0])
    assert ends[0][1:] == ends[1][1:]


def test_several_steps_are_one_with_as_many_iterations():
    paths = []
    for calls, iterations in ((1, 12), (12, 1)):
        x = torch.nn.Parameter(start(4))
        optimizer = ConjugateGradient([x], max_iter=iterations, tolerance_change=0)
        for _ in range(calls):
            optimizer.step(lambda x=x: rosenbrock(x))
        paths.append(x.detach())
    assert paths[0].equal(paths[1])


def test_without_a_search_the_step_is_lr():
    x = torch.nn.Parameter(torch.tensor([30.0, 40.0], dtype=D))
    ConjugateGradient([x], lr=0.25, line_search_fn=None).step(lambda: x.square().sum() / 2)
    assert x.tolist() == [22.5, 30.0]


WRONG = [
    ({"beta": "hestenes"}, ValueError, "beta is 'fletcher_reeves', 'polak_ribiere', 'hager_zhang'; got"),
    ({"restart": 0}, ValueError, "restart starts at 1; got 0"),
    ({"restart": "n"}, TypeError, "restart must be a number"),
    ({"orthogonality": 0.0}, ValueError, "orthogonality is above 0"),
    ({"orthogonality": math.nan}, ValueError, "orthogonality is above 0"),
    ({"c2": 1.0}, ValueError, "0 < c1 < c2 < 1"),
]


@pytest.mark.parametrize(("options", "error", "sentence"), WRONG)
def test_what_makes_no_method_is_refused(options, error, sentence):
    x = torch.nn.Parameter(start())
    with pytest.raises(error, match=sentence):
        ConjugateGradient([x], **options)
    optimizer = ConjugateGradient([x])
    saved = copy.deepcopy(optimizer.state_dict())
    saved["param_groups"][0].update(options)
    with pytest.raises(error, match=sentence):
        optimizer.load_state_dict(saved)
    assert optimizer.options["beta"] == "polak_ribiere"


def test_a_loss_without_a_minimum_is_refused_and_nothing_changes():
    x = torch.nn.Parameter(torch.ones(2, dtype=D))
    optimizer = ConjugateGradient([x])
    with pytest.raises(ValueError, match="still falls where"):
        optimizer.step(lambda: -x.exp().sum())
    assert x.tolist() == [1.0, 1.0]
    assert not optimizer.memory


@pytest.mark.parametrize("fall", [1e-30, 0.0, -math.inf])
def test_a_last_step_that_was_rounding_alone_is_no_guess_at_the_next(fall):
    x = torch.nn.Parameter(start())
    optimizer = ConjugateGradient([x], max_iter=3)
    optimizer.step(lambda: rosenbrock(x))
    before, optimizer.memory["fall"] = rosenbrock(x).item(), fall
    optimizer.step(lambda: rosenbrock(x))
    assert rosenbrock(x) < before


@every_beta
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 6),
    exponent=st.integers(-140, 120),
    kind=st.sampled_from("12"),
)
def test_where_a_slope_stays_what_it_is_no_beta_divides_by_0(beta, seed, n, exponent, kind):
    """‖x‖₁ and ‖x‖ have lines along which the gradient does not change; no tolerance ends the run before."""
    generator = torch.Generator().manual_seed(seed)
    weights = 10.0**exponent * (0.1 + torch.rand(n, generator=generator, dtype=D))
    x = torch.nn.Parameter(torch.randn(n, generator=generator, dtype=D))
    before = (weights * x.detach()).norm(p=int(kind)).item()
    optimizer = ConjugateGradient([x], beta=beta, max_iter=30, tolerance_grad=0.0, tolerance_change=0.0)
    optimizer.step(lambda: (weights * x).norm(p=int(kind)))
    assert x.isfinite().all()
    assert (weights * x.detach()).norm(p=int(kind)).item() <= before


def test_after_a_slope_that_stays_hager_zhang_starts_anew():
    x = torch.nn.Parameter(torch.ones(2, dtype=D))
    optimizer = ConjugateGradient([x], beta="hager_zhang", max_iter=2, line_search_fn=None, lr=0.25)
    optimizer.step(lambda: x.abs().sum())
    assert x.tolist() == [0.5, 0.5]  # twice along −g, as y is 0
