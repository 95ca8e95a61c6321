"""nbval's kernels are forked from a process that holds the slow imports already.

Each notebook has a process of its own; torch, its compiler, pyplot and the library's larger half are there
when it begins. `make execute` starts every kernel from nothing, so a chapter that cannot run without this
head start fails there.
"""

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint

import pytest
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from nbval.plugin import IPyNbFile

NAME, FORKED = "forked", "tests.chapters.forked"
_start = IPyNbFile.setup


class Kernel:
    """A forked kernel, with as much of `subprocess.Popen` as `LocalProvisioner` asks for.

    Args:
        connection: the path of the connection file.
        cwd: the folder in which the cells run.
        env: the environment variables.
    """

    stdin = stdout = stderr = None

    def __init__(self, connection: str, cwd: str, env: dict[str, str]):
        from tests.chapters.forked import serve

        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([FORKED])
        self._process = context.Process(target=serve, args=(connection, cwd, env))
        self._process.start()
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, signum: int) -> None:
        os.kill(self.pid, signum)


class ForkedProvisioner(LocalProvisioner):
    """Starts a kernel by a fork, where `LocalProvisioner` starts a new Python."""

    async def launch_kernel(self, cmd: list[str], **kwargs):
        self.process = Kernel(self.parent.connection_file, kwargs["cwd"], kwargs["env"])
        self.pid = self.pgid = self.process.pid
        return self.connection_info


@contextmanager
def forked() -> Iterator[None]:
    """Kernels that are started meanwhile are forked."""
    factory = KernelProvisionerFactory.instance()
    factory.provisioners[NAME] = EntryPoint(NAME, f"{__name__}:ForkedProvisioner", factory.GROUP_NAME)
    usual, factory.default_provisioner_name = factory.default_provisioner_name, NAME
    try:
        yield
    finally:
        factory.default_provisioner_name = usual


@pytest.fixture
def forked_kernels():
    """For a test that starts kernels and is not about how they begin."""
    with forked():
        yield


def start(self) -> None:
    """Start a notebook's kernel by a fork."""
    with forked():
        _start(self)


IPyNbFile.setup = start
