"""Where a stored result is from: its command, date, hardware and software."""

import os
import platform
import subprocess
from datetime import date
from pathlib import Path

import torch


def provenance(command: str, cores: int = 1) -> dict:
    """What every stored result carries beside its numbers.

    Args:
        command: that makes the result again.
        cores: how many the measurement used.

    Examples:
        >>> list(provenance("python -m book bench sums"))
        ['command', 'date', 'hardware', 'software']
    """
    return {
        "command": command,
        "date": date.today().isoformat(),
        "hardware": hardware(cores),
        "software": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "system": platform.system(),
        },
    }


def hardware(cores: int = 1) -> dict:
    """The processor as the system names it, the cores used, and how busy the machine was at the end.

    Examples:
        >>> sorted(hardware())
        ['busy', 'cores used', 'processor']
    """
    busy = f"{os.getloadavg()[0]:.1f} processes on {os.cpu_count()} cores"  # of the whole computer, both
    return {"processor": processor(), "cores used": cores, "busy": busy}


def processor() -> str:
    """The processor as the system names it.

    Examples:
        >>> processor() == hardware()["processor"]
        True
    """
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(reversed([[part.strip() for part in line.split(":", 1)] for line in lines if ":" in line]))
    if "model name" not in facts:
        return platform.machine()
    return f"{facts['model name']} (family {facts.get('cpu family')}, model {facts.get('model')})"


def commit() -> str | None:
    """The commit of this copy of the book, with "-dirty" where a file has changed since; None outside git.

    Examples:
        >>> commit() is None or len(commit()) >= 12
        True
    """
    root = Path(__file__).parents[1]
    if not (root / ".git").exists():  # an installed copy: a repository further up is another one
        return None
    words = ["git", "describe", "--always", "--dirty", "--exclude=*", "--abbrev=12"]
    try:
        run = subprocess.run(words, capture_output=True, text=True, cwd=root)
    except OSError:  # git itself is missing
        return None
    return run.stdout.strip() or None
