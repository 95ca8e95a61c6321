"""The comparison that judges mutants notices a wrong sign, and the command that makes them finds them all."""

import itertools
import time

import pytest
import torch

from book.errors import BookError
from book.optim import Adam, AdamW, Momentum
from book.optim.methods import METHODS
from book.optim.second_order import SECOND_ORDER
from tests import judges, mutants, mutation


def test_every_method_is_a_target():
    missing = (METHODS | SECOND_ORDER).keys() - mutation.TARGETS.keys()
    assert not missing, "Give each its Target in tests/second_order_mutation.py."


def test_what_is_no_target_is_refused_by_name():
    with pytest.raises(BookError, match="There is no target 'Newtn'; did you mean 'Newton'"):
        mutation.main(["Newtn"])


def test_every_change_of_the_ball_is_caught():
    found = mutation.outcome(mutation.TARGETS["Momentum"])
    assert found.caught == found.mutants == 10
    assert found.survivors == ()


def test_a_decay_that_looks_at_the_step_taken_is_caught():
    """The kind of mistake that a plot would not show: the weights decay after the step, not before it."""

    def update(x, g, m, v, u, *, t, lr, betas, eps, amsgrad, weight_decay):
        x, *memory = Adam.update(x, g, m, v, u, t=t, lr=lr, betas=betas, eps=eps, amsgrad=amsgrad)
        return x - lr * weight_decay * x, *memory

    with mutation.installed(AdamW, "update", update), pytest.raises(AssertionError):
        mutation.as_torch("AdamW")
    mutation.as_torch("AdamW")


def test_each_kind_of_change_is_made():
    def formula(x, g):
        return x - 2 * torch.sqrt(g)

    lines = {
        mutants.changed_line(mutants.parsed(formula), mutant)
        for mutant in mutants.mutations(mutants.parsed(formula))
    }
    assert lines == {
        "return x + 2 * torch.sqrt(g)",
        "return x - 2 / torch.sqrt(g)",
        "return x - 2 * torch.square(g)",
        "return x - 3 * torch.sqrt(g)",
        "return x - -2 * torch.sqrt(g)",
        "return x - 2 * -torch.sqrt(g)",
        "return x - 2 * torch.sqrt(-g)",
        "return -x - 2 * torch.sqrt(g)",
    }


def test_momentum_is_whole_again_afterwards():
    original = Momentum.update
    mutation.outcome(mutation.Target(((Momentum, "update"),), [lambda: None]))
    assert Momentum.update is original


def test_a_check_that_never_ends_has_noticed_and_one_that_waits_has_not():
    def runs_on():
        for _ in itertools.count():
            pass

    assert judges.fails(runs_on, 0.05)
    assert not judges.fails(lambda: time.sleep(0.1), 0.05)
