"""What a network says of the test images is what it says one by one, and is read as it was written."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from book.project.predictions import (
    Predictions,
    from_text,
    predict,
    read_predictions,
    to_text,
    write_predictions,
)
from book.training.data.load import load
from book.training.models import cifar_cnn

CLASSES = st.integers(0, 9)


def test_the_classes_are_those_of_the_largest_logits():
    _, test = load("cifar10")
    model = cifar_cnn(1)
    model.eval()
    with torch.no_grad():
        one_by_one = [model(image[None]).argmax().item() for image in test.inputs[:50]]
    assert predict(model, test[:50], "float32").tolist() == one_by_one


@given(arrays(np.uint8, st.integers(0, 300), elements=CLASSES))
def test_a_text_gives_its_classes_back(classes):
    assert np.array_equal(from_text(to_text(classes)), classes)


@given(st.integers(1, 5), st.integers(1, 40), st.integers(0, 1000))
def test_a_file_gives_its_predictions_back(tmp_path_factory, runs, images, seed):
    generator, file = np.random.default_rng(seed), tmp_path_factory.getbasetemp() / "some.npz"
    drawn = [generator.integers(10, size=shape, dtype=np.uint8) for shape in (images, (runs, images))]
    predictions = Predictions(*drawn)
    write_predictions(file, predictions)
    found = read_predictions(file, predictions.digest)
    assert np.array_equal(found.labels, predictions.labels)
    assert np.array_equal(found.runs, predictions.runs)


def test_the_predictions_of_all_final_runs_stay_small(tmp_path):
    """64 runs of which each differs from the first in a fifth of 10,000 images."""
    generator = np.random.default_rng(0)
    labels = generator.integers(10, size=10_000, dtype=np.uint8)
    runs = np.stack([labels] * 64)
    others = generator.random(runs.shape) < 0.2
    runs[others] = generator.integers(10, size=others.sum())
    write_predictions(tmp_path / "all.npz", Predictions(labels, runs))
    assert (tmp_path / "all.npz").stat().st_size < 350_000
