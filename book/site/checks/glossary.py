"""Checks on the glossary: no term is defined twice. That each term of the text is defined, `links` checks."""

from collections import Counter

from book.site.checks.targets import Targets
from book.site.finding import Finding

PAGE = "glossary"


def glossary_findings(targets: Targets) -> list[Finding]:
    """Return each term that the glossary defines more than once; a term in capitals is the same term."""
    times = Counter(targets.defined)
    return [
        targets.pages[PAGE].finding(
            None, f"the term {term!r} is defined {count} times", "keep one definition, with all that is true"
        )
        for term, count in times.items()
        if count > 1
    ]
