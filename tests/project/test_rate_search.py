"""The search for a rate goes on at an edge, ends inside or at its limit, and is not decided by one seed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.project.methods import COMPARED
from book.project.protocol import Plan
from book.project.rate_search import chosen_rates, finalist_trials, neighbour, wider_trials
from tests.cases import each


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


@each("name", COMPARED)
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
