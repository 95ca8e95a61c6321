"""A problem of least squares: residuals, where to start, and what is known of its minima."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from book.numerics.arguments import check_floating
from book.numerics.number_types import whole


class Known(NamedTuple):
    """A local minimum: its height, and where it lies, if that is one point with known digits."""

    value: float
    point: tuple[float, ...] | None = None


@dataclass(frozen=True, eq=False)
class Problem:
    """f(x) = Σ rᵢ(x)², to be made small from a standard start.

    Args:
        number: in the paper.
        name: there.
        residuals: r, from shape (n,) to shape (m,), made of torch operations.
        start: the standard start, n numbers.
        minima: the known local minima, the lowest first; a value with no minimizer may be one of a whole
            line, or only approached far out, as the problem's function says.

    Examples:
        >>> from book.problems import problem
        >>> rosenbrock = problem("Rosenbrock")
        >>> rosenbrock(rosenbrock.at_start())
        tensor(24.2000, dtype=torch.float64)
    """

    number: int
    name: str
    residuals: Callable[[Tensor], Tensor]
    start: tuple[float, ...]
    minima: tuple[Known, ...]

    @property
    def n(self) -> int:
        """How many numbers are sought."""
        return len(self.start)

    def __call__(self, x: Tensor) -> Tensor:
        """The sum of the squared residuals at a point of shape (n,), shape ().

        Raises:
            TypeError: x is not a tensor of a float dtype.
            ValueError: it has not n entries.
        """
        check_floating(x, self.name)
        if x.shape != (self.n,):
            raise ValueError(f"{self.name} takes a point of shape ({self.n},) and got {tuple(x.shape)}.")
        return self.residuals(x).square().sum()

    def at_start(self) -> Tensor:
        """The start as a float64 tensor of shape (n,)."""
        return torch.tensor(self.start, dtype=torch.float64)


@dataclass(frozen=True, eq=False)
class Family:
    """A problem for each dimension n.

    Args:
        number: in the paper.
        name: there.
        residuals: as for `Problem`; n is read off its argument.
        start: from n to the standard start.
        minima: from n to the known minima.
        multiple: n is a multiple of this.
        largest: the largest n, where there is one.
    """

    number: int
    name: str
    residuals: Callable[[Tensor], Tensor]
    start: Callable[[int], list[float]]
    minima: Callable[[int], tuple[Known, ...]]
    multiple: int = 1
    largest: int | None = None

    def __call__(self, n: int) -> Problem:
        """The problem with n numbers.

        Raises:
            TypeError: n is not a whole number.
            ValueError: the family has no problem of that dimension.
        """
        n = whole("n", n, least=1)
        if n % self.multiple or (self.largest and n > self.largest):
            most = f" up to {self.largest}" if self.largest else ""
            raise ValueError(
                f"{self.name} has dimensions that are multiples of {self.multiple}{most}; got {n}."
            )
        start = tuple(map(float, self.start(n)))
        return Problem(self.number, self.name, self.residuals, start, self.minima(n))
