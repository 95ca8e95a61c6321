"""`make gpu` on a CPU, in a small size: its plan, each of its items, what is kept after a cut, its report."""

import json
import subprocess
from types import SimpleNamespace

import pytest
import torch

from book.bench import gpu, gpu_items, harness
from book.errors import BookError
from book.site.cli import main
from book.whole_files import write_whole

FOUND = {
    "device": {"cudnn in a speedrun": {"enabled": True, "benchmark": True}},
    "resume": {"identical": True},
    "two": {"largest_difference": 0.0},
}


@pytest.fixture
def few(monkeypatch, tmp_path):
    """One item that is quick, one whose time is too short, one that fails."""
    items = gpu.ITEMS
    few = {
        "device": items["device"],
        "memory": items["memory"]._replace(seconds=1),
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


@pytest.mark.parametrize("name", gpu.ITEMS)
def test_an_item_returns_plain_values(name, monkeypatch):
    # Two real processes are in project/test_train.py.
    monkeypatch.setattr(gpu_items, "subprocess", SimpleNamespace(run=in_this_process))
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


def test_the_engines_are_compared():
    assert gpu_items._apart("SGD", "cpu") < 1e-6


def test_after_a_cut_it_goes_on_and_what_failed_is_tried_again(few, capsys):
    items = gpu.report(few / "kept", "cpu", store=True)["results"]["items"]
    assert items["device"]["found"]["card"] == gpu_items.card("cpu")
    assert items["memory"] == {"error": "It took longer than its 1 s."}
    assert "KeyError: 'nothing'" in items["nothing"]["error"]
    assert [file.name for file in (few / "kept").iterdir()] == ["device.json"]
    printed = capsys.readouterr().out
    assert printed.startswith("3 items on cpu, at most 2 minutes; what is finished is in ")
    assert "device       30 s  which card, which torch, that cuDNN is on\n" in printed

    (few / "results" / "gpu.json").unlink()
    gpu.ITEMS["memory"] = gpu.ITEMS["memory"]._replace(seconds=100)
    del gpu.ITEMS["nothing"]
    again = gpu.report(few / "kept", "cpu", store=True)["results"]["items"]
    assert again["device"] == items["device"]
    assert set(again["memory"]["found"]["megabytes"]) == {"SGD", "Momentum", "Adam"}
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
