"""Gradients, Jacobians, Hessians and their products, against formulas, mpmath, scipy and dense matrices."""

import mpmath
import numpy as np
import pytest
import torch
from scipy import differentiate
from torch.nn import functional as F
from torch.nn.functional import cross_entropy

from book.calculus import (
    central_difference,
    directional_derivative,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    vjp,
)

F64 = torch.float64


def wavy(p):
    return torch.exp(-p[0] / 3) * torch.sin(2 * p[1]) + torch.log(1 + p[0] ** 2) * p[1] ** 3


def wavy_mp(x, y):
    return mpmath.exp(-x / 3) * mpmath.sin(2 * y) + mpmath.log(1 + x**2) * y**3


def curved(x):
    return torch.stack([x[0] ** 2 + 5 * x[1], 3 * x[0] * torch.sin(x[1]), x[0] * x[1] ** 2])


def curved_by_hand(x, y):
    return [[2 * x, 5], [3 * np.sin(y), 3 * x * np.cos(y)], [y**2, 2 * x * y]]


def small_network():
    """The loss of a 4-5-3 tanh network on 7 random examples, as a function of its 43 weights."""
    generator = torch.Generator().manual_seed(2)
    X = torch.randn(7, 4, dtype=F64, generator=generator)
    y = torch.randint(3, (7,), generator=generator)

    def loss(w):
        W, b, V, c = w[:20].view(5, 4), w[20:25], w[25:40].view(3, 5), w[40:43]
        return cross_entropy(torch.tanh(X @ W.T + b) @ V.T + c, y)

    return loss, torch.randn(43, dtype=F64, generator=generator)


def points(n=20, width=2.0):
    generator = torch.Generator().manual_seed(0)
    return width * torch.randn(n, 2, dtype=F64, generator=generator)


def test_gradient_and_hessian_agree_with_fifty_digits():
    with mpmath.workdps(50):
        for p in points():
            x, y = map(mpmath.mpf, p.tolist())
            orders = {order: float(mpmath.diff(wavy_mp, (x, y), order)) for order in ORDERS}
            slope = torch.tensor([orders[1, 0], orders[0, 1]], dtype=F64)
            bend = torch.tensor([[orders[2, 0], orders[1, 1]], [orders[1, 1], orders[0, 2]]], dtype=F64)
            torch.testing.assert_close(gradient(wavy, p), slope, rtol=1e-12, atol=1e-12)
            torch.testing.assert_close(hessian(wavy, p), bend, rtol=1e-12, atol=1e-12)


ORDERS = [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]


def test_jacobian_agrees_with_scipy_and_with_the_hand():
    def for_scipy(x):  # scipy hands over many points at once, shape (2, ...)
        return np.stack([x[0] ** 2 + 5 * x[1], 3 * x[0] * np.sin(x[1]), x[0] * x[1] ** 2])

    for p in points():
        by_scipy = torch.from_numpy(differentiate.jacobian(for_scipy, p.numpy()).df)
        by_hand = torch.tensor(curved_by_hand(*p.tolist()), dtype=F64)
        torch.testing.assert_close(jacobian(curved, p), by_scipy, rtol=1e-8, atol=1e-8)
        torch.testing.assert_close(jacobian(curved, p), by_hand, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_both_modes_and_the_two_products_are_one_matrix(mode):
    for p in points():
        J = jacobian(curved, p, mode)
        assert J.shape == (3, 2)
        v, u = torch.tensor([0.3, -2.0], dtype=F64), torch.tensor([1.0, 0.5, -4.0], dtype=F64)
        torch.testing.assert_close(jvp(curved, p, v), J @ v, rtol=1e-13, atol=1e-13)
        torch.testing.assert_close(vjp(curved, p, u), J.T @ u, rtol=1e-13, atol=1e-13)


class OnlyBackward(torch.autograd.Function):
    """x², differentiable in reverse mode alone."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return x**2

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, slope):
        (x,) = ctx.saved_tensors
        return 2 * x * slope


def test_the_mode_is_the_one_asked_for():
    x = torch.tensor([1.0, 2.0], dtype=F64)
    assert jacobian(OnlyBackward.apply, x, "reverse").diagonal().tolist() == [2.0, 4.0]
    with pytest.raises(RuntimeError, match=r"forward mode|jvp"):
        jacobian(OnlyBackward.apply, x, "forward")


def test_the_hessian_of_a_network_is_symmetric_and_its_products_need_no_matrix():
    loss, w = small_network()
    H = hessian(loss, w)
    assert (H - H.T).abs().max() < 1e-15
    generator = torch.Generator().manual_seed(5)
    for _ in range(10):
        v = torch.randn(43, dtype=F64, generator=generator)
        assert (hvp(loss, w, v) - H @ v).norm() < 1e-10 * (H @ v).norm()


def test_the_gradient_of_a_network_agrees_with_central_differences():
    loss, w = small_network()
    torch.testing.assert_close(gradient(loss, w), central_difference(loss, w), rtol=1e-8, atol=1e-9)


def test_the_hessian_is_the_jacobian_of_the_gradient():
    loss, w = small_network()
    by_rows = jacobian(lambda v: gradient(loss, v), w)
    torch.testing.assert_close(hessian(loss, w), by_rows, rtol=1e-12, atol=1e-14)
    by_differences = central_difference(lambda v: gradient(loss, v), w)
    torch.testing.assert_close(hessian(loss, w), by_differences, rtol=1e-7, atol=1e-9)


def test_the_directional_derivative_is_the_gradient_along_the_direction():
    for p in points():
        v = torch.tensor([0.6, -0.8], dtype=F64)
        torch.testing.assert_close(directional_derivative(wavy, p, v), gradient(wavy, p) @ v)


def test_a_gradient_and_a_product_keep_the_shape_of_their_point():
    W = torch.arange(6.0, dtype=F64).reshape(2, 3)
    torch.testing.assert_close(gradient(lambda w: w.pow(3).sum(), W), 3 * W**2)
    torch.testing.assert_close(hvp(lambda w: w.pow(3).sum(), W, torch.ones_like(W)), 6 * W)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_the_dtype_is_kept(dtype):
    x = torch.tensor([1.0, 2.0], dtype=dtype)
    f = torch.sum
    assert {gradient(f, x).dtype, hessian(f, x).dtype, jacobian(torch.sin, x).dtype} == {dtype}
    assert {hvp(f, x, x).dtype, jvp(torch.sin, x, x).dtype, vjp(torch.sin, x, x).dtype} == {dtype}


def test_a_nan_stays_visible():
    assert gradient(lambda x: x.log().sum(), torch.tensor([-1.0, 1.0])).tolist()[1] == 1.0
    assert gradient(lambda x: x.sqrt().sum(), torch.tensor([-1.0, 1.0])).isnan().tolist() == [True, False]


def test_differentiating_inside_a_derivative_works():
    """What chapters do: the gradient of the squared gradient."""
    p = torch.tensor([0.5, -1.0], dtype=F64)
    g = gradient(lambda q: gradient(wavy, q).square().sum() / 2, p)
    torch.testing.assert_close(g, hessian(wavy, p) @ gradient(wavy, p))


LOSSES = {
    "mse": (F.mse_loss, "numbers"),
    "huber": (F.huber_loss, "numbers"),
    "smooth l1": (F.smooth_l1_loss, "numbers"),
    "l1": (F.l1_loss, "numbers"),
    "poisson": (F.poisson_nll_loss, "numbers"),
    "binary": (F.binary_cross_entropy_with_logits, "numbers"),
    "classes": (F.cross_entropy, "labels"),
}


@pytest.mark.long
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("name", LOSSES)
def test_torchs_losses(name, reduction):
    """The gradient of a mean of squares is one that torch does not follow forward (issue 123996)."""
    loss, kind = LOSSES[name]
    generator = torch.Generator().manual_seed(3)
    X, y = (torch.randn(6, n, dtype=F64, generator=generator) for n in (4, 3))
    targets = {"numbers": y.sigmoid(), "labels": y.argmax(1)}[kind]
    w, v, u = torch.randn(3, 12, dtype=F64, generator=generator)

    def f(w):
        return loss(torch.tanh(X @ w.view(4, 3)), targets, reduction=reduction)

    H, h = torch.func.jacrev(torch.func.jacrev(f))(w), 1e-5
    differences = (gradient(f, w + h * v) - gradient(f, w - h * v)) / (2 * h)
    torch.testing.assert_close(hessian(f, w), H, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(hvp(f, w, v), H @ v, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(hvp(f, w, v), differences, rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(directional_derivative(f, w, v), gradient(f, w) @ v, rtol=1e-12, atol=1e-14)
    both = torch.func.vmap(lambda v: hvp(f, w, v))(torch.stack([v, u]))
    torch.testing.assert_close(both, torch.stack([H @ v, H @ u]), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("derivative", [hessian, lambda f, x: hvp(f, x, torch.ones_like(x))])
def test_an_error_of_the_functions_own_is_raised(derivative):
    def f(x):
        raise RuntimeError("my own")

    with pytest.raises(RuntimeError, match="my own"):
        derivative(f, torch.ones(2))
