"""A speedrun is its recipe: rates as airbench's, a seed for every bit, no waiting for the device."""

import re
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from book.errors import BookError
from book.optim import Nesterov
from book.project import speedrun as module
from book.project.lookahead import Lookahead
from book.project.recipe import FULL, SMALL, TRICKS, alone, plain, without
from book.project.speed_network import speed_network, whiten
from book.project.speedrun import groups, speedrun, train_by_recipe, triangular, warm_up
from book.project.stream import Stream
from book.project.views import predict
from book.site.paths import ROOT
from book.training.data.load import load

TINY = replace(SMALL, widths=(4, 4, 4), batch_size=20, epochs=1.5, lr=40.0, views="none")
SWITCHED = [name for name in TRICKS if without(TINY, name) != TINY]


@pytest.fixture(scope="module")
def data():
    train, test = load("cifar10")
    return train[:80], test[:20]


def trained(recipe, data, seed: int = 0):
    """The network after the recipe, and the logits of the test images."""
    train, test = data
    network = speed_network(recipe, seed)
    if recipe.whitening:
        whiten(network.whitening, train.inputs)
    stream = Stream(train.inputs, train.labels, recipe, torch.Generator().manual_seed(seed))
    train_by_recipe(network, network, stream, recipe)
    return network, predict(network, test.inputs, recipe)


@pytest.mark.long
def test_a_small_run_learns():
    """150 images, ten times each; asked for the same ones again, it is far above chance."""
    some = load("cifar10")[0][:150]
    end = speedrun(replace(SMALL, epochs=10, batch_size=30, views="none"), (some, some))
    assert end.steps == 50
    assert end.accuracy > 0.4


def test_a_seed_fixes_every_bit(data):
    network, logits = trained(TINY, data)
    again, same = trained(TINY, data)
    assert torch.equal(logits, same)
    assert all(map(torch.equal, network.state_dict().values(), again.state_dict().values()))
    assert not torch.equal(logits, trained(TINY, data, seed=1)[1])


@pytest.mark.long
def test_a_run_is_its_parts(data):
    """The clock, the cache and the device's pixels change nothing of what is computed."""
    speedrun(TINY, data, seed=5)
    end = speedrun(TINY, data, seed=1)
    logits = trained(TINY, data, seed=1)[1]
    assert end.accuracy == (logits.argmax(dim=1) == data[1].labels).double().mean()
    assert end.steps == 6
    assert end.seconds > 0
    network, _ = module._machine(TINY, "cpu")
    torch.testing.assert_close(predict(network, data[1].inputs, TINY), logits, rtol=1e-3, atol=1e-4)


@pytest.mark.long
@pytest.mark.parametrize("name", SWITCHED)
def test_every_trick_changes_something(name, data):
    changed = without(TINY, name)
    logits = trained(changed, data)[1]
    if name == "channels last":
        inputs, _ = next(Stream(data[0].inputs, data[0].labels, changed, torch.Generator()).epoch(0))
        assert inputs.is_contiguous()
        assert not inputs.is_contiguous(memory_format=torch.channels_last)
    else:
        assert not torch.equal(logits, trained(TINY, data)[1])
        assert alone(TINY, name) != plain(TINY)


def test_the_rates_are_those_of_airbench():
    """Its own arithmetic: 11.5 and 0.0153 over 1024 · (1 + 1 / (1 − 0.85)), the decay not scaled."""
    step = 1024 * (1 + 1 / (1 - 0.85))
    biases, others = groups(speed_network(FULL), FULL)
    assert others["lr"] == pytest.approx(11.5 / step)
    assert others["weight_decay"] == pytest.approx(0.0153 * 1024 / step / (11.5 / step))
    assert biases["lr"] == pytest.approx(64 * others["lr"])
    assert biases["lr"] * biases["weight_decay"] == pytest.approx(others["lr"] * others["weight_decay"])


def test_the_groups_hold_what_is_trained_once():
    network = speed_network(without(FULL, "no batch-norm scale"))
    biases, others = groups(network, FULL)
    held = [id(x) for x in biases["params"] + others["params"]]
    assert sorted(held) == sorted(id(x) for x in network.parameters() if x.requires_grad)
    assert [tuple(x.shape) for x in biases["params"]] == [(64,), (64,)] + [(256,)] * 4


def test_the_rate_rises_and_falls_in_straight_lines():
    seen = [triangular(share) for share in (0.0, 0.115, 0.23, 0.615, 1.0)]
    assert seen == pytest.approx([0.2, 0.6, 1.0, 0.535, 0.07])


def test_lookahead_ends_on_the_average(data, monkeypatch):
    decays = []
    monkeypatch.setattr(Lookahead, "step", lambda self, decay: decays.append(decay))
    trained(replace(TINY, epochs=3), data)  # 12 steps
    assert decays == pytest.approx([0.95**5 * (5 / 12) ** 3, 0.95**5 * (10 / 12) ** 3, 1.0])


def test_the_whitening_bias_is_trained_for_its_epochs(data):
    biases = {epochs: trained(replace(TINY, whitening_bias_epochs=epochs), data)[0] for epochs in (0, 1, 2)}
    moved = {epochs: network.whitening.bias.detach() for epochs, network in biases.items()}
    assert moved[0].eq(0).all()
    assert not torch.equal(moved[1], moved[2])
    assert not biases[1].whitening.bias.requires_grad


def test_a_second_training_of_a_network_trains_its_whitening_bias_again(data):
    """Runs of one recipe share a network, and the run before has stopped its bias."""
    recipe = replace(TINY, whitening_bias_epochs=1)
    fresh, _ = trained(recipe, data)
    used, _ = trained(recipe, data, seed=1)
    train, _ = data
    used.load_state_dict(speed_network(recipe).state_dict())
    whiten(used.whitening, train.inputs)
    train_by_recipe(
        used, used, Stream(train.inputs, train.labels, recipe, torch.Generator().manual_seed(0)), recipe
    )
    assert torch.equal(used.whitening.bias, fresh.whitening.bias)
    assert used.whitening.bias.abs().max() > 0


def test_any_optimizer_will_do(data):
    """The book's Nesterov takes the same steps as torch's."""
    ours = trained(replace(TINY, optimizer=partial(Nesterov, engine="eager")), data)[1]
    torch.testing.assert_close(ours, trained(TINY, data)[1], rtol=1e-3, atol=1e-4)


class Watch(TorchDispatchMode):
    """Collects the names of the operators that are called."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.seen.add(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


WAITING = {"_local_scalar_dense", "nonzero", "masked_select", "item", "is_nonzero"}


def test_nothing_in_training_waits_for_the_device(data):
    recipe = replace(TINY, cutout=4)
    stream = Stream(data[0].inputs, data[0].labels, recipe, torch.Generator().manual_seed(0))
    network = speed_network(recipe)
    with Watch() as watch:
        train_by_recipe(network, network, stream, recipe)
    assert "convolution" in watch.seen
    assert not WAITING & watch.seen
    with Watch() as watch:
        data[0].labels.sum().item()
    assert WAITING & watch.seen


CUDNN = ("enabled", "benchmark", "benchmark_limit", "deterministic", "allow_tf32")


@pytest.mark.parametrize("deterministic", [False, True])
def test_cudnn_tries_kernels_and_is_otherwise_left_alone(data, monkeypatch, deterministic):
    """`torch.backends.cudnn.flags(benchmark=True)` would switch cuDNN off, for one."""
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", deterministic)
    before, seen = cudnn(), []
    monkeypatch.setattr(module, "predict", lambda *given: seen.append(cudnn()) or predict(*given))
    speedrun(TINY, data)
    assert seen == [before | {"benchmark": True}] * 2
    assert before["enabled"]
    assert cudnn() == before


def cudnn():
    return {name: getattr(torch.backends.cudnn, name) for name in CUDNN}


def test_no_settings_of_torchs_are_set_as_a_whole():
    """The `flags` of its backends set what they are not given to defaults that are not torch's own."""
    code = {file: file.read_text(encoding="utf-8") for file in (ROOT / "book").rglob("*.py")}
    assert len(code) > 100
    assert [file.name for file, text in code.items() if re.search(r"^\s*with .*\.flags\(", text, re.M)] == []


def test_warming_up_changes_no_result(data):
    before = speedrun(TINY, data, seed=2)
    warm_up(TINY, data, "cpu")
    after = speedrun(TINY, data, seed=2)
    assert (before.accuracy, before.steps) == (after.accuracy, after.steps)


def test_a_batch_larger_than_the_data_is_refused(data):
    with pytest.raises(BookError, match="a batch holds 200 images, the training set 80"):
        speedrun(replace(TINY, batch_size=200), data)
