"""The table says what follows from the trials, and no more."""

import math
from itertools import combinations

import pytest
from scipy import stats

from book.project.declaration import declare
from book.project.protocol import Plan, final_trials
from book.project.rate_search import chosen_rates, first_trials, wider_trials
from book.project.summary import describe_rows, pairwise_p, rows
from book.project.tasks import splits
from tests.project.invented import outcome

PLAN = Plan("mlp", ("sgd", "momentum", "adam"), "small")
DECLARED = declare(PLAN, splits("mnist", "sample"))
BEST = {"sgd": 0.5, "momentum": 0.05, "adam": 0.1}  # the last is where the search ends
# Of three seeds each, at the chosen rate and at torch's defaults.
TESTED = {
    ("sgd", True): [92.0, 92.1, 92.2],
    ("sgd", False): [40.0, 41.0, 42.0],
    ("momentum", True): [98.1, 98.5, 98.9],
    ("momentum", False): [10.0, 91.0, 92.0],
    ("adam", True): [98.6, 98.7, 98.8],
    ("adam", False): [97.0, 97.1, 97.2],
}


@pytest.fixture(scope="module")
def trials():
    tuning = []
    while further := wider_trials(PLAN, tuning) if tuning else first_trials(PLAN):
        tuning += [
            trial
            | outcome(trial, 95 - abs(math.log10(trial["lr"] / BEST[trial["method"]])))
            | {"diverged": trial["method"] == "sgd" and trial["lr"] >= 1}
            for trial in further
        ]
    final = [
        trial
        | outcome(trial, TESTED[trial["method"], tuned][trial["seed"] - 100])
        | {"tuned": tuned, "diverged": trial["method"] == "momentum" and not tuned and trial["seed"] == 100}
        for trial in final_trials(PLAN, chosen_rates(tuning))
        for tuned in [trial["schedule"] != "constant"]
    ]
    return tuning, final


@pytest.fixture(scope="module")
def table(trials):
    return {(row["method"], row["tuned"]): row for row in rows(DECLARED, *trials)}


def test_each_method_has_a_row_for_the_chosen_rate_and_one_for_the_defaults(table):
    assert {key: row["accuracies"] for key, row in table.items()} == TESTED
    assert {name: table[name, True]["lr"] for name in BEST} == BEST
    assert {name: table[name, False]["lr"] for name in BEST} == dict.fromkeys(BEST, 1e-3)


def test_mean_and_interval(table):
    row = table["sgd", True]
    assert row["mean"] == pytest.approx(92.1)
    assert row["half"] == pytest.approx(4.3027 * 0.1 / 3**0.5, abs=1e-3)


def test_ties_are_with_the_best_row(table):
    assert {key for key, row in table.items() if row["tied"]} == {
        ("adam", True),
        ("momentum", True),
        ("momentum", False),  # one of three runs diverged: nothing can be said
    }
    assert table["adam", True]["to_best"][0] == 0
    assert table["sgd", True]["to_best"][0] == pytest.approx(92.1 - 98.7)
    assert table["momentum", True]["to_best"][1] > 0.5


def test_the_interval_of_a_difference_is_paired_and_corrected_for_all_pairs(table):
    """Three methods have three pairs."""
    theirs = stats.ttest_rel(TESTED["momentum", True], TESTED["adam", True])
    interval = theirs.confidence_interval(1 - 0.05 / 3)
    difference, half = table["momentum", True]["to_best"]
    assert (difference - half, difference + half) == pytest.approx((interval.low, interval.high), abs=2e-3)
    default = stats.ttest_rel(TESTED["adam", False], TESTED["adam", True]).confidence_interval(0.95)
    difference, half = table["adam", False]["to_best"]
    assert (difference - half, difference + half) == pytest.approx((default.low, default.high), abs=2e-3)


def test_p_is_holms_over_all_pairs(table):
    chosen = {name: TESTED[name, True] for name in BEST}
    pairs = list(combinations(chosen, 2))
    alone = {pair: stats.ttest_rel(chosen[pair[0]], chosen[pair[1]]).pvalue for pair in pairs}
    ordered = sorted(pairs, key=alone.__getitem__)
    by_hand = {}
    for place, pair in enumerate(ordered):
        by_hand[frozenset(pair)] = min(1, max((len(pairs) - k) * alone[ordered[k]] for k in range(place + 1)))
    assert pairwise_p(chosen) == pytest.approx(by_hand, rel=1e-6)
    assert table["momentum", True]["p"] == pytest.approx(by_hand[frozenset(("momentum", "adam"))], rel=1e-2)


def test_defaults_with_fewer_seeds_are_compared_over_those_that_both_have(trials):
    tuning, final = trials
    fewer = [run for run in final if run["tuned"] or run["seed"] < 102]
    again = {(row["method"], row["tuned"]): row for row in rows(DECLARED, tuning, fewer)}
    assert again["adam", False]["to_best"][0] == pytest.approx(-1.6)
    assert again["adam", True] == {**again["adam", True], "tied": True, "p": 1.0, "to_best": [0.0, 0.0]}


def test_failed_runs_are_counted_with_their_row(table):
    assert table["sgd", True]["failed"] == [1, 0]
    assert table["momentum", False]["failed"] == [0, 1]
    assert table["sgd", False]["failed"] == table["adam", True]["failed"] == [0, 0]


def test_a_chosen_rate_at_the_edge_is_called_so(table):
    assert {key: row["edge"] for key, row in table.items() if row["edge"]} == {("adam", True): "highest"}


def test_above_the_published_figure_means_the_whole_interval(table):
    assert table["sgd", True]["published"] == 91.82
    assert table["sgd", True]["above"] is True  # 92.1 ± 0.25
    assert table["momentum", True]["mean"] > table["momentum", True]["published"] == 97.64
    assert table["momentum", True]["above"] is False  # 98.50 ± 0.99
    assert table["adam", True]["above"] is True


def test_the_printed_table(table):
    text = describe_rows(DECLARED, list(table.values()))
    lines = {line.split()[0]: line for line in reversed(text.splitlines()) if "±" in line}
    order = [line.split()[0] for line in text.splitlines() if "±" in line]
    assert order == ["Adam", "Momentum", "SGD", "Adam", "Momentum", "SGD"]
    assert lines["SGD"].split() == ["SGD", "0.5", "92.10", "±", "0.25", ">", "91.82", "1", "+", "0", "123.4"]
    assert lines["Adam"].split() == ["Adam", "0.1", "98.70", "±", "0.25", "*", ">", "98.32", "123.4"]
    assert "Adam: the best rate, 0.1, is the highest that was tried" in text
    assert text.count("was tried") == 1
    assert text.index("The chosen rate") < text.index("torch's defaults")
