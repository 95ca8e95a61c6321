"""K-FAC: layers it knows, factors it collects, their damped inverse, and the optimizer built from them."""

from book.optim.kfac.factors import kronecker_factors
from book.optim.kfac.hooks import Factors
from book.optim.kfac.optimizer import KFAC

__all__ = ["KFAC", "Factors", "kronecker_factors"]
