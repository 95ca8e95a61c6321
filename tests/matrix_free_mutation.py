"""What `tests.mutation` changes in the operators and the estimates, and which tests judge each change."""

import torch

from book.calculus.matrix_free import (
    Fisher,
    Kronecker,
    data,
    gauss_newton,
    hessian,
    hutch_plus_plus,
    hutchinson,
    kronecker,
    likelihood,
)
from book.calculus.matrix_free.network import Curvature
from tests.calculus.matrix_free import (
    test_fisher,
    test_gauss_newton,
    test_hessian,
    test_hutch_plus_plus,
    test_hutchinson,
    test_kronecker,
)
from tests.calculus.matrix_free.small_networks import F64, normal
from tests.judges import all_tests
from tests.mutants import Target


def kronecker_products() -> None:
    for shapes in test_kronecker.SHAPES:
        test_kronecker.test_products_are_those_of_the_matrix_written_out(shapes)
    two = Kronecker(test_kronecker.positive(3, 1), test_kronecker.positive(4, 2))
    test_kronecker.test_trace_and_diagonal(two)
    test_kronecker.test_the_inverse_is_that_of_the_matrix(two)
    test_kronecker.test_an_unsymmetric_inverse()
    for damping in (0.0, 1e-3, 10.0):
        test_kronecker.test_the_damped_inverse_is_exact(two, damping)
    test_kronecker.test_the_damped_inverse_of_three_factors()
    test_kronecker.test_an_indefinite_product_is_inverted_too()
    for pi in (None, 0.7):
        test_kronecker.test_damping_of_the_factors_is_martens_and_grosses(two, pi)
    test_kronecker.test_singular_is_a_matter_of_the_condition_and_not_of_the_scale()
    test_kronecker.test_a_condition_of_one_over_epsilon_is_where_digits_end()
    test_kronecker.test_rounding_is_no_lack_of_symmetry()
    test_kronecker.test_pi_of_small_factors()
    test_kronecker.test_a_factor_of_zeros_is_damped_with_a_pi_of_one()
    refusals(test_kronecker)


def refusals(module) -> None:
    mark = next(m for m in module.test_what_it_refuses.pytestmark if m.name == "parametrize")
    for arguments in mark.args[1]:
        module.test_what_it_refuses(*arguments)


def estimates() -> None:
    matrix = normal(6, 6)
    test_hutchinson.test_over_all_signs_mean_and_variance_are_the_predicted_ones_exactly(matrix)
    test_hutchinson.test_gaussian_moments_by_quadrature()
    for kind in test_hutchinson.KINDS:
        test_hutchinson.test_the_trace_lies_within_its_predicted_error(matrix, kind)
        test_hutchinson.test_the_diagonal_lies_within_its_predicted_error(matrix, kind)
        for probes in (1, 16, 17, 40):
            test_hutchinson.test_probes_in_parts_are_those_drawn_at_once(matrix, kind, probes)
        test_hutch_plus_plus.test_it_is_algorithm_1_of_the_paper(kind)
    test_hutchinson.test_signs_find_a_diagonal_matrix_with_one_probe()
    test_hutchinson.test_two_probes_have_an_error_and_on_a_diagonal_matrix_it_is_0()
    test_hutchinson.test_probes_are_what_they_say()
    test_hutch_plus_plus.test_more_products_than_dimensions_give_the_trace()
    test_hutch_plus_plus.test_a_matrix_of_low_rank_leaves_nothing_to_guess()
    refusals(test_hutchinson)
    refusals(test_hutch_plus_plus)
    assert torch.equal(
        kronecker.shifted(torch.zeros(1, 1, dtype=F64), 2.0), torch.full((1, 1), 2.0, dtype=F64)
    )


def all_of(owner: type, *names: str) -> tuple[tuple[object, str], ...]:
    return tuple((owner, name) for name in names)


DENSITY = ("rows", "back", "divisor", "bend", "slope", "sample")
MATRIX_FREE_TARGETS = {
    "Kronecker": Target(
        (
            *all_of(
                Kronecker,
                "columns",
                "trace",
                "diagonal",
                "inverse",
                "damped",
                "damped_inverse",
                "_check_square",
            ),
            (kronecker.Spectral, "columns"),
            *(
                (kronecker, name)
                for name in ("balance", "check_damping", "shifted", "_inverse", "_symmetric")
            ),
        ),
        [kronecker_products],
    ),
    "Curvature": Target(
        (
            *all_of(Curvature, "columns", "_of_all", "_of_one"),
            *all_of(hessian.Hessian, "product", "_by_kept_graphs"),
            (hessian, "_pulled_back"),
            *all_of(gauss_newton.GaussNewton, "product", "bend"),
            *all_of(Fisher, "bend", "_slopes"),
            *all_of(likelihood.Categorical, "check", *DENSITY),
            *all_of(likelihood.Gaussian, *DENSITY),
            *((data, name) for name in ("batches_of", "_terms", "followed_forward")),
        ),
        all_tests(test_hessian, test_gauss_newton, test_fisher),
    ),
    "Hutchinson": Target(
        (
            *(
                (hutchinson, name)
                for name in (
                    "random_probes",
                    "hutchinson_trace",
                    "hutchinson_diagonal",
                    "trace_variance",
                    "diagonal_variance",
                    "_products",
                    "check_square",
                    "_estimate",
                )
            ),
            (hutch_plus_plus, "hutch_plus_plus"),
        ),
        [estimates],
    ),
}
