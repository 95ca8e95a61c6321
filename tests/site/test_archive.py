"""The archive: the whole site in one file, the same every time, never half-written."""

import os
import zipfile
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

from book.site import archive
from book.site.archive import make_archive
from tests.browser.site import watched

PAGES = {
    "index.html": b"<a href='1-numbers/x.html'>x</a>",
    "1-numbers/x.html": b"x" * 10_000,
    "_static/a.css": b"a {}",
}


@pytest.fixture
def html(tmp_path):
    for name, content in PAGES.items():
        path = tmp_path / "html" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "html"


def test_it_unpacks_to_the_same_site_in_one_folder(html, tmp_path):
    packed = zipfile.ZipFile(make_archive(html))
    packed.extractall(tmp_path / "stick")
    assert packed.testzip() is None
    assert {name: (tmp_path / "stick" / "descent-book" / name).read_bytes() for name in PAGES} == PAGES
    assert len(packed.namelist()) == len(PAGES)


def test_a_page_in_the_archive_does_not_offer_the_archive(html):
    page = b'<p><a class="x" href="../descent-book.zip" download><b>All</b>\n</a><a href="x.html">x</a></p>'
    (html / "1-numbers" / "x.html").write_bytes(page)
    inside = zipfile.ZipFile(make_archive(html)).read("descent-book/1-numbers/x.html")
    assert inside == b'<p><a href="x.html">x</a></p>'


def test_a_second_build_gives_the_same_bytes_and_does_not_pack_the_first_archive(html):
    first = make_archive(html).read_bytes()
    for path in html.rglob("*.html"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    assert make_archive(html).read_bytes() == first


def test_it_is_smaller_than_what_it_holds(html):
    assert make_archive(html).stat().st_size < sum(map(len, PAGES.values())) / 5


def test_an_interrupted_build_leaves_the_old_archive_and_no_litter(html, monkeypatch):
    before = make_archive(html).read_bytes()
    monkeypatch.setattr(archive, "_add", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        make_archive(html)
    assert (html / "descent-book.zip").read_bytes() == before
    assert [path.name for path in html.parent.iterdir()] == ["html"]


@pytest.fixture(scope="module")
def unpacked(built_site, tmp_path_factory):
    """The folder of the unpacked book, which is only read."""
    folder = tmp_path_factory.mktemp("unpacked")
    zipfile.ZipFile(built_site / "descent-book.zip").extractall(folder)
    return folder / "descent-book"


def test_every_link_of_the_unpacked_book_leads_to_a_file(unpacked):
    pages = sorted(unpacked.rglob("*.html"))
    assert len(pages) > 5
    assert [dead for page in pages for dead in dead_links(page)] == []


class Addresses(HTMLParser):
    """The addresses on a page, links and what it loads."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("href", "src") and value]


def dead_links(page):
    addresses = Addresses()
    addresses.feed(page.read_text("utf-8"))
    local = [unquote(urlsplit(target).path) for target in addresses.found if not urlsplit(target).scheme]
    return [f"{page.name}: {path}" for path in local if path and not (page.parent / path).is_file()]


@pytest.mark.browser
def test_every_page_of_the_unpacked_book_reads_from_the_disk(unpacked, browser):
    opened = browser.new_page()
    faults = watched(opened, "file://")
    for path in sorted(unpacked.rglob("*.html")):
        opened.goto(path.as_uri())
        assert opened.locator("h1").count(), path.name
        assert faults == [], path.name
    opened.close()
