"""The bench over batch sizes reports what it ran, on a tiny plan with the sample in place of all of MNIST."""

import math

import pytest

from book.bench import batch_size
from book.training.data.load import load


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(batch_size, "load", lambda name, scale: load(name))
    plan = {"WIDTHS": (784, 8, 10), "BATCH_SIZES": (15, 1500), "RATES": (0.1, 1e6), "SEEDS": (0, 1)}
    for name, value in {**plan, "TIMED": 300}.items():
        monkeypatch.setattr(batch_size, name, value)


def test_each_batch_size_is_timed_and_trained_at_each_rate(small, capsys):
    results = batch_size.run(store=False)["results"]
    few, all_at_once = results["rows"]
    assert results["images"] == 1500
    assert few["seconds_per_image"] > all_at_once["seconds_per_image"] > 0
    for row in results["rows"]:
        low, high = row["quartiles"]
        assert low <= row["seconds_per_image"] <= high
        assert [len(some) for some in row["loss"] + row["test_accuracy"]] == [2, 2, 2, 2]
    assert max(few["loss"][0]) < min(all_at_once["loss"][0]) < math.log(10) + 0.5
    assert "B = 15:" in capsys.readouterr().out


def test_a_diverged_run_is_stored_as_none(small):
    few, _ = batch_size.run(store=False)["results"]["rows"]
    assert few["loss"][1] == [None, None]
