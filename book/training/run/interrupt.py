"""Ctrl-C that waits for the end of a step."""

import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopping(goes_on: str) -> Generator[threading.Event]:
    """Note Ctrl-C and SIGTERM instead of raising at once; a second one raises at once.

    Only the main thread receives signals; in another one nothing is ever noted.

    Args:
        goes_on: one line that says how to go on, printed where the block ends because of a signal.

    Yields:
        An event that is set as soon as the block should end.

    Raises:
        KeyboardInterrupt: after the block, if a signal came.

    Examples:
        >>> with stopping("Run it again to go on.") as asked:
        ...     asked.is_set()
        False
    """
    asked = threading.Event()

    def note(number, frame):
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = _install(note) if threading.current_thread() is threading.main_thread() else {}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
    if asked.is_set():
        print(goes_on, file=sys.stderr, flush=True)
        raise KeyboardInterrupt


def _install(handler) -> dict:
    return {number: signal.signal(number, handler) for number in SIGNALS}
