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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from book.errors import BookError
from book.site.serve import compressed, serve, server

POLL = 0.01  # seconds in which the server ends


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "index.html").write_text("<p>A page</p>" * 100, encoding="utf-8")
    (tmp_path / "book.whl").write_bytes(b"PK")
    (tmp_path / "closed").touch(mode=0)
    (tmp_path / "style.css").write_text("p { color: red }", encoding="utf-8")
    return tmp_path


@pytest.fixture
def address(folder):
    with server(folder, 0) as running:
        threading.Thread(target=running.serve_forever, args=(POLL,), daemon=True).start()
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


def raw(address: str, request: bytes) -> bytes:
    """What the server answers to these bytes, whatever they are."""
    with socket.create_connection(("127.0.0.1", int(address.split(":")[-1].strip("/"))), timeout=10) as end:
        end.sendall(request)
        end.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: end.recv(65536), b""))


def status(answer: bytes) -> int:
    return int(re.match(rb"HTTP/1\.1 (\d{3}) ", answer)[1])


NO_FILE = [
    *(b"/" + b"a" * n + b".html" for n in (255, 300, 5000)),
    *(b"/%00", b"/index.html%00", b"/\0", b"/style.css%00.css", b"/%zz", b"/%", b"/%ff%fe", b"/\xff", b"*"),
    *(
        b"/%ed%a0%80.html",
        b"/%ed%a0%80/",
        b"/" + b"a/" * 3000,
        b"/index.html/",
        b"/index.html/x",
        b"/closed/x",
    ),
    *(
        b"/../../etc/passwd",
        b"/%2e%2e/%2e%2e/etc/passwd",
        b"/..%2f..%2fetc/passwd",
        b"/%0d%0aSet-Cookie:%20a=b",
    ),
]


@pytest.mark.parametrize("path", NO_FILE, ids=lambda path: repr(path[:30]))
@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
def test_a_path_that_no_file_has_is_not_found(address, method, path, capfd):
    for accepted in (b"gzip", b"identity"):
        answer = raw(
            address, method + b" " + path + b" HTTP/1.1\r\nAccept-Encoding: " + accepted + b"\r\n\r\n"
        )
        head, _, body = answer.partition(b"\r\n\r\n")
        assert status(answer) == 404
        assert (body == b"") == (method == b"HEAD")
        assert b"Cache-Control: no-cache" in head
        assert b"Set-Cookie" not in head
    assert capfd.readouterr().err == ""


REQUESTS = {
    b"GARBAGE\r\n\r\n": 400,
    b"GET\r\n\r\n": 400,
    b"GET / HTTP/x\r\n\r\n": 400,
    b"GET / HTTP/9.9\r\n\r\n": 505,
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n": 414,
    b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n": 431,
    b"GET / HTTP/1.1\r\na: " + b"b" * 70_000 + b"\r\n\r\n": 431,
    b"GET / HTTP/1.1\r\nIf-Modified-Since: yesterday\r\n\r\n": 200,
    b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc": 501,
    b"DELETE /index.html HTTP/1.1\r\n\r\n": 501,
    b"HEAD / HTTP/1.1\r\n\r\n": 200,
}


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: repr(request[:30]))
def test_whatever_is_sent_has_its_status_and_no_traceback(address, request_, capfd):
    assert status(raw(address, request_)) == REQUESTS[request_]
    assert capfd.readouterr().err == ""


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=60))
def test_any_bytes_as_a_path_have_a_status(address, path):
    """A space or a line's end in it makes a bad request of it."""
    assert status(raw(address, b"HEAD /" + path + b" HTTP/1.1\r\n\r\n")) in (200, 301, 400, 404, 505)


@pytest.mark.parametrize("given_", ["bytes=0-3", "bytes=99999-", "bytes=-", "bytes=3-1", "pages=1", ""])
def test_a_range_is_ignored_as_a_server_may(address, folder, given_):
    for name in ("index.html", "book.whl"):
        answer = urllib.request.urlopen(urllib.request.Request(address + name, headers={"Range": given_}))
        assert (answer.status, answer.read()) == (200, (folder / name).read_bytes())


def test_a_file_that_may_not_be_read_is_not_found(address, folder, monkeypatch):
    def closed(path):
        raise PermissionError

    monkeypatch.setattr(type(folder), "read_bytes", closed)
    compressed.cache_clear()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(address + "index.html", "gzip")


def test_whoever_takes_no_gzip_gets_none(address):
    assert fetch(address + "index.html", "gzip;q=0, br").headers["Content-Encoding"] is None
    assert fetch(address + "index.html", "br, GZip;q=0.5").headers["Content-Encoding"] == "gzip"


def test_a_reader_who_has_gone_is_no_error(folder, capfd):
    with server(folder, 0) as running:
        for gone in (BrokenPipeError(), ConnectionResetError()):
            try:
                raise gone
            except ConnectionError:
                running.handle_error(None, ("127.0.0.1", 1))
        assert capfd.readouterr().err == ""
        try:
            raise ZeroDivisionError
        except ZeroDivisionError:
            running.handle_error(None, ("127.0.0.1", 1))
        assert "ZeroDivisionError" in capfd.readouterr().err


@pytest.mark.parametrize("port", [-1, 65_536, 10**9, "8000", None, 80.5])
def test_a_port_that_does_not_exist(folder, port):
    with pytest.raises(BookError, match=r"There is no port .*; choose a number from 1 to 65535"):
        serve(port, folder)


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
