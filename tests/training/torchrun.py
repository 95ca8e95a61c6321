"""Two processes of one team, as `torchrun` starts them."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 180
TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


@contextmanager
def started_by_torchrun(*words: str) -> Generator[subprocess.Popen]:
    """Start a module with its arguments in two processes. None outlives the block."""
    settings = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = [*TORCHRUN, "-m", *words]
    running = subprocess.Popen(command, cwd=ROOT, env=settings, start_new_session=True, **pipes)
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def torchrun(*words: str) -> str:
    """Run a module with its arguments in two processes; return what they printed."""
    with started_by_torchrun(*words) as running:
        printed, errors = running.communicate(timeout=SECONDS)
    assert running.returncode == 0, errors
    return printed
