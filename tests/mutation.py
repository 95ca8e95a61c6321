"""Change one operator, constant or sign of the optimizers at a time, and see whether the tests notice.

    .venv/bin/python -m tests.mutation          # every target
    .venv/bin/python -m tests.mutation Adam     # one

Each mutant of a function is put in the function's place in this process. There the comparisons of tests/optim
judge it in milliseconds: the method beside torch's, under the same options, over fewer steps. The tools made
for this, mutmut and cosmic-ray, rewrite files and judge by runs of pytest; and an operand's sign, which is
what a formula gets wrong first, is not among what they change.
"""

import inspect
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from unittest import mock

import pytest
import torch

from book.errors import known
from book.optim import AdaGrad, engine, schedules
from book.optim.rule import Rule
from tests.constrained_mutation import CONSTRAINED_TARGETS
from tests.equivalent_mutants import EQUIVALENT
from tests.judges import Judges
from tests.kfac_mutation import KFAC_TARGETS
from tests.matrix_free_mutation import MATRIX_FREE_TARGETS
from tests.mutants import Target, changed_line, made, mutations, parsed, plain
from tests.optim import test_oracles, test_rule, test_schedules, test_sparse, test_state_bytes
from tests.optim.references import HELD, apart, pair, path
from tests.second_order_mutation import SECOND_ORDER_TARGETS

STEPS = 40


@dataclass(frozen=True)
class Outcome:
    mutants: int
    caught: int
    survivors: tuple[str, ...]  # the line that was changed


def outcome(target: Target, told: Callable[[str], object] = lambda line: None) -> Outcome:
    """Try every mutant of a target; survivors are told as they are found."""
    judges, count, survivors = Judges(target.checks), 0, []
    for owner, name in target.functions:
        function = plain(inspect.getattr_static(owner, name))
        tree = parsed(function)
        for mutant in mutations(tree):
            count += 1
            with installed(owner, name, made(mutant, function)):
                if not judges.notice():
                    survivors.append(changed_line(tree, mutant))
                    told(survivors[-1])
    return Outcome(count, count - len(survivors), tuple(survivors))


@contextmanager
def installed(owner: object, name: str, mutant: Callable) -> Iterator[None]:
    """A mutant in the place of a class's method, or of a function in all modules that use it."""
    original = inspect.getattr_static(owner, name)
    modules = [m for key, m in list(sys.modules.items()) if key.startswith(("book.", "tests."))]
    users = [module for module in modules if vars(module).get(name) is original]
    static = isinstance(original, staticmethod) and not isinstance(mutant, staticmethod)
    with ExitStack() as stack:
        for place in [owner] if isinstance(owner, type) else users:
            stack.enter_context(mock.patch.object(place, name, staticmethod(mutant) if static else mutant))
        yield


@cache
def reference(name: str, index: int) -> list:
    return path(pair(HELD[name], HELD[name].grid[index])[1], STEPS, index)


def as_torch(name: str) -> None:
    """A method's path and its memory are torch's with every set of options, through a reload half the way."""
    method = HELD[name]
    for index, options in enumerate(method.grid):
        found = path(pair(method, options)[0], STEPS, index, reload=True)
        assert apart(found, reference(name, index)) <= 1e-12
        test_oracles.test_state_dicts_are_exchanged_with_torch(name, index, "ours into torch's")


def all_as_torch() -> None:
    with mock.patch("book.optim.rule.advance_compiled", side_effect=AssertionError):  # eager means eager
        as_torch("SGD")
    for name in HELD:
        as_torch(name)
        test_rule.test_without_a_gradient_a_parameter_and_its_memory_stay(name)
    test_rule.test_memory_has_the_layout_of_its_parameter("Adam")
    test_rule.test_gradients_are_left_as_they_were("SGD")
    test_rule.test_one_optimizer_takes_several_dtypes("Adam")
    test_sparse.test_sparse_rows_rest_with_their_memory_where_no_gradient_is()
    test_sparse.test_a_complex_table_takes_a_sparse_gradient_as_a_dense_one(AdaGrad)
    for case in (("Adam", {}, 8), ("Adam", {"amsgrad": True}, 12), ("RMSProp", {"centered": True}, 8)):
        test_state_bytes.test_state_in_bytes_is_torchs(*case, torch.float32)


def power_is_one_for_numbers_and_tensors() -> None:
    for base, t in ((0.9, 1.0), (0.999, 7.0), (0.5, 300.0)):
        as_tensors = engine.power(
            torch.tensor(base, dtype=torch.float64), torch.tensor(t, dtype=torch.float64)
        )
        assert engine.power(base, t) == pytest.approx(base**t, rel=1e-13)
        assert as_tensors.item() == pytest.approx(base**t, rel=1e-13)


def all_schedules() -> None:
    for case in test_schedules.cases():
        test_schedules.test_the_rates_are_torchs(*case)
    for warmup in (1, 10):
        test_schedules.test_inverse_sqrt_is_equation_3_scaled_to_1_at_its_top(warmup)
    test_schedules.test_a_cycle_whose_rise_is_one_step_long_starts_at_the_top()
    for ended, last in test_schedules.ended():
        test_schedules.test_after_its_end_a_schedule_stays(ended, last)
    test_schedules.test_what_makes_no_schedule_is_refused()


SCHEDULES = ("constant", "step", "exponential", "inverse_sqrt", "cosine", "warmup_cosine", "one_cycle")
HELPERS = ("_half_cosine", "_at_least_one", "_positive", "_share")
TARGETS = {
    **{name: Target(((method.ours, "update"),), [partial(as_torch, name)]) for name, method in HELD.items()},
    "AdaGrad.start": Target(((HELD["AdaGrad"].ours, "start"),), [partial(as_torch, "AdaGrad")]),
    "Rule": Target(
        tuple((Rule, name) for name in ("start", "_step_group", "_by_age", "_recall")), [all_as_torch]
    ),
    "advance": Target(((engine, "advance"),), [all_as_torch]),
    "power": Target(((engine, "power"),), [power_is_one_for_numbers_and_tensors]),
    "schedules": Target(tuple((schedules, name) for name in SCHEDULES + HELPERS), [all_schedules]),
    **SECOND_ORDER_TARGETS,
    **MATRIX_FREE_TARGETS,
    **KFAC_TARGETS,
    **CONSTRAINED_TARGETS,
}


def main(names: list[str]) -> int:
    """Print a line for each target, the survivors under it; the exit status tells if one is unexplained."""
    unexplained = 0
    print(f"{'target':14} mutants caught equivalent survivors")
    for name in names or TARGETS:
        target = TARGETS[known(name, "target", TARGETS)]
        found = outcome(target, lambda line: print(f"    {line}", flush=True))
        alike = [line for line in found.survivors if (name, line) in EQUIVALENT]
        rest = [line for line in found.survivors if (name, line) not in EQUIVALENT]
        print(f"{name:14} {found.mutants:7} {found.caught:6} {len(alike):10} {len(rest):9}", flush=True)
        for line in alike:
            print(f"    equivalent: {line}    ({EQUIVALENT[name, line]})")
        for line in rest:
            print(f"    survived:   {line}")
        unexplained += len(rest)
    return min(unexplained, 1)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(main(sys.argv[1:]))
