"""The stored results of long runs: each file carries its command, date, hardware and software."""

import json
from pathlib import Path

from book.errors import BookError

FOLDERS = (
    Path(__file__).parents[1] / "assets" / "results",  # in the repository
    Path(__file__).parent / "_results",  # in the installed wheel
)


def load(name: str) -> dict:
    """Read a stored result.

    Args:
        name: the benchmark's name, "sums" for one.

    Returns:
        The dictionary that `python -m book bench NAME` stored: `command`, `date`, `hardware`, `software`,
        `results`.

    Raises:
        BookError: there is no such result, or it is not whole.

    Examples:
        >>> load("sums")["command"]
        'python -m book bench sums'
    """
    for folder in FOLDERS:
        file = folder / f"{name}.json"
        if file.is_file():
            return _whole(file)
    stored = sorted({file.stem for folder in FOLDERS for file in folder.glob("*.json")})
    raise BookError(
        f"There is no stored result {name!r}, only {', '.join(stored) or 'none at all'}. "
        f"Make it with: python -m book bench {name}"
    )


def _whole(file: Path) -> dict:
    try:
        return dict(json.loads(file.read_bytes()))
    except (ValueError, TypeError, RecursionError) as error:  # cut, or of another kind
        raise BookError(f"{file} is damaged. Make it again: python -m book bench {file.stem}") from error
