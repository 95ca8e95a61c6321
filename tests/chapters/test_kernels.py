"""A forked kernel is a process of its own that holds the slow imports, and draws no narrow twins."""

import os

import pytest
from jupyter_client.manager import start_new_kernel

from tests.chapters.forked import LIBRARY, SLOW_IMPORTS
from tests.chapters.kernels import forked

TOLD = (
    "import os, sys; print(os.getcwd(), os.environ['TOLD'], os.getpid(), "
    f"all(name in sys.modules for name in {(*SLOW_IMPORTS, *LIBRARY, 'torch._dynamo')!r}))"
)
TWIN = (
    "from book.display import show; from book.figures import axes, styled; "
    "figure = styled(lambda: axes()[0])(); "
    "print(show(figure, 'An empty pair of axes, which is nothing to look at.')._repr_mimebundle_()[1])"
)


@pytest.fixture
def kernel(tmp_path):
    with forked():
        manager, client = start_new_kernel(cwd=str(tmp_path), env=os.environ | {"TOLD": "so"})
    yield manager, client
    client.stop_channels()
    if manager.is_alive():
        manager.shutdown_kernel(now=True)


def printed(client, code: str) -> str:
    texts = []
    client.execute_interactive(code, timeout=60, output_hook=lambda m: texts.append(m["content"].get("text")))
    return "".join(filter(None, texts)).strip()


def first(messages, kind: str) -> dict:
    while (message := messages(timeout=60))["msg_type"] != kind:
        pass
    return message["content"]


def test_it_has_its_folder_its_variables_and_the_slow_imports(kernel, tmp_path):
    manager, client = kernel
    assert printed(client, TOLD) == f"{tmp_path} so {manager.provisioner.pid} True"


def test_it_draws_no_narrow_twin(kernel):
    _, client = kernel
    assert "'narrow': ''" in printed(client, TWIN)


def test_its_backend_is_a_notebooks(kernel):
    _, client = kernel
    backend = printed(client, "import matplotlib; print(matplotlib.get_backend())")
    assert backend in {"inline", "module://matplotlib_inline.backend_inline"}


def test_it_is_interrupted_and_ends_when_told(kernel):
    manager, client = kernel
    client.execute("import time; print('asleep', flush=True); time.sleep(600)")
    first(client.get_iopub_msg, "stream")
    manager.interrupt_kernel()
    assert first(client.get_shell_msg, "execute_reply")["ename"] == "KeyboardInterrupt"
    manager.shutdown_kernel(now=True)
    assert not manager.is_alive()
