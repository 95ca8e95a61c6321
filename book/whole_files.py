"""Files written whole or not at all."""

import errno
import hashlib
import os
from pathlib import Path

from book.errors import BookError


def write_whole(file: Path, content: str | bytes) -> None:
    """Write a file beside its place and rename it: an interruption leaves the new one whole or the old one.

    Args:
        file: its folder is made where it is missing.
        content: bytes, or a text, which is written in UTF-8.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(file)
    try:
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def check_place(file: Path, named: str) -> None:
    """Refuse a place where a file cannot be written, before the work whose result it would hold.

    Args:
        file: its folder is made where it is missing; what stands there stays.
        named: what cannot be written, as the message begins.

    Raises:
        BookError: it cannot.
    """
    try:
        if "\0" in str(file):
            raise ValueError("a name holds no NUL")
        if file.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        file.parent.mkdir(parents=True, exist_ok=True)
        _beside(file).touch()
        _beside(file).unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BookError(
            f"{named} cannot be written ({reason}). Choose a file in a folder of your own."
        ) from error


def _beside(file: Path) -> Path:
    # A name as long as a name may be leaves no room for an ending.
    return file.with_name(f".{hashlib.sha256(os.fsencode(file.name)).hexdigest()[:16]}.tmp")
