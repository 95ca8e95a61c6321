"""`python -m book verify` finds a fold below "Going further" that does not say what is in it."""

import pytest

from book.site.checks.further import further_findings
from tests.site.small_page import found

SAYS = "*You see where the two meet.*"


@pytest.mark.parametrize(
    "first", ["Two curves meet.", "```\n*You see code.*\n```", "#### Deeper\n\n*You see it.*"]
)
@pytest.mark.parametrize("before", ["", f"### A\n\n{SAYS}\n\nText.\n\n"])
def test_a_silent_fold_is_named(tmp_path, first, before):
    text = f"# T\n\n## Going further\n\n{before}### B\n\n{first}\n\nMore.\n\n## Exercises\n\n### C\n\nText."
    assert found(further_findings, tmp_path, text) == ["the fold 'B' does not say what is in it"]


@pytest.mark.parametrize("section", [f"(name)=\n### A\n\n{SAYS}\n\nText.", f"### $x$ and `y`\n{SAYS}"])
def test_one_that_says_it_is_fine(tmp_path, section):
    core = "# T\n\n## One\n\n### A part of the core\n\nText."
    text = f"{core}\n\n## Going further\n\n{section}\n\n## Summary\n\n### D"
    assert found(further_findings, tmp_path, text) == []


def test_a_fold_without_any_text_is_named(tmp_path):
    assert found(further_findings, tmp_path, "One line.\n\n## Going further\n\n### A") == [
        "the fold 'A' does not say what is in it"
    ]
