"""Methods that make a function small: one method, one file."""

from book.optim.gradient_descent import descend
from book.optim.hill_climbing import attacks, hill_climb, queen_moves
from book.optim.line_search import backtracking, exact

__all__ = ["attacks", "backtracking", "descend", "exact", "hill_climb", "queen_moves"]
