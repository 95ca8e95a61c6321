"""The fixtures themselves: a missing browser is told, a foreign request and a console error are seen."""

import os
import subprocess
import sys
import threading

import pytest

from book.site.paths import ROOT
from book.site.serve import server
from tests.browser.site import NO_BROWSER, REQUIRED, watched


def run_without_browser(folder, **environment) -> subprocess.CompletedProcess:
    """Run one test that asks for a browser where none is on the PATH and none can be downloaded."""
    (folder / "test_it.py").write_text("def test_it(browser):\n    pass\n", encoding="utf-8")
    options = ["-rs", "-p", "tests.browser.site", "-c", os.devnull, f"--rootdir={folder}"]
    no_folder = str(folder / "test_it.py")  # so that a download fails before it begins, with a network too
    settings = os.environ | environment | {"PATH": str(folder), "PLAYWRIGHT_BROWSERS_PATH": no_folder}
    command = [sys.executable, "-m", "pytest", *options, str(folder / "test_it.py")]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=settings)


def test_without_a_browser_the_tests_are_skipped_visibly(tmp_path):
    run = run_without_browser(tmp_path, **{REQUIRED: "0"})
    assert run.returncode == 0, run.stdout
    assert NO_BROWSER in run.stdout
    assert "1 skipped" in run.stdout


def test_where_a_browser_is_required_its_absence_is_a_failure(tmp_path):
    run = run_without_browser(tmp_path, **{REQUIRED: "1"})
    assert run.returncode == 1
    assert NO_BROWSER in run.stdout


@pytest.mark.browser
@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<img src='http://example.org/a.png' alt=''>", "asked for http://example.org/a.png"),
        ("<script>console.error('broken')</script>", "broken"),
        ("<script>throw new Error('thrown')</script>", "thrown"),
        ("<p>A sound page</p>", None),
    ],
)
def test_faults_of_a_page_are_seen(browser, tmp_path, body, fault):
    icon = "<link rel='icon' href='data:,'>"
    (tmp_path / "index.html").write_text(
        f"<!doctype html><title>A page</title>{icon}{body}", encoding="utf-8"
    )
    with server(tmp_path, 0) as running, browser.new_context() as context:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        page = context.new_page()
        address = f"http://127.0.0.1:{running.server_port}/"
        faults = watched(page, address)
        page.goto(address, wait_until="networkidle")
        running.shutdown()
    assert (faults[0] if faults else None) == fault
