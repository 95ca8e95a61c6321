"""Whether two SVG drawings look alike: the same text and marks, and every line within less than the eye sees.

A level line may have a point more on one machine than on another, or begin elsewhere on its ring, because the
last bit of a height decides on which side of a grid point it passes. So lines are compared by where they run.
A photograph inside a drawing is compared by its pixels, because two machines may compress it differently.
"""

import base64
import hashlib
import io
import re
from collections import defaultdict

import numpy as np
from PIL import Image

TOLERANCE = 0.75  # of an SVG unit, 1/72 inch: less than the eye sees, more than two machines differ by
# What follows a letter is no coordinate but part of an id, f3e81202-7 for one, which would read as a number.
_TEXT_OR_NUMBER = re.compile(r"(<!--.*?-->|>[^<]*<)|(?<![\w-])(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\b", re.S)
_PATH = re.compile(r'\s*<path\b(?P<before>[^>]*?)\bd="(?P<d>[^"]*)"(?P<after>[^>]*)/>', re.S)
_PHOTOGRAPH = re.compile(r"data:image/png;base64,([^\"]+)")
_COMMAND = re.compile(r"([MLQCZz])([^MLQCZz]*)")


def close(fresh: str, stored: str) -> bool:
    """Return whether two drawings have the same text and marks, and lines within `TOLERANCE` of each other.

    Examples:
        >>> close('<path d="M 1.2 1"/>', '<path d="M 1.9 1"/>')
        True
        >>> close('<path d="M 1 1"/>', '<path d="M 2 1"/>')
        False
        >>> close('<use id="f3e81202-7" x="1.2"/>', '<use id="f3e81202-7" x="1.9"/>')
        True
        >>> close('<path d="M 0 0 L 4 0"/>', '<path d="M 0 0 L 2 0.1 L 4 0"/>')
        True
    """
    if fresh == stored:
        return True
    fresh, stored = (_PHOTOGRAPH.sub(_digest, drawing) for drawing in (fresh, stored))
    return _alike(fresh, stored) or _run_alike(fresh, stored)


def skeleton(drawing: str) -> str:
    """Return a drawing with its coordinates taken out; text and comments, which hold its labels, stay."""
    return _TEXT_OR_NUMBER.sub(lambda match: match[1] or "#", drawing)


def numbers(drawing: str) -> list[float]:
    """Return a drawing's coordinates in their order."""
    return [float(match[2]) for match in _TEXT_OR_NUMBER.finditer(drawing) if match[2]]


def _digest(photograph: re.Match) -> str:
    """A word that stands for the pixels; its hyphen keeps the digits from being read as a coordinate."""
    picture = Image.open(io.BytesIO(base64.b64decode(photograph[1])))
    pixels = f"{picture.mode} {picture.size} ".encode() + picture.tobytes()
    return f"pixels-{hashlib.sha256(pixels).hexdigest()}"


def _alike(fresh: str, stored: str) -> bool:
    if skeleton(fresh) != skeleton(stored):
        return False
    pairs = zip(numbers(fresh), numbers(stored), strict=True)
    return all(abs(here - there) <= TOLERANCE for here, there in pairs)


def _run_alike(fresh: str, stored: str) -> bool:
    """The same rest, and for each style of line the same places."""
    if not _alike(_PATH.sub("", fresh), _PATH.sub("", stored)):
        return False
    here, there = _segments(fresh), _segments(stored)
    return here.keys() == there.keys() and all(
        _covered(here[style], there[style]) and _covered(there[style], here[style]) for style in here
    )


def _segments(drawing: str) -> dict[str, np.ndarray]:
    """Return the straight pieces of all paths of each style, shape (n, 2 ends, 2 coordinates)."""
    found = defaultdict(list)
    for path in _PATH.finditer(drawing):
        style = skeleton(f"{path['before']} {path['after']}")
        found[style] += _pieces(path["d"])
    return {style: np.array(pieces) for style, pieces in found.items() if pieces}


def _pieces(d: str) -> list[tuple]:
    pieces, start, last = [], None, None
    if not d.lstrip().startswith("M"):
        return []
    for command, values in _COMMAND.findall(d):
        points = np.array(values.split(), dtype=float).reshape(-1, 2)
        if command in "Zz":
            points = [start]
        if command == "M":
            start = last = points[0]
        pieces += zip([last, *points[:-1]], points, strict=True)
        last = points[-1]
    return pieces


def _covered(some: np.ndarray, others: np.ndarray) -> bool:
    """Whether every end of some pieces lies on one of the others, within the tolerance."""
    start, along = others[:, 0], others[:, 1] - others[:, 0]
    length = np.maximum((along**2).sum(-1), 1e-12)
    for point in np.unique(some.reshape(-1, 2), axis=0):
        place = np.clip(((point - start) * along).sum(-1) / length, 0, 1)
        if np.hypot(*(start + place[:, None] * along - point).T).min() > TOLERANCE:
            return False
    return True
