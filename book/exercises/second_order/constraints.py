"""Exercises of the chapter *Constraints*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor
from book.optim.constrained import project_simplex


def nearest(x, radius):
    sizes = x.abs()
    if sizes.sum() <= radius:
        return x
    return x.sign() * project_simplex(sizes, radius)


def _x(*entries: float) -> torch.Tensor:
    return torch.tensor(entries, dtype=torch.float64)


def _agrees(attempt, x: torch.Tensor, radius: float) -> bool:
    return close(attempt(x, radius), nearest(x, radius), rtol=1e-6, atol=1e-9)


def _keeps_its_input(attempt) -> bool:
    x = _x(3, -1)
    attempt(x, 1.0)
    return torch.equal(x, _x(3, -1))


EXERCISES = (
    Number(
        id="4-second-order/a-multiplier",
        prompt="The multiplier ν of x₁² + x₂² with x₁ + 2x₂ − 5 = 0.",
        answer=-2.0,
        rtol=5e-3,
        mistakes={
            2.0: "The size is right. Stationarity is ∇f + ν∇h = 0: which sign cancels (2, 4)?",
            5.0: "That is the least f. Asked: ν, the factor of ∇h = (1, 2) that cancels ∇f.",
            -1.0: "The gradient of x₁² is 2x₁, not x₁.",
            -5.0: "With h = 0 the point is (1, 2), not the foot of another line: ∇f there is (2, 4).",
        },
        hint="∇f = (2x₁, 2x₂) must be −ν (1, 2), and x₁ + 2x₂ = 5.",
        right="The point is (1, 2), and (2, 4) − 2·(1, 2) = 0.",
        worked=(
            "$(2x_1, 2x_2) + \\nu (1, 2) = 0$ gives $x = -\\frac{\\nu}{2} (1, 2)$; in $h$: "
            "$-\\frac{5}{2}\\nu = 5$, so $\\nu = -2$ and $x = (1, 2)$."
        ),
    ),
    Choice(
        id="4-second-order/read-the-price",
        prompt="What one more unit of room is worth at b = 1.",
        options={"a": "1", "b": "2", "c": "4.5", "d": "nothing"},
        answer="b",
        hints={
            "a": "That is λ at b = 2. Read the second panel at 1.",
            "c": "That is the least f at b = 0: the first panel. The price is its slope, in the second.",
            "d": "Nothing is what it costs from b = 3 on, where the wall no longer touches.",
        },
        right="The second panel is at 2 there: λ falls from 3 at 0 to 0 at 3.",
        worked="$\\lambda = 3 - b$ is 2 at $b = 1$: the least $f$ falls by 2 a unit, to first order.",
    ),
    Number(
        id="4-second-order/two-examples",
        prompt="α₁ of a machine with z₁ = −1, y₁ = −1 and z₂ = 3, y₂ = 1.",
        answer=0.125,
        rtol=5e-3,
        mistakes={
            0.5: "That is w. It is α₁ y₁ z₁ + α₂ y₂ z₂, and the two α are equal.",
            0.25: "Half of w is too much: w = α (1 + 3) with one α for both.",
            4.0: "That is the distance of the two. The strip is 4 wide, so 2/w = 4.",
            2.0: "That is half of the strip. Find w from 2/w = 4 first, then α from w.",
            1.0: "With a large C nothing is cut off at C; α follows from w = 4α.",
        },
        hint="Both α are equal, as Σ αᵢyᵢ = 0. The strip reaches from −1 to 3: 2/w = 4.",
        right="w is ½, and w = α·1 + α·3.",
        worked=(
            "The strip is 4 wide, so $w = \\frac{1}{2}$. From $\\sum_i \\alpha_i y_i = 0$ both are equal, "
            "and $w = \\alpha (-1)(-1) + \\alpha \\cdot 3 = 4\\alpha$. So $\\alpha = \\frac{1}{8}$."
        ),
    ),
    Code(
        id="4-second-order/sum-of-sizes",
        prompt="Write nearest(x, radius), the nearest point whose sizes sum to at most the radius.",
        solution=nearest,
        cases=(
            Case(_keeps_its_input, "Your function changes `x` in place. Work on a copy."),
            Case(
                lambda attempt: tensor(attempt(_x(3, -1), 1.0)).shape == (2,),
                "Return the nearest point alone, of the shape of `x`.",
            ),
            Case(
                lambda attempt: _agrees(attempt, _x(0.2, -0.3), 1.0),
                "What is allowed already is its own nearest point.",
            ),
            Case(
                lambda attempt: close(tensor(attempt(_x(3, -1), 1.0)).abs().sum(), 1.0, rtol=1e-6),
                "The sizes of what you return must sum to the radius if those of x sum to more.",
            ),
            Case(
                lambda attempt: _agrees(attempt, _x(2, 1.5), 1.0),
                "Take the same θ from each size: that is nearest. Dividing by the sum is not.",
            ),
            Case(
                lambda attempt: _agrees(attempt, _x(2, -1.5), 1.0),
                "Each entry keeps its sign, or becomes 0.",
            ),
            Case(
                lambda attempt: _agrees(attempt, _x(3, 0.5, -2.5, 0.1), 1.0),
                "Small entries become 0, and θ is found from those that stay above 0 alone.",
            ),
            Case(
                lambda attempt: _agrees(attempt, _x(3, -0.5, 2.5, 0), 4.0),
                "With a radius other than 1 the sizes that are left sum to the radius.",
            ),
        ),
        right="Without its signs it is the simplex, where the sum is too large.",
        worked=(
            "If $\\sum_i \\lvert x_i \\rvert \\le r$, it is $x$ itself. Otherwise the nearest point has the "
            "signs of $x$ and the sizes $\\max(\\lvert x_i \\rvert - \\theta, 0)$, with the $\\theta$ that "
            "makes the sum $r$: the projection of $\\lvert x \\rvert$ onto the simplex."
        ),
    ),
)
