"""Tricks are added alone to a plain network at a rate at which it trains, chosen on held-out images."""

from dataclasses import replace

import pytest

from book.bench import harness, speedrun_alone
from book.project.recipe import SMALL, TRICKS, plain
from book.project.speedrun import Result
from book.training.data.load import load


@pytest.fixture
def seen(monkeypatch, tmp_path):
    """Runs are invented: the plain recipe is best at a tenth of the whole one's rate."""
    runs = []

    def speedrun(recipe, data, seed=0, device="cpu"):
        runs.append((recipe, data, seed))
        return Result(0.3 if recipe.lr == pytest.approx(0.1 * SMALL.lr) else 0.1, 0.1, 1.0, 9)

    for name in ("speedrun", "settings"):
        assert hasattr(speedrun_alone, name)
    monkeypatch.setattr(speedrun_alone, "speedrun", speedrun)
    monkeypatch.setattr("book.bench.speedrun.speedrun", speedrun)
    monkeypatch.setattr(speedrun_alone.torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(harness, "FOLDERS", (tmp_path,))
    return runs


def test_every_trick_is_added_at_the_rate_at_which_the_plain_network_trains(seen):
    results = speedrun_alone.run(store=True)["results"]
    in_tables = [recipe for recipe, _, seed in seen if seed < speedrun_alone.SEARCH_SEED]
    assert [recipe.lr for recipe in in_tables] == pytest.approx([0.1 * SMALL.lr] * len(in_tables))
    assert results["recipe"]["lr"] == pytest.approx(0.1 * SMALL.lr)
    assert results["alone"]["nothing"]["accuracies"] == [0.3] * 5
    assert in_tables[0] == replace(plain(SMALL), lr=in_tables[0].lr)
    assert set(results["alone"]) >= {"nothing", "whitening", "GELU"}
    assert set(results["alone"]) <= {"nothing", *TRICKS}


def test_the_rate_is_chosen_without_the_test_images(seen):
    train, test = load("cifar10")
    speedrun_alone.plain_accuracies(SMALL, (train, test), "cpu")
    assert len(seen) == len(speedrun_alone.SLOWER)
    for _, (fitted, judged), seed in seen:
        assert seed == speedrun_alone.SEARCH_SEED
        assert len(fitted) + len(judged) == len(train)
        assert set(judged.labels.tolist()) == set(fitted.labels.tolist()) == set(range(10))


def test_at_the_whole_recipes_rate_the_plain_network_does_not_train():
    """Which is why it has a rate of its own: a few steps on a few images tell."""
    train, test = load("cifar10")
    few = replace(SMALL, widths=(8, 8, 8))
    accuracy = {
        share: speedrun_alone.speedrun(
            replace(plain(few), lr=share * few.lr), (train[:500], test), 0
        ).accuracy
        for share in (1.0, 0.03)
    }
    assert accuracy[1.0] < 0.15 < accuracy[0.03]
