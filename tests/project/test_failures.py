"""A run that guesses at the end counts as failed, and one that learnt a little does not."""

import numpy as np
import pytest

from book.project.failures import CHANCE, failed, least_accuracy


@pytest.mark.parametrize("accuracy", [9.96, 10.0, 10.48, 10.93, 0.0])
def test_runs_at_chance_on_ten_thousand_images(accuracy):
    assert failed(False, accuracy, 10_000)


@pytest.mark.parametrize(("accuracy", "images"), [(27.6, 10_000), (12.0, 10_000), (12.0, 5_000), (25.0, 300)])
def test_runs_that_learnt_something(accuracy, images):
    assert not failed(False, accuracy, images)
    assert failed(True, accuracy, images)


@pytest.mark.parametrize("images", [300, 500, 5_000, 10_000])
def test_of_a_thousand_guesses_fewer_than_one_is_above(images):
    guesses = np.random.default_rng(0).binomial(images, CHANCE / 100, size=10_000) / images * 100
    assert sum(guesses > least_accuracy(images)) <= 10
