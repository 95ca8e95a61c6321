"""The long-tail bench picks a rate on some seeds and runs it from others, on a tiny plan."""

from functools import partial
from statistics import fmean

import pytest

from book.bench import long_tail
from book.optim import SGD, AdaGrad


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setattr(long_tail, "measure", partial(long_tail.measure, steps=20))
    monkeypatch.setattr(long_tail, "SEEDS", (0, 1))
    monkeypatch.setattr(long_tail, "FRESH_SEEDS", (2, 3, 4))
    monkeypatch.setattr(long_tail, "TASKS", {"long tail": {}})
    monkeypatch.setattr(long_tail, "CONTESTANTS", {"SGD": (SGD, 6), "AdaGrad": (AdaGrad, 6)})


def test_the_bench(tiny):
    results = long_tail.run(store=False)["results"]
    assert not set(results["seeds"]) & set(results["fresh_seeds"])
    for final in results["finals"]:
        rows = [row for row in results["rows"] if row["method"] == final["method"]]
        means = {row["lr"]: fmean(row["losses"]) for row in rows if None not in row["losses"]}
        assert len(rows) == 7
        assert final["lr"] == min(means, key=means.get)
        assert len(final["losses"]) == 3


def test_a_fresh_run_is_one_that_its_seed_alone_makes(tiny):
    row = long_tail._row({}, SGD, 0.3, (2, 3))
    loss, _ = long_tail.measure(long_tail.zipf(seed=3), lambda p: SGD(p, lr=0.3), 3)
    assert row["losses"][1] == pytest.approx(loss, rel=1e-3)
