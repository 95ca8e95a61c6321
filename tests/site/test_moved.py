"""What stood on a page and stands on another now: each old anchor leads to it."""

import pytest

from book.site.moved import links, table
from tests.site.pages import anchors, soup, target

# The anchors of the page *Floating point* when it was one chapter.
FLOATING_POINT = [
    "floating-point",
    "a-counter-that-stops-counting",
    "a-number-line-with-gaps",
    "rounding-and-the-size-of-a-gap",
    "how-wrong-is-one-rounding",
    "which-variant-is-this",
    "off-the-ends",
    "why-subnormals-exist",
    "cancellation",
    "the-order-of-a-sum",
    "why-not-compute-exactly",
    "sixteen-bits-for-training",
    "a-weight-that-does-not-move",
    "a-gradient-that-is-not-there",
    "a-product-of-many-factors",
    "one-nan",
    "what-an-operation-costs",
    "exercises",
    "exercise-1-the-largest-count",
    "exercise-2-how-deep-before-the-gradient-dies",
    "exercise-3-read-the-plot",
    "exercise-4-a-variance-that-survives",
    "exercise-5-choose-a-loss-scale",
    "summary",
    "references",
    "claim-n1",
    "claim-n5",
    "claim-n6",
    "claim-n7",
]
FORMER = {"1-numbers/floating-point": FLOATING_POINT}


@pytest.mark.parametrize("docname", FORMER)
def test_every_anchor_of_a_former_page_is_there_or_leads_to_where_its_section_is(built_site, docname):
    page = built_site / f"{docname}.html"
    moved = {entry["id"]: entry.a["href"] for entry in soup(page).select("details.moved li")}
    assert moved.keys() == table()[docname].keys()
    assert set(FORMER[docname]) <= anchors(page)
    for anchor, address in moved.items():
        path, section = target(page, address)
        assert path != page, anchor
        assert section in anchors(path), f"{anchor} leads to {address}"


def test_no_anchor_is_on_a_page_twice(built_site):
    for docname in table():
        ids = [element["id"] for element in soup(built_site / f"{docname}.html").find_all(id=True)]
        assert len(ids) == len(set(ids))


def test_a_page_from_which_nothing_moved_has_no_list():
    assert links("1-numbers/stable-softmax") == ""
    assert links("glossary") == ""
