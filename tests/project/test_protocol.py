"""The protocol treats every method alike, and the test images choose nothing."""

from collections import Counter

import pytest

from book.errors import BookError
from book.project.methods import COMPARED, default_rate
from book.project.protocol import (
    BUDGETS,
    SCHEDULES,
    TUNED,
    UNTUNED,
    Plan,
    final_trials,
    warmup_linear,
)
from book.project.rate_search import (
    finalist_trials,
    first_trials,
    rates,
)
from tests.cases import each

PLANS = [Plan(task, tuple(COMPARED), name) for name, budget in BUDGETS.items() for task in budget.epochs]


def ids(plan):
    return f"{plan.task}-{plan.budget}"


def searched(plan):
    """The trials that choose the rates, where the lowest of the first rates is the best."""
    first = first_trials(plan)
    outcomes = [trial | {"accuracy": 90 - trial["lr"]} for trial in first]
    return first + finalist_trials(plan, outcomes)


@each("plan", PLANS)
def test_every_method_gets_the_same_number_of_trials(plan):
    tuning = searched(plan)
    final = final_trials(plan, {name: COMPARED[name].rates[4] for name in COMPARED})
    for trials in (tuning, final):
        counts = Counter(trial["method"] for trial in trials)
        assert counts.keys() == COMPARED.keys()
        assert len(set(counts.values())) == 1
        assert len({trial["epochs"] for trial in trials}) == 1
    distinct = {str(trial) for trial in tuning + final}
    assert len(distinct) == len(tuning) + len(final)


@each("plan", PLANS)
def test_test_images_and_fresh_seeds_belong_to_the_final_runs(plan):
    tuning = searched(plan)
    final = final_trials(plan, {name: COMPARED[name].rates[4] for name in COMPARED})
    assert {trial["judged_on"] for trial in tuning} == {"validation"}
    assert {trial["judged_on"] for trial in final} == {"test"}
    assert not {trial["seed"] for trial in tuning} & {trial["seed"] for trial in final}
    for schedule, seeds in zip(SCHEDULES, plan.means.seeds[1:], strict=True):
        assert len({trial["seed"] for trial in final if trial["schedule"] == schedule}) == seeds


def test_the_larger_budgets_try_every_rate_and_report_enough_seeds():
    assert rates("adam", "full") == list(COMPARED["adam"].rates)
    for name in ("small", "one-pass", "medium"):
        assert BUDGETS[name].rates + BUDGETS[name].wider == len(COMPARED["adam"].rates)
    assert BUDGETS["medium"].seeds[1] == BUDGETS["one-pass"].seeds[1] == 5
    assert BUDGETS["full"].seeds[1] == 10


def test_the_tiny_budget_tries_the_two_rates_in_the_middle():
    assert rates("sgd", "tiny") == list(COMPARED["sgd"].rates[3:5])


def test_defaults_run_at_a_constant_rate():
    final = final_trials(Plan("mlp", ("rmsprop",), "tiny"), {"rmsprop": 5e-4})
    assert [(trial["lr"], trial["schedule"]) for trial in final[::2]] == [
        (5e-4, TUNED),
        (default_rate("rmsprop"), UNTUNED),
    ]


@pytest.mark.parametrize("steps", [1, 2, 7, 100])
def test_the_schedule_rises_and_falls_in_straight_lines(steps):
    factors = [warmup_linear(steps)(t) for t in range(steps + 1)]
    top = round(0.15 * steps)
    assert max(factors) == factors[top] == 1
    assert factors[-1] == 0
    assert min(factors[:-1]) > 0
    falls = [a - b for a, b in zip(factors[top:], factors[top + 1 :], strict=False)]
    assert falls == pytest.approx([1 / (steps - top)] * len(falls))
    rises = [b - a for a, b in zip([0, *factors[:top]], factors[:top], strict=False)]
    assert rises == pytest.approx([1 / max(top, 1)] * top)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("cn", ("adam",), "small"), "There is no task 'cn'; did you mean 'cnn'?"),
        (("cnn", ("adm",), "small"), "There is no optimizer 'adm'; did you mean 'adam'?"),
        (("cnn", ("adam",), "smal"), "There is no budget 'smal'; did you mean 'small'?"),
        (("vgg13", ("adam",), "medium"),
         "The budget 'medium' is not made for vgg13; choose tiny, small, one-pass or full."),
        (("cnn", ("sgd", "adam", "adam"), "small"),
         "The optimizer 'adam' is named twice; name each one once."),
        (("cnn", (), "small"), f"Name optimizers: {', '.join(COMPARED)}."),
    ],
)  # fmt: skip
def test_a_name_that_is_unknown_or_does_not_fit(arguments, sentence):
    with pytest.raises(BookError) as caught:
        Plan(*arguments)
    assert str(caught.value) == sentence
