"""`make gpu` on a CPU, in a small size: its plan, each of its items, what is kept after a cut, its report."""

import json

import pytest
import torch

from book.bench import gpu, gpu_items, harness
from book.errors import BookError


@pytest.fixture
def few(monkeypatch, tmp_path):
    """One item that is quick, one whose time is too short, one that fails."""
    items = gpu.ITEMS
    few = {
        "device": items["device"],
        "resume": items["resume"]._replace(seconds=1),
        "nothing": items["memory"],
    }
    monkeypatch.setattr(gpu, "ITEMS", few)
    monkeypatch.setattr(harness, "FOLDERS", (tmp_path / "results",))
    monkeypatch.setattr(gpu, "FOLDERS", (tmp_path / "results",))
    (tmp_path / "results").mkdir()
    return tmp_path


def test_all_items_together_fit_into_the_time():
    assert sum(item.seconds for item in gpu.ITEMS.values()) <= 60 * gpu.MINUTES


@pytest.mark.parametrize("name", gpu.ITEMS)
def test_an_item_returns_plain_values(name, monkeypatch):
    small = [torch.ones(3, 2), torch.ones(3)]
    for x in small:
        x.grad = torch.ones_like(x)
    monkeypatch.setattr(gpu_items, "parameters", lambda device: [_copy(x) for x in small])
    found = gpu.ITEMS[name].measure("cpu")
    text = gpu.describe(name, {"seconds": 1.0, "found": json.loads(json.dumps(found, allow_nan=False))})
    assert len(text.splitlines()) == 1 + len(found)


def _copy(x):
    copy = x.clone()
    copy.grad = x.grad.clone()
    return copy


def test_what_the_items_find():
    assert gpu_items.resume("cpu") == {"identical": True}
    facts = gpu_items.device_facts("cpu")
    assert facts["cudnn in a speedrun"] == {"enabled": True, "benchmark": True}
    assert gpu_items._apart("SGD", "cpu") < 1e-6


def test_after_a_cut_it_goes_on_and_what_failed_is_tried_again(few, capsys):
    items = gpu.report(few / "kept", "cpu", store=True)["results"]["items"]
    assert items["device"]["found"]["card"] == gpu_items.card("cpu")
    assert items["resume"] == {"error": "It took longer than its 1 s."}
    assert "KeyError: 'nothing'" in items["nothing"]["error"]
    assert [file.name for file in (few / "kept").iterdir()] == ["device.json"]
    printed = capsys.readouterr().out
    assert printed.startswith("3 items on cpu, at most 2 minutes; what is finished is in ")
    assert "device       30 s  which card, which torch, that cuDNN is on\n" in printed

    (few / "results" / "gpu.json").unlink()
    gpu.ITEMS["resume"] = gpu.ITEMS["resume"]._replace(seconds=100)
    del gpu.ITEMS["nothing"]
    again = gpu.report(few / "kept", "cpu", store=True)["results"]["items"]
    assert again["device"] == items["device"]
    assert again["resume"]["found"] == {"identical": True}
    assert "that cuDNN is on; finished\n" in capsys.readouterr().out
    stored = json.loads((few / "results" / "gpu.json").read_text(encoding="utf-8"))
    assert stored["results"]["items"] == again
    text = (few / "results" / "gpu.txt").read_text(encoding="utf-8")
    assert text.startswith(f"device: {again['device']['seconds']} s\n  card: ")


def test_another_card_or_another_commit_measures_anew(few, monkeypatch):
    gpu._measured(few / "kept", "device", gpu.ITEMS["device"], "cpu")
    assert gpu._kept(few / "kept", "device", "cpu")
    monkeypatch.setattr(gpu, "commit", lambda: "another")
    assert gpu._kept(few / "kept", "device", "cpu") is None


def test_without_a_gpu_it_says_so(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(BookError, match="There is no CUDA device here"):
        gpu.run(store=True)
