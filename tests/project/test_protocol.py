"""The protocol treats every method alike, and the test images choose nothing."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    chosen_rates,
    finalist_trials,
    first_trials,
    neighbour,
    rates,
    wider_trials,
)

PLANS = [Plan(task, tuple(COMPARED), name) for name, budget in BUDGETS.items() for task in budget.epochs]


def ids(plan):
    return f"{plan.task}-{plan.budget}"


def searched(plan):
    """The trials that choose the rates, where the lowest of the first rates is the best."""
    first = first_trials(plan)
    outcomes = [trial | {"accuracy": 90 - trial["lr"]} for trial in first]
    return first + finalist_trials(plan, outcomes)


@pytest.mark.parametrize("plan", PLANS, ids=ids)
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


@pytest.mark.parametrize("plan", PLANS, ids=ids)
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


def test_the_best_mean_over_the_seeds_chooses():
    def tried(method, lr, *accuracies):
        return [{"method": method, "lr": lr, "accuracy": accuracy} for accuracy in accuracies]

    outcomes = [
        *tried("sgd", 0.1, 60, 70),
        *tried("sgd", 0.2, 66, 66),
        *tried("adam", 2e-3, 71, 71),
        *tried("adam", 1e-3, 72, 70),
        *tried("adam", 1e-4, 10, 10),
    ]
    assert chosen_rates(outcomes) == {"sgd": 0.2, "adam": 1e-3}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("cn", ("adam",), "small"), "There is no task 'cn'; did you mean 'cnn'?"),
        (("cnn", ("adm",), "small"), "There is no optimizer 'adm'; did you mean 'adam'?"),
        (("cnn", ("adam",), "smal"), "There is no budget 'smal'; did you mean 'small'?"),
        (("vgg13", ("adam",), "medium"),
         "The budget 'medium' is not made for vgg13; choose tiny, small, one-pass or full."),
        (("cnn", ("adam", "adam"), "small"), f"Name each optimizer once: {', '.join(COMPARED)}."),
        (("cnn", (), "small"), f"Name each optimizer once: {', '.join(COMPARED)}."),
    ],
)  # fmt: skip
def test_a_name_that_is_unknown_or_does_not_fit(arguments, sentence):
    with pytest.raises(BookError) as caught:
        Plan(*arguments)
    assert str(caught.value) == sentence


def outcomes(**tried):
    """Of "adam", with seed 0: accuracies by rate."""
    return [{"method": "adam", "lr": float(lr), "seed": 0, "accuracy": a} for lr, a in tried["adam"].items()]


SMALL = Plan("mlp", ("adam",), "small")  # four rates, and four more at most


@pytest.mark.parametrize(
    ("accuracies", "further"),
    [
        ({5e-4: 90, 1e-3: 92, 2e-3: 91, 5e-3: 90}, []),
        ({5e-4: 90, 1e-3: 91, 2e-3: 92, 5e-3: 93}, [1e-2]),
        ({5e-4: 94, 1e-3: 91, 2e-3: 92, 5e-3: 93}, [2e-4]),
        ({5e-4: 10, 1e-3: 10, 2e-3: 10, 5e-3: 10}, [2e-4]),  # all failed: lower ones
        ({lr: lr for lr in (5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2)}, [1e-1]),
        ({lr: lr for lr in (5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 1e-1)}, []),  # the limit
    ],
)
def test_the_grid_is_widened_while_the_best_rate_lies_at_its_edge(accuracies, further):
    assert [trial["lr"] for trial in wider_trials(SMALL, outcomes(adam=accuracies))] == further


@given(st.dictionaries(st.integers(-6, 2), st.floats(10, 99), min_size=2, max_size=7))
def test_where_no_rate_follows_the_best_one_is_inside(accuracies):
    tried = {float(f"1e{power}"): accuracy for power, accuracy in accuracies.items()}
    best = max(tried, key=lambda lr: (tried[lr], -lr))
    [*further] = wider_trials(SMALL, outcomes(adam=tried))
    assert bool(further) == (best in (min(tried), max(tried)))
    assert all(trial["lr"] not in tried and trial["seed"] == 0 for trial in further)


@given(st.sampled_from([1, 2, 5]), st.integers(-9, 5))
def test_neighbours_are_steps_of_one_row(digit, power):
    lr = float(f"{digit}e{power}")
    up, down = neighbour(lr, up=True), neighbour(lr, up=False)
    assert neighbour(up, up=False) == neighbour(down, up=True) == lr
    assert up / lr == pytest.approx(2.5 if digit == 2 else 2)


@pytest.mark.parametrize("name", COMPARED)
def test_the_rates_of_every_method_are_of_that_row(name):
    tried = COMPARED[name].rates
    assert [neighbour(lr, up=True) for lr in tried[:-1]] == list(tried[1:])


def test_the_best_two_rates_run_with_the_other_seeds():
    tried = outcomes(adam={1e-4: 94.0, 1e-3: 96.0, 2e-3: 95.0})
    assert [(t["lr"], t["seed"]) for t in finalist_trials(SMALL, tried)] == [
        (1e-3, 1),
        (1e-3, 2),
        (2e-3, 1),
        (2e-3, 2),
    ]


def test_only_the_finalists_can_be_chosen():
    """A lucky single run does not beat the mean of three."""
    lucky = outcomes(adam={1e-4: 99.0, 1e-3: 96.0, 2e-3: 95.0})
    more = [{"method": "adam", "lr": lr, "accuracy": 95.0} for lr in (1e-3, 2e-3) for _ in range(2)]
    assert chosen_rates(lucky + more) == {"adam": 1e-3}
