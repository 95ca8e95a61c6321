"""What judges mutants: tests, called in this process, each with a limit of time."""

import inspect
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

import pytest
import torch

PATIENCE = 10  # a check that takes so many times the time that it takes with the original has noticed
ROW = type(pytest.param())


class Judges:
    """The checks of a target, the quick ones first; one that has noticed a mutant begins with the next."""

    def __init__(self, checks: Sequence[Callable]):
        timed = [(seconds(check), check) for check in checks]
        self.limited = [(check, PATIENCE * s + 1) for s, check in sorted(timed, key=lambda pair: pair[0])]

    def notice(self) -> bool:
        """Whether a check fails with what is installed now."""
        for index, (check, limit) in enumerate(self.limited):
            if fails(check, limit):
                self.limited.insert(0, self.limited.pop(index))
                return True
        return False


def seconds(check: Callable[[], object]) -> float:
    """The processor's time for a check with the original, which passes, or nothing here means anything."""
    began = time.process_time()
    run(check)
    return time.process_time() - began


def run(check: Callable[[], object]) -> None:
    """A check with the same random numbers each time; one that skips itself has seen nothing."""
    torch.manual_seed(0)
    with suppress(pytest.skip.Exception):
        check()


def fails(check: Callable[[], object], limit: float) -> bool:
    """Whether a check fails, or takes more of the processor's seconds: a mutant may never end.

    On a busy computer a check waits for its turn; that is no fault of a mutant.
    """

    def stop(*_) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        run(check)
    except (Exception, pytest.fail.Exception):
        return True
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return False


def all_tests(*modules) -> list[Callable[[], object]]:
    """Every test of some modules, with all its parameters; one that asks for a fixture is left to pytest."""
    tests = [
        test
        for module in modules
        for name, test in vars(module).items()
        if name.startswith("test_") and "compiled" not in name
    ]
    return [
        partial(test, **arguments)
        for test in tests
        for arguments in combinations(test)
        if arguments.keys() == inspect.signature(test).parameters.keys()
    ]


def combinations(test: Callable) -> list[dict]:
    """What pytest would call a test with."""
    sets: list[dict] = [{}]
    for mark in getattr(test, "pytestmark", []):
        if mark.name == "parametrize":
            names, values = mark.args[:2]
            names = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)
            values = [v.values if isinstance(v, ROW) else v if len(names) > 1 else (v,) for v in values]
            rows = [dict(zip(names, v, strict=True)) for v in values]
            sets = [old | row for old in sets for row in rows]
    return sets
