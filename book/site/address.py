"""The site's address: one check of what was typed, before anything is built from it."""

import re
from urllib.parse import urlsplit

from book.errors import BookError

_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_PATH = re.compile(r"[\w/.~-]*", re.ASCII)


def checked(site_url: str | None) -> str | None:
    """Return the address without its closing slash; None, a site without an address, stays None.

    Args:
        site_url: where the site will stand, such as `https://owner.github.io/descent/`.

    Raises:
        BookError: this is no address that pages and a wheel can be fetched from.

    Examples:
        >>> checked("https://owner.github.io/descent/")
        'https://owner.github.io/descent'
        >>> checked("owner.github.io")
        Traceback (most recent call last):
        book.errors.BookError: 'owner.github.io' is not the address of a site. \
Write it in full: --site-url https://OWNER.github.io/REPOSITORY
    """
    if site_url is None or _is_address(site_url):
        return site_url and site_url.rstrip("/")
    example = "--site-url https://OWNER.github.io/REPOSITORY"
    raise BookError(f"{site_url!r} is not the address of a site. Write it in full: {example}")


def _is_address(text: str) -> bool:
    try:
        parts, port = urlsplit(text), urlsplit(text).port
    except ValueError:
        return False
    known = parts.scheme in ("http", "https") and _HOST.fullmatch(parts.hostname or "") and port != 0
    return bool(known and _PATH.fullmatch(parts.path)) and not any(c in text for c in "?#@ \t\n")
