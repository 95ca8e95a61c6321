"""A finding: what is wrong, where it is, and how to mend it."""

from dataclasses import dataclass
from pathlib import Path

RUN_AGAIN = "make execute"
RUN_ALL = "make execute ALL=1"
RUN_ONE = "make chapter NAME={}"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to mend.

    Args:
        path: the file, relative to the book's root.
        cell: the cell's number, counted from 1 over all cells; None where there is none.
        what: what is wrong, without the closing full stop.
        mend: the next step, without the closing full stop.

    Examples:
        >>> print(Finding(Path("chapters/x.ipynb"), 7, "the cell has no execution count", RUN_AGAIN))
        chapters/x.ipynb, cell 7: the cell has no execution count. Mend: make execute.
    """

    path: Path
    cell: int | None
    what: str
    mend: str

    def __str__(self) -> str:
        place = self.path.as_posix() + (f", cell {self.cell}" if self.cell else "")
        return f"{place}: {self.what}. Mend: {self.mend}."
