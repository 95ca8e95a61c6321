"""Checkpoints: a state in a file that is whole or not there, with the one before it beside it.

The first line names the format, its version and the SHA-256 of what follows: what `torch.save` writes and
`torch.load` reads with `weights_only=True`.
"""

import hashlib
import io
import os
import pickle
import re
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch

from book.errors import BookError
from book.numerics.number_types import whole

VERSION = 1
BEFORE, PART, SPARE = ".before", ".part", ".spare"  # what is added to the name of the file


@dataclass(frozen=True)
class Keep:
    """Where a run is kept, and how often.

    Args:
        path: of the file; the checkpoint before it lies beside it, with `.before` added to its name. Delete
            the file itself to start anew.
        every: how many steps lie between two checkpoints, at least 1; each epoch's end is another one.

    Raises:
        ValueError: `every` is no whole number from 1 on.

    Examples:
        >>> Keep("runs/cnn.pt", every=100).path.name
        'cnn.pt'
    """

    path: Path
    every: int = 200

    def __post_init__(self):
        object.__setattr__(self, "every", whole("every", self.every, least=1))
        object.__setattr__(self, "path", Path(self.path))


def write_checkpoint(path: Path, state: dict) -> None:
    """Write a state; a kill at any moment leaves the file as it was or as it is to be.

    Args:
        path: of the file; its folder is made where it is missing.
        state: tensors and plain values, in dictionaries and lists.

    Raises:
        BookError: the state holds something else, or the disk does not take it. What was there stays.
    """
    payload = _payload(state, verified=not path.exists())
    part = beside(path, PART)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "wb") as file:
            file.write(_head(payload))
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            _keep_before(path)
        os.replace(part, path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise BookError(
            f"The checkpoint {path} cannot be written ({error.strerror or error}). Make room, or choose a "
            "folder of your own; the run goes on from the checkpoint before."
        ) from error


def check_state(state: dict) -> None:
    """Refuse a state that no checkpoint could hold, before a run whose first one would fail.

    Args:
        state: of a run.

    Raises:
        BookError: it holds something else than tensors and plain values.
    """
    _payload(state, verified=True)


def read_checkpoint(path: Path) -> dict | None:
    """Read a state; where the file is damaged, the one before takes its place, and one line says so.

    Args:
        path: of the file.

    Returns:
        The state on the CPU, or None where there is no such file.

    Raises:
        BookError: neither of them is whole, or another version of the book wrote it.
    """
    if not path.exists():
        return None
    state = _whole(path)
    if state is None:
        before = beside(path, BEFORE)
        state = _whole(before) if before.exists() else None
        if state is None:
            raise BookError(
                f"{path} is damaged or no checkpoint, and there is no whole one before it. Delete it to "
                "start anew, or choose another path."
            )
        os.replace(before, path)
        print(f"{path} is damaged; the checkpoint before it takes its place.", file=sys.stderr)
    return state


def beside(path: Path, ending: str) -> Path:
    return Path(f"{path}{ending}")  # `with_name` has none for "." and "/"


def _keep_before(path: Path) -> None:
    """Give the present file its second name; it keeps its first until the new one takes it."""
    spare = beside(path, SPARE)
    spare.unlink(missing_ok=True)
    try:
        os.link(path, spare)
    except OSError:  # a file system without hard links
        shutil.copyfile(path, spare)
    os.replace(spare, beside(path, BEFORE))


def _head(payload: bytes) -> bytes:
    return f"descent checkpoint {VERSION} {hashlib.sha256(payload).hexdigest()}\n".encode()


def _payload(state: dict, verified: bool) -> bytes:
    buffer = io.BytesIO()
    try:
        torch.save(state, buffer)
        if verified:
            _load(buffer.getvalue())
    except (pickle.PickleError, AttributeError, TypeError) as error:
        found = re.search(r"GLOBAL (\S+)", str(error))
        raise BookError(
            f"A checkpoint takes tensors and plain values, not {found[1] if found else error}. Give the "
            "optimizer and the scheduler Python numbers, float(lr) for one."
        ) from error
    return buffer.getvalue()


def _load(payload: bytes) -> dict:
    return torch.load(io.BytesIO(payload), map_location="cpu", weights_only=True)


def _whole(file: Path) -> dict | None:
    """The state in a file, None where it is not what `write_checkpoint` wrote."""
    head, _, payload = file.read_bytes().partition(b"\n")
    version = re.match(rb"descent checkpoint (\d{1,9}) ", head)
    if version and int(version[1]) != VERSION:
        raise BookError(
            f"{file} has format {int(version[1])}; this version of the book reads format {VERSION}. Choose "
            "another path, or delete it to start anew."
        )
    try:
        return _load(payload) if head + b"\n" == _head(payload) else None
    except pickle.UnpicklingError:  # it names things that `weights_only` does not make
        return None
