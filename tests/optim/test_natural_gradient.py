"""Natural gradient: its formula, its invariance, and when Fisher, Gauss–Newton and Hessian are one matrix."""

import copy
import io

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence
from torch.func import hessian, jacrev

from book.calculus.matrix_free import Fisher, LinearOperator
from book.optim import NaturalGradient
from book.optim.natural_gradient import fisher_of_scores, natural_direction

F64 = torch.float64


def close(a, b, rtol=1e-10):
    torch.testing.assert_close(a, b, rtol=rtol, atol=rtol * float(b.abs().max()))


class Net:
    """A network of 3 inputs, 2 tanh units and some outputs, as a function of one vector of parameters."""

    def __init__(self, outputs: int, linear: bool = False):
        generator = torch.Generator().manual_seed(0)
        self.X = torch.randn(12, 3, generator=generator, dtype=F64)
        self.shapes = [(outputs, 3)] if linear else [(2, 3), (outputs, 2)]
        self.n = sum(m * n for m, n in self.shapes)
        self.θ = torch.randn(self.n, generator=generator, dtype=F64)
        self.y = torch.randint(outputs, (12,), generator=generator)
        self.noise = torch.randn(12, outputs, generator=generator, dtype=F64)

    def __call__(self, θ):
        parts = θ.split([m * n for m, n in self.shapes])
        first, *rest = (part.reshape(shape) for part, shape in zip(parts, self.shapes, strict=True))
        z = self.X @ first.T
        return z.tanh() @ rest[0].T if rest else z


def nll(net, θ, targets):
    """Mean over the examples of −log p(y | x): categorical with probabilities as targets."""
    return -(targets * net(θ).log_softmax(1)).sum(1).mean()


def squares(net, θ, targets):
    """Mean over the examples of ½ ‖z − y‖², −log of a Gaussian of variance 1 but for a constant."""
    return (net(θ) - targets).square().sum(1).mean() / 2


def categorical_fisher(net, θ):
    """From the score of every class of every example, as in the definition."""
    scores = jacrev(lambda θ: net(θ).log_softmax(1))(θ)
    return fisher_of_scores(scores, net(θ).softmax(1) / len(net.X))


def gaussian_fisher(net, θ):
    """The expectation over y by 3 nodes of Gauss and Hermite for each output: exact for squares."""
    nodes, shares = np.polynomial.hermite_e.hermegauss(3)
    J, total = jacrev(net)(θ), torch.zeros(len(θ), len(θ), dtype=F64)
    for at in np.ndindex(*[3] * J.shape[1]):
        e = torch.tensor(nodes[list(at)])  # y − z
        weight = float(np.prod(shares[list(at)] / shares.sum()))
        scores = torch.einsum("c,icn->in", e, J)
        total += fisher_of_scores(scores, torch.full((len(J),), weight / len(J), dtype=F64))
    return total


def gauss_newton(net, θ, loss_of_outputs):
    """Jᵀ (∇² of the loss in the outputs) J, from the whole Jacobian and the whole Hessian in the outputs."""
    z, J = net(θ), jacrev(net)(θ).reshape(-1, len(θ))
    inner = hessian(lambda flat: loss_of_outputs(flat.reshape(z.shape)))(z.flatten())
    return J.T @ inner @ J


def of_outputs(loss, targets):
    class Outputs:
        def __call__(self, z):
            return z

    return lambda z: loss(Outputs(), z, targets)


CASES = {"categorical": (nll, categorical_fisher), "gaussian": (squares, gaussian_fisher)}


def targets_of(net, name):
    return torch.nn.functional.one_hot(net.y, 2).to(F64) if name == "categorical" else net.noise


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("linear", [False, True])
def test_fisher_is_gauss_newton_and_in_a_linear_model_the_hessian(name, linear):
    loss, fisher = CASES[name]
    net = Net(2, linear)
    targets = targets_of(net, name)
    F = fisher(net, net.θ)
    close(gauss_newton(net, net.θ, of_outputs(loss, targets)), F)
    H = hessian(lambda θ: loss(net, θ, targets))(net.θ)
    gap = ((H - F).norm() / H.norm()).item()
    assert gap < 1e-12 if linear else gap > 0.1


@pytest.mark.parametrize("name", CASES)
def test_where_the_residuals_are_0_the_hessian_is_the_fisher_too(name):
    """The targets are then the model's own predictions; a little beside them it is so no more."""
    loss, fisher = CASES[name]
    net = Net(2)
    own = net(net.θ).softmax(1) if name == "categorical" else net(net.θ)
    F = fisher(net, net.θ)
    close(hessian(lambda θ: loss(net, θ, own))(net.θ), F)
    gaps = []
    for size in (1e-2, 1e-3):
        H = hessian(lambda θ, size=size: loss(net, θ, own + size * net.noise))(net.θ)
        gaps.append((H - F).norm().item())
    assert gaps[0] / gaps[1] == pytest.approx(10, rel=1e-6)  # the gap is linear in the residual


@pytest.mark.parametrize("name", CASES)
def test_the_empirical_fisher_is_another_matrix(name):
    loss, fisher = CASES[name]
    net = Net(2)
    targets = targets_of(net, name)
    scores = torch.stack(
        [jacrev(lambda θ, i=i: 12 * loss(_one(net, i), θ, targets[i : i + 1]) / 12)(net.θ) for i in range(12)]
    )
    close(scores.mean(0), jacrev(lambda θ: loss(net, θ, targets))(net.θ))
    empirical = fisher_of_scores(scores, torch.full((12,), 1 / 12, dtype=F64))
    F = fisher(net, net.θ)
    assert (empirical - F).norm() / F.norm() > 0.2


def _one(net, i):
    one = copy.copy(net)
    one.X = net.X[i : i + 1]
    return one


def gaussian_matrix(μ, σ):
    """By the definition, with the score's square in the middle of 5 nodes of Gauss and Hermite."""
    nodes, shares = np.polynomial.hermite_e.hermegauss(5)
    y = torch.tensor(nodes) * σ + μ
    scores = torch.stack([(y - μ) / σ**2, ((y - μ) ** 2 / σ**2 - 1) / σ], 1)
    return fisher_of_scores(scores, torch.tensor(shares / shares.sum()))


def test_the_fisher_of_a_gaussian_is_half_the_curvature_of_the_divergence():
    at = torch.tensor([0.7, 1.3], dtype=F64)
    F = gaussian_matrix(*at)
    close(F, torch.diag(torch.tensor([1.0, 2.0], dtype=F64) / 1.3**2))
    close(hessian(lambda x: kl_divergence(Normal(*at), Normal(*x)))(at), F)


def fitted(x):
    """−log likelihood of data with mean 0.5 and variance 0.25 under N(μ, σ²), a number for each datum."""
    return x[1].log() + (0.25 + (x[0] - 0.5) ** 2) / (2 * x[1] ** 2)


COORDINATES = {  # a parametrisation: to (μ, σ), from (μ, σ)
    "deviation": (lambda p: p, lambda x: x),
    "logarithm": (lambda p: torch.stack([p[0], p[1].exp()]), lambda x: torch.stack([x[0], x[1].log()])),
    "precision": (lambda p: torch.stack([p[0], p[1] ** -0.5]), lambda x: torch.stack([x[0], x[1] ** -2])),
    "natural": (
        lambda p: torch.stack([-p[0] / (2 * p[1]), (-2 * p[1]) ** -0.5]),
        lambda x: torch.stack([x[0] / x[1] ** 2, -0.5 / x[1] ** 2]),
    ),
    "mixed": (
        lambda p: torch.stack([p[0] + 0.3 * p[1], p[1] - 0.2 * p[0]]),
        lambda x: torch.stack([(x[0] - 0.3 * x[1]) / 1.06, (x[1] + 0.2 * x[0]) / 1.06]),
    ),
}
START = torch.tensor([2.0, 1.5], dtype=F64)


def arrived(name, lr, steps, natural=True):
    """Where (μ, σ) is after some steps in a parametrisation."""
    to, back = COORDINATES[name]
    p = torch.nn.Parameter(back(START).clone())

    def fisher():
        J = jacrev(to)(p.detach())
        return J.T @ gaussian_matrix(*to(p.detach())) @ J if natural else torch.eye(2, dtype=F64)

    optimizer = NaturalGradient([p], fisher=fisher, lr=lr)
    for _ in range(steps):
        optimizer.step(lambda: fitted(to(p)))
    return to(p).detach()


@pytest.mark.parametrize("name", ["logarithm", "precision", "natural"])
def test_one_step_is_the_same_to_first_order_in_every_smooth_parametrisation(name):
    gaps = {}
    for natural in (True, False):
        both = [[arrived(c, lr, 1, natural) for c in (name, "deviation")] for lr in (1e-4, 1e-5)]
        gaps[natural] = [(a - b).norm().item() for a, b in both]
    assert gaps[True][0] / gaps[True][1] == pytest.approx(100, rel=0.02)  # a gap of second order
    assert gaps[False][0] / gaps[False][1] == pytest.approx(10, rel=0.02)  # of first: plain descent


@pytest.mark.long
@pytest.mark.parametrize("name", ["logarithm", "precision", "natural"])
def test_a_path_cut_into_twice_as_many_steps_halves_the_gap(name):
    gaps = [(arrived(name, 1 / n, n) - arrived("deviation", 1 / n, n)).norm().item() for n in (40, 80)]
    assert gaps[0] / gaps[1] == pytest.approx(2, rel=0.1)


def test_in_linear_coordinates_the_step_is_exactly_the_same_and_damping_breaks_that():
    close(arrived("mixed", 0.5, 3), arrived("deviation", 0.5, 3))
    F, g, A = (
        gaussian_matrix(*START),
        torch.tensor([1.0, -1.0], dtype=F64),
        torch.tensor([[1, 0.3], [-0.2, 1]]),
    )
    A = A.to(F64)
    close(A @ natural_direction(A.T @ F @ A, A.T @ g), natural_direction(F, g))
    damped = A @ natural_direction(A.T @ F @ A, A.T @ g, 0.5) - natural_direction(F, g, 0.5)
    assert damped.norm() > 1e-2


def test_with_a_gaussian_output_and_a_linear_model_one_step_is_newtons_and_arrives():
    net = Net(2, linear=True)
    p = torch.nn.Parameter(net.θ.clone())
    optimizer = NaturalGradient([p], fisher=lambda: gaussian_fisher(net, p.detach()))
    optimizer.step(lambda: squares(net, p, net.noise))
    expected = np.linalg.lstsq(net.X.numpy(), net.noise.numpy(), rcond=None)[0]
    close(p.detach().reshape(2, 3).T, torch.tensor(expected))


def test_logistic_regression_along_a_plain_loop_in_numpy():
    net = Net(2, linear=True)
    X, y = net.X.numpy(), net.y.numpy().astype(float)
    w, path = np.full(3, 0.5), []
    for _ in range(8):
        p = 1 / (1 + np.exp(-X @ w))
        F = (X * (p * (1 - p))[:, None]).T @ X / 12
        w = w - 0.7 * np.linalg.inv(F + 0.01 * np.eye(3)) @ (X.T @ (p - y) / 12)
        path.append(w)
    q = torch.nn.Parameter(torch.full((3,), 0.5, dtype=F64))

    def fisher():
        p = torch.sigmoid(net.X @ q.detach())
        scores = torch.stack([-p, 1 - p], 1)[:, :, None] * net.X[:, None]
        return fisher_of_scores(scores, torch.stack([1 - p, p], 1) / 12)

    optimizer = NaturalGradient([q], fisher=fisher, damping=0.01, lr=0.7)
    for w in path:
        optimizer.step(lambda: torch.nn.functional.binary_cross_entropy_with_logits(net.X @ q, net.y.to(F64)))
        close(q.detach(), torch.tensor(w))


def test_a_search_lowers_the_loss_and_fisher_is_asked_where_the_step_starts():
    p, asked = torch.nn.Parameter(START.clone()), []

    def fisher():
        asked.append(p.detach().clone())
        return gaussian_matrix(*p.detach())

    optimizer = NaturalGradient([p], fisher=fisher, line_search_fn="strong_wolfe", max_iter=20)
    optimizer.step(lambda: fitted(p))
    assert (p.detach() - torch.tensor([0.5, 0.5])).abs().max() < 1e-5
    assert asked[0].equal(START)
    values = [fitted(x).item() for x in asked]
    assert values == sorted(values, reverse=True)


class Operator(LinearOperator):
    def columns(self, V):
        return torch.tensor([[1.0], [2.0]], dtype=F64) * V


def test_an_operator_will_do():
    p = torch.nn.Parameter(START.clone())
    NaturalGradient([p], fisher=lambda: Operator((2, 2), F64, "cpu")).step(lambda: p.sum())
    close(p.detach(), START - torch.tensor([1.0, 0.5], dtype=F64))


@pytest.mark.parametrize("name", CASES)
def test_the_fisher_of_a_network_as_an_operator_is_that_of_the_scores(name):
    net = Net(2)
    model = torch.nn.Sequential(
        torch.nn.Linear(3, 2, bias=False), torch.nn.Tanh(), torch.nn.Linear(2, 2, bias=False)
    )
    torch.nn.utils.vector_to_parameters(net.θ.clone(), model.to(F64).parameters())
    loss = torch.nn.CrossEntropyLoss() if name == "categorical" else torch.nn.MSELoss()
    targets = net.y if name == "categorical" else net.noise
    fisher = Fisher(model, loss, (net.X, targets))
    close(fisher.to_dense(), CASES[name][1](net, net.θ))
    optimizer = NaturalGradient(
        model.parameters(), fisher=lambda: Fisher(model, loss, (net.X, targets)), damping=0.1
    )
    F, before = fisher.to_dense(), net.θ
    optimizer.step(lambda: loss(model(net.X), targets))
    g = jacrev(lambda θ: CASES[name][0](net, θ, targets_of(net, name)))(net.θ)
    after = torch.nn.utils.parameters_to_vector(model.parameters()).detach()
    close(after, before - torch.linalg.inv(F + 0.1 * torch.eye(len(F), dtype=F64)) @ g)


def test_a_singular_fisher_is_told_and_damped():
    p = torch.nn.Parameter(START.clone())
    flat = torch.ones(2, 2, dtype=F64)
    optimizer = NaturalGradient([p], fisher=lambda: flat)
    with pytest.raises(RuntimeError, match=r"leaves every prediction as it is\. Give damping"):
        optimizer.step(lambda: fitted(p))
    assert p.detach().equal(START)
    assert p.grad is None
    with pytest.raises(ValueError, match=r"shape \(2, 2\); got \(3, 3\)"):
        natural_direction(torch.eye(3), torch.ones(2))
    optimizer = NaturalGradient([p], fisher=lambda: flat, damping=1e-3, lr=1e-3)
    optimizer.step(lambda: fitted(p))
    assert not p.detach().equal(START)
    with pytest.raises(FloatingPointError, match="not finite"):
        natural_direction(torch.full((2, 2), float("nan")), torch.ones(2))


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_singular_is_a_matter_of_the_condition_and_not_of_the_scale(scale):
    g = torch.ones(2, dtype=F64)
    close(natural_direction(scale * torch.eye(2, dtype=F64), g), -g / scale)
    with pytest.raises(RuntimeError, match="singular"):
        natural_direction(scale * torch.diag(torch.tensor([1.0, 1e-18], dtype=F64)), g)


def test_a_reload_goes_on_bit_for_bit_and_a_copy_asks_for_its_fisher():
    p = torch.nn.Parameter(START.clone())
    optimizer = NaturalGradient([p], fisher=lambda: gaussian_matrix(*p.detach()), lr=0.1)
    optimizer.step(lambda: fitted(p))
    file = io.BytesIO()
    torch.save([p, optimizer.state_dict()], file)
    file.seek(0)
    with torch.serialization.safe_globals([torch.nn.Parameter]):
        q, saved = torch.load(file)
    other = NaturalGradient([q], fisher=lambda: gaussian_matrix(*q.detach()))
    other.load_state_dict(saved)
    for _ in range(3):
        optimizer.step(lambda: fitted(p))
        other.step(lambda: fitted(q))
    assert q.equal(p)
    assert other.memory["step"] == 4
    r, third = copy.deepcopy((p, optimizer))
    with pytest.raises(RuntimeError, match=r"optimizer\.fisher = "):
        third.step(lambda: fitted(r))
    third.fisher = lambda: gaussian_matrix(*r.detach())
    third.step(lambda: fitted(r))
    optimizer.step(lambda: fitted(p))
    assert r.equal(p)
