"""`python -m book verify` refuses a term that the glossary defines twice, and one that it does not define."""

import pytest

from book.site.verify import findings

GLOSSARY = "chapters/glossary.md"


def messages(book) -> list[str]:
    return [str(finding) for finding in findings(book.root)]


@pytest.mark.parametrize(
    ("added", "term"),
    [
        ("ulp\n  Once more.\n", "ulp"),
        ("ULP\n  In capitals.\n", "ulp"),
        ("*ulp*\n  Slanted.\n", "ulp"),
        ("gap\nulp\n  One entry, two names.\n", "ulp"),
        ("gap\n  First.\n\nulps\n  No term twice.\n", ""),
        ("gap\n  The\n  ulp of a number.\n", ""),
    ],
)
def test_a_term_that_is_defined_twice(small_book, added, term):
    small_book.edit(GLOSSARY, "floats.\n", f"floats.\n\n{added}")
    mend = "Mend: keep one definition, with all that is true."
    twice = f"{GLOSSARY}: the term '{term}' is defined 2 times. {mend}"
    assert messages(small_book) == [twice] * bool(term)


def test_a_term_that_two_blocks_define(small_book):
    small_book.edit(GLOSSARY, "floats.\n```\n", "floats.\n```\n\n```{glossary}\nulp\n  Again.\n```\n")
    assert any("the term 'ulp' is defined 2 times" in message for message in messages(small_book))


def test_a_term_that_is_used_and_not_defined(small_book):
    small_book.edit(GLOSSARY, "ulp\n", "gap\n")
    complaint = "{term} names 'ulp', which the glossary does not define"
    assert any(complaint in message for message in messages(small_book))
