"""Comparison: what is kept of a record, what is refused."""

import json
import statistics

import pytest
import traitlets

from book.explorers.comparison.compact import compact
from book.project.comparison_file import load_comparison
from book.project.failures import CHANCE, failed
from book.project.methods import COMPARED
from tests.explorers.invented_comparison import ComparisonExplorer, invented_record, records, stored
from tests.project.invented import invented

STORED = [pytest.param(lambda task=task: load_comparison(task), id=f"stored {task}") for task in stored()]
RECORDS = [pytest.param(invented_record, id="invented"), *STORED]


@pytest.mark.parametrize("load", RECORDS)
def test_every_trial_and_every_run_is_kept_as_stored(load):
    record = load()
    found, results = compact(record), record["results"]
    for name, method in found["methods"].items():
        tried: dict[float, list] = {}
        for run in results["tuning"]:
            if run["method"] == name:
                tried.setdefault(run["lr"], []).append(run)
        outcomes = dict(zip(method["rates"], method["trials"], strict=True))
        assert outcomes.keys() == tried.keys()
        images = results["protocol"]["images"]["validation"]
        for lr, (accuracy, lost) in outcomes.items():
            assert accuracy == pytest.approx(statistics.mean(run["accuracy"] for run in tried[lr]))
            assert lost == any(failed(run["diverged"], run["accuracy"], images) for run in tried[lr])
        first = results["protocol"]["methods"][name]["rates"]
        assert method["first"] == [tried[lr][0]["accuracy"] for lr in first]
        for tuned, setting in ((True, "chosen"), (False, "defaults")):
            runs = [run for run in results["final"] if (run["method"], run["tuned"]) == (name, tuned)]
            kept = [run["accuracies"] for run in runs if not run["diverged"]]
            mine = method[setting]["accuracies"]
            assert kept == [a for a, run in zip(mine, runs, strict=True) if not run["diverged"]]
            assert method[setting]["failed"] >= len(runs) - len(kept)


@pytest.mark.parametrize("load", RECORDS)
def test_the_last_interval_is_that_of_the_row(load):
    record = load()
    found = compact(record)
    for row in record["results"]["rows"]:
        mine = found["methods"][row["method"]]["chosen" if row["tuned"] else "defaults"]
        if found["watched"] == "test" or load is invented_record:
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
    assert broken[3:] == [CHANCE] * 3


def test_records_of_compare_are_taken(monkeypatch):
    found = compact(invented(monkeypatch, optimizers=COMPARED, budget="tiny"))
    assert list(found["methods"]) == list(COMPARED)
    assert all(len(method["trials"]) == 2 for method in found["methods"].values())
    assert found["epochs"] == {"tuning": 1, "final": 1}


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


@pytest.mark.long
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
