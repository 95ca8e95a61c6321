"""Exercises of the chapter *The speedrun*."""

import torch

from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor


def whitening(C):
    variances, directions = torch.linalg.eigh(C)
    return (directions / variances.sqrt()).T


def _matrix(n: int = 3, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """Symmetric, with the eigenvalues 1, 10, 100, …, and no axis of its own along a coordinate."""
    generator = torch.Generator().manual_seed(n)
    directions, _ = torch.linalg.qr(torch.randn(n, n, generator=generator, dtype=torch.float64))
    return (directions * 10.0 ** torch.arange(n) @ directions.T).to(dtype)


def _keeps_the_shape(attempt) -> bool:
    return tensor(attempt(_matrix())).shape == (3, 3)


def _keeps_its_input(attempt) -> bool:
    C = _matrix()
    attempt(C)
    return torch.equal(C, _matrix())


def _keeps_the_dtype(attempt) -> bool:
    return all(attempt(_matrix(dtype=dtype)).dtype == dtype for dtype in (torch.float32, torch.float64))


def _product(attempt, C: torch.Tensor) -> torch.Tensor:
    W = tensor(attempt(C.clone()))
    return W @ C @ W.T


def _uncorrelated(attempt) -> bool:
    products = [_product(attempt, _matrix(n)) for n in (2, 3, 5)]
    return all((product - product.diag().diag()).abs().max() < 1e-6 for product in products)


def _of_mean_square_one(attempt) -> bool:
    diagonal = _product(attempt, _matrix()).diag()
    return torch.allclose(diagonal, torch.ones_like(diagonal), atol=1e-6)


def _speed(share: float) -> float:
    """The third curve after its peak: the triangular rate times Lookahead's 1 − ρ."""
    return (1 - 0.93 * (share - 0.23) / 0.77) * (1 - 0.95**5 * share**3)


def _half_speed() -> float:
    low, high = 0.3, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _speed(middle) > 0.5 else (low, middle)
    return low


EXERCISES = (
    Number(
        id="6-project/runs-needed",
        prompt="The least number of runs for an interval of ±0.05 at a deviation of 0.2.",
        answer=62,
        rtol=0,
        mistakes={
            61: "61 runs give ±0.0502, a little too wide. Round up.",
            16: "You left out 1.96: the interval of 95 % is about two deviations of the mean wide, each way.",
            8: "Square it: half the width falls with the root of the number of runs.",
            246: "0.05 is half of the width. You have taken it for the whole.",
            35: "That is for a deviation of 0.15.",
        },
        hint="Put s = 0.2 and h = 0.05 into n = (1.96 s / h)^2, and round up.",
        right="A third more scatter than 0.15, and nearly twice the runs: 62 in place of 35.",
        worked="$(1.96 \\cdot 0.2 / 0.05)^2 = 7.84^2 = 61.5$, so 62 runs.",
    ),
    Number(
        id="6-project/half-speed",
        prompt="The share of the steps, after the peak, at which the third curve is a half.",
        answer=_half_speed(),
        rtol=0.025,
        mistakes={
            0.64: "There the first curve is a half. The third also has the factor 1 − ρ.",
            0.865: "There 1 − ρ alone is a half. It multiplies the rate.",
            0.0975: "There the curve is on its way up. The question is after the peak.",
            0.5: "At a half of the steps the curve is still at 0.61.",
        },
        hint="Go along the third curve from its peak to the right, down to 0.5, and read the share.",
        right="Lookahead has brought it forward, from 0.64 for the rate alone.",
        worked=(
            "At $s = 0.57$ the rate's factor is $1 - 0.93\\,(0.57 - 0.23)/0.77 = 0.59$, and "
            "$1 - 0.774 \\cdot 0.57^3 = 0.86$. Their product is 0.50."
        ),
    ),
    Choice(
        id="6-project/what-a-tie-says",
        prompt="What −0.03 ± 0.05 points, left out, says of a trick.",
        options={
            "a": "it buys 0.03 points",
            "b": "it buys nothing",
            "c": "its effect lies somewhere between a loss of 0.02 and a gain of 0.08,"
            " as far as ten seeds can tell",
            "d": "it can be dropped, because leaving it out is within the noise",
        },
        answer="c",
        hints={
            "a": "0.03 is the mean of ten runs. Ten others would give another.",
            "b": "0 is in the interval, and so is 0.08. Not seen is not absent.",
            "d": "A loss of 0.08 points is in the interval too, and twenty such droppings add up.",
        },
        right="An interval is all there is to say. More seeds make it narrower, slowly.",
        worked=(
            "Left out, the accuracy changes by something between $-0.08$ and $+0.02$. So the trick is worth "
            "between $-0.02$ and $+0.08$. To tell 0.03 from 0, the interval must be within $\\pm 0.03$: "
            "about three times the seeds."
        ),
    ),
    Code(
        id="6-project/whitening",
        prompt="Write whitening(C), which returns a W with W C Wᵀ = I.",
        solution=whitening,
        cases=(
            Case(_keeps_its_input, "Your function changes C in place. Build a new matrix."),
            Case(_keeps_the_shape, "For C of shape (3, 3), W has shape (3, 3) too."),
            Case(_keeps_the_dtype, "W must have the dtype of C: float32 for float32, float64 for float64."),
            Case(
                _uncorrelated,
                "The outputs are still correlated: the rows of W are the eigenvectors, which `eigh` returns"
                " in columns.",
            ),
            Case(
                _of_mean_square_one,
                "The outputs do not have the mean square 1: divide each direction by the *root* of its"
                " eigenvalue.",
            ),
        ),
        right="Any rotation of it would be white as well: (RW) C (RW)ᵀ = RRᵀ = I.",
        worked=(
            "The inverse of the Cholesky factor is another answer: with $C = LL^\\top$, "
            "$L^{-1} C L^{-\\top} = I$."
        ),
    ),
)
