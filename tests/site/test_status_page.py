"""The status page counts a notebook again once its file has changed, and only then."""

from book.site import status_page
from book.site.paths import notebooks
from book.site.status_page import counted, counts


def test_a_notebook_is_counted_once_until_its_file_changes(monkeypatch):
    asked, kept = [], {}
    monkeypatch.setattr(status_page, "counted", lambda path: asked.append(path) or counted(path))
    path = notebooks()[0]
    first = counts(path, kept)
    assert counts(path, kept) == first == counts(path)
    assert asked == [path, path]  # the last one kept nothing
    kept[path] = ((0, 0), {"core": -1})
    assert counts(path, kept) == first
    assert asked == [path] * 3
