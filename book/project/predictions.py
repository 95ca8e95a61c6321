"""What each final run says of each test image, kept in a file beside the comparison's."""

import base64
import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from book.errors import BookError
from book.training.data.load import Data
from book.training.run.loop import AT_ONCE, tensors_for
from book.training.run.precision import Precision
from book.whole_files import write_whole


@dataclass(frozen=True)
class Predictions:
    """The classes that final runs give to the test images.

    Args:
        labels: the right ones, uint8, shape (N,).
        runs: the given ones, uint8, shape (R, N), in the order of the record's `final` runs.
    """

    labels: np.ndarray
    runs: np.ndarray

    @property
    def digest(self) -> str:
        """SHA-256 of labels and runs."""
        return hashlib.sha256(self.labels.tobytes() + self.runs.tobytes()).hexdigest()


@torch.no_grad()
def predict(model: nn.Module, data: Data, precision: str) -> np.ndarray:
    """The class of the largest logit for each image, uint8, shape (N,).

    Args:
        model: maps inputs (B, C, H, W) to logits (B, classes); in evaluation mode afterwards.
        data: N images.
        precision: of what passes through the network, as in training.

    Examples:
        >>> from book.training.data.load import load
        >>> _, test = load("mnist")
        >>> predict(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), test[:3], "float32").dtype
        dtype('uint8')
    """
    model.eval()
    inputs, _ = tensors_for(model, data)
    inputs = inputs.contiguous(memory_format=torch.channels_last)
    with Precision(precision, inputs.device).autocast():
        logits = [model(some) for some in inputs.split(AT_ONCE)]
    return torch.cat(logits).argmax(dim=1).to("cpu", torch.uint8).numpy()


def to_text(classes: np.ndarray) -> str:
    """Classes as a short text, for a trial's outcome.

    Args:
        classes: uint8, shape (N,).

    Examples:
        >>> from_text(to_text(np.array([3, 1, 4], dtype=np.uint8))).tolist()
        [3, 1, 4]
    """
    return base64.b64encode(zlib.compress(classes.tobytes(), 9)).decode()


def from_text(text: str) -> np.ndarray:
    """The classes that `to_text` wrote.

    Args:
        text: by `to_text`.
    """
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype=np.uint8)


def write_predictions(file: Path, predictions: Predictions) -> None:
    """Store predictions. All runs' classes of one image lie side by side: they mostly agree, and pack well.

    Args:
        file: ends in .npz; replaced as a whole, or not at all.
        predictions: of all final runs.
    """
    packed = io.BytesIO()
    np.savez_compressed(packed, labels=predictions.labels, runs=predictions.runs.T)
    write_whole(file, packed.getvalue())


def read_predictions(file: Path, digest: str) -> Predictions:
    """Read predictions and hold them against the digest that the comparison carries.

    Args:
        file: of `write_predictions`.
        digest: of what was written.

    Raises:
        BookError: the file is missing, damaged, or of another comparison.
    """
    try:
        with np.load(file, allow_pickle=False) as stored:
            found = Predictions(stored["labels"], np.ascontiguousarray(stored["runs"].T))
    except Exception as error:  # of bytes that are none of its own, numpy raises many kinds
        raise BookError(f"{file} cannot be read ({error}). Make the comparison again.") from error
    if found.digest != digest:
        raise BookError(f"{file} is of another comparison than the table beside it. Make both again.")
    return found
