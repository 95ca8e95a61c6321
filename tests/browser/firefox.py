"""Firefox, headless, driven by its own Marionette protocol: no driver and no package beside the browser.

A message is its length in bytes, a colon, and JSON: [0, number, command, parameters] there and [1, number,
error, result] back.
"""

import base64
import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

NAMES = ("firefox-esr", "firefox")
NO_FIREFOX = "No Firefox was found; install firefox or firefox-esr."
REQUIRED = "BOOK_REQUIRE_FIREFOX"  # set to 1 where a missing Firefox is a failure
START_SECONDS, ANSWER_SECONDS = 90, 120
_PREFERENCES = """user_pref("marionette.port", {port});
user_pref("ui.prefersReducedMotion", 1);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.update.enabled", false);
user_pref("network.proxy.type", 0);
"""


@pytest.fixture(scope="session")
def firefox(tmp_path_factory) -> Iterator["Firefox"]:
    """A running Firefox; without one the tests are skipped, or fail where `BOOK_REQUIRE_FIREFOX` is 1."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        (pytest.fail if os.environ.get(REQUIRED) == "1" else pytest.skip)(NO_FIREFOX)
    with started(path, tmp_path_factory.mktemp("firefox")) as running:
        yield running


@contextlib.contextmanager
def started(path: str, profile: Path) -> Iterator["Firefox"]:
    """Start a Firefox with an empty profile; end it afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (profile / "user.js").write_text(_PREFERENCES.format(port=port))
    command = [path, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **quiet, env=os.environ | {"HOME": str(profile)}) as process:
        try:
            yield Firefox(_connected(port))
        finally:
            process.terminate()


def _connected(port: int) -> socket.socket:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.3)


class Firefox:
    """A Firefox that opens pages, runs JavaScript in them and photographs them."""

    def __init__(self, line: socket.socket):
        self.line = line.makefile("rwb")
        self.sent = 0
        self._received()
        self._ask("WebDriver:NewSession", {})

    def open(self, address: str) -> None:
        """Open a page and wait until it is loaded."""
        self._ask("WebDriver:Navigate", {"url": address})

    def run(self, script: str, *arguments):
        """Return what the body of a function returns; a promise is waited for."""
        given = {"script": f"return (async () => {{ {script} }})()", "args": arguments}
        return self._ask("WebDriver:ExecuteScript", given)["value"]

    def resize(self, width: int, height: int) -> None:
        """Give the page so many CSS pixels, as far as Firefox allows: about 450 are the least."""
        self._ask("WebDriver:SetWindowRect", {"width": width, "height": height})
        lost = self.run("return [outerWidth - innerWidth, outerHeight - innerHeight]")
        self._ask("WebDriver:SetWindowRect", {"width": width + lost[0], "height": height + lost[1]})

    def photograph(self, file: Path, whole: bool = False) -> None:
        """Write what is seen, or the whole page, as PNG."""
        given = {"full": whole, "hash": False}
        file.write_bytes(base64.b64decode(self._ask("WebDriver:TakeScreenshot", given)["value"]))

    def _ask(self, command: str, parameters: dict) -> dict:
        self.sent += 1
        message = json.dumps([0, self.sent, command, parameters]).encode()
        self.line.write(b"%d:%s" % (len(message), message))
        self.line.flush()
        _, _, error, result = self._received()
        if error:
            raise RuntimeError(f"{error['error']}: {error['message']}")
        return result

    def _received(self):
        length = b""
        while (byte := self.line.read(1)) != b":":
            length += byte
        return json.loads(self.line.read(int(length)))
