"""`make gpu` on a CPU, in a small size: its plan, each of its items, what is kept after a cut, its report."""

import json
import subprocess
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from book.bench import gpu, gpu_items, harness
from book.errors import BookError
from book.project.tasks import TASKS
from book.site.cli import main
from book.training.models import seeded
from book.training.run.history import History
from book.whole_files import write_whole

FOUND = {
    "device": {"cudnn in a speedrun": {"enabled": True, "benchmark": True}},
    "resume": {"identical": True},
    "two": {"largest_difference": 0.0},
}


@pytest.fixture(autouse=True)
def the_sample(monkeypatch, tmp_path_factory):
    """The images are those of the sample, whatever lies on this computer."""
    monkeypatch.setenv("BOOK_DATA", str(tmp_path_factory.mktemp("no-data")))


@pytest.fixture
def few(monkeypatch, tmp_path):
    """One item that is quick, one whose time is too short, one that fails."""
    items = gpu.ITEMS
    few = {
        "device": items["device"],
        "speedrun": items["speedrun"]._replace(seconds=1),
        "nothing": items["resume"],
    }
    monkeypatch.setattr(gpu, "ITEMS", few)
    monkeypatch.setattr(harness, "FOLDERS", (tmp_path / "results",))
    monkeypatch.setattr(gpu, "FOLDERS", (tmp_path / "results",))
    (tmp_path / "results").mkdir()
    return tmp_path


def test_all_items_together_fit_into_the_time():
    assert sum(item.seconds for item in gpu.ITEMS.values()) <= 60 * gpu.MINUTES


def in_this_process(words, env, **_):
    """Run `python -m book train …`, or what torchrun would start, without starting a process."""
    status = main(words[words.index("book") + 1 :])
    return subprocess.CompletedProcess(words, status, "", "")


def small_network(seed: int = 0) -> torch.nn.Sequential:
    with seeded(seed):
        layers = torch.nn.Conv2d(3, 4, 3, stride=4), torch.nn.ReLU(), torch.nn.Flatten()
        return torch.nn.Sequential(*layers, torch.nn.Linear(4 * 8 * 8, 10))


@pytest.mark.parametrize("name", gpu.ITEMS)
def test_an_item_returns_plain_values(name, monkeypatch):
    """With a small network in place of the CNN and of VGG13, which take a CPU half a minute."""
    # Two real processes are in project/test_train.py.
    monkeypatch.setattr(gpu_items, "subprocess", SimpleNamespace(run=in_this_process))
    monkeypatch.setattr(gpu_items, "cifar_cnn", small_network)
    for task in ("cnn", "vgg13"):
        monkeypatch.setitem(TASKS, task, replace(TASKS[task], network=small_network))
    small = [torch.ones(3, 2), torch.ones(3)]
    for x in small:
        x.grad = torch.ones_like(x)
    monkeypatch.setattr(gpu_items, "parameters", lambda device: [_copy(x) for x in small])
    found = gpu.ITEMS[name].measure("cpu")
    text = gpu.describe(name, {"seconds": 1.0, "found": json.loads(json.dumps(found, allow_nan=False))})
    assert len(text.splitlines()) == 1 + len(found)
    assert found.items() >= FOUND.get(name, {}).items()


def _copy(x):
    copy = x.clone()
    copy.grad = x.grad.clone()
    return copy


@pytest.mark.parametrize("whole", [15.8e9, 150e9])  # of a T4, of an H200
def test_the_limit_leaves_room_for_what_is_there_before_it(whole, monkeypatch):
    said, reserved = [], 0.3e9  # VGG13 and 20,000 images
    memory = {
        "empty_cache": lambda: None,
        "mem_get_info": lambda: (whole - reserved, whole),
        "memory_reserved": lambda: reserved,
        "set_per_process_memory_fraction": lambda share: said.append(share * whole),
    }
    for name, stand_in in memory.items():
        monkeypatch.setattr(torch.cuda, name, stand_in)
    monkeypatch.setattr(gpu_items, "_on", lambda device, model: said.append("network") or model)
    monkeypatch.setattr(gpu_items, "Batches", lambda *_, **__: said.append("images"))

    def full(*_):
        raise BookError("20000 images do not fit")

    monkeypatch.setattr(gpu_items, "fit", full)
    assert gpu_items._when_full("cuda") == "BookError: 20000 images do not fit"
    assert said[:2] == ["network", "images"]
    assert reserved < said[2] < reserved + 1e9


def test_a_run_that_diverges_is_told_in_json(monkeypatch):
    history = History(losses=[2.3, float("nan")], seconds=[1.0])
    monkeypatch.setattr(gpu_items, "fit", lambda *_, **__: history)
    assert gpu_items._trained("cpu") == {"diverged": "at step 2"}


def test_the_engines_are_compared():
    assert gpu_items._apart("SGD", "cpu") < 1e-6


def test_after_a_cut_it_goes_on_and_what_failed_is_tried_again(few, capsys):
    items = gpu.report(few / "kept", "cpu", store=True)["results"]["items"]
    assert items["device"]["found"]["card"] == gpu_items.card("cpu")
    assert items["speedrun"] == {"error": "It took longer than its 1 s."}
    assert "KeyError: 'nothing'" in items["nothing"]["error"]
    assert [file.name for file in (few / "kept").iterdir()] == ["device.json"]
    printed = capsys.readouterr().out
    assert printed.startswith("3 items on cpu, at most 2 minutes; what is finished is in ")
    assert "device       30 s  which card, which torch, that cuDNN is on\n" in printed

    (few / "results" / "gpu.json").unlink()
    gpu.ITEMS["speedrun"] = gpu.ITEMS["speedrun"]._replace(seconds=100)
    del gpu.ITEMS["nothing"]
    again = gpu.report(few / "kept", "cpu", store=True)["results"]["items"]
    assert again["device"] == items["device"]
    assert len(again["speedrun"]["found"]["accuracies"]) == 1
    assert "that cuDNN is on; finished\n" in capsys.readouterr().out
    stored = json.loads((few / "results" / "gpu.json").read_text(encoding="utf-8"))
    assert stored["results"]["items"] == again
    text = (few / "results" / "gpu.txt").read_text(encoding="utf-8")
    assert text.startswith(f"device: {again['device']['seconds']} s\n  card: ")


def test_another_card_or_another_commit_measures_anew(few, monkeypatch):
    kept = {"made_by": gpu._maker("cpu"), "seconds": 1.0, "found": {"card": "any"}}
    write_whole(few / "kept" / "device.json", json.dumps(kept))
    assert gpu._kept(few / "kept", "device", "cpu") == kept
    monkeypatch.setattr(gpu, "commit", lambda: "another")
    assert gpu._kept(few / "kept", "device", "cpu") is None


def test_without_a_gpu_it_says_so(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(BookError, match="There is no CUDA device here"):
        gpu.run(store=True)
