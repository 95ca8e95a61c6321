"""Comparison: what is said of three methods, word for word."""

import pytest

from tests.browser.test_comparison import shown
from tests.explorers.invented_comparison import told_results

pytestmark = pytest.mark.browser

STORIES = {
    ("adam", "chosen", 3): (
        "Adam at its chosen rate, 0.01, gets 98.70 ± 0.25 % of the test images right (3 seeds). "
        "No other row has a higher mean. Published: 98.32 %; the whole interval lies above it. Its rate is "
        "the lowest that was tried; a better one may lie beyond. "
        "If all 3 rates are tried, Adam is number 1 of 3."
    ),
    ("adamw", "chosen", 2): (
        "AdamW at its chosen rate, 0.02, gets 98.50 ± 0.99 % of the test images right (3 seeds). "
        "It is tied with the best, Adam at its chosen rate, 0.01: 0.20 ± 1.32 behind. "
        "If only 2 of the 3 rates are tried, drawn at random, AdamW is number 2 of 3."
    ),
    ("adamw", "defaults", 1): (
        "AdamW at torch's default rate, 0.001, gets 64.33 ± 116.89 % of the test images right (3 seeds). "
        "It is tied with the best, Adam at its chosen rate, 0.01: 34.37 ± 116.68 behind. "
        "Failed, and counted as a guess: 1 of 3 runs. "
        "If only 1 of the 3 rates is tried, drawn at random, AdamW is number 1 of 3."
    ),
    ("sgd", "defaults", 2): (
        "SGD at torch's default rate, 0.001, gets 41.00 ± 2.48 % of the test images right (3 seeds). "
        "It is 57.70 ± 2.24 behind the best, Adam at its chosen rate, 0.01. "
        "Published: 91.82 %; not all of the interval lies above it. "
        "If only 2 of the 3 rates are tried, drawn at random, SGD is number 3 of 3."
    ),
    ("sgd", 0.01, 2): (
        "SGD at rate 0.01 gets 80.00 % of the validation images right after 1 epoch, 10.00 behind its chosen "
        "rate 0.02. If only 2 of the 3 rates are tried, drawn at random, SGD is number 3 of 3."
    ),
    ("sgd", 0.05, 3): (
        "SGD at rate 0.05 failed. Its chosen rate is 0.02. If all 3 rates are tried, SGD is number 3 of 3."
    ),
}


def test_the_story(run):
    given = [
        {"task": "mlp", "method": method, "setting": setting, "tries": tries}
        for method, setting, tries in STORIES
    ]
    found = shown(run, told_results(), given)
    assert [words["story"] for _, words in found] == list(STORIES.values())


def test_a_rate_without_final_runs_says_so(run):
    given = [
        {"task": "mlp", "method": "adamw", "setting": setting, "tries": 2} for setting in (0.05, "defaults")
    ]
    (_, words), (_, others) = shown(run, told_results(), given)
    assert (words["test"], words["to_best"], words["published"]) == ("no final runs",) * 2 + ("nothing",)
    assert words["validation"] == "93.12 %"  # a tie: to even
    assert words["note"].startswith(
        "AdamW at rate 0.05 has only the trial by which rates were chosen (validation: 93"
    )
    assert others["note"].startswith("The chosen rate falls to 0")


def test_the_table_is_the_ranking(run):
    [[numbers, words]] = shown(
        run, told_results(), [{"task": "mlp", "method": "sgd", "setting": "chosen", "tries": 1}]
    )
    titles = [title for title, _ in numbers["ranked"]]
    table = list(zip(titles, words["best"], strict=True))
    assert table == [("AdamW", "94.04 %"), ("Adam", "93.67 %"), ("SGD", "60.00 %")]
    assert (words["place"], words["tried"]) == ("3 of 3", "1 of 3 rates tried")
    assert words["slider"] == "1 of 3 rates tried: SGD is 3 of 3, 60.00 %"
