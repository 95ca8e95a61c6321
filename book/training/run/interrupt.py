"""Ctrl-C that waits for the end of a step, and in a team for all its members."""

import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from book.training.run.agreement import any_of_us, is_team
from book.training.run.distributed import is_first

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Stop:
    """Whether a block of work should end.

    Args:
        asked: whether this process received a signal.
        agreed: whether some process of the team had, when all of them were last asked; then all end there.
    """

    asked: bool = False
    agreed: bool = False

    @property
    def at_once(self) -> bool:
        """Whether to ask now: a team asks only where all its members do."""
        return self.asked and not is_team()

    def ask(self) -> bool:
        """Ask all members, who must all do so at this point, whether to end; the answer is one for all.

        Examples:
            >>> Stop().ask(), Stop(asked=True).ask()
            (False, True)
        """
        self.agreed = any_of_us(self.asked)
        return self.agreed


@contextmanager
def stopping(goes_on: str) -> Generator[Stop]:
    """Note Ctrl-C and SIGTERM instead of raising at once; a second one raises at once.

    In a team a second one is noted too: one Ctrl-C can come from the terminal and again from `torchrun`.

    Only the main thread receives signals; in another one nothing is ever noted.

    Args:
        goes_on: one line that says how to go on, printed once where the block ends because of a signal.

    Yields:
        What tells whether the block should end.

    Raises:
        KeyboardInterrupt: after the block, if a signal came; in a team on every member.

    Examples:
        >>> with stopping("Run it again to go on.") as stop:
        ...     stop.ask()
        False
    """
    stop = Stop()

    def note(number, frame):
        if stop.asked and not is_team():
            raise KeyboardInterrupt
        stop.asked = True

    before = _install(note) if threading.current_thread() is threading.main_thread() else {}
    try:
        yield stop
        stop.ask()
        if stop.agreed and is_first():
            print(goes_on, file=sys.stderr, flush=True)
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
    if stop.agreed or stop.asked:  # the latter since they were asked
        raise KeyboardInterrupt


def _install(handler) -> dict:
    return {number: signal.signal(number, handler) for number in SIGNALS}
