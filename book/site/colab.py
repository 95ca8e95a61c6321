"""Where Colab finds a chapter's stamped notebook."""

from urllib.parse import urlsplit

from book.site.address import checked

BRANCH = "gh-pages"
PAGES = ".github.io"


def colab_url(site_url: str | None, docname: str) -> str | None:
    """Return the link that opens a chapter in Colab, or None where no link would work.

    Colab opens notebooks from GitHub, not from a web server. The stamped notebooks lie beside the pages on
    the branch that GitHub Pages serves, `gh-pages`. So an address on github.io tells the repository; for any
    other host, and where there is no address, the page shows no button rather than a dead one.

    Args:
        site_url: the site's address, or None.
        docname: the chapter's name, `1-numbers/floating-point` for one.

    Raises:
        BookError: `site_url` is not an address.

    Examples:
        >>> colab_url("https://owner.github.io/descent", "1-numbers/conditioning")
        'https://colab.research.google.com/github/owner/descent/blob/gh-pages/notebooks/1-numbers/conditioning.ipynb'
        >>> colab_url("https://descent.example.org", "1-numbers/conditioning") is None
        True
    """
    parts = urlsplit(checked(site_url) or "")
    owner, found, rest = (parts.hostname or "").partition(PAGES)
    if not found or rest or "." in owner:
        return None
    repository, _, folder = parts.path.strip("/").partition("/")
    path = f"{folder}/notebooks" if folder else "notebooks"
    place = f"{owner}/{repository or owner + PAGES}/blob/{BRANCH}/{path}"
    return f"https://colab.research.google.com/github/{place}/{docname}.ipynb"
