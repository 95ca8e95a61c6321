"""Shampoo against a plain loop with scipy's matrix powers, full-matrix AdaGrad, and pytorch_optimizer's."""

import copy
import io
import pickle

import numpy as np
import pytest
import pytorch_optimizer
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import fractional_matrix_power, inv, sqrtm
from torch._dynamo.testing import CompileCounter

from book.optim import AdaGrad, Shampoo
from book.optim.shampoo import cut, gram, inverse_root, preconditioned
from tests.optim.references import apart

F64 = torch.float64
SHAPES = ((), (5,), (4, 3), (1, 6), (2, 3, 4), (2, 3, 2, 2))
OPTIONS = (  # ε as large as the powers of scipy, by Schur's form, need for ten digits
    {"eps": 1e-3},
    {"eps": 1e-2, "momentum": 0.8, "weight_decay": 0.1, "maximize": True},
    {"eps": 1e-2, "update_each": 3},
    {"eps": 1e-2, "block_size": 2, "momentum": 0.5, "update_each": 2},
    {"eps": 1e-2, "block_size": 2, "momentum": 0.5, "update_each": 3, "graft": True},
)


def gradients(steps: int, dtype=F64) -> list[list[torch.Tensor]]:
    generator = torch.Generator().manual_seed(0)
    return [
        [torch.randn(s, generator=generator, dtype=F64).to(dtype) * 0.1 for s in SHAPES] for _ in range(steps)
    ]


def walk(make, steps=8, dtype=F64) -> list[list[torch.Tensor]]:
    params = [torch.nn.Parameter(torch.ones(s, dtype=dtype)) for s in SHAPES]
    optimizer, path = make(params), []
    for some in gradients(steps, dtype):
        for p, g in zip(params, some, strict=True):
            p.grad = g.clone()
        optimizer.step()
        path.append([p.detach().clone() for p in params])
    return path


def places(shape, size):
    """The indices of the blocks of one array."""
    cuts = [[slice(i, i + (size or n)) for i in range(0, n, size or n)] for n in shape]
    return [tuple(c[i] for c, i in zip(cuts, at, strict=True)) for at in np.ndindex(*map(len, cuts))]


def powers(x, m, g, at, matrices, roots, anew):
    """The step of one block: its matrices take the gradient in, and the roots are scipy's."""
    k, letters, step = x.ndim, "abcd"[: x.ndim], m[at]
    for i, axis in enumerate(letters):
        other = letters.replace(axis, "z")
        matrices[i] += np.einsum(f"{letters},{other}->{axis}z", g[at], g[at])
        if anew:
            roots[i] = np.real_if_close(fractional_matrix_power(matrices[i], -1 / (2 * k)))
        step = np.einsum(f"{letters},{axis}z->{letters.replace(axis, 'z')}", step, roots[i])
    return step


def loop(eps, steps=8, lr=0.1, momentum=0.0, weight_decay=0.0, block_size=None, update_each=1, **switches):
    """Algorithm 2 of the paper, block by block, in numpy."""
    xs = [np.ones(s or (1,)) for s in SHAPES]
    ms, sums = [np.zeros_like(x) for x in xs], [np.full_like(x, eps) for x in xs]
    where = [places(x.shape, block_size) for x in xs]
    kept = [[[eps * np.eye(n) for n in x[at].shape] for at in ats] for x, ats in zip(xs, where, strict=True)]
    roots, path = [[[None] * x.ndim for _ in ats] for x, ats in zip(xs, where, strict=True)], []
    for t, some in enumerate(gradients(steps)):
        anew = t < update_each or t % update_each == 0
        for x, m, s, ats, Hs, P, now in zip(xs, ms, sums, where, kept, roots, some, strict=True):
            g = now.numpy().reshape(x.shape) * (-1 if switches.get("maximize") else 1) + weight_decay * x
            m[...] = momentum * m + (1 - momentum) * g
            s += g**2
            step = np.zeros_like(x)
            for number, at in enumerate(ats):
                step[at] = powers(x, m, g, at, Hs[number], P[number], anew)
            if switches.get("graft"):
                step *= np.linalg.norm(m / np.sqrt(s)) / np.linalg.norm(step)
            x -= lr * step
        path.append([torch.tensor(x.copy()).reshape(s) for x, s in zip(xs, SHAPES, strict=True)])
    return path


@pytest.mark.long
@pytest.mark.parametrize("options", OPTIONS)
def test_it_is_the_papers_algorithm(options):
    assert apart(walk(lambda params: Shampoo(params, **options)), loop(**options)) <= 1e-10


def test_it_is_pytorch_optimizers():
    def theirs(params):
        return pytorch_optimizer.Shampoo(params[1:], lr=0.1, weight_decay=0.1, matrix_eps=1e-3)

    ours = walk(lambda params: Shampoo(params[1:], lr=0.1, weight_decay=0.1, eps=1e-3))
    assert apart(ours, walk(theirs)) <= 1e-10


def test_what_pytorch_optimizer_does_otherwise():
    """It waits for the end of its first period; its momentum averages with the last step."""
    waiting = walk(lambda p: pytorch_optimizer.Shampoo(p[1:], preconditioning_compute_steps=3), 3)
    assert apart(waiting[:1], [[torch.ones(s, dtype=F64) for s in SHAPES]]) == 0
    assert apart(waiting[2:], waiting[1:2]) > 0
    with_momentum = walk(lambda p: pytorch_optimizer.Shampoo(p[1:], lr=0.1, momentum=0.9))
    assert apart(with_momentum, walk(lambda p: Shampoo(p[1:], lr=0.1, momentum=0.9))) > 1e-2


def test_of_a_vector_it_is_adagrad_with_its_full_matrix():
    generator = torch.Generator().manual_seed(1)
    x, eps = torch.nn.Parameter(torch.zeros(6, dtype=F64)), 1e-2
    optimizer, reference, A = Shampoo([x], lr=0.3, eps=eps), np.zeros(6), eps * np.eye(6)
    for _ in range(20):
        x.grad = torch.randn(6, generator=generator, dtype=F64) * torch.logspace(-1, 1, 6, dtype=F64)
        optimizer.step()
        g = x.grad.numpy()
        A += np.outer(g, g)
        reference -= 0.3 * inv(sqrtm(A)) @ g
        np.testing.assert_allclose(x.detach().numpy(), reference, rtol=1e-10, atol=1e-11)


def test_where_entries_come_one_at_a_time_it_is_adagrad_itself():
    """The full matrix is then diagonal, and its root entry by entry; ε is what AdaGrad's sum starts with."""
    x, y = (torch.nn.Parameter(torch.zeros(3, dtype=F64)) for _ in range(2))
    ours = Shampoo([x], lr=0.3, eps=1e-4)
    diagonal = AdaGrad([y], lr=0.3, eps=0.0, initial_accumulator_value=1e-4)
    for t in range(12):
        x.grad = y.grad = torch.eye(3, dtype=F64)[t % 3] * (t + 1)
        ours.step()
        diagonal.step()
    torch.testing.assert_close(x, y, rtol=1e-12, atol=0)


@settings(max_examples=20)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 100))
def test_the_first_step_of_a_matrix_has_the_gradients_singular_vectors_and_singular_values_of_1(m, n, seed):
    G = torch.randn(m, n, generator=torch.Generator().manual_seed(seed), dtype=F64)
    W = torch.nn.Parameter(torch.zeros_like(G))
    W.grad = G
    Shampoo([W], lr=1.0, eps=1e-13).step()
    U, S, Vh = torch.linalg.svd(G, full_matrices=False)
    assert (W.detach() + U @ Vh).abs().max() < 1e-11 / S.min() ** 2 + 1e-7


def test_the_kronecker_product_bounds_the_full_matrix():
    """Lemma 8 of the paper: εI + (1/r) Σ vec(G) vec(G)ᵀ is at most L^(1/2) ⊗ R^(1/2), r the largest rank."""
    generator, eps = torch.Generator().manual_seed(2), 1e-3
    Gs = [torch.randn(3, 4, generator=generator, dtype=F64) for _ in range(5)]
    L = eps * torch.eye(3, dtype=F64) + sum(gram(G, 0) for G in Gs)
    R = eps * torch.eye(4, dtype=F64) + sum(gram(G, 1) for G in Gs)
    full = eps * torch.eye(12, dtype=F64) + sum(torch.outer(G.flatten(), G.flatten()) for G in Gs) / 3
    product = torch.kron(torch.tensor(sqrtm(L.numpy())), torch.tensor(sqrtm(R.numpy())))
    assert torch.linalg.eigvalsh(product - full).min() > 0
    assert torch.linalg.eigvalsh(product - 3 * full).min() < 0  # without 1/r it does not hold


@settings(max_examples=30)
@given(st.integers(1, 8), st.integers(1, 8), st.integers(0, 1000))
def test_an_inverse_root_multiplied_out_is_the_inverse(n, p, seed):
    A = torch.randn(n, n, generator=torch.Generator().manual_seed(seed), dtype=F64)
    H = A @ A.T + 0.1 * torch.eye(n, dtype=F64)
    root = inverse_root(H, p)
    product = torch.linalg.matrix_power(root, p) @ H
    torch.testing.assert_close(product, torch.eye(n, dtype=F64), rtol=0, atol=1e-8)


def test_a_singular_matrix_has_the_roots_of_eps_where_rounding_goes_below_0():
    g = torch.linspace(1, 2, 8, dtype=torch.float32) * 1e4
    H = 1e-6 * torch.eye(8) + torch.outer(g, g)
    assert torch.linalg.eigvalsh(H).min() < 0
    found = torch.linalg.eigvalsh(inverse_root(H, 2, eps=1e-6))
    assert found.max() == pytest.approx(1e3, rel=1e-3)


def test_products_along_axes_and_blocks():
    g = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0), dtype=F64)
    Ps = [gram(g, axis) for axis in range(3)]
    expected = torch.einsum("abc,ax,by,cz->xyz", g, *Ps)
    torch.testing.assert_close(preconditioned(g, Ps), expected, rtol=1e-12, atol=1e-12)
    x = torch.zeros(5, 4)
    for number, block in enumerate(cut(x, 3)):
        block += number
    assert x[:, 0].tolist() == [0, 0, 0, 2, 2]
    assert x[0].tolist() == [0, 0, 0, 1]
    assert cut(x, None)[0].shape == (5, 4)


def test_new_directions_in_the_first_steps_do_not_throw_it_off():
    x = torch.nn.Parameter(torch.zeros(3, 3, dtype=F64))
    optimizer = Shampoo([x], lr=0.1, update_each=3)
    for t in range(3):
        x.grad = torch.outer(torch.eye(3, dtype=F64)[t], torch.eye(3, dtype=F64)[t])
        optimizer.step()
    torch.testing.assert_close(x.detach(), -0.1 * torch.eye(3, dtype=F64), rtol=1e-5, atol=0)


def fill(params, t):
    for p, g in zip(params, gradients(t + 1)[t], strict=True):
        p.grad = g


def loaded(params, optimizer):
    file = io.BytesIO()
    torch.save([params, optimizer.state_dict()], file)
    file.seek(0)
    params, saved = torch.load(file, weights_only=True)
    other = Shampoo(params)
    other.load_state_dict(saved)
    return params, other


def test_what_a_state_has_as_none_begins_anew_and_a_compiled_call_makes_no_graph():
    ways, counter = [], CompileCounter()
    gradient = torch.tensor([[1.0, -2.0, 0.5], [3.0, 0.0, 1.0]], dtype=F64)
    for fresh in (True, False):
        params = [torch.nn.Parameter(torch.ones(2, 3, dtype=F64))]
        optimizer = Shampoo(params)
        if not fresh:
            params[0].grad = gradient
            optimizer.step()
            saved = optimizer.state_dict()
            optimizer.load_state_dict(saved | {"state": {0: dict.fromkeys(saved["state"][0])}})
            params[0].data.fill_(1)
        step = torch.compile(optimizer.step, backend=counter)
        for t in range(1, 12):
            params[0].grad = t * gradient
            step()
        ways.append(params[0].detach())
    assert torch.equal(*ways)
    assert counter.frame_count <= 2


COPIES = (loaded, lambda *both: copy.deepcopy(both), lambda *both: pickle.loads(pickle.dumps(both)))


@pytest.mark.parametrize("copied", COPIES, ids=["file", "deepcopy", "pickle"])
def test_a_reload_goes_on_bit_for_bit(copied):
    params = [torch.nn.Parameter(torch.ones(s, dtype=F64)) for s in SHAPES]
    optimizer = Shampoo(params, lr=0.1, momentum=0.9, update_each=3, block_size=2)
    for t in range(5):
        fill(params, t)
        optimizer.step()
    for p in params:
        p.grad = None
    twins, twin = copied(params, optimizer)
    for t in range(5, 10):
        for which, stepper in ((params, optimizer), (twins, twin)):
            fill(which, t)
            stepper.step()
    assert apart([params], [twins]) == 0


def test_float32_stays_near_float64_and_a_closure_may_be_given():
    single = walk(lambda params: Shampoo(params, eps=1e-3), dtype=torch.float32)
    assert apart([[p.double() for p in some] for some in single], loop(eps=1e-3)) < 1e-4
    x = torch.nn.Parameter(torch.ones(2, 2))
    optimizer = Shampoo([x], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (x * x).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 4.0
    assert optimizer.step(closure).item() < 4.0


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"eps": 0.0}, "got eps=0.0"),
        ({"momentum": 1.0}, r"in \[0, 1\); got 1.0"),
        ({"block_size": 0}, "starts at 1"),
        ({"update_each": 0}, "starts? at 1"),
        ({"lr": -1.0}, "learning rate"),
    ],
)
def test_what_is_outside_its_range_is_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        Shampoo([torch.nn.Parameter(torch.ones(2))], **wrong)


@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        (torch.tensor([1.0, float("nan")]), FloatingPointError, "parameter 1 of shape"),
        (torch.tensor([1.0, 1e30]), FloatingPointError, "squares of a gradient overflow"),
        (torch.sparse_coo_tensor([[0]], [1.0], (2,)), RuntimeError, "sparse"),
    ],
)
def test_a_refused_gradient_changes_nothing(bad, error, words):
    x, y = (torch.nn.Parameter(torch.ones(2)) for _ in range(2))
    optimizer = Shampoo([x, y])
    x.grad, y.grad = torch.ones(2), bad
    with pytest.raises(error, match=words):
        optimizer.step()
    assert x.tolist() == y.tolist() == [1, 1]
    assert not any(optimizer.state.values())


def test_a_parameter_of_another_dtype_than_its_matrices_is_refused_before_anything_moves():
    x, y = (torch.nn.Parameter(torch.ones(2)) for _ in range(2))
    optimizer = Shampoo([x, y])
    x.grad, y.grad = torch.ones(2), torch.ones(2)
    optimizer.step()
    before, y.grad = x.tolist(), None
    y.data = y.data.double()
    y.grad = torch.ones_like(y)
    with pytest.raises(TypeError, match=r"A parameter is torch.float64 now, .* build Shampoo anew"):
        optimizer.step()
    assert x.tolist() == before


def test_sixteen_bits_are_refused():
    x = torch.nn.Parameter(torch.ones(2, dtype=torch.bfloat16))
    x.grad = torch.ones_like(x)
    with pytest.raises(TypeError, match="bfloat16"):
        Shampoo([x]).step()
