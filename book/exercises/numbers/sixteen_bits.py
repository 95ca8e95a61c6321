"""Exercises of the chapter *Sixteen bits*."""

import math

import torch

from book.exercises.model import Case, Code, Number
from book.exercises.results import tensor


def loss_scale(gradients):
    largest = gradients.abs().max().item()
    return 2.0 ** math.floor(math.log2(65504 / largest))


def _scale(attempt, gradients) -> float:
    return tensor(attempt(torch.tensor(gradients))).item()


EXERCISES = (
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
            "$$\\begin{aligned} n_0 &= \\left\\lceil \\frac{\\log_2 (m/2)}{\\log_2 c} \\right\\rceil \\\\ "
            "&= \\left\\lceil \\frac{-134}{-2} \\right\\rceil = 67. \\end{aligned}$$ "
            "$4^{-66} = 2^{-132}$ can still be stored; $4^{-67} = 2^{-134}$ "
            "lies in the middle of 0 and $2^{-133}$, and the tie goes to 0, the even one."
        ),
    ),
    Number(
        id="1-numbers/stochastic-step",
        prompt="The probability that one update of 0.001 moves a `bfloat16` weight that stands at 1.",
        answer=0.256,
        mistakes={
            0.128: "That is for the gap above 1, 2^-7. Below 1, where the update leads, the gap is 2^-8.",
            0.512: "That is the update in units of half a gap. The chance goes with the whole gap.",
            0.001: "That is the update. How large a part of a gap is it?",
            0.0: "That is rounding to nearest. By chance the weight does move now and then.",
            0.5: "A half would be right in the middle of two numbers. How far along is 0.999?",
            0.744: "That is the probability that it stays.",
        },
        hint="Just below 1 the gap of `bfloat16` is 2^-8. Which part of it is 0.001?",
        rtol=2e-3,
        right="0.001 / 2^-8 = 0.256: about every fourth update moves the weight, by a whole gap.",
        worked=(
            "Below 1 the gap is $2^{-p} = 2^{-8} = 0.00390625$. The exact result 0.999 lies $0.001 / "
            "0.00390625 = 0.256$ of the way down to the next number, so it goes there with this probability. "
            "On average the weight moves by $0.256 \\cdot 2^{-8} = 0.001$."
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
