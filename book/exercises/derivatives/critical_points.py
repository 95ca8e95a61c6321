"""Exercises of the chapter *Critical points*."""

import math

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor


def escape_direction(H):
    eigenvalues, directions = torch.linalg.eigh(H)  # ascending: the first is the smallest
    return directions[:, 0] if eigenvalues[0] < 0 else torch.zeros_like(H[0])


def _with_eigenvalues(*eigenvalues: float) -> torch.Tensor:
    generator = torch.Generator().manual_seed(len(eigenvalues))
    n = len(eigenvalues)
    Q = torch.linalg.qr(torch.randn(n, n, dtype=torch.float64, generator=generator)).Q
    H = Q @ torch.diag(torch.tensor(eigenvalues, dtype=torch.float64)) @ Q.T
    return (H + H.T) / 2


def _as_vector(attempt, H: torch.Tensor) -> torch.Tensor:
    return tensor(attempt(H.clone()))


def _curvature(attempt, H: torch.Tensor) -> torch.Tensor:
    v = _as_vector(attempt, H)
    return v @ H @ v


def _keeps_its_input(attempt) -> bool:
    H = _with_eigenvalues(-2.0, 1.0, 3.0)
    attempt(H)
    return torch.equal(H, _with_eigenvalues(-2.0, 1.0, 3.0))


EXERCISES = (
    Number(
        id="2-derivatives/smallest-eigenvalue",
        prompt="The smallest eigenvalue of the Hessian of x³ + y³ − 3xy at (0, 0).",
        answer=-3,
        rtol=1e-3,
        mistakes={
            0: (
                "The diagonal of the Hessian is zero at the origin, but the mixed derivative is not: "
                "the diagonal entries are not the eigenvalues."
            ),
            3: "That is the largest eigenvalue. There are two, and they have opposite signs.",
            -9: "That is the determinant, the product of the two eigenvalues.",
            -6: "The mixed derivative of −3xy is −3, and it stands twice in the matrix, not doubled.",
        },
        hint="The Hessian is [[6x, −3], [−3, 6y]]. At the origin only the −3 is left: solve λ² = 9.",
        right="The Hessian is [[0, −3], [−3, 0]], with the eigenvalues 3 and −3: a saddle.",
        worked=(
            "$H = \\begin{pmatrix} 6x & -3 \\\\ -3 & 6y \\end{pmatrix}$. At the origin "
            "$\\det(H - \\lambda I) = \\lambda^2 - 9$, so $\\lambda = \\pm 3$. The way down is $(1, 1)$: "
            "along it $f(t, t) = 2t^3 - 3t^2$."
        ),
    ),
    Number(
        id="2-derivatives/escape-time",
        prompt="Steps from 1e-6 to 1 along the negative direction, eigenvalues 8 and −4, rate 0.05.",
        answer=math.log(1e6) / math.log(1.2),
        rtol=5e-3,
        mistakes={
            math.log(1e6) / math.log(1.4): (
                "That takes the eigenvalue 8. Along it descent approaches the saddle; it leaves along "
                "the negative one."
            ),
            math.log(1e6) / -math.log(0.8): (
                "The factor is 1 − ηλ with λ = −4. Minus times minus: the distance grows, by 1.2 a step."
            ),
            math.log(1e6) / 0.2: (
                "That replaces the logarithm of 1.2 by 0.2, which is good only for a small rate."
            ),
            6 / math.log(1.2): "You divided log10 of one number by ln of the other. Use the same logarithm.",
            1e6 / 1.2: "The distance grows by a factor each step, so take logarithms of both numbers.",
        },
        hint="The distance is multiplied by 1 + 0.05 · 4 in each step. Solve 1.2^t · 1e-6 = 1 for t.",
        right="The factor is 1 + 0.05 · 4 = 1.2, and t = ln(1e6) / ln(1.2).",
        worked=(
            "The factor is $1 + \\eta|\\lambda| = 1 + 0.05 \\cdot 4 = 1.2$, so "
            "$t = \\ln 10^6 / \\ln 1.2 = 75.8$. The eigenvalue 8 plays no part."
        ),
    ),
    Choice(
        id="2-derivatives/silent-test",
        prompt="What does x² − y⁴ have at the origin?",
        options={
            "a": "a minimum, since no eigenvalue is negative",
            "b": "a saddle",
            "c": "a maximum",
            "d": "nothing that can be known, since an eigenvalue is zero",
        },
        answer="b",
        hints={
            "a": (
                "That no eigenvalue is negative is necessary for a minimum, and not enough. Walk along "
                "the y axis: where does −y⁴ go?"
            ),
            "c": "Walk along the x axis: x² goes up.",
            "d": (
                "The eigenvalues, 2 and 0, do not decide. The function does: look at its values on both axes."
            ),
        },
        right="It goes up along x and down along y, however slowly.",
        worked=(
            "The Hessian at the origin is $\\mathrm{diag}(2, 0)$: undecided. But $f(t, 0) = t^2 > 0$ and "
            "$f(0, t) = -t^4 < 0$, so there are higher and lower values as close as you like."
        ),
    ),
    Number(
        id="2-derivatives/one-in-a-thousand",
        prompt="The first dimension with fewer than one positive definite matrix in a thousand.",
        answer=5,
        rtol=1e-6,
        mistakes={
            4: "At 4 the chance is a little above two in a thousand. Go one further.",
            6: (
                "That is the leading term, drawn with dashes and dots. Asked: the random matrices, the "
                "solid line."
            ),
            7: "That is the dashed line of 3^-d. The random matrices are far below it.",
            10: "That is the dotted line of 2^-d. The random matrices are far below it.",
        },
        hint="Find 10^-3 on the vertical axis, go to the right to the solid line, then down.",
        right="At d = 5 the solid line stands near one in seven thousand, at 4 above two in a thousand.",
        worked=(
            "The solid line is at $2.5 \\cdot 10^{-3}$ for $d = 4$ and at $1.4 \\cdot 10^{-4}$ for $d = 5$."
        ),
    ),
    Code(
        id="2-derivatives/escape-direction",
        prompt="Write escape_direction(H), shape (n, n) → (n,).",
        solution=escape_direction,
        cases=(
            Case(_keeps_its_input, "Your function changes `H` in place. Leave it as it is."),
            Case(
                lambda attempt: _as_vector(attempt, _with_eigenvalues(-2.0, 1.0, 3.0)).shape == (3,),
                "The result must be one vector of shape (n,).",
            ),
            Case(
                lambda attempt: bool(_curvature(attempt, _with_eigenvalues(-2.0, 1.0, 3.0)) < 0),
                "Along your vector v the curvature v·Hv is not negative. Eigenvectors are the columns "
                "of what `torch.linalg.eigh` returns, in the order of ascending eigenvalues.",
            ),
            Case(
                lambda attempt: close(_as_vector(attempt, _with_eigenvalues(-2.0, 1.0, 3.0)).norm(), 1.0),
                "The vector does not have length 1.",
            ),
            Case(
                lambda attempt: close(_curvature(attempt, _with_eigenvalues(-5.0, -1.0, 2.0, 0.5)), -5.0),
                "With two negative eigenvalues take the more negative one.",
            ),
            Case(
                lambda attempt: close(_as_vector(attempt, _with_eigenvalues(0.5, 1.0)), [0.0, 0.0]),
                "At a minimum nothing curves down: return zeros of shape (n,) there.",
            ),
        ),
        right="The first eigenvector of eigh where the first eigenvalue is negative, zeros elsewhere.",
    ),
)
