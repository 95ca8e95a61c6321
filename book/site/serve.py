"""`python -m book serve`: the built site on this computer, compressed as a real server would send it."""

import errno
import gzip
import io
import re
import sys
from functools import lru_cache
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from book.errors import BookError
from book.site.paths import BUILD

HOST = "127.0.0.1"
COMPRESSED = ("text/", "application/javascript", "application/json", "application/xml", "image/svg+xml")
FIXED_FILES = (".woff2", ".css", ".js", ".png", ".svg")


class Handler(SimpleHTTPRequestHandler):
    """Send files of one folder; text goes out with gzip to whoever accepts it."""

    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # of a line that names none: its answer has a status too
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".ipynb": "application/json",
        ".whl": "application/zip",
        ".woff2": "font/woff2",
    }

    path, status = "", 0  # until a request line is read, and until an answer begins

    def send_head(self):
        path = Path(self.translate_path(self.path))
        kind = self.guess_type(str(path))
        try:
            file = path.is_file() and not self.path.partition("?")[0].endswith("/")
            if file and kind.startswith(COMPRESSED) and takes_gzip(self.headers.get("Accept-Encoding", "")):
                return self._send_compressed(compressed(path, path.stat().st_mtime_ns), kind)
            path.stat()
        except (OSError, ValueError):  # no such file, or a name that no file can have
            self.send_error(HTTPStatus.NOT_FOUND, "File not found")
            return None
        return super().send_head()

    def _send_compressed(self, body: bytes, kind: str) -> io.BytesIO:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Vary", "Accept-Encoding")
        self.end_headers()
        return io.BytesIO(body)

    def send_response(self, code: int, message: str | None = None) -> None:
        self.status = code
        super().send_response(code, message)

    def end_headers(self) -> None:
        fixed = self.path.endswith(FIXED_FILES) and self.status < HTTPStatus.BAD_REQUEST
        self.send_header("Cache-Control", "max-age=600" if fixed else "no-cache")
        super().end_headers()

    def log_message(self, *message) -> None:
        """Say nothing for each request."""


class Server(ThreadingHTTPServer):
    """Say nothing of a reader who has gone before the answer was whole."""

    def handle_error(self, request, client_address) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def takes_gzip(accepted: str) -> bool:
    """Whether a header Accept-Encoding takes gzip.

    Examples:
        >>> takes_gzip("br, gzip"), takes_gzip("gzip;q=0"), takes_gzip("")
        (True, False, False)
    """
    names = [part.replace(" ", "").lower() for part in accepted.split(",")]
    return any(name.startswith("gzip") and not re.fullmatch(r"gzip;q=0(\.0*)?", name) for name in names)


@lru_cache(maxsize=256)
def compressed(path: Path, changed: int) -> bytes:
    """Return a file's content with gzip; `changed`, its time stamp, makes a rebuilt file be read again."""
    return gzip.compress(path.read_bytes(), compresslevel=9, mtime=0)


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server for a folder on the loopback address; port 0 takes any free one.

    Raises:
        BookError: the port is in use, needs special rights or does not exist.
    """
    if port not in range(65536):
        raise BookError(f"There is no port {port!r}; choose a number from 1 to 65535.")

    def handler(*arguments) -> Handler:
        return Handler(*arguments, directory=str(folder))

    try:
        return Server((HOST, port), handler)
    except OSError as error:
        raise BookError(_refused(port, error)) from error


def serve(port: int, folder: Path = BUILD) -> None:
    """Serve the built site until Ctrl-C, printing its address.

    Args:
        port: where to listen on 127.0.0.1.
        folder: the built site.

    Raises:
        BookError: the site is not built, or the port cannot be had.
    """
    if not (folder / "index.html").exists():
        raise BookError("The site is not built yet; run make html first.")
    with server(folder, port) as running:
        print(f"The book is at http://{HOST}:{running.server_port} (Ctrl-C stops it).", flush=True)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            print("\nStopped.")


def _refused(port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is in use. Choose another one: make book PORT={port + 1 if port < 65535 else 8001}"
        )
    return f"Port {port} cannot be opened ({error.strerror}). Choose another one: make book PORT=8001"
