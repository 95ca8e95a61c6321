"""Fixtures for tests of the built site: one build, one server, one browser, the network cut to the site."""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, BrowserType, Error, Page, sync_playwright

from book.site.browser import installed_browser
from book.site.paths import BUILD
from book.site.serve import server

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
NO_BROWSER = "No Chromium was found and none could be downloaded; install chromium or google-chrome."
REQUIRED = "BOOK_REQUIRE_BROWSER"  # set to 1 where a missing browser is a failure
WINDOWLESS = "chromium-headless-shell"  # the same engine without windows: a page costs it half as much
DOWNLOAD = [sys.executable, "-m", "playwright", "install", "chromium"]
DOWNLOAD_SECONDS = 240


@pytest.fixture(scope="session")
def built_site(testrun_uid) -> Path:
    """The folder of the built site, built once for all processes of the test run."""
    from book.site.build import build

    once(testrun_uid, "build", lambda: build(None))
    return BUILD


@pytest.fixture(scope="session")
def site(built_site):
    """The address of the built site, ending in a slash, served with gzip on a free port of 127.0.0.1."""
    with server(built_site, 0) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()


@pytest.fixture(scope="session")
def browser(testrun_uid):
    """A running Chromium, one on the PATH or else Playwright's own; without either the tests are skipped."""
    with sync_playwright() as playwright:
        try:
            running = launched(playwright.chromium, testrun_uid)
        except Error:
            (pytest.fail if os.environ.get(REQUIRED) == "1" else pytest.skip)(NO_BROWSER)
        yield running
        running.close()


def launched(chromium: BrowserType, run: str) -> Browser:
    """Start a browser, downloading Playwright's own where there is none yet."""
    path = shutil.which(WINDOWLESS) or installed_browser()
    try:
        return chromium.launch(executable_path=path, args=ARGUMENTS)
    except Error:
        once(run, "download", download)
        return chromium.launch(args=ARGUMENTS)


def download() -> None:
    """Let Playwright download its Chromium; whether that worked shows when it is started."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(DOWNLOAD, capture_output=True, timeout=DOWNLOAD_SECONDS)


def once(run: str, name: str, work: Callable[[], object]) -> None:
    """Do some work in one process of a test run while the others wait for it."""
    BUILD.parent.mkdir(exist_ok=True)
    done_in = BUILD.parent / f"{name}-done-in"
    with FileLock(BUILD.parent / f"{name}.lock"):
        if not done_in.exists() or done_in.read_text() != run:
            work()
            done_in.write_text(run)


@pytest.fixture
def page(browser: Browser, site: str):
    """A fresh page that reaches the site alone; it must log no error and ask no other host for anything."""
    with browser.new_context() as context:
        opened = context.new_page()
        faults = watched(opened, site)
        yield opened
    assert faults == []


def watched(page: Page, site: str) -> list[str]:
    """Return the list that fills with a page's faults; the browser itself reaches this machine alone."""
    return watch(page, site)[0]


def watch(page: Page, site: str) -> tuple[list[str], Callable[[], None]]:
    """Return the list that fills with a page's faults, and what ends the watch."""
    faults: list[str] = []

    def see(request) -> None:
        if not request.url.startswith((site, "data:", "blob:")):
            faults.append(f"asked for {request.url}")

    listeners = {
        "request": see,
        "console": lambda message: faults.append(message.text) if message.type == "error" else None,
        "pageerror": lambda error: faults.append(str(error)),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    return faults, lambda: [page.remove_listener(*one) for one in listeners.items()]
