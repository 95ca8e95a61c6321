"""What the methods with a penalty share: when a doubt is looked into, and how far a penalty grows."""

from unittest import mock

import pytest
import torch

from book.numerics.vector import f64
from book.optim import BFGS
from book.optim.constrained import Problem, Round, rounds
from book.optim.constrained.rounds import Rounds


def begun(penalty=2.0, growth=10.0):
    return Rounds(Problem(lambda x: x @ x, lambda x: x[:1] - 1), f64(5, 5), penalty, growth, BFGS, 100)


def test_a_doubt_is_looked_into_where_the_penalty_grew_a_hundredfold_and_not_half_was_gained():
    way = begun()
    with mock.patch.object(rounds, "check_feasible") as looked:
        for penalty, left, looks in [
            (2, 9.0, 0),
            (20, 9.0, 0),
            (199, 9.0, 0),  # too early, and not remembered
            (200, 4.0, 0),  # the first that counts
            (2000, 2.0, 0),  # half of it
            (2000, 1.01, 1),
            (2000, 0.505, 1),
            (2000, 1e-3, 1),
            (2000, 1e-3, 1),  # within the tolerance
            (2000, 1.1e-3, 2),
        ]:
            way.penalty = penalty
            way.done.append(Round(penalty, way.x, left, 1))
            way.doubt(1e-3)
            assert looked.call_count == looks, (penalty, left)
    assert looked.call_args.args == (way.problem, way.x, 1e-3)


def test_a_penalty_grows_by_its_factor_up_to_the_largest():
    way = begun(penalty=1e9)
    assert way.grow()
    assert way.penalty == rounds.LARGEST == 1e10
    assert not way.grow()
    assert way.penalty == 1e10


@pytest.mark.parametrize(("status", "looks"), [("max_rounds", 0), ("penalty", 1)])
def test_a_solution_doubts_the_constraints_only_where_the_penalty_is_the_largest(status, looks):
    way = begun()
    with mock.patch.object(rounds, "check_feasible") as looked:
        found = way.solution(None, 1e-6, status)
    assert (found.status, looked.call_count) == (status, looks)
    assert found.value == 50
    way.x = f64(1, 0)
    assert way.solution(None, 1e-6, status).status == "solved"


def test_constraints_that_nearly_touch_count_as_far_as_the_violation_reaches():
    """x₀ ≤ 0 is violated by 1e-3, and x₀ ≥ 5e-4 holds by 5e-4: two gradients in one direction."""
    way = begun()
    way.problem = Problem(lambda x: x @ x, inequalities=lambda x: torch.stack([x[0], 5e-4 - x[0]]))
    way.x = f64(1e-3, 0)
    with mock.patch.object(rounds, "check_feasible"):
        assert way.solution(None, 1e-6, "penalty").status == "dependent"
        assert way.solution(None, 1e-6, "max_rounds").status == "max_rounds"
