"""How many cores there are for this process."""

import os


def cores() -> int:
    """The cores that this process may use: on Linux those of its affinity, as `taskset` or a cluster sets it.

    Examples:
        >>> 1 <= cores() <= os.cpu_count()
        True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
