"""What `tests.mutation` changes in the methods for constraints, and which of their tests judge it."""

from tests.judges import all_tests
from tests.mutants import Target
from tests.mutants import members as members_of
from tests.optim.constrained import (
    test_augmented_lagrangian,
    test_kkt,
    test_multipliers,
    test_penalty,
    test_problem,
    test_projected_gradient,
    test_projections,
    test_rounds,
    test_smo,
)


def members(module: str, *names: str) -> tuple[tuple[object, str], ...]:
    return tuple(members_of(f"book.optim.constrained.{module}", *names))


SETS = ("box", "ball", "simplex", "half_space", "box_and_plane")
CONSTRAINED_TARGETS = {
    "projections": Target(
        members("projections", *(f"project_{name}" for name in SETS), "_root", "_length"),
        all_tests(test_projections),
    ),
    "projected_gradient": Target(
        members("projected_gradient", "_fixed", "_Arc.__call__", "_lower"), all_tests(test_projected_gradient)
    ),
    "kkt": Target(
        members("kkt", "kkt_residual", "KKT.size", "KKT.failing", "KKT.largest")
        + members("multipliers", "fitted", "rank", "nonnegative_least_squares")
        + members("problem", *(f"Problem.{name}" for name in ("lagrangian", "half_squares", "violation"))),
        all_tests(test_kkt, test_multipliers, test_problem),
    ),
    "penalty": Target(
        members("penalty", "penalised", "quadratic_penalty")
        + members("augmented_lagrangian", "augmented", "learned", "_first", "_moved", "augmented_lagrangian")
        + members("rounds", "lowest", "_polish", "check_feasible")
        + members("rounds", *(f"Rounds.{name}" for name in ("doubt", "grow", "solution"))),
        all_tests(test_penalty, test_augmented_lagrangian, test_rounds),
    ),
    "smo": Target(members("smo", "smo", "_may", "_second", "_move", "_bias"), all_tests(test_smo)),
}
