"""The tasks are the described ones, and the test images are nobody's choice."""

from types import SimpleNamespace

import pytest
import torch

from book.project.tasks import CROPS_AND_FLIPS, TASKS, device, precision, splits
from book.training.run.precision import Precision
from tests.training.full_data import needs_full


def rows(data):
    return {image.numpy().tobytes() for image in data.images}


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_validation_images_are_held_out_of_the_training_images(name):
    data = splits(name, "sample")
    assert rows(data.tuning) | rows(data.validation) == rows(data.train)
    assert not rows(data.tuning) & rows(data.validation)
    assert not rows(data.test) & rows(data.train)
    assert torch.bincount(data.validation.labels).tolist() == [30] * 10


def test_the_same_images_are_held_out_each_time():
    first, again = (splits("mnist", "sample") for _ in range(2))
    assert torch.equal(first.validation.images, again.validation.images)


def test_5000_of_the_full_set_are_held_out():
    needs_full("mnist")
    data = splits("mnist", "full")
    assert [len(part) for part in data] == [60_000, 55_000, 5_000, 10_000]


@pytest.mark.long
@pytest.mark.parametrize("name", TASKS)
def test_a_network_takes_its_data(name):
    task = TASKS[name]
    images = splits(task.data, "sample").test.inputs[:2]
    assert task.network(3)(images).shape == (2, 10)
    assert task.batch_size == 128
    assert task.augment == (CROPS_AND_FLIPS if task.data == "cifar10" else None)


def test_vgg13_is_there_with_and_without_normalisation():
    normalised = {
        name: any(isinstance(layer, torch.nn.BatchNorm2d) for layer in TASKS[name].network(0))
        for name in ("vgg13", "vgg13-plain")
    }
    assert normalised == {"vgg13": True, "vgg13-plain": False}


@pytest.mark.parametrize("able", [True, False])
def test_bfloat16_only_where_the_device_multiplies_in_it(able, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: able)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (9, 0) if able else (6, 1))
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": able}, raising=False)
    assert precision("cuda") == precision("cpu") == ("bfloat16" if able else "float32")


@pytest.mark.parametrize(
    ("capability", "chosen"),
    [
        ((6, 1), "float32"),
        ((7, 0), "float16"),
        ((7, 5), "float16"),
        ((8, 0), "bfloat16"),
        ((9, 0), "bfloat16"),
    ],
    ids=["P40", "V100", "T4", "A100", "H100"],
)
def test_a_card_computes_in_the_precision_that_it_has(capability, chosen, monkeypatch):
    """torch says that a T4 supports bfloat16, which it only imitates; in float16 it is at home."""
    monkeypatch.setattr(torch.version, "hip", None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda at: SimpleNamespace(major=capability[0]))
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    assert precision("cuda") == chosen
    assert Precision(chosen, torch.device("cuda")).name == chosen


def test_a_torch_that_does_not_say_what_its_cpu_can_multiplies_in_float32(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert precision("cpu") == "float32"


def test_the_device_is_a_gpu_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device() == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device() == "cpu"
