"""What every test run loads: one thread for each process, the notebooks' comparison, the shared fixtures."""

import gc
import os

import pytest
from hypothesis import settings
from xdist import is_xdist_controller
from xdist.scheduler import LoadScopeScheduling

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")  # more would be processes that import torch anew
settings.register_profile("book", derandomize=True, deadline=None)  # each run tries the same, on any computer
settings.register_profile("quick", settings.get_profile("book"), max_examples=3)
settings.load_profile("book")
gc.disable()  # what is collected lives to the end: looking through it again and again took half of the time

pytest_plugins = ["tests.chapters.comparison", "tests.kinds"]
FIXTURES = [
    "tests.chapters.kernels",
    "tests.small_book",
    "tests.browser.firefox",
    "tests.browser.site",
    "tests.browser.explorer_pages",
    "tests.browser.agreement",
    "tests.training.stand_ins",
]
SPREAD = {"tests/browser/test_pages.py"}
TOGETHER = "tests/optim/"  # what one of these tests compiled, the others of the process need not
SHARED = {"tests/site/test_built_pages.py": "tests/site/test_api_pages.py"}  # both read all pages of the site
collect_ignore_glob = ["chapters/*.py"]  # the chapters' sources are lessons; their notebooks are collected


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session) -> None:
    """Load the fixtures, and torch with them, except in the process that only hands the tests out."""
    if not is_xdist_controller(session):
        for name in FIXTURES:
            session.config.pluginmanager.import_plugin(name)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path):
    """Look for examples in docstrings of the book and of what the tests share: a file of tests holds none."""
    collectors = yield
    test_file = file_path.name.startswith("test_")
    return [found for found in collectors if not test_file or type(found) is pytest.Module]


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Let the collector of garbage look at what the tests make, and no more at the tests themselves.

    It looks after 50,000 new things, not after 700: syntax trees and pages of HTML are all of them in use.
    """
    gc.freeze()
    gc.set_threshold(50_000)
    gc.enable()


class ByFile(LoadScopeScheduling):
    """The tests of a file, or the cells of a notebook, go to one process; those of a long file to any."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        if file.startswith(TOGETHER):
            return TOGETHER
        return nodeid if file in SPREAD else SHARED.get(file, file)


def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log)
