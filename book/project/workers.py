"""Several processes on one computer that share its cores and its GPUs."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from threading import Thread

import torch

from book.cores import cores


@contextmanager
def helpers(workers: int, work: Callable, *arguments) -> Generator[int]:
    """Let other processes call `work(*arguments)` while the block does so too; each gets its share of cores.

    Where there are n GPUs, process i computes on number i mod n, this one on the first.

    Where the block ends well it waits for them; where it raises, they are stopped, and when this process is
    killed they end too.

    Args:
        workers: how many processes in all, this one counted; 1 changes nothing.
        work: a function of some module.
        arguments: of values that can be sent to another process.

    Yields:
        How many cores all of them use.

    Raises:
        ValueError: `workers` is below 1.

    Examples:
        >>> with helpers(1, print) as cores:
        ...     cores == torch.get_num_threads()
        True
    """
    if workers < 1:
        raise ValueError(f"workers start at 1; got {workers}.")
    before = torch.get_num_threads()
    share = max(1, cores() // workers) if workers > 1 else before
    torch.set_num_threads(share)
    try:
        with _processes(workers - 1, share, work, arguments):
            yield share * workers
    finally:
        torch.set_num_threads(before)


@contextmanager
def _processes(count: int, threads: int, work: Callable, arguments: tuple) -> Generator[None]:
    spawn = multiprocessing.get_context("spawn")
    processes = [
        spawn.Process(target=_help, args=(place, threads, work, arguments)) for place in range(1, count + 1)
    ]
    for process in processes:
        process.start()
    try:
        yield
    except BaseException:
        for process in processes:
            process.terminate()
        raise
    finally:
        for process in processes:
            process.join()


def _help(place: int, threads: int, work: Callable, arguments: tuple) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; who started this one passes it on
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()
    torch.set_num_threads(threads)
    if gpus := torch.cuda.device_count():
        torch.cuda.set_device(place % gpus)
    with suppress(KeyboardInterrupt):
        work(*arguments)


def _end_with(parent) -> None:
    """A parent that was killed could not stop this process."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
