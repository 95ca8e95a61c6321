"""Curvature without the matrix: what Hessian, Gauss–Newton and Fisher do to a vector, and what that tells."""

from book.calculus.curvature.kronecker import Kronecker, Spectral
from book.calculus.curvature.operator import LinearOperator

__all__ = ["Kronecker", "LinearOperator", "Spectral"]
