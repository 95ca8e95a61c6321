"""The site's server: what it sends, how it compresses, and what it says when the port is taken."""

import gzip
import re
import socket
import threading
import urllib.error
import urllib.request
from http.client import HTTPResponse
from http.server import ThreadingHTTPServer

import pytest

from book.errors import BookError
from book.site.serve import serve, server


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "index.html").write_text("<p>A page</p>" * 100, encoding="utf-8")
    (tmp_path / "book.whl").write_bytes(b"PK")
    (tmp_path / "style.css").write_text("p { color: red }", encoding="utf-8")
    return tmp_path


@pytest.fixture
def address(folder):
    with server(folder, 0) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()


def fetch(url: str, encoding: str = "identity") -> HTTPResponse:
    return urllib.request.urlopen(urllib.request.Request(url, headers={"Accept-Encoding": encoding}))


def test_a_page_is_sent_with_gzip_to_those_who_take_it(address, folder):
    answer = fetch(address + "index.html", "gzip, br")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    body = answer.read()
    assert len(body) == int(answer.headers["Content-Length"]) < 200
    assert gzip.decompress(body) == (folder / "index.html").read_bytes()


def test_a_page_is_sent_plain_to_others(address, folder):
    answer = fetch(address)
    assert answer.headers["Content-Encoding"] is None
    assert answer.read() == (folder / "index.html").read_bytes()


def test_a_rebuilt_page_is_sent_anew(address, folder):
    fetch(address + "index.html", "gzip").read()
    (folder / "index.html").write_text("rebuilt", encoding="utf-8")
    assert gzip.decompress(fetch(address + "index.html", "gzip").read()) == b"rebuilt"


def test_what_is_compressed_already_is_sent_as_it_is(address):
    answer = fetch(address + "book.whl", "gzip")
    assert (answer.headers["Content-Encoding"], answer.read()) == (None, b"PK")


def test_caching(address):
    assert fetch(address + "style.css", "gzip").headers["Cache-Control"] == "max-age=600"
    assert fetch(address, "gzip").headers["Cache-Control"] == "no-cache"


def test_a_missing_page(address):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(address + "nowhere.html", "gzip")


def test_a_port_in_use(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            BookError, match=f"Port {port} is in use. Choose another one: make book PORT={port + 1}"
        ):
            serve(port, folder)


def test_the_address_is_printed_and_ctrl_c_ends_in_peace(folder, monkeypatch, capsys):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(ThreadingHTTPServer, "serve_forever", interrupted)
    serve(0, folder)
    told = r"The book is at http://127.0.0.1:\d+ \(Ctrl-C stops it\).\n\nStopped.\n"
    assert re.fullmatch(told, capsys.readouterr().out)


def test_a_site_that_is_not_built(tmp_path):
    with pytest.raises(BookError, match="run make html first"):
        serve(0, tmp_path)
