"""Comparison: what is kept of a record, who wins with fewer tries, the sentences, what is refused."""

import itertools
import json
import statistics

import pytest
import traitlets

from book.explorers.comparison.readout import compact, ranking, readout
from book.project import trial
from book.project.comparison_file import load_comparison
from book.project.methods import COMPARED
from book.project.summary import rows
from tests.explorers.invented_comparison import ComparisonExplorer, invented_record, records, stored
from tests.project.invented import invented

STORED = [pytest.param(lambda task=task: load_comparison(task), id=f"stored {task}") for task in stored()]
RECORDS = [pytest.param(invented_record, id="invented"), *STORED]


@pytest.mark.parametrize("load", RECORDS)
def test_every_trial_and_every_run_is_kept_as_stored(load):
    record = load()
    found, results = compact(record), record["results"]
    for name, method in found["methods"].items():
        tried = [run for run in results["tuning"] if run["method"] == name]
        assert [[run["lr"], run["accuracy"], run["diverged"]] for run in tried] == [
            [lr, *outcome] for lr, outcome in zip(method["rates"], method["trials"], strict=True)
        ]
        for tuned, setting in ((True, "chosen"), (False, "defaults")):
            runs = [run for run in results["final"] if (run["method"], run["tuned"]) == (name, tuned)]
            kept = [run["accuracies"] for run in runs if not run["diverged"]]
            mine = method[setting]["accuracies"]
            assert kept == [a for a, run in zip(mine, runs, strict=True) if not run["diverged"]]
            assert method[setting]["diverged"] == len(runs) - len(kept)


@pytest.mark.parametrize("load", RECORDS)
def test_the_last_interval_is_that_of_the_row(load):
    record = load()
    found = compact(record)
    for row in record["results"]["rows"]:
        mine = found["methods"][row["method"]]["chosen" if row["tuned"] else "defaults"]
        assert mine["epochs"][-1] == pytest.approx([row["mean"], row["half"]], abs=0.0011)
        assert len(mine["epochs"]) == record["results"]["protocol"]["epochs"]["final"]
        assert {name: mine[name] for name in ("lr", "tied", "to_best", "published", "edge")} == {
            name: row[name] for name in ("lr", "tied", "to_best", "published", "edge")
        }


@pytest.mark.parametrize("load", RECORDS)
def test_what_the_page_carries_is_plain_and_small(load):
    text = json.dumps(compact(load()), allow_nan=False)
    assert json.loads(text) == compact(load())
    assert len(text) < 40_000


def test_a_run_that_diverged_guesses_from_there_on():
    broken = compact(invented_record())["methods"]["adadelta"]["defaults"]["accuracies"][1]
    assert broken[:3] == [pytest.approx(95, abs=3)] * 3
    assert broken[3:] == [trial.GUESS] * 3


def test_records_of_compare_are_taken(monkeypatch):
    found = compact(invented(monkeypatch, optimizers=COMPARED, budget="tiny"))
    assert list(found["methods"]) == list(COMPARED)
    assert all(len(method["trials"]) == 2 for method in found["methods"].values())
    assert found["epochs"] == {"tuning": 1, "final": 1}


@pytest.mark.parametrize("tries", range(1, 9))
def test_the_ranking_is_that_of_all_draws(tries):
    methods = compact(invented_record())["methods"]
    wanted = {}
    for name, method in methods.items():
        draws = itertools.combinations([accuracy for accuracy, _ in method["trials"]], tries)
        wanted[name] = statistics.mean(max(draw) for draw in draws)
    found = ranking(methods, tries)
    assert dict(found) == pytest.approx(wanted, abs=1e-9)
    assert [name for name, _ in found] == sorted(wanted, key=lambda name: -wanted[name])


# --- sentences -------------------------------------------------------------------------------------------

TESTED = {
    ("sgd", True): [92.0, 92.1, 92.2],
    ("sgd", False): [40.0, 41.0, 42.0],
    ("adamw", True): [98.1, 98.5, 98.9],
    ("adamw", False): [10.0, 91.0, 92.0],
    ("adam", True): [98.6, 98.7, 98.8],
    ("adam", False): [97.0, 97.1, 97.2],
}
TRIED = {"sgd": [80.0, 90.0, 10.0], "adamw": [94.0, 95.0, 93.125], "adam": [96.0, 95.0, 90.0]}


@pytest.fixture(scope="module")
def results():
    rates = [0.01, 0.02, 0.05]
    methods = {name: {"title": COMPARED[name].title, "rates": rates} for name in TRIED}
    told = {"title": "MLP", "level": 0.95, "epochs": {"tuning": 1, "final": 1}, "methods": methods}
    tuning = [
        {"method": name, "lr": lr, "accuracy": accuracy, "diverged": accuracy == 10}
        for name, tried in TRIED.items()
        for lr, accuracy in zip(rates, tried, strict=True)
    ]
    best = {"sgd": 0.02, "adamw": 0.02, "adam": 0.01}
    final = [
        {"method": name, "tuned": tuned, "lr": best[name] if tuned else 0.001, "accuracy": accuracy}
        | {"diverged": accuracy == 10, "accuracies": [accuracy], "steps": 1, "seconds": 1.0}
        for (name, tuned), accuracies in TESTED.items()
        for accuracy in accuracies
    ]
    declared = {"task": "mlp"} | told
    table = rows(declared, tuning, final)
    return {
        "mlp": compact({"results": {"protocol": declared, "rows": table, "tuning": tuning, "final": final}})
    }


STORIES = {
    ("adam", "chosen", 3): (
        "Adam at its chosen rate, 0.01, gets 98.70 ± 0.25 % of the test images right (3 seeds). "
        "No other row has a higher mean. Published: 98.32 %; the whole interval lies above it. Its rate is "
        "the lowest that was tried; a better one may lie beyond. "
        "If all 3 rates are tried, Adam is number 1 of 3."
    ),
    ("adamw", "chosen", 2): (
        "AdamW at its chosen rate, 0.02, gets 98.50 ± 0.99 % of the test images right (3 seeds). "
        "It is tied with the best, Adam at its chosen rate, 0.01: 0.20 ± 0.92 behind. "
        "If only 2 of the 3 rates are tried, drawn at random, AdamW is number 2 of 3."
    ),
    ("adamw", "defaults", 1): (
        "AdamW at torch's default rate, 0.001, gets 64.33 ± 116.89 % of the test images right (3 seeds). "
        "It is tied with the best, Adam at its chosen rate, 0.01: 34.37 ± 116.89 behind. "
        "Diverged, and counted as a guess: 1 of 3 runs. "
        "If only 1 of the 3 rates is tried, drawn at random, AdamW is number 1 of 3."
    ),
    ("sgd", "defaults", 2): (
        "SGD at torch's default rate, 0.001, gets 41.00 ± 2.48 % of the test images right (3 seeds). "
        "It is 57.70 ± 2.45 behind the best, Adam at its chosen rate, 0.01. "
        "Published: 91.82 %; not all of the interval lies above it. "
        "If only 2 of the 3 rates are tried, drawn at random, SGD is number 3 of 3."
    ),
    ("sgd", 0.01, 2): (
        "SGD at rate 0.01 gets 80.00 % of the validation images right after 1 epoch, 10.00 behind its chosen "
        "rate 0.02. If only 2 of the 3 rates are tried, drawn at random, SGD is number 3 of 3."
    ),
    ("sgd", 0.05, 3): (
        "SGD at rate 0.05 diverged. Its chosen rate is 0.02. If all 3 rates are tried, SGD is number 3 of 3."
    ),
}


@pytest.mark.parametrize("state", STORIES)
def test_the_story(results, state):
    assert readout(results, "mlp", *state)["story"] == STORIES[state]


def test_a_rate_without_final_runs_says_so(results):
    shown = readout(results, "mlp", "adamw", 0.05, 2)
    assert (shown["test"], shown["to_best"], shown["published"]) == ("no final runs",) * 2 + ("nothing",)
    assert shown["validation"] == "93.12 %"  # a tie: to even
    assert shown["note"].startswith(
        "AdamW at rate 0.05 has only the trial by which rates were chosen (validation: 93"
    )
    assert readout(results, "mlp", "adamw", "defaults", 2)["note"].startswith("The chosen rate falls to 0")


def test_the_table_is_the_ranking(results):
    shown = readout(results, "mlp", "sgd", "chosen", 1)
    table = [(shown[f"name_{i}"], shown[f"best_{i}"]) for i in (1, 2, 3)]
    assert table == [("AdamW", "94.04 %"), ("Adam", "93.67 %"), ("SGD", "60.00 %")]
    assert (shown["place"], shown["tries"]) == ("3 of 3", "1 of 3 rates tried")
    assert shown["slider"] == "1 of 3 rates tried: SGD is 3 of 3, 60.00 %"


# --- the widget ------------------------------------------------------------------------------------------

REFUSED = [
    ({"task": "vgg"}, "The tasks are mlp, cnn, vgg13; got 'vgg'"),
    ({"task": "cnn", "method": "momentum"}, "The methods are adam, sgd, adamw; got 'momentum'"),
    ({"setting": 0.3}, r'"chosen", "defaults" or a rate that was tried: 0.01, 0.02, .*, 2; got 0.3'),
    ({"setting": "best"}, "or a rate that was tried: .*; got 'best'"),
    ({"setting": float("nan")}, "or a rate that was tried: .*; got nan"),
    ({"tries": 0}, "The tries must be from 1 to 8; got 0"),
    ({"tries": 9}, "The tries must be from 1 to 8; got 9"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_is_not_stored_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        ComparisonExplorer(**options)


@pytest.mark.parametrize(("name", "value"), [("task", "x"), ("method", "x"), ("setting", 3), ("tries", 9)])
def test_what_is_set_later_is_held_to_the_same(name, value):
    widget = ComparisonExplorer()
    before = widget.settings()
    with pytest.raises(traitlets.TraitError):
        setattr(widget, name, value)
    assert widget.settings() == before


def test_the_rate_that_won_is_the_chosen_one():
    for name, method in compact(invented_record())["methods"].items():
        for rate in method["rates"]:
            setting = ComparisonExplorer(method=name, setting=rate).setting
            assert setting == ("chosen" if rate == method["chosen"]["lr"] else rate)


def test_a_task_or_method_changed_alone_brings_the_others_along():
    widget = ComparisonExplorer(method="momentum", setting=0.005, tries=7)
    widget.method = "adagrad"
    assert (widget.setting, widget.tries) == (0.005, 7)
    widget.task = "cnn"
    assert widget.settings() == {"task": "cnn", "method": "adam", "setting": 0.005, "tries": 7} | (
        {"setting": "chosen"} if widget.results["cnn"]["methods"]["adam"]["chosen"]["lr"] == 0.005 else {}
    )
    widget.method = "sgd"
    assert widget.setting == "chosen"


def test_what_the_page_sends_is_taken():
    widget = ComparisonExplorer()
    sent = {"task": "cnn", "method": "sgd", "setting": 1, "tries": 8}
    assert widget.results["cnn"]["methods"]["sgd"]["chosen"]["lr"] != 1
    widget.set_state(sent)
    assert widget.settings() == sent


def test_the_results_are_no_part_of_the_settings():
    widget = ComparisonExplorer()
    assert "results" not in widget.settings()
    assert "trials" not in repr(widget)
    assert widget.results == {task: compact(record) for task, record in records().items()}
    assert 'data-results="{&quot;mlp&quot;' in widget.to_html()
