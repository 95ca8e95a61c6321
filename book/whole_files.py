"""Files written whole or not at all."""

import hashlib
import os
from pathlib import Path


def write_whole(file: Path, text: str) -> None:
    """Write a file beside its place and rename it: an interruption leaves the new one whole or the old one.

    Args:
        file: its folder is made where it is missing.
        text: in UTF-8.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # A name as long as a name may be leaves no room for an ending.
    beside = file.with_name(f".{hashlib.sha256(os.fsencode(file.name)).hexdigest()[:16]}.tmp")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
