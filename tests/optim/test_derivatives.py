"""First and second derivatives of a loss, against torch's own functions and by hand."""

import pytest
import torch

from book.optim.derivatives import gradients, hessian_products


def tensors():
    generator = torch.Generator().manual_seed(0)
    return [
        torch.nn.Parameter(torch.randn(shape, generator=generator, dtype=torch.float64))
        for shape in ((2, 2), (), (3,))
    ]


def loss(a, b, c):
    return (a @ a).sin().sum() * b.exp() + (c**3).sum() * b + a.sum() ** 2


def dense(params):
    blocks = torch.autograd.functional.hessian(loss, tuple(params))
    rows = [
        torch.cat([b.reshape(p.numel(), -1) for b in row], 1) for row, p in zip(blocks, params, strict=True)
    ]
    return torch.cat(rows)


def test_gradients_are_torchs_and_those_that_backward_left():
    params = tensors()
    expected = torch.autograd.grad(loss(*params), params)
    assert all(map(torch.equal, gradients(loss(*params), params), expected))
    value = loss(*params)
    value.backward()
    found = gradients(value, params)
    assert all(g is p.grad for g, p in zip(found, params, strict=True))


def test_products_are_those_of_the_dense_hessian():
    params = tensors()
    graph = gradients(loss(*params), params, again=True)
    H = dense(params)
    v = torch.randn(5, 8, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    assert (hessian_products(graph, params, v) - v @ H).abs().max() < 1e-12
    for row in v:
        assert (hessian_products(graph, params, row) - H @ row).abs().max() < 1e-12


def test_a_parameter_that_needs_no_gradient_or_is_not_used_has_zeros():
    params = tensors()
    params[1].requires_grad_(False)
    unused = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
    both = [*params, unused]
    graph = gradients(loss(*params), both, again=True)
    assert torch.equal(graph[1], torch.zeros_like(graph[1]))
    H = hessian_products(graph, both, torch.eye(10, dtype=torch.float64))
    kept = [0, 1, 2, 3, 5, 6, 7]
    expected = torch.zeros(10, 10, dtype=torch.float64)
    expected[torch.tensor(kept)[:, None], torch.tensor(kept)] = dense(tensors())[kept][:, kept]
    assert (H - expected).abs().max() < 1e-12


def test_of_a_linear_loss_the_products_are_zero():
    x = torch.nn.Parameter(torch.ones(3))
    graph = gradients(x.sum(), [x], again=True)
    assert torch.equal(hessian_products(graph, [x], torch.ones(3)), torch.zeros(3))
    assert torch.equal(hessian_products(graph, [x], torch.eye(3)), torch.zeros(3, 3))


def test_what_cannot_be_differentiated_is_refused():
    x = torch.nn.Parameter(torch.ones(3))
    with pytest.raises(RuntimeError, match="does not depend on the parameters"):
        gradients(torch.tensor(1.0), [x])
    value = x.square().sum()
    value.backward()
    with pytest.raises(RuntimeError, match="its graph has been used up"):
        gradients(value, [x], again=True)
