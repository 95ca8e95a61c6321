"""How far to go along a direction: from values alone, by Armijo's condition, or by Wolfe's."""

import book.optim.line_search.bracket  # noqa: F401  (before the function of this name, which stays)
from book.optim.line_search.along_gradient import backtracking, exact, restricted
from book.optim.line_search.armijo import armijo
from book.optim.line_search.golden_section import bracket, golden_section
from book.optim.line_search.interpolate import cubic_minimum
from book.optim.line_search.trial import Found, Trial
from book.optim.line_search.wolfe import strong_wolfe

__all__ = [
    "Found",
    "Trial",
    "armijo",
    "backtracking",
    "bracket",
    "cubic_minimum",
    "exact",
    "golden_section",
    "restricted",
    "strong_wolfe",
]
