"""Functions to test a minimizer on: the set of Moré, Garbow and Hillstrom, as torch functions.

Source:
    Moré, Garbow and Hillstrom, "Testing unconstrained optimization software", ACM Transactions on
    Mathematical Software, 1981. The numbers and names are the paper's, the starts its standard ones.
"""

from book.problems.families import FAMILIES
from book.problems.fits import FITS
from book.problems.small import SMALL
from book.problems.statement import Family, Known, Problem

__all__ = ["Family", "Known", "Problem", "problem"]

BY_NAME: dict[str, Problem | Family] = {
    entry.name: entry for entry in sorted((*SMALL, *FITS, *FAMILIES), key=lambda entry: entry.number)
}


def problem(name: str, n: int | None = None) -> Problem:
    """A problem of the set by its name, and by its dimension where it has many.

    Raises:
        KeyError: no problem has the name.
        ValueError: n is missing, not wanted, or not a dimension of the problem.

    Examples:
        >>> problem("Beale").start
        (1.0, 1.0)
        >>> problem("Extended Rosenbrock", 1000).n
        1000
    """
    if name not in BY_NAME:
        raise KeyError(f"No problem is called {name!r}; the names are {', '.join(BY_NAME)}.")
    found = BY_NAME[name]
    if isinstance(found, Family):
        if n is None:
            raise ValueError(f"{name} has many dimensions; choose one: problem({name!r}, 10).")
        return found(n)
    if n is not None and n != found.n:
        raise ValueError(f"{name} has dimension {found.n} only; got {n}.")
    return found


# The dimensions of the paper's own test, and large ones.
SIZES = {
    "Watson": (6, 9),
    "Extended Rosenbrock": (10, 1000),
    "Extended Powell, singular": (12, 100),
    "Penalty I": (4, 10),
    "Penalty II": (4, 10),
    "Variably dimensioned": (10, 100),
    "Trigonometric": (10, 100),
    "Brown almost-linear": (10,),
    "Discrete boundary value": (10, 100),
    "Discrete integral equation": (10, 100),
    "Broyden tridiagonal": (10, 1000),
    "Broyden banded": (10, 100),
    "Linear, full rank": (10, 1000),
    "Linear, rank 1": (10,),
    "Linear, rank 1 with zeros": (10,),
    "Chebyquad": (8, 9, 10),
}

STANDARD: tuple[Problem, ...] = tuple(
    problem(name, n) for name, entry in BY_NAME.items() for n in SIZES.get(name, (None,))
)
