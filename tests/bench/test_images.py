"""The bench over whole data sets reports what they hold, on the sample in place of all images."""

import pytest

from book.bench import images
from book.training.data.load import NAMES, load


@pytest.fixture
def found(monkeypatch):
    def few(name, scale):
        assert scale == "full"
        train, test = load(name)
        return train[train.labels > 1][:400], test[:50]

    monkeypatch.setattr(images, "load", few)
    return images.run(store=False)["results"]


def test_counts_and_statistics_are_those_of_the_images(found):
    assert list(found) == list(NAMES)
    assert found["mnist"]["train"] == [0, 0] + [50] * 8
    assert found["mnist"]["test"] == [5] * 10
    train, _ = load("cifar10")
    pixels = train[train.labels > 1][:400].images.double() / 255
    assert found["cifar10"]["mean"] == pytest.approx(pixels.mean((0, 2, 3)).tolist(), rel=1e-3)
    assert found["cifar10"]["deviation"] == pytest.approx(pixels.std((0, 2, 3)).tolist(), rel=1e-3)


def test_the_baselines_are_better_than_guessing(found):
    for name in NAMES:
        for method in ("linear", "nearest"):
            assert 0.1 < found[name][method] <= 0.8, (name, method)  # two classes of ten are never right


def test_the_stored_result_is_of_all_the_images():
    from book import results

    stored = results.load("images")["results"]
    assert [sum(stored["mnist"][half]) for half in ("train", "test")] == [60_000, 10_000]
    assert [sum(stored["cifar10"][half]) for half in ("train", "test")] == [50_000, 10_000]
