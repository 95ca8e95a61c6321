"""What a claim says is found in the repository and in the wheel."""

import pytest

from book import claims
from book.errors import BookError


def test_the_packaged_copy_is_read_where_there_is_no_repository(tmp_path, monkeypatch):
    packaged = tmp_path / "_claims.yml"
    packaged.write_text("- id: X1\n  claim: Said in\n    two lines.\n", encoding="utf-8")
    monkeypatch.setattr(claims, "FILES", (tmp_path / "claims.yml", packaged))
    assert claims.claim_text("X1") == "Said in two lines."


def test_a_claim_that_is_not_in_the_file():
    with pytest.raises(BookError, match=r"no claim 'X1'\. Write it into assets/claims.yml"):
        claims.claim_text("X1")
