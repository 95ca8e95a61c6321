"""Newton-CG: algorithm 7.1 in plain numpy, its forcing terms, its counts, saddles, and scipy."""

import copy
import math
from unittest import mock

import numpy as np
import pytest
import torch
from scipy.optimize import minimize, rosen, rosen_der, rosen_hess_prod

from book.optim import full_batch
from book.optim.newton_cg import NewtonCG, eisenstat_walker
from book.problems import problem

D = torch.float64


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def wells(x):
    """A saddle at 0, minima at ±1 along the second axis; the third is a valley."""
    return x[0] ** 2 + (x[1] ** 2 - 1) ** 2 / 4 + 50 * x[2] ** 2


def start(n=2):
    return torch.tensor([-1.2, 1.0] * (n // 2), dtype=D)


class Watched(NewtonCG):
    def __init__(self, params, **options):
        self.seen = []
        super().__init__(params, **options)

    def direction(self, here):
        before = self.memory.get("products", 0)
        d = super().direction(here)
        self.seen.append((here, d, self.memory["products"] - before))
        return d


def walked(f, x0, steps, **options):
    x = torch.nn.Parameter(x0.clone())
    optimizer = Watched([x], max_iter=steps, tolerance_change=0, **options)
    optimizer.step(lambda: f(x))
    return optimizer, x.detach()


def algorithm_7_1(H, g, share):
    """Nocedal and Wright's inner loop; the step and how often it multiplied by H."""
    z, r, d = np.zeros_like(g), g.copy(), -g
    for j in range(10 * len(g)):
        Hd = H @ d
        bend = d @ Hd
        if bend <= 0:
            first = -g * (g @ g) / -bend if bend < 0 else -g / np.linalg.norm(g)
            return (first if j == 0 else z), j + 1
        alpha = r @ r / bend
        z, new = z + alpha * d, r + alpha * Hd
        if np.linalg.norm(new) <= share * np.linalg.norm(g):
            return z, j + 1
        d, r = -new + (new @ new) / (r @ r) * d, new
    return z, j + 1


STARTS = [
    (rosenbrock, start()),
    (rosenbrock, start(8)),
    (rosenbrock, torch.tensor([0.0, 3.0, 0.0], dtype=D)),  # bends down
    (wells, torch.tensor([1.0, 0.1, 0.2], dtype=D)),
    (wells, torch.tensor([0.0, 0.1, 0.0], dtype=D)),  # bends down at once
]


@pytest.mark.long
@pytest.mark.parametrize(("f", "x0"), STARTS)
@pytest.mark.parametrize("forcing", ["root", 0.1, 1e-8])
def test_each_direction_is_algorithm_7_1s(f, x0, forcing):
    optimizer, _ = walked(f, x0, 6, forcing=forcing)
    for here, d, products in optimizer.seen:
        H = torch.autograd.functional.hessian(f, here.x).numpy()
        g = here.gradient.numpy()
        share = min(0.25, math.sqrt(np.linalg.norm(g))) if forcing == "root" else forcing
        wanted, count = algorithm_7_1(H, g, share)
        assert products == count
        assert np.abs(d.numpy() - wanted).max() <= 1e-7 * np.abs(wanted).max()
        if products == 1:
            assert np.abs(d.numpy() - wanted).max() <= 1e-10 * np.abs(wanted).max()


def test_both_kinds_of_curvature_are_among_the_starts():
    bends = set()
    for f, x0 in STARTS:
        values = torch.linalg.eigvalsh(torch.autograd.functional.hessian(f, x0))
        bends.add(bool(values[0] < 0))
    assert bends == {True, False}


def test_one_step_solves_a_quadratic_to_the_forcing_term():
    A = torch.diag(torch.linspace(1, 30, 12, dtype=D)) + 0.1
    b = torch.ones(12, dtype=D)
    for forcing in (0.3, 1e-3, 1e-10):
        _, x = walked(lambda x: x @ A @ x / 2 - b @ x, torch.zeros(12, dtype=D), 1, forcing=forcing)
        assert (A @ x - b).norm() <= forcing * b.norm()
    assert (x - torch.linalg.solve(A, b)).norm() < 1e-9


def test_products_are_counted_and_no_matrix_is_made():
    with mock.patch.object(full_batch, "hessian_products", wraps=full_batch.hessian_products) as made:
        optimizer, _ = walked(rosenbrock, start(10), 8)
    assert optimizer.memory["products"] == made.call_count > 8
    assert all(call.args[2].shape == (10,) for call in made.call_args_list)
    optimizer, _ = walked(rosenbrock, start(10), 8, forcing=1e-12, max_cg=3)
    assert {products for *_, products in optimizer.seen} <= {1, 2, 3}


def test_eisenstat_and_walkers_choice_2():
    """γ = 0.9 and α = 2, with the safeguard γ η₋² where it is above 0.1, and at most ½."""
    optimizer, _ = walked(rosenbrock, start(6), 15, forcing="eisenstat_walker")
    eta, before = 0.5, None
    for here, d, _ in optimizer.seen:
        g = here.gradient
        if before is not None:
            wanted = 0.9 * (g.norm() / before.norm()).item() ** 2
            eta = min(0.5, max(wanted, 0.9 * eta**2) if 0.9 * eta**2 > 0.1 else wanted)
        H = torch.autograd.functional.hessian(rosenbrock, here.x)
        assert (H @ d + g).norm() <= eta * g.norm() * (1 + 1e-9) or torch.linalg.eigvalsh(H)[0] < 0
        before = g
    assert optimizer.memory["forcing"] == pytest.approx(eta, rel=1e-12)
    assert eisenstat_walker(1.0, 2.0, 0.5) == 0.225
    assert eisenstat_walker(1.0, 2.0, 0.3) == 0.225
    assert eisenstat_walker(0.1, 1.0, 0.5) == 0.225
    assert eisenstat_walker(0.1, 1.0, 0.3) == pytest.approx(0.009)
    assert eisenstat_walker(3.0, 1.0, 0.3) == 0.5


@pytest.mark.parametrize("forcing", ["root", "eisenstat_walker"])
def test_the_last_steps_converge_faster_than_linearly(forcing):
    optimizer, _ = walked(rosenbrock, start(), 100, forcing=forcing, tolerance_grad=1e-12)
    sizes = [here.gradient.norm().item() for here, *_ in optimizer.seen]
    assert optimizer.status == "gradient"
    assert sizes[-1] / sizes[-2] < 0.05


@pytest.mark.parametrize("f", [rosenbrock, wells])
def test_the_first_trial_is_1(f):
    tried, x = [], torch.nn.Parameter(start(4)[:3].clone() if f is wells else start(4))

    def closure():
        tried.append(x.detach().clone())
        return f(x)

    optimizer = Watched([x], max_iter=6)
    optimizer.step(closure)
    for here, d, _ in optimizer.seen:
        place = next(i for i, point in enumerate(tried) if point.equal(here.x))
        while tried[place + 1].equal(here.x):  # for its Hessian
            place += 1
        assert tried[place + 1].equal(here.x + d)


@pytest.mark.long
def test_a_bound_of_a_quarter_keeps_the_root_from_going_along_minus_g():
    """On Wood's function, where a bound of one half takes hundreds of evaluations."""
    wood = problem("Wood")
    optimizer, x = walked(wood, wood.at_start(), 300)
    assert wood(x) < 1e-10
    assert optimizer.memory["evaluations"] < 200


def test_it_leaves_a_saddle_that_newton_is_drawn_to():
    optimizer, x = walked(wells, torch.tensor([1.0, 1e-3, 0.2], dtype=D), 60)
    assert optimizer.status == "gradient"
    torch.testing.assert_close(x, torch.tensor([0.0, 1.0, 0.0], dtype=D), rtol=0, atol=1e-6)
    assert optimizer.memory["bent_down"] >= 1
    optimizer, _ = walked(lambda x: x.square().sum(), torch.ones(3, dtype=D), 3)
    assert "bent_down" not in optimizer.memory


@pytest.mark.long
@pytest.mark.parametrize("n", [2, 10])
def test_it_comes_to_scipys_minimum_with_no_more_evaluations_and_products(n):
    optimizer, x = walked(rosenbrock, start(n), 1000, tolerance_grad=1e-6)
    theirs = minimize(
        rosen,
        start(n).numpy(),
        jac=rosen_der,
        hessp=rosen_hess_prod,
        method="Newton-CG",
        options={"xtol": 1e-8},
    )
    assert optimizer.status == "gradient"
    assert rosenbrock(x).item() == pytest.approx(theirs.fun, abs=1e-8)
    assert optimizer.memory["evaluations"] <= 1.3 * theirs.nfev
    assert optimizer.memory["products"] <= 1.3 * theirs.nhev


@pytest.mark.parametrize("forcing", ["root", "eisenstat_walker", 0.2])
def test_a_reload_goes_on_bit_for_bit(forcing):
    ends = []
    for reload in (False, True):
        x = torch.nn.Parameter(start(4))
        optimizer = NewtonCG([x], forcing=forcing, max_iter=3)
        for _ in range(3):
            optimizer.step(lambda x=x: rosenbrock(x))
            if reload:
                saved = copy.deepcopy(optimizer.state_dict())
                optimizer = NewtonCG([x])
                optimizer.load_state_dict(saved)
        ends.append((x.detach(), optimizer.memory["evaluations"], optimizer.memory["products"]))
    assert ends[0][0].equal(ends[1][0])
    assert ends[0][1:] == ends[1][1:]


def test_without_any_curvature_it_goes_along_minus_g():
    x = torch.nn.Parameter(torch.ones(2, dtype=D))
    optimizer = Watched([x], line_search_fn=None)
    optimizer.step(lambda: (x * torch.tensor([3.0, 4.0], dtype=D)).sum())
    torch.testing.assert_close(x.detach(), torch.tensor([0.4, 0.2], dtype=D), rtol=0, atol=1e-15)


def test_a_loss_without_a_minimum_is_refused_and_nothing_changes():
    x = torch.nn.Parameter(torch.ones(2, dtype=D))
    optimizer = NewtonCG([x])
    with pytest.raises(ValueError, match="still falls where"):
        optimizer.step(lambda: -x.exp().sum())
    assert x.tolist() == [1.0, 1.0]
    assert not optimizer.memory


def test_a_closure_that_used_its_graph_up_is_told_what_to_do():
    x = torch.nn.Parameter(torch.ones(2, dtype=D))

    def closure():
        loss = x.square().sum()
        loss.backward()
        return loss

    with pytest.raises(RuntimeError, match=r"leave `backward` away"):
        NewtonCG([x]).step(closure)


WRONG = [
    ({"forcing": "newton"}, ValueError, "forcing is 'root', 'eisenstat_walker' or a number; got 'newton'"),
    ({"forcing": 1.0}, ValueError, "between 0 and 1; got 1.0"),
    ({"forcing": 0}, ValueError, "between 0 and 1; got 0"),
    ({"forcing": None}, TypeError, "forcing must be a number"),
    ({"max_cg": 0}, ValueError, "max_cg starts at 1"),
]


@pytest.mark.parametrize(("options", "error", "sentence"), WRONG)
def test_what_makes_no_method_is_refused(options, error, sentence):
    x = torch.nn.Parameter(start())
    with pytest.raises(error, match=sentence):
        NewtonCG([x], **options)
    optimizer = NewtonCG([x])
    saved = copy.deepcopy(optimizer.state_dict())
    saved["param_groups"][0].update(options)
    with pytest.raises(error, match=sentence):
        optimizer.load_state_dict(saved)
    assert optimizer.options["forcing"] == "root"
