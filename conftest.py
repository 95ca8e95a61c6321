"""What every test run loads: one thread for each process, the notebooks' comparison, the shared fixtures."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

pytest_plugins = [
    "tests.chapters.comparison",
    "tests.small_book",
    "tests.browser.site",
    "tests.browser.explorer_pages",
]
collect_ignore_glob = ["chapters/*.py"]  # the chapters' sources are lessons; their notebooks are collected
