"""The claims page: each part's claims in their order, and no claim without a place on it."""

import re

from book.site.checks.claims import claims
from book.site.claims_page import claims_of
from book.site.paths import CHAPTERS

PARTS = re.findall(r"^```\{claims\} (\S+)$", (CHAPTERS / "claims.md").read_text("utf-8"), re.M)


def test_every_claim_is_shown_once():
    shown = [claim["id"] for part in PARTS for claim in claims_of(part)]
    assert sorted(shown) == sorted(claim["id"] for claim in claims())
    assert len(shown) == len(set(shown))


def test_claims_are_in_the_order_of_their_numbers():
    for part in PARTS:
        numbers = [int(claim["id"][1:]) for claim in claims_of(part)]
        assert numbers == sorted(numbers)
        assert len({claim["id"][0] for claim in claims_of(part)}) <= 1
