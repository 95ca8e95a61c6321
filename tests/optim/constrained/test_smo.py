"""The dual of a support vector machine: against scikit-learn, a quadratic programme, its conditions."""

from functools import partial

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from book.numerics.vector import f64
from book.optim.constrained import project_box_and_plane, projected_gradient, smo
from tests.cases import each

C = 2.0


def scikit_learn_s(**options):
    """Its machine; half a second goes by until scikit-learn is loaded, in the one process that needs it."""
    from sklearn.svm import SVC

    return SVC(C=C, tol=1e-12, shrinking=False, **options)


def clouds(n=60, d=2, apart=1.5, seed=0):
    """Two clouds; entries are multiples of 1/32, so that float32, libsvm's, holds their products exactly."""
    generator = np.random.default_rng(seed)
    y = np.where(np.arange(n) % 2, 1.0, -1.0)
    X = generator.normal(size=(n, d)) + apart / 2 * y[:, None]
    return np.round(32 * X) / 32, y


def kernel(name, a, b, gamma=0.5):
    if name == "linear":
        return a @ b.T
    return np.exp(-gamma * ((a[:, None] - b[None]) ** 2).sum(-1))


CASES = [("linear", 2, 0), ("linear", 2, 1), ("linear", 5, 2), ("rbf", 2, 3), ("rbf", 5, 4), ("rbf", 2, 5)]


@pytest.mark.long
@pytest.mark.parametrize(("name", "d", "seed"), CASES)
def test_it_is_scikit_learn_s_machine(name, d, seed):
    X, y = clouds(d=d, seed=seed)
    theirs = scikit_learn_s(kernel=name, gamma=0.5).fit(X, y)
    ours = smo(torch.from_numpy(kernel(name, X, X)), torch.from_numpy(y), C)
    alpha = np.zeros(len(y))
    alpha[theirs.support_] = np.abs(theirs.dual_coef_[0])
    exact = name == "linear"  # what libsvm's float32 leaves of an exponential is wrong from the eighth digit
    np.testing.assert_allclose(ours.alpha.numpy(), alpha, rtol=0, atol=1e-8 if exact else 1e-5)
    points = np.random.default_rng(9).normal(size=(200, d)) * 3
    decisions = kernel(name, points, X) @ (ours.alpha.numpy() * y) + ours.bias
    wanted = theirs.decision_function(points)
    np.testing.assert_allclose(decisions, wanted, rtol=0, atol=1e-8 if exact else 1e-6)


@pytest.mark.long
@pytest.mark.parametrize(("name", "d", "seed"), CASES)
def test_on_a_kernel_that_float32_holds_exactly_they_agree_to_more_digits(name, d, seed):
    X, y = clouds(d=d, seed=seed)
    K = kernel(name, X, X).astype(np.float32).astype(np.float64)
    theirs = scikit_learn_s(kernel="precomputed").fit(K, y)
    ours = smo(torch.from_numpy(K), torch.from_numpy(y), C)
    alpha = np.zeros(len(y))
    alpha[theirs.support_] = np.abs(theirs.dual_coef_[0])
    np.testing.assert_allclose(ours.alpha.numpy(), alpha, rtol=0, atol=1e-8)
    assert ours.bias == pytest.approx(theirs.intercept_[0], abs=1e-8)


@pytest.mark.long
@pytest.mark.parametrize(("name", "d", "seed"), CASES[::3])
def test_projected_gradient_on_the_dual_ends_at_the_same_multipliers(name, d, seed):
    X, y = clouds(n=16, d=d, seed=seed)
    K, y = torch.from_numpy(kernel(name, X, X)), torch.from_numpy(y)
    Q = y[:, None] * K * y
    ours = smo(K, y, C)
    path = projected_gradient(
        lambda a: a @ (Q @ a) / 2 - a.sum(),
        partial(project_box_and_plane, low=0.0, high=C, normal=y, offset=0.0),
        torch.zeros_like(y),
        steps=5000,
        tol=1e-10,
    )
    torch.testing.assert_close(path[-1], ours.alpha, rtol=0, atol=1e-6)


def test_it_solves_the_quadratic_programme():
    X, y = clouds(n=12, seed=6)
    K = kernel("rbf", X, X)
    Q = y[:, None] * K * y
    theirs = minimize(
        lambda a: a @ Q @ a / 2 - a.sum(),
        np.zeros(12),
        jac=lambda a: Q @ a - 1,
        method="SLSQP",
        bounds=[(0, C)] * 12,
        constraints=[{"type": "eq", "fun": lambda a: y @ a, "jac": lambda a: y}],
        options={"ftol": 1e-15, "maxiter": 1000},
    )
    ours = smo(torch.from_numpy(K), torch.from_numpy(y), C)
    np.testing.assert_allclose(ours.alpha.numpy(), theirs.x, rtol=0, atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_conditions_hold(seed):
    X, y = clouds(seed=seed)
    K, y = torch.from_numpy(kernel("rbf", X, X)), torch.from_numpy(y)
    alpha, bias, gap, steps = smo(K, y, C)
    assert gap <= 1e-10
    assert steps > 10
    assert abs(float(alpha @ y)) < 1e-12
    assert alpha.min() >= 0
    assert alpha.max() <= C
    margin = y * (K @ (alpha * y) + bias)
    assert (margin[alpha == 0] >= 1 - 1e-9).all()
    assert (margin[alpha == C] <= 1 + 1e-9).all()
    free = (alpha > 0) & (alpha < C)
    assert free.any()
    torch.testing.assert_close(margin[free], torch.ones_like(margin[free]), rtol=0, atol=1e-9)


def pairs_moved(K, y, C, tol):
    """How many pairs Fan, Chen and Lin's rule moves, by a plain loop over all examples."""
    alpha, steps = np.zeros(len(y)), 0
    while True:
        pull = y - K @ (alpha * y)
        up = [t for t in range(len(y)) if (alpha[t] < C if y[t] > 0 else alpha[t] > 0)]
        down = [t for t in range(len(y)) if (alpha[t] > 0 if y[t] > 0 else alpha[t] < C)]
        i = max(up, key=lambda t: pull[t])
        if pull[i] - min(pull[t] for t in down) <= tol:
            return steps
        lower = [t for t in down if pull[t] < pull[i]]
        bend = {t: K[i, i] + K[t, t] - 2 * K[i, t] for t in lower}
        j = max(lower, key=lambda t: (pull[i] - pull[t]) ** 2 / bend[t])
        room = C - alpha[i] if y[i] > 0 else alpha[i], alpha[j] if y[j] > 0 else C - alpha[j]
        step = min((pull[i] - pull[j]) / bend[j], *room)
        for t, sign, left in ((i, y[i], room[0]), (j, -y[j], room[1])):
            alpha[t] = (C if sign > 0 else 0) if step == left else alpha[t] + sign * step
        steps += 1


def test_the_pairs_are_those_of_the_second_order_rule():
    X, y = clouds(n=30, seed=3)
    K = kernel("rbf", X, X)
    found = smo(torch.from_numpy(K), torch.from_numpy(y), C, tol=1e-3)
    assert found.steps == pairs_moved(K, y, C, tol=1e-3) > 20


@pytest.mark.parametrize("C", [0.1, 0.3, 0.7])
def test_a_multiplier_at_its_bound_is_exactly_there(C):
    for seed in range(4):
        X, y = clouds(seed=seed)
        alpha = smo(torch.from_numpy(kernel("rbf", X, X)), torch.from_numpy(y), C).alpha
        assert (alpha == C).any()
        assert ((alpha == C) | (alpha < C - 1e-6)).all()


def test_before_the_end_the_bias_is_the_mean_of_what_the_free_examples_ask():
    X, y = clouds()
    K, y = torch.from_numpy(kernel("rbf", X, X)), torch.from_numpy(y)
    alpha, bias, gap, _ = smo(K, y, C, max_iter=20)
    free = (alpha > 0) & (alpha < C)
    assert gap > 0.1
    assert 0 < (alpha[free] < 1).sum() < free.sum()
    assert bias == pytest.approx((y - K @ (alpha * y))[free].mean().item(), abs=1e-12)


def test_two_examples_by_hand():
    alpha, bias, gap, steps = smo(f64(0, 2).outer(f64(0, 2)), f64(-1, 1), 10.0)
    assert alpha.tolist() == [0.5, 0.5]  # w = 1, so the margins are 1 on each side of z = 1
    assert (bias, gap, steps) == (-1, 0, 1)


def test_all_at_their_bound_leaves_the_bias_in_the_middle():
    alpha, bias, _, _ = smo(f64(0, 2).outer(f64(0, 2)), f64(-1, 1), 0.1)
    assert alpha.tolist() == [0.1, 0.1]
    assert bias == pytest.approx(-0.2)  # the pulls are −1 and 1 − 0.4


def test_equal_examples_of_both_labels_are_no_trouble():
    X, y = f64(0, 0, 1, 1)[:, None], f64(-1, 1, -1, 1)
    alpha, bias, gap, _ = smo(X @ X.T, y, 1.0)
    assert alpha.isfinite().all()
    assert gap <= 1e-10
    assert -1 <= bias <= 1


def test_running_out_of_steps_is_seen_in_the_gap():
    X, y = clouds()
    found = smo(torch.from_numpy(kernel("rbf", X, X)), torch.from_numpy(y), C, max_iter=3)
    assert found.steps == 3
    assert found.gap > 0.1


def test_float32_ends_too():
    X, y = clouds()
    K = torch.from_numpy(kernel("rbf", X, X))
    found = smo(K.float(), torch.from_numpy(y), C, max_iter=20_000)
    assert found.steps < 20_000 or found.gap < 1e-4
    torch.testing.assert_close(found.alpha.double(), smo(K, torch.from_numpy(y), C).alpha, rtol=0, atol=1e-3)


K2 = torch.eye(2, dtype=torch.float64)


@each(
    ("call", "error", "message"),
    [
        (lambda: smo([[1.0]], f64(1)), TypeError, "takes a tensor"),
        (lambda: smo(K2[:1], f64(-1, 1)), ValueError, "a row and a column for each label"),
        (lambda: smo(K2 / 0, f64(-1, 1)), ValueError, "K is finite"),
        (lambda: smo(K2, f64(0, 1)), ValueError, "labels are -1 and 1, both of them; got .0.0, 1.0"),
        (lambda: smo(K2, f64(1, 1)), ValueError, "both of them"),
        (lambda: smo(K2[:0, :0], f64()), ValueError, "both of them; got .."),
        (lambda: smo(K2, f64(-1, 1), C=0.0), ValueError, "C is above 0"),
        (lambda: smo(K2, f64(-1, 1), C="1"), TypeError, "C must be a number"),
    ],
)
def test_bad_input_gets_one_sentence(call, error, message):
    with pytest.raises(error, match=message):
        call()
