"""What every test run loads: one thread for each process, the notebooks' comparison, the shared fixtures."""

import os

from xdist.scheduler import LoadScopeScheduling

os.environ.setdefault("OMP_NUM_THREADS", "1")

pytest_plugins = [
    "tests.chapters.comparison",
    "tests.chapters.kernels",
    "tests.small_book",
    "tests.browser.site",
    "tests.browser.explorer_pages",
    "tests.browser.agreement",
    "tests.training.stand_ins",
]
collect_ignore_glob = ["chapters/*.py"]  # the chapters' sources are lessons; their notebooks are collected


class ByNotebook(LoadScopeScheduling):
    """The cells of a notebook go to one process, in order; every other test goes where there is room."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        return file if file.endswith(".ipynb") else nodeid


def pytest_xdist_make_scheduler(config, log):
    return ByNotebook(config, log)
