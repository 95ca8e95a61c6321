"""AdaHessian against a loop in Python floats from its paper, pytorch_optimizer's, and what it refuses."""

import copy
import io
import itertools
import math
import pickle
from unittest import mock

import pytest
import pytorch_optimizer
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from book.optim import AdaHessian, AdamW
from book.optim.adahessian import averaged, probes
from tests.optim.compiler import need_compiler
from tests.optim.references import apart

F64 = torch.float64
OPTIONS = (
    {},
    {"betas": (0.8, 0.95), "eps": 1e-2, "weight_decay": 0.1, "maximize": True},
    {"hessian_power": 0.5, "n_samples": 3, "update_each": 4},
    {"hessian_power": 0.0, "weight_decay": 0.3, "seed": 7},
    {"n_samples": 2, "spatial_average": 2},
    {"spatial_average": 3, "absolute": False},
)


def quadratic() -> tuple[torch.Tensor, torch.Tensor]:
    """A matrix H, indefinite and full, and b: the loss is ½ xᵀHx − bᵀx."""
    generator = torch.Generator().manual_seed(3)
    A = torch.randn(5, 5, generator=generator, dtype=F64)
    return A + A.T + torch.diag(torch.arange(5.0, dtype=F64)), torch.randn(5, generator=generator, dtype=F64)


def times(H, x):
    return [math.fsum(h * y for h, y in zip(row, x, strict=True)) for row in H]


def estimate(H, age, n_samples=1, spatial_average=1, absolute=True, seed=0, **_):
    """D of the paper, from the optimizer's probes."""
    drawn = itertools.islice(probes(torch.zeros(len(H), dtype=F64), seed, 0, age), n_samples)
    products = [[a * b for a, b in zip(z.tolist(), times(H, z.tolist()), strict=True)] for z in drawn]
    D = [math.fsum(column) / n_samples for column in zip(*products, strict=True)]
    D = [abs(d) for d in D] if absolute else D
    blocks = [D[i : i + spatial_average] for i in range(0, len(D), spatial_average)]
    return [math.fsum(block) / len(block) for block in blocks for _ in block]


def loop(H, b, x, steps, lr=0.05, betas=(0.9, 0.999), eps=1e-4, weight_decay=0.0, hessian_power=1.0, **rest):
    """Algorithm 1 of the paper in Python floats; D is kept between the steps that estimate it."""
    m, v, path, sign = [0.0] * len(x), [0.0] * len(x), [], -1.0 if rest.get("maximize") else 1.0
    for t in range(1, steps + 1):
        g = [sign * (a - c) for a, c in zip(times(H, x), b, strict=True)]
        if (t - 1) % rest.get("update_each", 1) == 0:
            D = estimate(H, t - 1, **rest)
        m = [betas[0] * old + (1 - betas[0]) * new for old, new in zip(m, g, strict=True)]
        v = [betas[1] * old + (1 - betas[1]) * new**2 for old, new in zip(v, D, strict=True)]
        root = [math.sqrt(entry / (1 - betas[1] ** t)) ** hessian_power for entry in v]
        step = [a / (1 - betas[0] ** t) / (r + eps) for a, r in zip(m, root, strict=True)]
        x = [y - lr * s - lr * weight_decay * y for y, s in zip(x, step, strict=True)]
        path.append([torch.tensor(x, dtype=F64)])
    return path


def walk(H, b, x, steps, lr=0.05, engine="eager", **options):
    p = torch.nn.Parameter(x.clone())
    options = {"spatial_average": 1} | options
    optimizer, path = AdaHessian([p], lr=lr, engine=engine, **options), []
    for _ in range(steps):
        optimizer.step(lambda: p @ H @ p / 2 - b @ p)
        path.append([p.detach().clone()])
    return path


@pytest.mark.long
@pytest.mark.parametrize("options", OPTIONS)
def test_it_is_the_papers_algorithm(options):
    H, b = quadratic()
    x = torch.linspace(-1, 1, 5, dtype=F64)
    reference = loop(H.tolist(), b.tolist(), x.tolist(), 60, **options)
    assert apart(walk(H, b, x, 60, **options), reference) <= 1e-12
    assert apart(reference[:1], reference[-1:]) > 0.1


@pytest.mark.parametrize("options", OPTIONS[1:3])
def test_compiled_it_is_the_same(options):
    need_compiler()
    H, b = quadratic()
    x = torch.linspace(-1, 1, 5, dtype=F64)
    assert apart(walk(H, b, x, 20, engine="compiled", **options), walk(H, b, x, 20, **options)) <= 1e-12


def network():
    torch.manual_seed(0)
    layers = torch.nn.Conv2d(1, 2, 3), torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.Linear(8, 3)
    model = torch.nn.Sequential(*layers).to(F64)
    return model, loss_of(model)


def loss_of(model):
    x = torch.linspace(-2, 2, 96, dtype=F64).sin().reshape(6, 1, 4, 4)
    return lambda: torch.nn.functional.cross_entropy(model(x), torch.tensor([0, 1, 2, 0, 1, 2]))


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:Using backward:UserWarning")
@pytest.mark.parametrize(
    "options",
    [{}, {"hessian_power": 0.5, "weight_decay": 0.2}, {"n_samples": 3, "betas": (0.5, 0.9), "eps": 1e-2}],
)
def test_it_is_pytorch_optimizers_with_the_same_probes(options):
    (model, loss), (other, their_loss) = network(), network()
    ours = AdaHessian(model.parameters(), lr=0.1, spatial_average=1, **options)
    n_samples = options.get("n_samples", 1)
    their_options = {"eps": 1e-4, "num_samples": n_samples} | {
        k: v for k, v in options.items() if k != "n_samples"
    }
    theirs = pytorch_optimizer.AdaHessian(other.parameters(), lr=0.1, **their_options)
    for age in range(20):
        ours.step(loss)
        draw = [probes(p.detach(), 0, place, age) for place, p in enumerate(other.parameters())]
        signs = [(next(zs) + 1) / 2 for _ in range(n_samples) for zs in draw]
        theirs.zero_grad()
        their_loss().backward(create_graph=True)
        with mock.patch("torch.randint_like", side_effect=signs):
            theirs.step()
    assert apart([list(model.parameters())], [list(other.parameters())]) <= 1e-12


@pytest.mark.filterwarnings("ignore:Using backward:UserWarning")
def test_both_conventions_of_a_closure_and_none_are_one():
    runs = []
    for how in ("loss alone", "backward", "no closure"):
        model, loss = network()
        optimizer = AdaHessian(model.parameters())

        def closure(optimizer=optimizer, loss=loss):
            optimizer.zero_grad()
            value = loss()
            value.backward(create_graph=True)
            return value

        for _ in range(5):
            if how == "no closure":
                closure()
                assert optimizer.step() is None
            else:
                assert optimizer.step(loss if how == "loss alone" else closure).ndim == 0
        runs.append(list(model.parameters()))
        assert not any(p.grad.requires_grad for p in model.parameters())  # the graph is let go of
    assert apart([runs[1], runs[2]], [runs[0], runs[0]]) == 0


@pytest.mark.filterwarnings("ignore:Using backward:UserWarning")
def test_a_used_up_graph_is_told_in_one_sentence_and_changes_nothing():
    model, loss = network()
    optimizer = AdaHessian(model.parameters())
    optimizer.step(loss)
    before, memory = copy.deepcopy(model.state_dict()), copy.deepcopy(optimizer.state_dict())
    optimizer.zero_grad()
    loss().backward()
    gradients = [p.grad for p in model.parameters()]
    with pytest.raises(RuntimeError, match=r"used up; call backward\(create_graph=True\)"):
        optimizer.step()

    def closure():
        value = loss()
        value.backward()
        return value

    with pytest.raises(RuntimeError, match="leave `backward` away"):
        optimizer.step(closure)

    def freed():
        value = loss()
        value.backward(create_graph=True, retain_graph=False)
        return value

    with pytest.raises(RuntimeError, match="has been freed"):
        optimizer.step(freed)
    assert apart([list(model.state_dict().values())], [list(before.values())]) == 0
    assert all(p.grad is g for p, g in zip(model.parameters(), gradients, strict=True))
    after = optimizer.state_dict()["state"]
    for place, state in memory["state"].items():
        assert all(
            torch.equal(torch.as_tensor(after[place][k]), torch.as_tensor(v)) for k, v in state.items()
        )
    optimizer.step(loss)


def test_what_is_no_loss_and_what_is_complex_is_refused():
    x = torch.nn.Parameter(torch.ones(2))
    with pytest.raises(TypeError, match="one number"):
        AdaHessian([x]).step(lambda: x)
    with pytest.raises(RuntimeError, match="does not depend on the parameters"):
        AdaHessian([x]).step(lambda: torch.tensor(1.0))
    z = torch.nn.Parameter(torch.ones(2, dtype=torch.complex64))
    with pytest.raises(TypeError, match="view_as_real"):
        AdaHessian([z]).step(lambda: z.abs().square().sum())


def test_between_estimates_no_graph_is_needed():
    x = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    optimizer = AdaHessian([x], update_each=3)
    needed = []
    for _ in range(7):
        needed.append(optimizer.curved)
        if optimizer.curved:
            optimizer.step(lambda: (x**4).sum())
        else:
            x.grad = 4 * x.detach() ** 3
            optimizer.step()
    assert needed == [True, False, False, True, False, False, True]


def test_a_linear_loss_has_no_curvature_and_a_late_parameter_its_own_age():
    x, y, frozen = (torch.nn.Parameter(torch.ones(2)) for _ in range(3))
    optimizer = AdaHessian([x, y, frozen.requires_grad_(False)], lr=1e-3, update_each=3)
    optimizer.step(lambda: 3 * x.sum())
    assert optimizer.state[x]["hessian_diag"].eq(0).all()
    assert y.grad is None
    assert y not in optimizer.state
    optimizer.step(lambda: x.sum() + (y * y).sum())  # not due for x, first for y
    assert not optimizer.curved
    assert optimizer.state[y]["hessian_diag"].eq(2).all()
    assert optimizer.state[x]["hessian_diag"].eq(0).all()


def through_a_file(saved):
    file = io.BytesIO()
    torch.save(saved, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def loaded(model, optimizer):
    twin, saved = through_a_file([model.state_dict(), optimizer.state_dict()])
    model = network()[0]
    model.load_state_dict(twin)
    other = AdaHessian(model.parameters())
    other.load_state_dict(saved)
    return model, other


COPIES = (loaded, lambda *both: copy.deepcopy(both), lambda *both: pickle.loads(pickle.dumps(both)))


@pytest.mark.parametrize("copied", COPIES, ids=["file", "deepcopy", "pickle"])
def test_a_reload_goes_on_bit_for_bit_whatever_else_draws_numbers(copied):
    model, loss = network()
    optimizer = AdaHessian(model.parameters(), update_each=2, n_samples=2, seed=5)
    for _ in range(3):
        optimizer.step(loss)
    twin, other = copied(model, optimizer)
    for _ in range(5):
        optimizer.step(loss)
    torch.manual_seed(99)
    before = torch.get_rng_state()
    for _ in range(5):
        other.step(loss_of(twin))
    assert torch.get_rng_state().equal(before)
    assert apart([list(model.parameters())], [list(twin.parameters())]) == 0


def test_the_mean_of_the_estimates_is_the_diagonal_and_of_their_squares_the_rows_norms():
    H, _ = quadratic()
    x, sizes = torch.nn.Parameter(torch.zeros(5, dtype=F64)), torch.zeros(2, 5, dtype=F64)
    for signs in itertools.product((-1.0, 1.0), repeat=5):
        with mock.patch("book.optim.adahessian.probes", return_value=iter([torch.tensor(signs, dtype=F64)])):
            optimizer = AdaHessian([x], lr=0.0, spatial_average=1, absolute=False)
            optimizer.step(lambda: x @ H @ x / 2)
        D = optimizer.state[x]["hessian_diag"]
        sizes += torch.stack([D, D**2]) / 32
    torch.testing.assert_close(sizes[0], H.diagonal(), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(sizes[1], H.square().sum(1), rtol=1e-12, atol=0)
    assert (sizes[1].sqrt() > 1.05 * H.diagonal().abs()).all()


def test_what_shares_an_average():
    kernels = torch.arange(24.0, dtype=F64).reshape(2, 3, 2, 2)
    for over in ("kernel", "row"):
        found = averaged(kernels, over)
        for i, j in itertools.product(range(2), range(3)):
            assert found[i, j].eq(math.fsum(kernels[i, j].flatten().tolist()) / 4).all()
    matrix, vector = kernels[0, :, 0], kernels.flatten()[:5]
    assert averaged(matrix, "kernel").equal(matrix)
    assert averaged(vector, "row").equal(vector)
    assert averaged(kernels, 1).equal(kernels)
    assert averaged(vector, 2).tolist() == [0.5, 0.5, 2.5, 2.5, 4.0]
    assert averaged(torch.tensor(3.0), "row") == averaged(torch.tensor(3.0), 4) == 3


def test_each_group_has_its_own_average_and_absolute_is_taken_before_it():
    model, loss = network()
    conv, _, _, linear = model
    groups = [
        {"params": list(conv.parameters()), "spatial_average": "kernel", "absolute": False},
        {"params": list(linear.parameters())},
    ]
    mean, alone = AdaHessian(groups), AdaHessian(model.parameters(), spatial_average=1, absolute=False)
    for optimizer in (mean, alone):
        for group in optimizer.param_groups:
            group["lr"] = 0.0
        optimizer.step(loss)
    for layer, axes in ((conv, (2, 3)), (linear, 1)):
        D = alone.state[layer.weight]["hessian_diag"]
        expected = (D.abs() if layer is linear else D).mean(axes, keepdim=True).expand_as(D)
        torch.testing.assert_close(mean.state[layer.weight]["hessian_diag"], expected, rtol=1e-12, atol=0)


def test_groups_share_the_larger_number_of_probes():
    model, loss = network()
    conv, _, _, linear = model
    few, many = list(conv.parameters()), list(linear.parameters())
    mixed = AdaHessian([{"params": few}, {"params": many, "n_samples": 3}], lr=0.0)
    mixed.step(loss)
    all_three = AdaHessian(model.parameters(), lr=0.0, n_samples=3)
    all_three.step(loss)
    for x in (*few, *many):
        assert mixed.state[x]["hessian_diag"].equal(all_three.state[x]["hessian_diag"])


@settings(max_examples=20)
@given(st.integers(0, 2**40), st.integers(0, 3), st.integers(0, 10**6))
def test_probes_are_fair_signs_and_another_number_draws_others(seed, place, age):
    x = torch.zeros(20, 20)
    first, second = itertools.islice(probes(x, seed, place, age), 2)
    others = [(seed + 1, place, age), (seed, place + 1, age), (seed, place, age + 1)]
    drawn = [first, second, *(next(probes(x, *numbers)) for numbers in others)]
    flat = torch.stack(drawn).flatten(1) / 20
    assert flat.abs().eq(1 / 20).all()
    assert (flat @ flat.T - torch.eye(5)).abs().max() < 5 / 20  # five standard deviations
    assert flat.mean(1).abs().max() < 5 / 20 / 20


def test_without_hessian_power_it_is_the_momentum_of_adam_and_the_decay_of_adamw():
    H, b = quadratic()
    x = torch.ones(5, dtype=F64)
    found = walk(H, b, x, 1, hessian_power=0.0, eps=0.0, weight_decay=0.5, lr=0.1)[0][0]
    g = H @ x - b
    torch.testing.assert_close(found, x - 0.1 * g - 0.05 * x, rtol=1e-12, atol=0)
    p = torch.nn.Parameter(x.clone())
    p.grad = torch.zeros_like(p)
    AdamW([p], lr=0.1, weight_decay=0.5).step()
    torch.testing.assert_close(found, p.detach() - 0.1 * g, rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"spatial_average": "column"}, '"kernel", "row" or a whole number'),
        ({"spatial_average": 0}, "starts at 1"),
        ({"n_samples": 0}, "start at 1"),
        ({"update_each": 1.5}, "whole number"),
        ({"hessian_power": 1.5}, r"must be in \[0, 1\]"),
        ({"seed": 0.5}, "whole number"),
        ({"betas": (0.9, 1.0)}, "beta parameter"),
    ],
)
def test_what_is_outside_its_range_is_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        AdaHessian([torch.nn.Parameter(torch.ones(2))], **wrong)


def test_a_gradient_that_is_not_finite_is_refused_before_anything_is_drawn():
    x = torch.nn.Parameter(torch.zeros(2))
    optimizer = AdaHessian([x], error_if_nonfinite=True)
    with pytest.raises(FloatingPointError, match="parameter 0"):
        optimizer.step(lambda: x.sqrt().sum())
    assert not optimizer.state_dict()["state"]
