"""What the processes of a team settle together: one of them uses the disk, and all of them stop at one step.

Every function here is called by all members at the same point; a process on its own only does the work.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import distributed

from book.errors import BookError


def is_team() -> bool:
    """Whether this process trains together with others.

    Examples:
        >>> is_team()
        False
    """
    return distributed.is_initialized() and distributed.get_world_size() > 1


def from_first(work: Callable[[], Any]) -> Any:
    """What the first member's work returns, sent to all; where it uses a disk, that is the first member's.

    Args:
        work: returns what can be pickled.

    Raises:
        BookError: the first member's work raised it; all members raise it.

    Examples:
        >>> from_first(lambda: 3)
        3
    """
    if not is_team():
        return work()
    ended: list[Any] = [_attempt(work) if distributed.get_rank() == 0 else None]
    distributed.broadcast_object_list(ended, src=0)
    return _returned(ended)


def from_all(work: Callable[[], Any]) -> list:
    """What each member's work returns, in the order of their ranks.

    Args:
        work: returns what can be pickled.

    Raises:
        BookError: some member's work raised it; all members raise that of the first who did.

    Examples:
        >>> from_all(lambda: 3)
        [3]
    """
    if not is_team():
        return [work()]
    ended: list[Any] = [None] * distributed.get_world_size()
    distributed.all_gather_object(ended, _attempt(work))
    _returned([end for end in ended if end[1] is not None] or ended)
    return [result for result, _ in ended]


def any_of_us(said: bool) -> bool:
    """Whether some member says so.

    Args:
        said: by this one.

    Examples:
        >>> any_of_us(True), any_of_us(False)
        (True, False)
    """
    if not is_team():
        return said
    device = "cuda" if distributed.get_backend() == "nccl" else "cpu"
    count = torch.tensor(int(said), device=device)
    distributed.all_reduce(count)
    return bool(count.item())


def _attempt(work: Callable[[], Any]) -> tuple[Any, BookError | None]:
    try:
        return work(), None
    except BookError as error:
        return None, error


def _returned(ended: list[tuple[Any, BookError | None]]) -> Any:
    result, error = ended[0]
    if error is not None:
        raise error
    return result
