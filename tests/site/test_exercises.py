"""`python -m book verify` finds a heading of an exercise that is not like the others."""

import pytest

from book.site.checks.exercises import exercise_findings
from tests.site.small_page import found


@pytest.mark.parametrize(
    "line",
    [
        "### Exercise ★: a slope",
        "### Exercise 1 ★: a slope",
        "### Exercise 1: a slope ★",
        "### Exercise 1: a slope (★★★★)",
        "### Exercise 2: a slope (★)",
        "#### Exercise 1: a slope (★)",
        "**Exercise 4 ★★★: a slope**",
        "### An exercise: a slope (★)",
    ],
)
def test_another_form_is_named(tmp_path, line):
    assert found(exercise_findings, tmp_path, f"## Exercises\n\n{line}\n\nHow steep?") == [
        f"an exercise has the heading {line!r}"
    ]


def test_one_that_is_counted_twice_is_named(tmp_path):
    text = "### Exercise 1: a (★)\n\n### Exercise 2: b (★★)\n\n### Exercise 2: c (★★★)"
    assert found(exercise_findings, tmp_path, text) == [
        "an exercise has the heading '### Exercise 2: c (★★★)'"
    ]


def test_the_form_of_the_book_is_fine(tmp_path):
    text = "#### An exercise: a (★★)\n\n## Exercises\n\n### Exercise 1: b (★)\n\n### Exercise 2: c? (★★★)"
    assert found(exercise_findings, tmp_path, f"{text}\n\n### Exercises without a check") == []
