"""Timing side by side, and the record that a stored result must carry."""

import json
import statistics
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

import torch

from book.provenance import provenance
from book.results import FOLDERS
from book.whole_files import write_whole

ROUNDS = 21


def processor_seconds(work: Callable[[], object]) -> float:
    """The time that the processor spends on this process: waiting for a busy core does not count.

    Examples:
        >>> processor_seconds(lambda: time.sleep(0.1)) < 0.1
        True
    """
    start = time.process_time()
    work()
    return time.process_time() - start


def wall_seconds(work: Callable[[], object]) -> float:
    """The time that passes: what to ask where several cores share the work.

    Examples:
        >>> wall_seconds(lambda: time.sleep(0.1)) >= 0.1
        True
    """
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def cuda_seconds(work: Callable[[], object]) -> float:
    """The time between two events on the CUDA device, before and after the work."""
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    start.record()
    work()
    end.record()
    torch.cuda.synchronize()
    return start.elapsed_time(end) / 1e3  # which is in milliseconds


def interleave(
    contestants: Mapping[str, Callable[[], object]],
    rounds: int = ROUNDS,
    clock: Callable[[Callable[[], object]], float] = processor_seconds,
) -> dict[str, list[float]]:
    """Time every contestant once a round, so that what disturbs the machine disturbs all of them.

    Each is called once before, unmeasured. The order turns by one place a round.

    Args:
        contestants: functions of no argument.
        rounds: how often each is timed.
        clock: calls a function and returns its seconds; `processor_seconds` is for work on one thread.

    Returns:
        For each contestant its seconds, round by round: entries with the same index are pairs.

    Examples:
        >>> seconds = interleave({"short": lambda: sum(range(10)), "long": lambda: sum(range(100_000))})
        >>> median(seconds["short"]) < median(seconds["long"])
        True
    """
    names = list(contestants)
    seconds = {name: [0.0] * rounds for name in names}
    for name in names:
        contestants[name]()
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            seconds[name][turn] = clock(contestants[name])
    return seconds


@contextmanager
def one_thread() -> Generator[None]:
    """Let torch compute with one thread meanwhile, as a record says; `@one_thread()` does it for a function.

    Examples:
        >>> with one_thread():
        ...     torch.get_num_threads()
        1
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def median(values: list[float]) -> float:
    """The median, rounded to four significant digits, which is more than a timing holds.

    Examples:
        >>> median([1.0, 2.0, 3.00004])
        2.0
    """
    return significant(statistics.median(values))


def quartiles(values: list[float]) -> list[float]:
    """The lower and the upper quartile, rounded to four significant digits.

    Examples:
        >>> quartiles([1.0, 2.0, 3.0, 4.0, 5.0])
        [2.0, 4.0]
    """
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return [significant(low), significant(high)]


def paired_ratio(values: list[float], baseline: list[float]) -> float:
    """The median of the ratios within each round.

    Examples:
        >>> paired_ratio([2.0, 9.0, 4.0], [1.0, 3.0, 2.0])
        2.0
    """
    return median([a / b for a, b in zip(values, baseline, strict=True)])


def significant(value: float) -> float:
    """Round to four significant digits.

    Examples:
        >>> significant(0.000123456)
        0.0001235
    """
    return float(f"{value:.4g}")


def record(name: str, results: dict, store: bool, cores: int = 1) -> dict:
    """Put a result together with its command, date, hardware and software; store it if asked to.

    Args:
        name: of the benchmark, and of the file in `assets/results`.
        results: what was measured; anything that JSON holds.
        store: whether to write the file. It is written beside its place and then renamed.
        cores: how many the measurement used.

    Returns:
        The whole record.
    """
    whole = provenance(f"python -m book bench {name}", cores) | {"results": results}
    if store:
        write_whole(FOLDERS[0] / f"{name}.json", json.dumps(whole, indent=2, ensure_ascii=False) + "\n")
    return whole
