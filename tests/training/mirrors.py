"""Mirrors on the loopback address that serve small stand-ins for the two data sets, well or badly."""

import gzip
import hashlib
import io
import pickle
import tarfile
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import create_server

import numpy as np

from book.training.data.published import Archive, Published

TRAIN, TEST = 40, 20  # images of a stand-in
md5 = lambda content: hashlib.md5(content).hexdigest()  # noqa: E731


class Server(ThreadingHTTPServer):
    """Serves `files` (name → bytes). The first part of a path says how: /good/x.gz, /cut/x.gz and so on."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = files
        self.requests: list[tuple[str, str, str | None]] = []  # (how, file, range)

    def mirror(self, how: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{how}/"


class Handler(BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        _, how, file = self.path.split("/")
        asked = self.headers["Range"]
        self.server.requests.append((how, file, asked))
        getattr(self, how)(self.server.files[file], asked)

    def good(self, content, asked):
        """The whole file, or the range that was asked for."""
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        if start >= len(content):
            self.send_error(416)
        else:
            self._send(206 if asked else 200, len(content) - start, content[start:])

    def whole(self, content, asked):
        """A server that knows nothing of ranges."""
        self._send(200, len(content), content)

    def truncated(self, content, asked):
        """A file that lies cut off at the mirror, announced at the length that it has."""
        self.good(content[: len(content) // 2], asked)

    def cut(self, content, asked):
        """A connection that breaks after half of what was announced."""
        self._send(200, len(content), content[: len(content) // 2])

    def stalls(self, content, asked):
        """A connection that stays open after half of what was announced, and brings nothing more."""
        self.cut(content, asked)
        self.wfile.flush()
        time.sleep(2)

    def corrupted(self, content, asked):
        self.good(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:], asked)

    def portal(self, content, asked):
        """A page that a hotel's network sends in place of everything."""
        page = b"<html>Please log in.</html>"
        self._send(200, len(page), page)

    def gone(self, content, asked):
        self.send_error(404)

    def silent(self, content, asked):
        time.sleep(2)

    def slow(self, content, asked):
        """About half a second for a file."""
        self._send(200, len(content), b"")
        for start in range(0, len(content), len(content) // 5):
            self.wfile.write(content[start : start + len(content) // 5])
            self.wfile.flush()
            time.sleep(0.1)

    def _send(self, status, length, body):
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@contextmanager
def serving(files: dict[str, bytes]):
    """Run a server in a thread for as long as the block lasts."""
    server = Server(files)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def closed() -> str:
    """A mirror where nobody listens."""
    with create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/good/"


def pixels(count: int, channels: int, size: int, seed: int) -> np.ndarray:
    shape = (count, channels, size, size)
    return np.random.default_rng(seed).integers(256, size=shape, dtype=np.uint8)


def tiny_mnist(mirrors: tuple[str, ...] = ()) -> tuple[Published, dict[str, bytes]]:
    """Four files in MNIST's format, and what would be published about them."""
    files, archives = {}, []
    for split, count in (("train", TRAIN), ("t10k", TEST)):
        sizes = b"".join(n.to_bytes(4, "big") for n in (count, 28, 28))
        images = bytes([0, 0, 8, 3]) + sizes + pixels(count, 1, 28, count).tobytes()
        labels = bytes([0, 0, 8, 1]) + count.to_bytes(4, "big") + bytes(i % 10 for i in range(count))
        for kind, content in (("images-idx3", images), ("labels-idx1", labels)):
            name = f"{split}-{kind}-ubyte"
            files[f"{name}.gz"] = gzip.compress(content, mtime=0)
            archives.append(Archive(f"{name}.gz", md5(files[f"{name}.gz"]), {name: md5(content)}))
    return Published("MNIST", "MNIST/raw", mirrors, tuple(archives)), files


def tiny_cifar10(mirrors: tuple[str, ...] = ()) -> tuple[Published, dict[str, bytes]]:
    """One archive in CIFAR-10's format, and what would be published about it."""
    train = pixels(TRAIN, 3, 32, TRAIN).reshape(5, TRAIN // 5, 3072)
    batches = {f"data_batch_{i + 1}": train[i] for i in range(5)}
    batches["test_batch"] = pixels(TEST, 3, 32, TEST).reshape(TEST, 3072)
    packed, members = io.BytesIO(), {}
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, data in {"../outside_1": train[0], **batches}.items():
            first = 0 if name == "test_batch" else 8 * (int(name[-1]) - 1)
            labels = [i % 10 for i in range(first, first + len(data))]
            content = pickle.dumps({"data": data, "labels": labels})
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
            if name in batches:
                members[name] = md5(content)
    content = packed.getvalue()
    archive = Archive("cifar-10-python.tar.gz", md5(content), members)
    return Published("CIFAR-10", "cifar-10-batches-py", mirrors, (archive,)), {archive.name: content}
