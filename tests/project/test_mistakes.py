"""What runs get wrong, counted by hand on small cases and against plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.project.mistakes import agreement, confusion, missed_by_all, steps_to


def drawn(seed, runs=3, images=60):
    generator = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(10), generator.integers(10, size=images - 10)]).astype(np.uint8)
    said = np.where(
        generator.random((runs, images)) < 0.7, labels, generator.integers(10, size=(runs, images))
    )
    return labels, said.astype(np.uint8)


@given(st.integers(0, 50))
def test_confusion_is_counted_image_by_image(seed):
    labels, runs = drawn(seed)
    found = confusion(labels, runs)
    for right in range(10):
        of_class = [(run, image) for run in runs for image in np.flatnonzero(labels == right)]
        for said in range(10):
            share = sum(run[image] == said for run, image in of_class) / len(of_class)
            assert found[right, said] == pytest.approx(100 * share)
    assert found.sum(axis=1) == pytest.approx(np.full(10, 100.0))


@given(st.integers(0, 50))
def test_what_all_miss_is_missed_by_each(seed):
    labels, runs = drawn(seed)
    missed = set(missed_by_all(labels, runs).tolist())
    for image in range(len(labels)):
        assert (image in missed) == all(run[image] != labels[image] for run in runs)


def test_agreement_leaves_equal_seeds_out():
    same = np.array([[0, 1, 2, 3]] * 3, np.uint8)
    assert agreement(same, same) == 100
    other = np.array([[9, 9, 9, 9], [0, 1, 2, 3], [0, 1, 2, 3]], np.uint8)
    # pairs (0,1) (0,2) (1,0) (1,2) (2,0) (2,1): 1 and 1, 0 and 1, 0 and 1
    assert agreement(same, other) == pytest.approx(100 * 4 / 6)
    by_seed = np.array([[0, 0], [1, 1]], np.uint8)
    assert agreement(by_seed, by_seed) == 0


def test_steps_to_a_target():
    assert steps_to([3.0, 2.0, 1.0], steps=30, target=2.0) == 20
    assert steps_to([3.0, 1.0, 2.5, 1.0], steps=40, target=1.5) == 20
    assert steps_to([3.0, 2.0], steps=30, target=0.1) is None
