"""What the final runs get wrong: by class, in common, and how far two runs agree."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

CLASSES = 10
Classes = NDArray[np.uint8]


def confusion(labels: Classes, runs: Classes) -> NDArray[np.float64]:
    """How often an image of one class is given another, in per cent of its class: the mean over runs.

    Args:
        labels: the right classes, shape (N,); each class occurs.
        runs: the given ones, shape (R, N).

    Returns:
        Shape (10, 10). Entry [i, j]: of the images of class i, those that were called j. A row's sum is 100.

    Examples:
        >>> labels = np.repeat(np.arange(10, dtype=np.uint8), 2)
        >>> said = labels.copy()
        >>> said[0] = 6
        >>> confusion(labels, said[None])[0, [0, 6]].tolist()
        [50.0, 50.0]
    """
    counts = np.zeros((CLASSES, CLASSES))
    np.add.at(counts, (np.broadcast_to(labels, runs.shape).ravel(), runs.ravel()), 1)
    return 100 * counts / counts.sum(axis=1, keepdims=True)


def missed_by_all(labels: Classes, runs: Classes) -> NDArray[np.intp]:
    """The images that every run gets wrong, as indices.

    Args:
        labels, runs: as for `confusion`.

    Examples:
        >>> missed_by_all(np.array([1, 2, 3], np.uint8), np.array([[1, 9, 9], [9, 8, 9]], np.uint8)).tolist()
        [1, 2]
    """
    return np.flatnonzero((runs != labels).all(axis=0))


def agreement(first: Classes, second: Classes) -> float:
    """The share of images that two runs call the same, in per cent: mean over all pairs of different seeds.

    Of two methods a pair is one run of each; of one method, with itself, two of its runs. Leaving out equal
    seeds makes the two comparable: runs of equal seeds share their first weights.

    Args:
        first, second: shape (R, N), the runs in the order of their seeds.

    Examples:
        >>> runs = np.array([[0, 1, 2, 3], [0, 1, 2, 4]], np.uint8)
        >>> agreement(runs, runs)
        75.0
    """
    pairs = [(i, j) for i, j in product(range(len(first)), range(len(second))) if i != j]
    return 100 * float(np.mean([(first[i] == second[j]).mean() for i, j in pairs]))


def steps_to(losses: list[float], steps: int, target: float) -> float | None:
    """The step at which a curve of losses first is at a target or below; None where it never is.

    Args:
        losses: means of equal parts of the run.
        steps: of the whole run.
        target: the loss.

    Examples:
        >>> steps_to([2.0, 1.0, 0.5, 0.4], steps=100, target=0.5)
        75.0
    """
    reached = next((part for part, loss in enumerate(losses, 1) if loss <= target), None)
    return None if reached is None else reached * steps / len(losses)
