"""Exercises of the chapter *Newton's method*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor


def saddle_free(g, H, floor):
    eigenvalues, vectors = torch.linalg.eigh(H)
    sizes = eigenvalues.abs().clamp(min=floor)
    return -vectors @ ((vectors.T @ g) / sizes)


def _matrix(*eigenvalues: float) -> torch.Tensor:
    """A symmetric matrix with these eigenvalues, whose axes are turned."""
    n = len(eigenvalues)
    mixed = torch.arange(1.0, n * n + 1, dtype=torch.float64).reshape(n, n).cos()
    turned, _ = torch.linalg.qr(mixed)
    return turned @ torch.diag(torch.tensor(eigenvalues, dtype=torch.float64)) @ turned.T


def _agrees(attempt, g: list[float], H: torch.Tensor, floor: float = 1e-3) -> bool:
    slope = torch.tensor(g, dtype=torch.float64)
    return close(attempt(slope, H, floor), saddle_free(slope, H, floor), rtol=1e-7, atol=1e-9)


def _falls(attempt, H: torch.Tensor) -> bool:
    """Whether the direction leads down from a gradient along the first eigenvector."""
    g = 2 * torch.linalg.eigh(H).eigenvectors[:, 0] + 0.1
    return bool(tensor(attempt(g, H, 1e-3)).double() @ g < 0)


def _adds_the_floor(attempt) -> bool:
    """Whether it divides by |λ| + floor."""
    H, g = _matrix(1.0, 2.0, 5.0), torch.ones(3, dtype=torch.float64)
    return close(attempt(g, H, 0.5), -torch.linalg.solve(H + 0.5 * torch.eye(3, dtype=torch.float64), g))


EXERCISES = (
    Number(
        id="4-second-order/a-step-by-hand",
        prompt="Where the step leads.",
        answer=54 / 23,
        rtol=2e-3,
        mistakes={
            3 + 60 / 92: "You went uphill: the step is minus the slope over the curvature.",
            -60 / 92: "That is the step. Where does it lead from 3?",
            60 / 92: "That is the length of the step. Where does it lead from 3?",
            3 - 92 / 60: "You divided the curvature by the slope.",
            2: "That is the minimum; one step gets near it, no more.",
        },
        hint="The slope at 3 is 4 · 27 − 16 · 3 = 60, the curvature 12 · 9 − 16 = 92.",
        right="3 − 60/92 = 2.348, on the way to the minimum at 2.",
        worked=(
            "$f'(3) = 4 \\cdot 27 - 16 \\cdot 3 = 60$ and $f''(3) = 12 \\cdot 9 - 16 = 92$: "
            "$3 - 60/92 = 2.348$."
        ),
    ),
    Choice(
        id="4-second-order/four-digits",
        prompt="Where it is.",
        options={
            "a": "near a minimum with positive curvature",
            "b": "near a minimum whose curvature is 0",
            "c": "near a maximum with negative curvature",
            "d": "on a parabola",
        },
        answer="b",
        hints={
            "a": "There the digits double: 0.3, 0.1, 0.01, 0.0001. Here each error is a share of the last.",
            "c": "At a maximum whose curvature is not 0 the digits double as well: only the slope counts.",
            "d": "On a parabola the first step arrives, and nothing is left.",
        },
        right="Each is 2/3 of the last: x − 4x³/12x² = 2x/3. Where H is singular at the end, no doubling.",
        worked=(
            "0.3, 0.2, 0.133, 0.089 fall by the factor $2/3$. For $x^4$ the step leads to "
            "$x - 4x^3 / (12 x^2) = 2x/3$: with curvature 0 at the minimum each step adds the same share of "
            "a digit."
        ),
    ),
    Code(
        id="4-second-order/write-newton",
        prompt="Write saddle_free(g, H, floor), which returns the direction.",
        solution=saddle_free,
        cases=(
            Case(
                lambda attempt: (
                    tensor(attempt(torch.ones(2).double(), _matrix(1.0, 2.0), 1e-3)).shape == (2,)
                ),
                "Return one vector of the shape of `g`.",
            ),
            Case(
                lambda attempt: _falls(attempt, torch.diag(torch.tensor([1.0, 2.0, 5.0]).double())),
                "Your direction leads uphill, with all eigenvalues positive: go against the gradient.",
            ),
            Case(
                lambda attempt: not _adds_the_floor(attempt),
                "You add the floor to each size. Divide by the size or by the floor, whichever is larger.",
            ),
            Case(
                lambda attempt: _agrees(attempt, [1.0, -2.0, 0.5], _matrix(1.0, 2.0, 5.0)),
                "Where all eigenvalues are positive it is −H⁻¹g. Turn g into the eigenvectors' frame "
                "and back: `vectors.T @ g`, then `vectors @ …`.",
            ),
            Case(
                lambda attempt: _falls(attempt, _matrix(-3.0, 2.0, 5.0)),
                "With a negative eigenvalue your direction leads uphill: λ must not keep its sign.",
            ),
            Case(
                lambda attempt: _agrees(attempt, [1.0, -2.0, 0.5], _matrix(-3.0, 2.0, 5.0)),
                "With a negative eigenvalue the direction differs. Divide by its size |λ|, not by the floor.",
            ),
            Case(
                lambda attempt: _agrees(attempt, [1.0, -2.0, 0.5], _matrix(1e-6, 2.0, 5.0), floor=0.1),
                "An eigenvalue whose size is below the floor counts as the floor.",
            ),
            Case(
                lambda attempt: _agrees(attempt, [1.0, -2.0, 0.5], _matrix(-1e-6, 2.0, 5.0), floor=0.1),
                "A small negative eigenvalue counts as the floor as well: first the size, then the floor.",
            ),
        ),
        right="It goes downhill whatever the eigenvalues' signs, and is Newton's where all are positive.",
    ),
)
