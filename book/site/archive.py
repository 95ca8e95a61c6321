"""The whole site as one file that reads offline."""

import os
import re
import tempfile
import zipfile
from pathlib import Path

ARCHIVE = "descent-book.zip"
FOLDER = "descent-book"
_LINK_TO_IT = re.compile(rb'<a\b[^>]*\bhref="(?:\.\./)*descent-book\.zip"[^>]*>.*?</a>', re.DOTALL)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def make_archive(html: Path) -> Path:
    """Pack the built site, without the archive itself, and return the archive's path.

    The same site gives the same bytes: names are sorted and every file carries one fixed date. The archive
    appears under its name only once it is whole.

    Args:
        html: the folder of the built site.
    """
    archive = html / ARCHIVE
    files = sorted(path for path in html.rglob("*") if path.is_file() and path != archive)
    handle, unfinished = tempfile.mkstemp(dir=html.parent, prefix=".archive-")
    try:
        with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w") as packed:
            for path in files:
                _add(packed, path, f"{FOLDER}/{path.relative_to(html).as_posix()}")
        os.chmod(unfinished, 0o644)
        return Path(unfinished).replace(archive)
    finally:
        Path(unfinished).unlink(missing_ok=True)


def _add(packed: zipfile.ZipFile, path: Path, name: str) -> None:
    entry = zipfile.ZipInfo(name, _LONG_AGO)
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # Unix, so that the permissions above are read on every platform
    packed.writestr(entry, _content(path), zipfile.ZIP_DEFLATED)


def _content(path: Path) -> bytes:
    """Return a file as the archive holds it: a page there does not offer the archive itself."""
    content = path.read_bytes()
    return _LINK_TO_IT.sub(b"", content) if path.suffix == ".html" else content
