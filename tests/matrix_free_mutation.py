"""What `tests.mutation` changes in the operators and the estimates, and which tests judge each change."""

import torch

from book.calculus.matrix_free import (
    Fisher,
    GaussNewton,
    Hessian,
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
from tests.calculus.matrix_free.small_networks import F64, apart, case, normal
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


def products() -> None:
    for loss in ("squares", "cross-entropy"):
        for reduction in ("mean", "sum"):
            one = case("perceptron", loss, reduction)
            v = normal(len(one.start))
            V = normal(len(one.start), 2)
            whole = one.hessian()
            for way in test_hessian.WAYS.values():
                H = Hessian(one.model, one.loss, one.data, **way)
                assert apart(H @ v, whole @ v) <= 1e-10
                assert apart(H @ V, whole @ V) <= 1e-10
            assert apart(GaussNewton(one.model, one.loss, one.data) @ v, one.gauss_newton() @ v) <= 1e-10
            for kind, dense in (("exact", one.gauss_newton()), ("empirical", one.empirical_fisher())):
                assert apart(Fisher(one.model, one.loss, one.data, kind=kind) @ v, dense @ v) <= 1e-10
            test_fisher.test_the_sampled_one_is_the_mean_of_its_samples_and_unbiased(loss, reduction)
    test_gauss_newton.test_a_loss_of_no_known_density()
    mark = next(
        m
        for m in test_hessian.test_batches_add_up_to_the_whole_of_any_mean.pytestmark
        if m.name == "parametrize"
    )
    for loss in mark.args[1]:
        test_hessian.test_batches_add_up_to_the_whole_of_any_mean(loss)
    for kind in ("exact", "empirical"):
        test_fisher.test_one_output_without_an_axis(kind)
        for reduction in ("mean", "sum"):
            test_fisher.test_an_axis_of_positions_makes_more_terms(kind, reduction)
    test_fisher.test_targets_may_be_probabilities()
    test_fisher.test_slopes_are_the_gradients_that_torch_finds()
    test_fisher.test_ignored_targets_are_refused_by_the_exact_one_too()
    test_hessian.test_dropout_is_one_draw("reverse over reverse")
    test_hessian.test_a_linear_loss_has_no_curvature("kept graph")
    test_hessian.test_a_linear_loss_has_no_curvature("reverse over reverse")
    refusals(test_hessian)
    refusals(test_fisher)


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
        kronecker_products,
    ),
    "Curvature": Target(
        (
            *all_of(Curvature, "columns", "_of_all"),
            *all_of(hessian.Hessian, "product", "_by_kept_graphs"),
            (hessian, "_pulled_back"),
            *all_of(gauss_newton.GaussNewton, "product", "bend"),
            *all_of(Fisher, "bend", "_slopes"),
            *all_of(likelihood.Categorical, "check", *DENSITY),
            *all_of(likelihood.Gaussian, *DENSITY),
            *((data, name) for name in ("batches_of", "_terms", "followed_forward")),
        ),
        products,
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
        estimates,
    ),
}
