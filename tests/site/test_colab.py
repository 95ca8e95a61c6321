"""Colab links: only where Colab can open the notebook."""

import pytest

from book.errors import BookError
from book.site.colab import colab_url

COLAB = "https://colab.research.google.com/github"


@pytest.mark.parametrize(
    ("site_url", "place"),
    [
        ("https://ada.github.io/descent", "ada/descent/blob/gh-pages/notebooks"),
        ("https://ada.github.io/descent/", "ada/descent/blob/gh-pages/notebooks"),
        ("https://ada.github.io", "ada/ada.github.io/blob/gh-pages/notebooks"),
        ("https://ada.github.io/descent/next", "ada/descent/blob/gh-pages/next/notebooks"),
        ("https://Ada.GitHub.io/Descent", "ada/Descent/blob/gh-pages/notebooks"),
    ],
)
def test_a_site_on_github_pages_has_a_link(site_url, place):
    assert colab_url(site_url, "1-numbers/conditioning") == f"{COLAB}/{place}/1-numbers/conditioning.ipynb"


@pytest.mark.parametrize(
    "site_url",
    [
        None,
        "https://descent.example.org",
        "http://127.0.0.1:8000",
        "https://github.io",
        "https://a.b.github.io/c",
        "https://ada.github.io.example.org/descent",
    ],
)
def test_elsewhere_there_is_no_link_rather_than_a_dead_one(site_url):
    assert colab_url(site_url, "1-numbers/conditioning") is None


def test_what_is_no_address_is_an_error():
    with pytest.raises(BookError, match="is not the address of a site"):
        colab_url("ada.github.io/descent", "1-numbers/conditioning")
