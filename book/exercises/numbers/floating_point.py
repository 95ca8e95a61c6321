"""Exercises of the chapter *Floating point*."""

import math

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor


def variance(x):
    return ((x - x.mean()) ** 2).mean()


def loss_scale(gradients):
    largest = gradients.abs().max().item()
    return 2.0 ** math.floor(math.log2(65504 / largest))


def _scale(attempt, gradients) -> float:
    return tensor(attempt(torch.tensor(gradients))).item()


def _far_away(dtype, mean):
    """0, 1, 2, 3 a thousand times, moved to a mean where their squares drown them; the variance is 1.25."""
    return torch.arange(4, dtype=dtype).repeat(1000) + mean


EXERCISES = (
    Number(
        id="1-numbers/float32-counter",
        prompt="The number at which a `float32` counter that adds 1 stops.",
        answer=2**24,
        mistakes={
            2**23: "From 2^23 to 2^24 the gap is exactly 1, so adding 1 still works. Go on.",
            16_777_217: "That is the first integer that `float32` cannot hold. What did the counter hold?",
            2**25: "From 2^24 on the gap is 2, so adding 1 has stopped to work before 2^25.",
            2**31 - 1: "That is the largest 32-bit integer. A `float32` has only 24 significant bits.",
            3.4028234663852886e38: "That is where the range ends. The counter stops long before, at a gap.",
            2048: "That is `float16`, with 11 significant bits. How many has `float32`?",
        },
        hint="A counter stops where the gap becomes 2, at 2^p. Look up p in the table of the four formats.",
        rtol=0,
        right="At 2^24 the gap becomes 2, and 2^24 + 1 is a tie that goes back to 2^24.",
        worked=(
            "`float32` has $p = 24$ significant bits, so the gap is 1 from $2^{23}$ to $2^{24}$ and 2 after "
            "that. $2^{24} + 1$ lies in the middle of $2^{24}$ and $2^{24} + 2$; the even one of the two is "
            "$2^{24} = 16{,}777{,}216$. So do not count training examples in a `float32`: count in integers."
        ),
    ),
    Number(
        id="1-numbers/gradient-depth",
        prompt="The number of layers after which the gradient is exactly 0 in `bfloat16`.",
        answer=67,
        mistakes={
            66: "(1/4)^66 is 2^-132, twice the smallest subnormal. It can still be stored.",
            63: "(1/4)^63 is 2^-126, the smallest normal number. The subnormals below it still count.",
            13: "That is the depth for `float16`, whose smallest subnormal is 2^-24.",
            75: "That is the depth for `float32`, whose smallest subnormal is 2^-149.",
            134: "That is the depth for a factor of 1/2. One factor of 1/4 is two powers of two.",
        },
        hint="Use the boxed rule: how often must you take away two powers of two to come from 2^0 to 2^-134?",
        rtol=0,
        right="(1/4)^67 is 2^-134, half of the smallest subnormal: a tie, and it goes to 0.",
        worked=(
            "$$n_0 = \\left\\lceil \\frac{\\log_2 (m/2)}{\\log_2 c} \\right\\rceil = \\left\\lceil "
            "\\frac{-134}{-2} \\right\\rceil = 67.$$ $4^{-66} = 2^{-132}$ can still be stored; $4^{-67} = "
            "2^{-134}$ lies in the middle of 0 and $2^{-133}$, and the tie goes to 0, the even one."
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
    Code(
        id="1-numbers/loss-scale",
        prompt=(
            "Write `loss_scale(gradients)`: the largest power of two that keeps every scaled gradient in "
            "range."
        ),
        solution=loss_scale,
        cases=(
            Case(
                lambda f: math.frexp(_scale(f, [1e-3, 2e-7]))[0] == 0.5,
                "The scale must be a power of two, so that scaling itself rounds nothing.",
            ),
            Case(
                lambda f: _scale(f, [1e-3, 2e-7]) == _scale(f, [1e-3, 5e-5]),
                "With gradients of 1e-3 and 2e-7 or of 1e-3 and 5e-5 the scale is the same: the largest "
                "decides.",
            ),
            Case(
                lambda f: _scale(f, [1e-3]) * 1e-3 <= 65504,
                "A gradient of 1e-3, scaled, is above 65,504. Round the exponent down.",
            ),
            Case(
                lambda f: _scale(f, [1e-3, 2e-7]) == 2.0**25,
                "For a largest gradient of 1e-3 the scale is 2^25. Twice that would be too large, less is "
                "not largest.",
            ),
            Case(
                lambda f: _scale(f, [-1e-3, 2e-7]) == 2.0**25,
                "A negative gradient can be the largest in size.",
            ),
            Case(
                lambda f: _scale(f, [1.0, 0.5]) == 2.0**15,
                "For a largest gradient of 1 the scale is 2^15 = 32,768: 2^16 = 65,536 is already above "
                "65,504.",
            ),
            Case(
                lambda f: _scale(f, [3e6, 1.0]) == 2.0**-6,
                "Gradients of 3e6 must be made smaller: here the scale is 2^-6.",
            ),
        ),
        right="The largest gradient decides, and rounding the exponent down keeps it below 65,504.",
        worked=(
            "In training the gradients of the next step are not known yet. So `torch.amp.GradScaler` tries a "
            "scale, and halves it whenever a gradient overflows."
        ),
    ),
)
