"""Reduced precision: what is rounded, what is not, what is scaled, and who lacks it."""

import pytest
import torch
from torch.optim.lr_scheduler import LambdaLR
from torch.utils._python_dispatch import TorchDispatchMode

from book.errors import BookError
from book.optim import BFGS, AdaHessian, TrustRegion
from book.training.data.batches import Batches
from book.training.data.load import load
from book.training.models import mlp
from book.training.run.fit import fit
from book.training.run.precision import Precision

DATA, TEST = load("mnist")


def run(precision, lr=0.02, **options):
    """Train a small network; return its history, the network, and the dtypes of its logits."""
    model, dtypes = mlp(784, 16, 10), set()
    model.register_forward_hook(lambda module, inputs, logits: dtypes.add(logits.dtype))
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    history = fit(model, Batches(DATA, 250), optimizer, 2, test=TEST, precision=precision, **options)
    return history, model, dtypes


@pytest.mark.parametrize("name", ["bfloat16", "float16"])
def test_what_passes_through_is_rounded_and_what_is_learnt_is_not(name):
    exact, rounded = run("float32"), run(name)
    assert exact[2] == {torch.float32}
    assert rounded[2] == {getattr(torch, name)}
    assert {parameter.dtype for parameter in rounded[1].parameters()} == {torch.float32}
    assert rounded[0].losses != exact[0].losses
    assert rounded[0].losses == pytest.approx(exact[0].losses, rel=0.02)
    assert rounded[0].test_losses == pytest.approx(exact[0].test_losses, rel=0.02)


def test_small_gradients_come_through_float16_because_the_loss_is_scaled():
    """A gradient of 1e-9 is below float16's smallest number, 6e-8."""
    precision = Precision("float16", torch.device("cpu"))
    layer = torch.nn.Linear(1, 1, bias=False)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.0)

    def closure():
        optimizer.zero_grad()
        with precision.autocast():
            loss = (layer(torch.ones(1, 1)) * 1e-4).float().sum() * 1e-5
        precision.backward(loss)
        return loss

    precision.step(optimizer, closure)
    assert layer.weight.grad.item() == pytest.approx(1e-9, rel=0.01)


@pytest.mark.parametrize("fused", [False, True])
def test_a_step_that_overflows_is_left_out_and_the_schedule_waits(recwarn, fused):
    """The scale is halved with each step that is left out, and doubled after 2,000 that are taken."""
    model = mlp(784, 10)
    torch.nn.init.zeros_(model[1].weight)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0, fused=fused)
    scheduler = LambdaLR(optimizer, lambda t: 1.0)
    loud = DATA[:64]
    loud.inputs.mul_(5_000)  # the gradients are too large for float16 as soon as they are scaled
    history = fit(model, Batches(loud, 4), optimizer, 1, scheduler=scheduler, precision="float16")
    assert len(history.losses) == 16
    assert 0 < scheduler.last_epoch < 16
    assert scheduler.last_epoch == taken(model, loud)
    assert not [warning for warning in recwarn if "lr_scheduler" in str(warning.message)]


def taken(model, loud) -> int:
    """How many of 16 steps stay below the end of float16, by halving the scale by hand."""
    scale, count = 65_536.0, 0
    for inputs, labels in Batches(loud, 4).epoch(0):
        model.zero_grad()
        with torch.autocast("cpu", torch.float16):
            loss = torch.nn.functional.cross_entropy(model(inputs), labels)
        (loss * scale).backward()
        whole = all(parameter.grad.isfinite().all() for parameter in model.parameters())
        count, scale = count + whole, scale if whole else scale / 2
    return count


class Waits(TorchDispatchMode):
    """Counts how often the host asks for a number on the device."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count += func.overloadpacket is torch.ops.aten._local_scalar_dense
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("fused", [False, True])
def test_float16_waits_for_the_device_once_a_step(fused):
    precision, model = Precision("float16", torch.device("cpu")), mlp(784, 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, fused=fused)
    inputs, labels = next(Batches(DATA, 32).epoch(0))

    def closure():
        optimizer.zero_grad()
        with precision.autocast():
            loss = torch.nn.functional.cross_entropy(model(inputs), labels)
        precision.backward(loss)
        return loss

    precision.step(optimizer, closure)
    with Waits() as waits:
        steps = [precision.step(optimizer, closure)[1] for _ in range(5)]
    assert waits.count == 5
    assert steps == [True] * 5


def test_float16_and_an_optimizer_that_computes_the_loss_itself():
    model = mlp(784, 10)
    with pytest.raises(BookError, match=r'^LBFGS computes the loss several times .*Use precision="bfloat16"'):
        fit(model, Batches(DATA), torch.optim.LBFGS(model.parameters()), 1, precision="float16")


@pytest.mark.parametrize("make", [TrustRegion, BFGS, AdaHessian])
def test_float16_and_one_that_computes_the_loss_anew_or_differentiates_it_twice(make):
    model = mlp(784, 10)
    with pytest.raises(BookError, match=f"^{make.__name__} computes the loss several times"):
        fit(model, Batches(DATA), make(model.parameters()), 1, precision="float16")


def test_an_unknown_precision():
    with pytest.raises(
        ValueError, match=r"^precision is one of 'float32', 'bfloat16', 'float16'; got 'half'"
    ):
        run("half")


def test_a_device_without_reduced_precision():
    with pytest.raises(BookError, match=r"^There is no bfloat16 on the device meta"):
        Precision("bfloat16", torch.device("meta"))


def test_a_card_that_only_imitates_bfloat16(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: including_emulation)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Tesla T4")
    with pytest.raises(BookError, match=r'^Tesla T4 computes bfloat16 only .* Use precision="float16".$'):
        Precision("bfloat16", torch.device("cuda"))
