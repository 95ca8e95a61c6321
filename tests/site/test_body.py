"""The text of a page: what is one stays on one line, and code stays as it is."""

import re

import pytest

from book.site.body import mended


def test_a_number_and_a_name_with_a_hyphen_stay_on_one_line():
    body = mended("<td>5.5e-04 of L-BFGS on <b>CIFAR-10</b></td>")
    assert re.findall(r'<span class="held">(.*?)</span>', body) == ["5.5e-04", "L-BFGS", "CIFAR-10"]
    assert re.sub(r"</?span[^>]*>", "", body) == "<td>5.5e-04 of L-BFGS on <b>CIFAR-10</b></td>"


@pytest.mark.parametrize("body", ["<code>1e-3</code>", '<i title="K-FAC">one</i>', "two-fold, 1-norm"])
def test_code_attributes_and_other_words_stay_as_they_are(body):
    assert mended(body) == body
