"""The benchmark of optimizers takes the same step in every way, and its floor is arithmetic on bytes."""

from contextlib import nullcontext

import pytest
import torch

from book.bench import BENCHES, harness, optim

ARRAYS = {"SGD": 0, "Momentum": 1, "Nesterov": 1, "AdaGrad": 1, "RMSProp": 1, "Adam": 2, "AdamW": 2}
ARRAYS["AdaDelta"] = 2  # arrays that a method remembers, by its formula


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(optim, "CHANNELS", (2, 3))
    monkeypatch.setattr(optim, "WIDTHS", (3, 2))
    monkeypatch.setattr(optim, "ROUNDS", 2)


def test_it_is_registered():
    assert BENCHES["optim"] is optim.run


def test_the_parameters_are_a_vgg13s():
    shapes = [tuple(x.shape) for x in optim.parameters("cpu")]
    assert shapes[:2] == [(64, 3, 3, 3), (64,)]
    assert shapes[-2:] == [(10, 512), (10,)]
    assert len(shapes) == 2 * (10 + 2)


@pytest.mark.parametrize("method", optim.TIMED)
def test_every_contestant_takes_the_same_step(method, small, monkeypatch):
    monkeypatch.setattr(optim, "LR", 0.01)
    after = {}
    for way in set(optim.contestants(method, optim.parameters("cpu"))) - {"compiled"}:
        xs = optim.parameters("cpu")
        optim.contestants(method, xs)[way].step()
        after[way] = torch.cat([x.flatten() for x in xs])
    assert {"eager", "foreach", "loop"} <= set(after)
    assert ("fused" in after) == (method not in ("RMSProp", "AdaDelta"))
    for x in after.values():
        torch.testing.assert_close(x, after["loop"])


@pytest.mark.parametrize("method", optim.TIMED)
def test_the_floor_counts_what_the_formula_reads_and_writes(method, small):
    ways = optim.contestants(method, optim.parameters("cpu"))
    ways["eager"].step()
    read, written = 2 + ARRAYS[method], 1 + ARRAYS[method]
    assert optim.bytes_per_number(ways["eager"]) == 4 * (read + written)


def test_a_stream_moves_the_bytes_that_it_says():
    for name, (move, moved) in optim.streams(1000, "cpu").items():
        move()
        assert moved == 4 * 1000 * (len(set(name) & set("abc")) + ("+=" in name)), name


def test_the_benchmark_reports_what_it_ran(small, monkeypatch, capsys):
    """Nothing is compiled for it: that what is compiled takes the same steps is tested with the engine."""
    monkeypatch.setattr(optim, "TIMED", ["SGD", "Adam", "AdaDelta"])
    monkeypatch.setattr(optim, "empty_cache", nullcontext)
    with torch.compiler.set_stance("force_eager"):
        results = optim.run(store=False)["results"]
    table = results["tables"][0]
    assert table["parameters"] == 3 * 2 * 9 + 3 + 2 * 3 + 2
    rows = {row["method"]: row for row in table["rows"]}
    assert {name: row["baseline"] for name, row in rows.items()} == {
        "SGD": "fused",
        "Adam": "fused",
        "AdaDelta": "foreach",
    }
    for row in rows.values():
        assert row["state_bytes"] == dict.fromkeys(row["milliseconds"], 4.0 * ARRAYS[row["method"]])
        assert row["megabytes"] == pytest.approx(table["parameters"] * (12 + 8 * ARRAYS[row["method"]]) / 1e6)
        assert row["floor_ms"] > 0
        assert row["compile_seconds"] > 0
    assert "of state" in capsys.readouterr().out


def test_on_cuda_the_time_is_that_between_two_events(monkeypatch):
    calls = []

    class Event:
        def __init__(self, enable_timing):
            assert enable_timing

        def record(self):
            calls.append("record")

        def elapsed_time(self, end):
            return 250.0  # milliseconds

    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: calls.append("synchronize"))
    assert harness.cuda_seconds(lambda: calls.append("work")) == 0.25
    assert calls == ["synchronize", "record", "work", "record", "synchronize"]


def test_a_cuda_device_gets_a_table_with_its_name(monkeypatch):
    asked = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a device")
    monkeypatch.setattr(optim, "_table", lambda *rest: asked.append(rest))
    optim.run(store=False)
    assert asked[0][1:] == (harness.processor_seconds, "cpu")
    assert asked[-1] == ("a device, events", harness.cuda_seconds, "cuda")
