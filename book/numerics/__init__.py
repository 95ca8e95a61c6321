"""The numbers under the optimizers: stable exponentials, floats, rounding, sums and condition numbers."""

from book.numerics.condition import condition_number, digits_lost, hilbert, relative_condition
from book.numerics.exact import exact_solve
from book.numerics.exponentials import (
    cross_entropy,
    log_softmax,
    logsumexp,
    naive_softmax,
    sigmoid,
    softmax,
    softplus,
)
from book.numerics.floats import Bits, bits, overflow_depth, ulp, vanishing_depth
from book.numerics.rounding import round_stochastically, round_to
from book.numerics.sums import kahan_sum, naive_sum, pairwise_sum

__all__ = [
    "Bits",
    "bits",
    "condition_number",
    "cross_entropy",
    "digits_lost",
    "exact_solve",
    "hilbert",
    "kahan_sum",
    "log_softmax",
    "logsumexp",
    "naive_softmax",
    "naive_sum",
    "overflow_depth",
    "pairwise_sum",
    "relative_condition",
    "round_stochastically",
    "round_to",
    "sigmoid",
    "softmax",
    "softplus",
    "ulp",
    "vanishing_depth",
]
