"""Reading a file once, as long as it has not changed."""

from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import TypeVar

Read = TypeVar("Read")


def read_once(read: Callable[..., Read]) -> Callable[..., Read]:
    """Return a reader of files that keeps what it has read, until a file's time or size is another one.

    Args:
        read: takes the file, and what else it needs.

    Raises:
        OSError: the file is not there.

    Examples:
        >>> @read_once
        ... def first_line(file):
        ...     print("reading")
        ...     return file.read_text().splitlines()[0]
        >>> first_line(Path(__file__)) == first_line(Path(__file__))
        reading
        True
    """

    @lru_cache(maxsize=2000)
    def kept(file: Path, time: int, size: int, *more) -> Read:
        return read(file, *more)

    @wraps(read)
    def again(file: Path, *more) -> Read:
        stamp = file.stat()
        return kept(file, stamp.st_mtime_ns, stamp.st_size, *more)

    return again
