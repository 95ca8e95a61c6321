"""The benches of K-FAC measure what they say: equal steps of each kind, and the gap over training."""

import pytest

from book.bench import kfac, kfac_gap
from book.training.data.load import load


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(kfac, "load", lambda name, scale: load(name))
    for name, value in {"WIDTHS": (784, 8, 10), "BATCHES": (16, 32), "PEER_BATCH": 16, "ROUNDS": 3}.items():
        monkeypatch.setattr(kfac, name, value)
    for name, value in {"SEEDS": (0,), "EPOCHS": (0, 1), "IMAGES": 20, "LOSSES": ("cross-entropy",)}.items():
        monkeypatch.setattr(kfac_gap, name, value)


def test_what_is_timed(small):
    results = kfac.run(store=False)["results"]
    assert [row["batch"] for row in results["rows"]] == [16, 32]
    assert results["network"] == "784-8-10"
    assert list(results["rows"][0]["by_period"]) == ["1", "10", "20", "100"]


def test_a_step_of_each_kind_renews_what_it_says(small, monkeypatch):
    made = []
    plain = kfac._kfac
    monkeypatch.setattr(kfac, "_kfac", lambda *args: made.append(plain(*args)) or made[-1])
    data = load("mnist")[0][:16]
    calls = kfac.contestants(data.inputs, data.labels, kfac.WIDTHS)

    def remembered():
        return [
            {name: optimizer.state[p][name] for name in ("A", "A_inverse")}
            for optimizer in made
            for p in optimizer.options["params"][:1]
        ]

    before = remembered()
    for call in calls.values():
        call()
    changed = [
        tuple(not new[name].equal(old[name]) for name in new)
        for old, new in zip(before, remembered(), strict=True)
    ]
    assert len(made) == 3
    assert [optimizer.hooks.found for optimizer in made] == [{}, {}, {}]
    looks = [optimizer.state[optimizer.options["params"][0]]["looks"] for optimizer in made]
    assert looks == [3, 4, 4]
    assert [pair[1] for pair in changed] == [False, False, True]


def test_the_gap_is_measured_over_training(small):
    rows = kfac_gap.run(store=False)["results"]["rows"]
    assert [(row["activation"], row["epochs"]) for row in rows] == [
        (activation, epochs) for activation in kfac_gap.ACTIVATIONS for epochs in (0, 1)
    ]
    assert all(0 < share <= 1 for row in rows for share in row["shares"].values())
