"""A stored outcome is taken only if each of its values can be one, whatever stands in the file."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from book import results
from book.project.outcome import FIELDS, odd, unfit
from tests.cases import each
from tests.project.invented import outcome

TRIAL = {"epochs": 2, "seed": 0}
PERCENT = {"accuracy", "accuracies"}
NEVER = st.one_of(
    st.floats(max_value=-1e-9),
    st.sampled_from(
        [math.nan, math.inf, 1e301, "70", b"70", {}, [[70.0]], ["70"], [None], [math.nan], [-1.0]]
    ),
)


def whole(**changes):
    return outcome(TRIAL, 70.0) | changes


def test_one_that_a_run_returns_is_taken():
    assert unfit(whole(), 2, tested=True) is None
    diverged = {"diverged": True, "failed": True, "loss": None, "accuracies": [10.0], "accuracy": 10.0}
    assert unfit(whole(**diverged), 2, tested=True) is None


@pytest.mark.long
@each("name", sorted(FIELDS.keys() - {"device", "precision", "commit", "predictions"}))
@given(value=NEVER)
def test_a_number_that_none_can_have_is_named(name, value):
    assert unfit(whole(**{name: value}), 2, tested=True).startswith(f"{name} is ")


@each("name", [*PERCENT, "loss", "seconds", "steps", "losses"])
def test_a_truth_is_no_number(name):
    assert unfit(whole(**{name: True}), 2, tested=True) == f"{name} is True"


@each("name", PERCENT)
@given(value=st.floats(min_value=100.001))
def test_no_more_than_all_images_are_right(name, value):
    assert odd(whole(**{name: value if name == "accuracy" else [value]})).startswith(name)


@each("name", FIELDS)
def test_each_key_is_asked_for(name):
    without = {key: value for key, value in whole().items() if key != name}
    assert unfit(without, 2, tested=True) == f"{name} is missing"
    assert odd(without) is None or name == "diverged"


@each(
    ("changes", "words"),
    [
        ({"accuracies": [70.0]}, "accuracies has 1 entries for 2 epochs"),
        ({"accuracies": [70.0] * 3, "diverged": True, "loss": None}, "accuracies has 3 entries for 2 epochs"),
        ({"loss": None}, "loss is None and diverged False"),
        ({"diverged": True}, "loss is 0.123 and diverged True"),
    ],
)
def test_values_that_do_not_go_together(changes, words):
    assert unfit(whole(**changes), 2, tested=True) == words


@each("value", [None, 3, [], "text", math.nan])
def test_what_is_no_outcome_at_all(value):
    assert odd(value) == unfit(value, 2, tested=False) == f"it is {value!r}"


@pytest.mark.parametrize(
    "file", sorted(results.FOLDERS[0].glob("compare-*.json")), ids=lambda file: file.stem
)
def test_every_stored_trial_can_be_one(file):
    stored = json.loads(file.read_bytes())["results"]
    assert {odd(run) for run in stored["tuning"] + stored["final"]} == {None}
