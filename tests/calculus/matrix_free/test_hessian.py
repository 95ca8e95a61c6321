"""Hessian-vector products against the Hessian that torch.func forms."""

from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from book.calculus.matrix_free import GaussNewton, Hessian
from book.calculus.matrix_free.data import followed_forward
from tests.calculus.matrix_free.small_networks import F64, NETWORKS, Case, apart, case, classes, normal
from tests.cases import each
from tests.optim.compiler import need_compiler

WAYS = {
    "forward over reverse": {"mode": "forward over reverse"},
    "reverse over reverse": {"mode": "reverse over reverse"},
    "kept graph": {"mode": "reverse over reverse", "keep_graph": True},
}


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("loss", ["squares", "cross-entropy"])
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("way", WAYS)
def test_products_are_those_of_the_hessian(network, loss, reduction, way):
    one = case(network, loss, reduction)
    H, whole = Hessian(one.model, one.loss, one.data, **WAYS[way]), one.hessian()
    v, V = normal(len(whole), seed=5), normal(len(whole), 2, seed=6)
    assert H.shape == whole.shape
    assert apart(H @ v, whole @ v) <= 1e-10
    assert apart(H @ V, whole @ V) <= 1e-10
    assert apart(H.to_dense(), whole) <= 1e-10


@pytest.mark.parametrize("way", WAYS)
def test_a_linear_loss_has_no_curvature(way):
    one = case("perceptron", "squares")
    H = Hessian(nn.Linear(4, 3).double(), lambda z, y: z.sum(), one.data, **WAYS[way])
    assert torch.equal(H @ normal(15), torch.zeros(15, dtype=F64))
    assert torch.equal(H @ normal(15, 2), torch.zeros(15, 2, dtype=F64))


@pytest.mark.parametrize("way", WAYS)
def test_it_stands_where_the_parameters_were(way):
    one = case("perceptron", "cross-entropy")
    H, whole = Hessian(one.model, one.loss, one.data, **WAYS[way]), one.hessian()
    with torch.no_grad():
        for parameter in one.model.parameters():
            parameter.add_(1)
    assert apart(H.to_dense(), whole) <= 1e-10


@pytest.mark.parametrize("way", WAYS)
def test_dropout_is_one_draw(way):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 20), nn.Tanh(), nn.Dropout(0.5), nn.Linear(20, 3)).double()
    one = case("perceptron", "cross-entropy", sizes=(6,))
    H = Hessian(model, one.loss, one.data, seed=3, **WAYS[way])
    before = torch.random.get_rng_state()
    whole = H.to_dense()
    assert torch.equal(before, torch.random.get_rng_state())
    assert apart(whole, whole.T) <= 1e-12
    assert apart(H @ whole[0], whole @ whole[0]) <= 1e-12  # no product has a mask of its own
    assert apart(Hessian(model, one.loss, one.data, seed=4, **WAYS[way]).to_dense(), whole) > 0.1

    def drawn(θ):
        torch.manual_seed(3)
        return Case(model, one.loss, one.data).whole(θ)

    gradient = torch.func.grad(drawn)
    expected = torch.func.jacfwd(gradient, randomness="same")(Case(model, one.loss, one.data).start)
    assert apart(whole, expected) <= 1e-10


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_in_both_modes(way, training):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 3)).double()
    model[1].running_mean.add_(0.5)
    model.train(training)
    one = Case(model, nn.CrossEntropyLoss(), case("perceptron", "cross-entropy", sizes=(6,)).data)
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}
    H = Hessian(model, one.loss, one.data, **WAYS[way])
    assert apart(H.to_dense(), one.hessian()) <= 1e-10
    assert all(torch.equal(buffer, before[name]) for name, buffer in model.named_buffers())


def test_batch_norm_in_training_mode_by_differences_of_the_gradient():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 3)).double()
    one = Case(model, nn.CrossEntropyLoss(), case("perceptron", "cross-entropy", sizes=(6,)).data)
    g, v, h = torch.func.grad(one.whole), normal(len(one.start)), 1e-5
    expected = (g(one.start + h * v) - g(one.start - h * v)) / (2 * h)
    assert apart(Hessian(model, one.loss, one.data) @ v, expected) <= 1e-6


def test_the_model_is_left_as_it_was():
    one = case("tied", "cross-entropy")
    before = {name: tensor.clone() for name, tensor in one.model.state_dict().items()}
    for way in WAYS.values():
        Hessian(one.model, one.loss, one.data, **way) @ normal(len(one.start))
    assert all(torch.equal(tensor, before[name]) for name, tensor in one.model.state_dict().items())
    assert all(parameter.grad is None for parameter in one.model.parameters())


@pytest.mark.parametrize("way", WAYS)
def test_a_loss_of_ones_own_that_takes_the_mean_of_squares(way):
    """Whose gradient torch does not follow forward; a library's loss it knows by its class."""
    one = case("perceptron", "squares", sizes=(6,))
    V = normal(len(one.start), 3)
    H = Hessian(one.model, lambda z, y: F.mse_loss(z, y), one.data, **WAYS[way])
    assert apart(H @ V[:, 0], one.hessian() @ V[:, 0]) <= 1e-10
    assert apart(H @ V, one.hessian() @ V) <= 1e-10


@pytest.mark.parametrize("way", WAYS)
def test_frozen_and_chosen_parameters(way):
    one = case("perceptron", "cross-entropy")
    whole = one.hessian()
    last = list(one.model[2].parameters())
    chosen = Hessian(one.model, one.loss, one.data, params=last, **WAYS[way])
    assert chosen.names == ("2.weight", "2.bias")
    assert apart(chosen.to_dense(), whole[25:, 25:]) <= 1e-10
    one.model[0].requires_grad_(False)
    frozen = Hessian(one.model, one.loss, one.data, **WAYS[way])
    assert apart(frozen.to_dense(), whole[25:, 25:]) <= 1e-10


def test_an_unused_parameter_has_zeros_and_a_tied_one_counts_once():
    one = case("tied", "squares")
    H = Hessian(one.model, one.loss, one.data)
    assert H.names == ("unused", "first.weight", "first.bias", "second.bias", "last.weight", "last.bias")
    dense = H.to_dense()
    assert not dense[:2].any()
    assert not dense[:, :2].any()
    assert dense[2:18, 2:18].abs().min() > 0


def test_split_names_the_entries():
    one = case("perceptron", "squares")
    parts = Hessian(one.model, one.loss, one.data).split(one.start)
    assert list(parts) == [name for name, _ in one.model.named_parameters()]
    assert all(torch.equal(parts[name], p) for name, p in one.model.named_parameters())


def test_inside_no_grad_and_in_float32():
    one = case("perceptron", "cross-entropy")
    whole = one.hessian()
    model, data = one.model.float(), [(X.float(), y) for X, y in one.data]
    with torch.no_grad():
        for way in WAYS.values():
            found = Hessian(model, one.loss, data, **way).to_dense()
            assert found.dtype == torch.float32
            assert apart(found.double(), whole) <= 1e-5


@pytest.mark.parametrize("way", WAYS)
def test_inference_mode_changes_nothing(way):
    one = case("perceptron", "cross-entropy")
    v = normal(len(one.start))
    H = Hessian(one.model, one.loss, one.data, **WAYS[way])
    with torch.inference_mode():
        inside = Hessian(one.model, one.loss, [(X.clone(), y.clone()) for X, y in one.data], **WAYS[way])
        found = [H @ v, inside @ v.clone(), inside.to_dense() @ v]
    for product in (*found, inside @ v):
        assert apart(product, one.hessian() @ v) <= 1e-10


def test_any_function_may_be_the_loss():
    one = case("perceptron", "squares", sizes=(5,))
    H = Hessian(one.model, lambda z, y: (z - y).abs().pow(3).sum(), one.data[0])
    cubes = Case(one.model, lambda z, y: (z - y).abs().pow(3).sum(), one.data)
    assert apart(H.to_dense(), cubes.hessian()) <= 1e-10


@pytest.mark.parametrize(
    "loss",
    [
        nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 5.0], dtype=F64)),
        nn.CrossEntropyLoss(ignore_index=1),
        nn.CrossEntropyLoss(label_smoothing=0.2),
        nn.SmoothL1Loss(),
    ],
)
def test_batches_add_up_to_the_whole_of_any_mean(loss):
    kind = "squares" if isinstance(loss, nn.SmoothL1Loss) else "cross-entropy"
    one = case("perceptron", kind, sizes=(6, 3, 1))
    every = Case(one.model, loss, one.data)
    assert apart(Hessian(every.model, loss, every.data).to_dense(), every.hessian()) <= 1e-10
    X, y = (torch.cat(parts) for parts in zip(*every.data, strict=True))
    joint = GaussNewton(every.model, loss, (X, y)).to_dense()
    assert apart(GaussNewton(every.model, loss, every.data).to_dense(), joint) <= 1e-10


@pytest.mark.parametrize("loss", [nn.MSELoss(), F.mse_loss])
def test_the_mean_of_squares_is_followed_forward(loss):
    """torch refuses to: the product would fall back on the other mode without a word."""
    z, y, v = normal(4, 3), normal(4, 3, seed=1), normal(4, 3, seed=2)
    followed = followed_forward(loss)
    _, Hv = torch.func.jvp(torch.func.grad(lambda z: followed(z, y)), (z,), (v,))
    torch.testing.assert_close(Hv, v / 6, rtol=1e-12, atol=0)
    assert followed(z, y).item() == pytest.approx(loss(z, y).item(), rel=1e-14)
    total = nn.MSELoss(reduction="sum")
    assert followed_forward(total) is total


def made(**options):
    one = case("perceptron", "cross-entropy", sizes=(4,))
    model, loss, data = (
        options.pop("model", one.model),
        options.pop("loss", one.loss),
        options.pop("data", one.data),
    )
    return Hessian(model, loss, data, **options)


def frozen():
    return case("perceptron", "squares").model.requires_grad_(False)


@each(
    ("call", "error", "message"),
    [
        (lambda: made(mode="backward"), ValueError, "mode is"),
        (lambda: made(keep_graph=True, mode="forward over reverse"), ValueError, "reverse over reverse"),
        (lambda: made(keep_graph=True, compile=True), ValueError, "reverse over reverse"),
        (lambda: made(model=frozen()), ValueError, "requires a gradient"),
        (lambda: made(params=[torch.ones(2)]), ValueError, "not a parameter"),
        (lambda: made(loss=nn.CrossEntropyLoss(reduction="none")), ValueError, "reduction"),
        (lambda: made(loss=lambda z, y: z), ValueError, r"shape \(\)"),
        (lambda: made(loss=lambda z, y: 1.0), ValueError, "got float"),
        (lambda: made(loss=lambda z, y: z.sum() * torch.nan), FloatingPointError, "nan"),
        (lambda: made(data=[]), ValueError, "pair of tensors"),
        (lambda: made(data=[1, 2]), ValueError, "pair of tensors"),
        (lambda: made(data=(torch.zeros(0, 4), torch.zeros(0))), ValueError, "empty"),
        (
            lambda: made(model=nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 3).double())),
            TypeError,
            "one dtype",
        ),
        (
            lambda: made(loss=nn.CrossEntropyLoss(ignore_index=1), data=(normal(2, 4), torch.ones(2).long())),
            ValueError,
            "none of these does",
        ),
        (lambda: made(model=nn.Linear(4, 3, device="meta")), ValueError, "the device meta have none"),
        (lambda: made() @ normal(3), ValueError, r"shape \(43,\)"),
        (lambda: made() @ normal(43).float(), TypeError, "convert"),
        (
            lambda: made(model=nn.Sequential(nn.Linear(4, 3), nn.Dropout()).double(), compile=True),
            ValueError,
            "eval",
        ),
    ],
)
def test_what_it_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_where_vmap_is_no_way_the_columns_come_one_after_the_other():
    one = case("perceptron", "cross-entropy")
    H, whole = Hessian(one.model, one.loss, one.data), one.hessian()
    H._product = lambda *arguments: H.product(*arguments)  # as a compiled one stands there
    V = normal(len(whole), 3)
    assert apart(H @ V, whole @ V) <= 1e-10


@pytest.mark.long
@pytest.mark.filterwarnings("error:A curvature")
@pytest.mark.parametrize(
    ("mode", "backend"), [("forward over reverse", "aot_eager"), ("reverse over reverse", "inductor")]
)
def test_a_compiled_product_is_the_same(mode, backend, monkeypatch):
    """One goes through the C++ compiler, half a minute for the other; both are traced as one graph."""
    if backend == "inductor":
        need_compiler()
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend=backend))
    one = case("perceptron", "cross-entropy")
    H = Hessian(one.model, one.loss, one.data, mode=mode, compile=True)
    v = normal(len(one.start))
    assert apart(H @ v, one.hessian() @ v) <= 1e-10


@pytest.mark.parametrize(("way", "inner", "first"), [("reverse over reverse", 9, 4), ("kept graph", 6, 2)])
def test_what_it_costs_in_products_of_matrices(way, inner, first):
    """Of four layers of one size, as the docstring counts them."""
    layers = [part for _ in range(4) for part in (nn.Linear(8, 8, bias=False), nn.Tanh())]
    model, data = nn.Sequential(*layers).double(), (normal(8, 8), classes(8, count=8))
    H, v = Hessian(model, nn.CrossEntropyLoss(), data, **WAYS[way]), normal(256)
    H @ v
    with FlopCounterMode(display=False) as counter:
        H @ v
    assert counter.get_total_flops() == 2 * 8**3 * (3 * inner + first)


def test_one_target_that_counts_is_enough_for_a_mean():
    model, data = nn.Linear(4, 3), (normal(2, 4).float(), torch.tensor([1, 2]))
    one, alone = (data[0][1:], data[1][1:]), torch.eye(15)
    found = Hessian(model, nn.CrossEntropyLoss(ignore_index=1), data) @ alone
    torch.testing.assert_close(found, Hessian(model, nn.CrossEntropyLoss(), one) @ alone)
