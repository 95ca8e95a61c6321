"""What runs in the process that kernels are forked from, and in each of them.

The process holds what nearly every chapter imports first, and what the benchmarks' processes import.

Narrow twins are not drawn here. They lie in an output's metadata, which nbval does not compare, and take more
time than the figures themselves. `make execute` draws them whenever a figure's code has changed, which
`make verify` asks for; tests/browser/test_pages.py measures their letters on every page.
"""

import os
import sys
from importlib import import_module

SLOW_IMPORTS = ("ipykernel.kernelapp", "matplotlib.pyplot", "anywidget", "torch")
LIBRARY = ("book.display", "book.explorers", "book.training.run.fit")

os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # as each kernel sets it
_modules = {name: import_module(name) for name in (*SLOW_IMPORTS, *LIBRARY)}
# Making an optimizer imports torch's compiler.
_modules["torch"].optim.SGD([_modules["torch"].zeros(1, requires_grad=True)])


def serve(connection: str, cwd: str, env: dict[str, str]) -> None:
    """Be a kernel, in a process forked for it.

    Args:
        connection: the path of the connection file.
        cwd: the folder in which the cells run.
        env: the environment variables.
    """
    os.setsid()  # a signal to the kernel reaches the processes that it starts
    os.environ.clear()
    os.environ.update(env, JPY_PARENT_PID=str(os.getppid()))  # the kernel ends with the process it came from
    os.chdir(cwd)
    for stream in (sys.stdout, sys.stderr):  # what a kernel says beside its messages
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    _modules["book.display"].narrow_svg = lambda figure, name="": ""
    _modules["ipykernel.kernelapp"].IPKernelApp.launch_instance(argv=["-f", connection])
