"""The full data sets on this computer: found, or downloaded once, and never used unchecked.

They lie in the folder that the environment variable BOOK_DATA names, else in `descent` in the user's cache.
Inside, the layout is torchvision's own, so a folder that torchvision filled works as it is, and the other way
round.
"""

import errno
import gzip
import os
import shutil
import sys
import tarfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from book.errors import BookError
from book.training.data.download import download, is_whole
from book.training.data.published import PUBLISHED, Archive, Published

FULL = {errno.ENOSPC, errno.EDQUOT}
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def data_folder() -> Path:
    """BOOK_DATA, its leading ~ read as a shell reads it, or `descent` in the user's cache folder.

    Examples:
        >>> data_folder().is_absolute()
        True
    """
    if chosen := os.environ.get("BOOK_DATA"):
        return Path(
            os.path.expanduser(chosen)
        ).absolute()  # "./~" is a folder, and an unknown user's home too
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "descent"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "descent"


def fetch(name: str) -> Path:
    """Return the folder that holds a data set's files, after checking the digest of each.

    What is missing or damaged is downloaded. Every file is written beside its place and renamed once its
    digest is right; a lock lets one process at a time do so, and the others then find what it brought.

    Args:
        name: "mnist" or "cifar10".

    Raises:
        BookError: a file cannot be had; the sentence says why and what to do.
    """
    published = PUBLISHED[name]
    folder = data_folder() / published.folder
    try:
        if missing(folder, published.members):
            folder.mkdir(parents=True, exist_ok=True)
            with _alone(folder, published):
                for archive in published.archives:
                    _complete(archive, folder, published.mirrors)
    except OSError as error:
        raise BookError(_sentence(error, published.title, folder)) from error
    return folder


def missing(folder: Path, members: dict[str, str]) -> list[str]:
    """The files that are not in the folder with the digest that they should have."""
    return [file for file, md5 in members.items() if not is_whole(folder / file, md5)]


@contextmanager
def _alone(folder: Path, published: Published) -> Generator[None]:
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"Another process is at {published.title} in {folder}; waiting for it.", file=sys.stderr)
        lock.acquire()
    try:
        if missing(folder, published.members):
            print(f"Downloading {published.title} into {folder}.", file=sys.stderr)
        yield
    finally:
        lock.release()


def _complete(archive: Archive, folder: Path, mirrors: tuple[str, ...]) -> None:
    wanted = missing(folder, archive.members)
    if not wanted:
        return
    for file in wanted:
        (folder / file).unlink(missing_ok=True)  # a damaged one: other programs might not look
    part = folder / f"{archive.name}.part"
    try:
        download([mirror + archive.name for mirror in mirrors], part, archive.md5)
        _unpack(part, archive, wanted, folder)
    except OSError:  # a full disk, say: give back what was taken
        part.unlink(missing_ok=True)
        raise
    part.unlink()


def _unpack(packed: Path, archive: Archive, wanted: list[str], folder: Path) -> None:
    for file, stream in _members(packed, archive, wanted, folder.name):
        beside = folder / f"{file}.part"
        try:
            with open(beside, "wb") as out:
                shutil.copyfileobj(stream, out)
            if not is_whole(beside, archive.members[file]):
                raise BookError(
                    f"{file} came out of {archive.name} damaged; check the disk, then run it again."
                )
            beside.replace(folder / file)
        finally:
            beside.unlink(missing_ok=True)


def _members(packed: Path, archive: Archive, wanted: list[str], top: str) -> Iterator[tuple[str, Any]]:
    """The wanted files inside, opened one after the other; no other name in the archive is looked at."""
    if ".tar" not in archive.name:
        [file] = wanted
        with gzip.open(packed) as stream:
            yield file, stream
    else:
        with tarfile.open(packed) as tar:
            for file in wanted:
                yield file, tar.extractfile(f"{top}/{file}")


def _sentence(error: OSError, title: str, folder: Path) -> str:
    if error.errno in FULL:
        return f"The disk of {folder} is full; free some space, or set BOOK_DATA to a folder on another one."
    if error.errno in FORBIDDEN:
        return f"There is no permission to write in {folder}; set BOOK_DATA to a folder of your own."
    cause = error.strerror or str(error)
    return f"{title} cannot be stored in {folder} ({cause}); set BOOK_DATA to another folder."
