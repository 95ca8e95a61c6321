"""L-BFGS: two loops against the dense product, whole paths beside a dense method, torch's and scipy's."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.optimize
import torch
from hypothesis import given
from hypothesis import strategies as st

from book.optim import LBFGS, LineSearch
from book.optim.bfgs import inverse_update
from book.optim.lbfgs import two_loops
from tests.optim.closures import Calls, error, examples, network, plain, rosenbrock, valley


def pairs(n, m, seed):
    generator = torch.Generator().manual_seed(seed)
    A = torch.randn(n, n, generator=generator, dtype=torch.float64)
    H = A @ A.T + torch.eye(n)
    steps = list(torch.randn(m, n, generator=generator, dtype=torch.float64))
    return steps, [H @ s for s in steps]


def dense(steps, changes):
    """B, written out: the newest pair's scale times I, then each pair in turn."""
    s, y = steps[-1], changes[-1]
    B = torch.eye(len(s)).to(s) * (s @ y) / (y @ y)
    for s, y in zip(steps, changes, strict=True):
        B = inverse_update(B, s, y)
    return B


@given(st.integers(1, 8), st.integers(1, 10), st.integers(0, 30))
def test_two_loops_are_the_dense_product(n, m, seed):
    steps, changes = pairs(n, m, seed)
    g = torch.randn(n, generator=torch.Generator().manual_seed(seed + 1), dtype=torch.float64)
    before = g.clone()
    expected = dense(steps, changes) @ g
    assert (two_loops(g, steps, changes) - expected).abs().max() < 1e-9 * expected.abs().max()
    assert torch.equal(g, before)


def test_without_pairs_it_is_the_gradient():
    g = torch.ones(3)
    found = two_loops(g, [], [])
    assert torch.equal(found, g)
    assert found is not g


class Dense(LineSearch):
    """BFGS from the last m pairs, with the matrix."""

    def __init__(self, params, m, **options):
        super().__init__(params, **options)
        self.m, self.pairs = m, []

    def direction(self, here):
        return -(dense(*zip(*self.pairs, strict=True)) @ here.gradient) if self.pairs else -here.gradient

    def observe(self, s, y):
        self.pairs = [*self.pairs, (s, y)][-self.m :]

    def first_length(self, here, d):
        return 1.0 if self.pairs else min(1.0, 1.0 / here.gradient.norm().item())


@pytest.mark.parametrize("m", [1, 3, 100])
def test_a_path_is_that_of_bfgs_with_the_same_first_matrix(m):
    batch, paths = examples(), []
    for make in (lambda p: LBFGS(p, history_size=m), lambda p: Dense(p, m)):
        params = network()
        optimizer, path = make(params), []
        for _ in range(20):
            optimizer.step(lambda params=params: error(params, batch))
            path.append(torch.cat([p.reshape(-1) for p in plain(params)]))
        paths.append(torch.stack(path))
    assert (paths[0] - paths[1]).abs().max() < 1e-9


@pytest.mark.parametrize("m", [2, 100])
def test_without_a_search_a_path_is_torchs(m):
    """torch's first step is −g over the sum of its entries' sizes, ours over its length."""
    batch, (ours, theirs) = examples(), (network(), network())
    optimizer = LBFGS(ours, history_size=m, line_search_fn=None)
    torchs = torch.optim.LBFGS(theirs, max_iter=1, history_size=m)
    g = torch.cat([g.reshape(-1) for g in torch.autograd.grad(error(ours, batch), ours)])
    optimizer.options["lr"] = (min(1.0, 1 / g.abs().sum()) / min(1.0, 1 / g.norm())).item()
    for _ in range(12):
        optimizer.step(lambda: error(ours, batch))
        torchs.step(Calls(lambda: error(theirs, batch), theirs, "plain"))
        optimizer.options["lr"] = 1.0
        assert all((a - b).abs().max() < 1e-10 for a, b in zip(ours, theirs, strict=True))


def test_it_arrives_where_torchs_arrives_with_a_search():
    batch, (ours, theirs) = examples(), (network(), network())
    optimizer = LBFGS(ours, max_iter=500)
    optimizer.step(lambda: error(ours, batch))
    options = {"max_iter": 500, "max_eval": 2000, "history_size": 10, "tolerance_change": 0.0}
    torchs = torch.optim.LBFGS(theirs, line_search_fn="strong_wolfe", **options)
    calls = Calls(lambda: error(theirs, batch), theirs, "plain")
    torchs.step(calls)
    assert error(ours, batch) <= error(theirs, batch) + 1e-8
    assert optimizer.memory["evaluations"] <= 1.3 * calls.count


@pytest.mark.parametrize("n", [2, 40])
def test_it_ends_where_scipys_ends_in_no_more_evaluations(n):
    def f(x):
        t = torch.tensor(x, requires_grad=True)
        value = rosenbrock(t)
        return value.item(), torch.autograd.grad(value, t)[0].numpy()

    params = valley(n)
    options = {"gtol": 1e-7, "ftol": 0.0, "maxcor": 10}
    theirs = scipy.optimize.minimize(
        f, params[0].detach().numpy(), jac=True, method="L-BFGS-B", options=options
    )
    optimizer = LBFGS(params, max_iter=500)
    optimizer.step(lambda: rosenbrock(params[0]))
    assert optimizer.status == "gradient"
    assert abs(rosenbrock(params[0]).item() - theirs.fun) < 1e-8
    assert optimizer.memory["evaluations"] <= 1.3 * theirs.nfev


def test_what_is_kept_is_the_last_pairs_and_nothing_of_size_n_squared():
    params = valley(40)
    optimizer = LBFGS(params, history_size=3)
    points, slopes = [], []
    for _ in range(6):
        before = params[0].detach().clone()
        optimizer.step(lambda: rosenbrock(params[0]))
        points.append(params[0].detach() - before)
        slopes.append(params[0].grad.clone())
    assert all(map(torch.equal, optimizer.memory["steps"], points[-3:]))
    changes = [b - a for a, b in pairwise(slopes)]
    assert all(map(torch.equal, optimizer.memory["changes"], changes[-3:]))
    kept = sum(v.numel() for name in optimizer.remembered for v in optimizer.memory[name])
    assert kept == 2 * 3 * 40


def test_the_first_step_along_a_long_gradient_has_length_1():
    params, tried = valley(), []

    def closure():
        tried.append(params[0].detach().clone())
        return rosenbrock(params[0])

    LBFGS(params).step(closure)
    assert (tried[1] - tried[0]).norm() == pytest.approx(1.0)


def test_a_pair_without_curvature_is_left_out():
    optimizer = LBFGS(valley())
    s = torch.ones(2, dtype=torch.float64)
    optimizer.observe(s, -s)
    assert optimizer.memory == {"skipped": 1}
    optimizer.observe(s, s)
    optimizer.forget()
    assert "steps" not in optimizer.memory
    assert "changes" not in optimizer.memory


def test_a_smaller_history_is_taken_at_once():
    params = valley(10)
    optimizer = LBFGS(params, history_size=8, max_iter=12)
    optimizer.step(lambda: rosenbrock(params[0]))
    assert len(optimizer.memory["steps"]) == 8
    optimizer.options["history_size"], optimizer.options["max_iter"] = 2, 1
    optimizer.step(lambda: rosenbrock(params[0]))
    assert len(optimizer.memory["steps"]) == 2


@pytest.mark.parametrize("wrong", [0, -1, 2.5])
def test_a_history_holds_at_least_one_pair(wrong):
    with pytest.raises((TypeError, ValueError), match="history_size"):
        LBFGS(valley(), history_size=wrong)


def test_twenty_thousand_parameters_are_no_matter():
    """A matrix of this many squared would take 3.2 GB."""
    x = torch.nn.Parameter(torch.linspace(-1, 1, 20_000, dtype=torch.float64))
    weights = torch.linspace(1, 20, 20_000, dtype=torch.float64)
    optimizer = LBFGS([x], max_iter=60, tolerance_grad=1e-4)
    optimizer.step(lambda: (weights * (x - 1).square()).sum() / 2)
    assert optimizer.status == "gradient"
    assert np.abs(x.detach().numpy() - 1).max() < 1e-4
