"""Curvature without the matrix: what Hessian, Gauss–Newton and Fisher do to a vector, and what that tells."""

from book.calculus.matrix_free.fisher import Fisher
from book.calculus.matrix_free.gauss_newton import GaussNewton
from book.calculus.matrix_free.hessian import Hessian
from book.calculus.matrix_free.hutch_plus_plus import hutch_plus_plus
from book.calculus.matrix_free.hutchinson import (
    Estimate,
    diagonal_variance,
    hutchinson_diagonal,
    hutchinson_trace,
    random_probes,
    trace_variance,
)
from book.calculus.matrix_free.kronecker import Kronecker, Spectral
from book.calculus.matrix_free.network import Curvature
from book.calculus.matrix_free.operator import LinearOperator

__all__ = [
    "Curvature",
    "Estimate",
    "Fisher",
    "GaussNewton",
    "Hessian",
    "Kronecker",
    "LinearOperator",
    "Spectral",
    "diagonal_variance",
    "hutch_plus_plus",
    "hutchinson_diagonal",
    "hutchinson_trace",
    "random_probes",
    "trace_variance",
]
