"""Methods that make a function small: one method, one file."""

from book.optim.gradient_descent import descend

__all__ = ["descend"]
