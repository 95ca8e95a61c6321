"""Exercises of the chapter *Sums and cancellation*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor


def variance(x):
    return ((x - x.mean()) ** 2).mean()


def _far_away(dtype, mean):
    """0, 1, 2, 3 a thousand times, moved to a mean where their squares drown them; the variance is 1.25."""
    return torch.arange(4, dtype=dtype).repeat(1000) + mean


EXERCISES = (
    Number(
        id="1-numbers/condition-of-a-sum",
        prompt="The condition number of the sum 500 - 499 + 1.",
        answer=500,
        mistakes={
            1: "That is the condition number of a sum whose terms have one sign. Here they cancel.",
            1000: "That is the sum of the sizes. Divide it by the size of the sum, 2.",
            0.002: "Upside down: the sizes stand above, the sum below.",
            2: "That is the sum itself.",
            250: "The size of a term is without its sign: 500 + 499 + 1.",
        },
        hint="Add the terms without their signs, add them with their signs, divide.",
        rtol=1e-9,
        right="(500 + 499 + 1) / 2 = 500: an error of one part in a million becomes one in two thousand.",
        worked=(
            "$$\\begin{aligned} \\frac{\\sum |x_i|}{|\\sum x_i|} "
            "&= \\frac{500 + 499 + 1}{|500 - 499 + 1|} \\\\ "
            "&= \\frac{1000}{2} = 500. \\end{aligned}$$ "
            "In `bfloat16`, where $u = 1/256$, no digit of such a sum is sure."
        ),
    ),
    Choice(
        id="1-numbers/finite-difference",
        prompt="The same plot in `float64`: what happens to the V?",
        options={
            "a": "the left branch moves down, the right one stays, so the lowest point moves left and down",
            "b": "the right branch moves down, the left one stays, so the lowest point moves right and down",
            "c": "both branches move down by the same factor, and the lowest point stays at the same h",
            "d": "nothing changes, because the error comes from the formula, not from the format",
        },
        answer="a",
        hints={
            "b": (
                "The right branch is the curvature that a straight line leaves out. Exact arithmetic has it "
                "too."
            ),
            "c": "Only one branch comes from rounding. Which one grows as 1/h?",
            "d": "The left branch, about u/h, is cancellation: two nearly equal sines are subtracted.",
        },
        right=(
            "The left branch is rounding, u/h. The right one is the formula's own error, in proportion to h."
        ),
        worked=(
            "The difference of two sines is off by about $u$, so the slope is off by about $u/h$: the left "
            "branch. The formula itself leaves out $\\frac{h}{2} f''$: the right branch, the same in every "
            "format. They cross where $u/h \\approx h$, at $h \\approx \\sqrt{u}$: $2.4 \\cdot 10^{-4}$ in "
            "`float32` and $1.1 \\cdot 10^{-8}$ in `float64`."
        ),
    ),
    Code(
        id="1-numbers/stable-variance",
        prompt="Write `variance(x)`, which survives a mean far larger than the spread.",
        solution=variance,
        cases=(
            Case(
                lambda f: close(f(torch.tensor([3.0, 6.0])), 9 * tensor(f(torch.tensor([1.0, 2.0])))),
                "Three times the data has nine times the variance: the distances are squared.",
            ),
            Case(
                lambda f: close(f(torch.tensor([1.0, 2.0, 3.0, 6.0])), 3.5),
                "For 1, 2, 3, 6 the mean is 3 and the squared distances are 4, 1, 0, 9: the answer is 14/4 "
                "= 3.5.",
            ),
            Case(
                lambda f: f(torch.tensor([1.0, 2.0])).dtype == torch.float32,
                "The result of a `float32` tensor must be a `float32` tensor.",
            ),
            Case(
                lambda f: close(f(_far_away(torch.float32, 1e5)), 1.25, rtol=1e-2),
                "It fails for 100000, 100001, 100002, 100003, repeated. Take the mean off before you square.",
            ),
            Case(
                lambda f: close(f(_far_away(torch.float64, 1e10)), 1.25, rtol=1e-2),
                "A wider format only moves the cliff: it fails in `float64` with a mean of 1e10. Do not "
                "subtract two large squares at all.",
            ),
        ),
        right="Subtracting the mean first leaves small numbers, and their squares keep their digits.",
        worked=(
            "This reads the data twice. Welford's method (1962) gives the same accuracy in one pass: it "
            "updates the mean and the sum of squared distances with every new number."
        ),
    ),
)
