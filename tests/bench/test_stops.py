"""Small teams are killed and stopped, and go on: with as many processes, or with more.

With fewer: project/test_train.py, by torchrun.
"""

import random

import pytest

from book.bench import harness, stops

EPOCHS = 3  # of the bench's 6; a signal comes in the first half, on either side of an epoch's end


@pytest.mark.parametrize(("size", "again"), [(2, 2), (1, 3)])
def test_nothing_is_lost(tmp_path, size, again):
    found = stops.trials(tmp_path, size, again, random.Random(size + again), times=1, epochs=EPOCHS)
    assert [stop["way"] for stop in found] == list(stops.WAYS)
    for stop in found:
        assert stop["nothing_lost"], stop
        assert stop["identical"] == (size == again)


def test_a_loss_is_noticed():
    ended = {"way": "Ctrl-C", "rank": 0, "statuses": [130, 130], "said": ["Stopped."]}
    assert stops._ended_well(ended)
    assert not stops._ended_well(ended | {"statuses": [130, 1]})
    assert not stops._ended_well(ended | {"statuses": [130, None]})  # it hung
    assert not stops._ended_well(ended | {"said": ["Stopped.", "Stopped."]})


def test_the_bench_stores_what_it_found(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(stops, "trials", lambda *given: asked.append(given[1:3]) or [{"nothing_lost": False}])
    monkeypatch.setattr(harness, "FOLDERS", (tmp_path,))
    results = stops.run(store=True)["results"]
    assert asked == [(2, 2), (2, 1)]
    assert (results["kept"], len(results["stops"])) == (0, 2)
    assert (tmp_path / "stops.json").exists()
