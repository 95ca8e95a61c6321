"""Where this computer's Chromium is: for the tests and the measurements that need a real browser."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def installed_browser() -> str | None:
    """Return the first Chromium or Chrome on the PATH, None where there is none.

    Examples:
        >>> path = installed_browser()
        >>> path is None or any(name in path for name in NAMES)
        True
    """
    return next(filter(None, map(shutil.which, NAMES)), None)
