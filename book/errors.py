"""The one exception that reaches a reader as a single sentence with its next step."""

import difflib
from collections.abc import Iterable


class BookError(Exception):
    """Something the reader can mend; `python -m book` prints its text and exits with status 1.

    Examples:
        >>> raise BookError("Port 8000 is in use. Choose another one: make book PORT=8001")
        Traceback (most recent call last):
        book.errors.BookError: Port 8000 is in use. Choose another one: make book PORT=8001
    """


def known(name: str, kind: str, names: Iterable[str]) -> str:
    """Return a name that is one of several; for another one, say which it is nearest to.

    Args:
        name: what was asked for.
        kind: what it names, "data set" for one.
        names: those that there are.

    Raises:
        BookError: the name is none of them.

    Examples:
        >>> known("minst", "data set", ["mnist", "cifar10"])
        Traceback (most recent call last):
        book.errors.BookError: There is no data set 'minst'; did you mean 'mnist'?
    """
    names = list(names)
    if name in names:
        return name
    small = {each.lower(): each for each in names}
    near = difflib.get_close_matches(str(name).lower(), small, n=1, cutoff=0.4)
    hint = f"did you mean {small[near[0]]!r}?" if near else f"choose one of {', '.join(map(repr, names))}."
    raise BookError(f"There is no {kind} {name!r}; {hint}")
