"""The table says what follows from the trials, and no more."""

import pytest

from book.project.declaration import declare
from book.project.protocol import Plan, final_trials
from book.project.rate_search import chosen_rates, finalist_trials, first_trials
from book.project.summary import describe_rows, rows
from book.project.tasks import splits
from tests.project.invented import outcome

PLAN = Plan("mlp", ("sgd", "momentum", "adam"), "small")
DECLARED = declare(PLAN, splits("mnist", "sample"))
BEST = {"sgd": 0.5, "momentum": 0.05, "adam": 0.02}
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
    tuning = [
        trial
        | outcome(trial, 95.0 if trial["lr"] == BEST[trial["method"]] else 90.0)
        | {"diverged": trial["method"] == "sgd" and trial["lr"] >= 1}
        for trial in tuning_trials(PLAN)
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


def test_diverged_runs_are_counted_with_their_row(table):
    assert table["sgd", True]["diverged"] == [2, 0]
    assert table["momentum", False]["diverged"] == [0, 1]
    assert table["sgd", False]["diverged"] == table["adam", True]["diverged"] == [0, 0]


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
    assert lines["SGD"].split() == ["SGD", "0.5", "92.10", "±", "0.25", ">", "91.82", "2", "+", "0", "123.4"]
    assert lines["Adam"].split() == ["Adam", "0.02", "98.70", "±", "0.25", "*", ">", "98.32", "123.4"]
    assert "Adam: the best rate, 0.02, is the highest that was tried" in text
    assert text.count("was tried") == 1
    assert text.index("The chosen rate") < text.index("torch's defaults")
