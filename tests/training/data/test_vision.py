"""torchvision's datasets, transforms and models work, whether or not its compiled operators do."""

import subprocess
import sys

import torch

from book.training.data.vision import datasets, models, transforms

BROKEN_FOR_ANOTHER_REASON = """
import sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "torchvision":
            raise RuntimeError("something else entirely")
sys.meta_path.insert(0, Finder())
import book.training.data.vision
"""


def test_a_dataset_through_a_transform_into_a_model():
    data = datasets.FakeData(2, (3, 40, 40), num_classes=4, transform=transforms.ToTensor())
    image, label = data[0]
    assert image.shape == (3, 40, 40)
    assert 0 <= label < 4
    with torch.no_grad():
        assert models.resnet18(num_classes=4).eval()(image[None]).shape == (1, 4)


def test_importing_it_twice_is_harmless():
    import importlib

    import book.training.data.vision

    assert importlib.reload(book.training.data.vision).models is models


def test_any_other_failure_is_not_hidden():
    done = subprocess.run([sys.executable, "-c", BROKEN_FOR_ANOTHER_REASON], capture_output=True, text=True)
    assert done.returncode == 1
    assert "something else entirely" in done.stderr
