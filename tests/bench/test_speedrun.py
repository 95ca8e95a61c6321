"""The speedrun's bench on a tiny plan, and the published script beside it, played by a stand-in."""

import json
from dataclasses import replace

import pytest

from book.bench import harness, speedrun
from book.errors import BookError
from book.project.recipe import FULL, SMALL, TRICKS
from book.project.speedrun import Result
from book.training.data.load import load

PRINTED = """
|  run     |  epoch  |  train_loss  |  train_acc  |  val_acc  |  tta_val_acc  |  total_time_seconds  |
|       0  |      0  |      1.9000  |     0.5000  |   0.5000  |               |              0.4000  |
|          |   eval  |      0.9000  |     0.9900  |   0.9300  |       0.9400  |              3.0000  |
|       1  |      0  |      1.9000  |     0.5000  |   0.5000  |               |              0.4000  |
|          |   eval  |      0.9000  |     0.9900  |   0.9300  |       0.9420  |              3.2000  |
Mean: 0.9410    Std: 0.0014
"""


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    monkeypatch.setattr(speedrun, "load", lambda name, scale: tuple(half[:40] for half in load(name)))
    monkeypatch.setattr(speedrun, "SMALL", replace(SMALL, widths=(2, 2, 2), batch_size=20, epochs=0.5))
    monkeypatch.setattr(speedrun, "RUNS", {"sample": 2})
    monkeypatch.setattr(speedrun, "SEEDS", {"sample": 2})
    monkeypatch.setattr(speedrun.torch.cuda, "is_available", lambda: False)
    few = {name: TRICKS[name] for name in ("GELU", "alternating flips", "half precision", "compiled")}
    monkeypatch.setattr(speedrun, "TRICKS", few)
    monkeypatch.setattr(harness, "FOLDERS", (tmp_path,))
    monkeypatch.delenv("AIRBENCH", raising=False)


def test_the_bench_on_a_tiny_plan(tiny, tmp_path, capsys):
    kept = speedrun.run(store=True)
    results = kept["results"]
    assert json.loads((tmp_path / "speedrun.json").read_text(encoding="utf-8"))["results"] == results
    assert (results["scale"], results["device"]) == ("sample", "CPU")
    assert results["whole"]["steps"] == 1
    assert len(results["whole"]["accuracies"]) == 2
    assert not results["airbench"]["run"]
    tricks = {"nothing", "GELU", "alternating flips"}  # the small recipe has not the two others
    assert set(results["left out"]) == tricks
    assert results["left out"]["nothing"]["difference"] == [0, 0]
    assert results["left out"]["nothing"]["accuracies"] == results["whole"]["accuracies"]
    assert "sample scale, CPU" in capsys.readouterr().out


def test_what_is_finished_is_stored_at_once(tiny, tmp_path, monkeypatch):
    def stop(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(speedrun, "table", stop)
    with pytest.raises(KeyboardInterrupt):
        speedrun.run(store=True)
    stored = json.loads((tmp_path / "speedrun.json").read_text(encoding="utf-8"))["results"]
    assert "whole" in stored
    assert "left out" not in stored


def test_a_recipe_is_compared_with_the_first_seed_by_seed(monkeypatch):
    ends = {  # recipe → by seed, accuracy and seconds
        FULL: [(0.90, 2.0), (0.80, 4.0)],
        SMALL: [(0.93, 3.0), (0.81, 6.0)],
    }

    def run(recipe, data, seed, device):
        accuracy, seconds = ends[recipe][seed]
        return Result(accuracy, 0.5, seconds, 9)

    monkeypatch.setattr(speedrun, "speedrun", run)
    rows = speedrun.table({"nothing": FULL, "other": SMALL}, None, "cpu", 2)
    assert rows["other"]["difference"] == pytest.approx([0.02, 12.706 * 0.01], rel=1e-3)  # t of one degree
    assert rows["other"]["times"] == 1.5
    assert rows["nothing"]["accuracy"][0] == pytest.approx(0.85)


def test_on_a_gpu_the_clock_starts_after_a_warm_up(monkeypatch):
    calls = []
    monkeypatch.setattr(speedrun, "warm_up", lambda recipe, data, device: calls.append("warm up"))
    monkeypatch.setattr(speedrun, "speedrun", lambda *given: calls.append("run") or Result(0.9, 0.9, 1.0, 9))
    speedrun.whole(FULL, None, "cuda", 2)
    speedrun.table({"nothing": FULL, "other": SMALL}, None, "cuda", 2)
    assert calls == ["warm up", "run", "run", "warm up", "warm up", "run", "run", "run", "run"]


def test_the_published_script_is_run_and_read(tmp_path):
    script = tmp_path / "airbench94.py"
    script.write_text(f"print({PRINTED!r})")
    row = speedrun.airbench(str(script))
    assert row["accuracies"] == [0.94, 0.942]
    assert row["accuracy"][0] == pytest.approx(0.941)
    assert row["seconds"] == pytest.approx(3.1)


@pytest.mark.parametrize("words", ["", "raise SystemExit('no CUDA device')"], ids=["missing", "failing"])
def test_what_is_wrong_with_the_published_script_shows_before_our_own_runs(
    tiny, tmp_path, monkeypatch, words
):
    ours = []
    monkeypatch.setattr(speedrun, "whole", lambda *given: ours.append(given))
    if words:
        (tmp_path / "airbench94.py").write_text(words)
    monkeypatch.setenv("AIRBENCH", str(tmp_path / "airbench94.py"))
    with pytest.raises(BookError, match=r"cifar10-airbench/legacy/airbench94.py|no CUDA device"):
        speedrun.run(store=False)
    assert ours == []


def test_a_published_script_that_fails_is_one_sentence(tmp_path):
    with pytest.raises(BookError, match=r"no such file. Get it with: git clone"):
        speedrun.airbench(str(tmp_path / "airbench94.py"))
    (tmp_path / "broken.py").write_text("raise SystemExit('no CUDA device')")
    with pytest.raises(BookError, match=r"broken.py did not get through: no CUDA device"):
        speedrun.airbench(str(tmp_path / "broken.py"))
    (tmp_path / "silent.py").write_text("")
    with pytest.raises(BookError, match="it printed no finished runs"):
        speedrun.airbench(str(tmp_path / "silent.py"))
