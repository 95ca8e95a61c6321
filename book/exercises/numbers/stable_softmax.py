"""Exercises of the chapter *Stable softmax*."""

import math

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.numerics import softplus


def binary_cross_entropy(x, y):
    return y * softplus(-x) + (1 - y) * softplus(x)


def merge(m1, d1, m2, d2):
    m = max(m1, m2)
    return m, d1 * math.exp(m1 - m) + d2 * math.exp(m2 - m)


def _loss(attempt, x, y):
    return attempt(torch.tensor(x), torch.tensor(y))


def _with_gradient(attempt) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.tensor([200.0, -200.0, 1.0], requires_grad=True)
    return x, attempt(x, torch.tensor([0.0, 1.0, 0.0]))


def _gradient_is_right(attempt) -> bool:
    x, losses = _with_gradient(attempt)
    losses.sum().backward()
    return close(x.grad, [1.0, -1.0, 1 / (1 + math.exp(-1))])


def _agrees(attempt, *pieces) -> bool:
    return close(attempt(*pieces), merge(*pieces))


EXERCISES = (
    Number(
        id="1-numbers/logsumexp-by-hand",
        prompt="The log-sum-exp of the four logits 500, 500, 500, 500, to two decimals.",
        answer=500 + math.log(4),
        rtol=2e-5,
        mistakes={
            500.0: "That is the maximum. Log-sum-exp lies above it, unless the others are far below.",
            2000.0: "You added the logits. Log-sum-exp adds their exponentials, and then takes the log.",
            math.log(4): "That is the logarithm of the shifted sum. Add the maximum back.",
            500 + math.log10(4): "You took the logarithm to base ten. Here it is the natural one.",
            math.inf: "exp(500) is inf in float32, so take the maximum out first, as `logsumexp` does.",
        },
        hint="Take the maximum out: every shifted logit is 0, so the sum holds four ones.",
        right="The maximum is 500, the shifted sum is 4, and 500 + log(4) = 501.386.",
        worked=(
            "With $m = 500$ every shifted logit is 0, so "
            "$\\operatorname{LSE}(x) = 500 + \\log(1 + 1 + 1 + 1) = 500 + \\log 4 = 501.386$. "
            "With $n$ equal logits, log-sum-exp sits at its upper bound, $m + \\log n$."
        ),
    ),
    Number(
        id="1-numbers/float8-gap",
        prompt="The gap above which -log of softmax is inf in float8_e5m2, to two decimals.",
        answer=17 * math.log(2),
        rtol=2e-3,
        mistakes={
            16 * math.log(2): "Close: a number above half of the smallest subnormal still rounds up to it.",
            math.log(57344): "That is where exp overflows. Here the logits are shifted, so nothing does.",
            14 * math.log(2): "That is the smallest normal number. The subnormals go on for two more bits.",
            17.0: "That is the power of two. The gap is measured in powers of e: multiply by log(2).",
            17 * math.log10(2): "You took the logarithm to base ten. A gap counts in powers of e.",
            15 * math.log(2): "Rounding works for you: everything above half of 2^-16 rounds up to 2^-16.",
        },
        hint="The probability of the loser is about exp(-gap). It is 0 below half of the smallest subnormal.",
        right="Below 2^-17, half of 2^-16, a probability rounds to 0, and 17 log(2) = 11.78.",
        worked=(
            "The probability $e^{-g}$ rounds to 0 once it is below half of the smallest subnormal, "
            "$\\tfrac{1}{2} \\cdot 2^{-16} = 2^{-17}$. So $g = 17 \\log 2 = 11.78$. "
            "(On the grid of float8, whose numbers near 11 lie 2 apart, the last such gap is 10.)"
        ),
    ),
    Code(
        id="1-numbers/binary-cross-entropy",
        prompt="Write binary_cross_entropy(x, y): one loss for each logit x and its label y, 0 or 1.",
        solution=binary_cross_entropy,
        cases=(
            Case(
                lambda f: close(_loss(f, [0.0, 2.0], [1.0, 1.0]), [0.693147, 0.126928]),
                "For y = 1 the loss is -log of sigmoid(x), for y = 0 of 1 - sigmoid(x): one loss an entry.",
            ),
            Case(
                lambda f: close(_loss(f, [200.0, -200.0], [0.0, 1.0]), [200.0, 200.0]),
                "At x = 200 with y = 0 the loss is 200. Do not form the sigmoid: -log of it is a `softplus`.",
            ),
            Case(
                lambda f: _with_gradient(f)[1].requires_grad,
                "The losses are right, but no gradient leads back to `x`: use torch's functions.",
            ),
            Case(
                _gradient_is_right,
                "The losses are right, but not their slopes at x = 200 and -200: a branch that overflows, "
                "even one that is not taken, sends nan back.",
            ),
            Case(
                lambda f: close(_loss(f, [30.0, -30.0], [1.0, 0.0]), [9.3576e-14] * 2, rtol=1e-3, atol=0),
                "At x = 30 with y = 1, and at x = -30 with y = 0, the loss is exp(-30), not 0: two numbers "
                "near 30 cancelled. Use one softplus for each label.",
            ),
        ),
        right="softplus(-x) is -log(sigmoid(x)), so each label has its own softplus, stable in both tails.",
        worked=(
            "$-\\log \\sigma(x) = \\log(1 + e^{-x}) = \\operatorname{softplus}(-x)$ and "
            "$-\\log(1 - \\sigma(x)) = \\operatorname{softplus}(x)$. "
            "`torch.nn.functional.binary_cross_entropy_with_logits` is the same function on paper, and less "
            "exact in one tail: where $y = 0$ it takes $\\log \\sigma(x)$ from $x$, and at $x = -30$ that is "
            "30 from 30. In `float32` it gives 0, in `float64` 9.24e-14, in place of 9.36e-14. Its gradient "
            "is right."
        ),
    ),
    Code(
        id="1-numbers/merge",
        prompt="Write merge(m1, d1, m2, d2), which returns the pair (m, d) of two pieces together.",
        solution=merge,
        cases=(
            Case(
                lambda f: _agrees(f, 2.0, 1.5, 2.0, 3.0),
                "Both pieces have the maximum 2: it stays 2, and the sums simply add up.",
            ),
            Case(
                lambda f: _agrees(f, 3.0, 1.5, 1.0, 2.0),
                "The second sum counts in units of exp(1), the result in units of exp(3): rescale it.",
            ),
            Case(
                lambda f: _agrees(f, 1.0, 2.0, 3.0, 1.5),
                "Now the second piece holds the maximum, so it is the first sum that needs rescaling.",
            ),
            Case(
                lambda f: _agrees(f, 1000.0, 1.5, -1000.0, 1.0),
                "Only differences to the new maximum may go into exp; exp(1000) overflows.",
            ),
        ),
        right="Each sum is rescaled from its own maximum to the common one, and no exponent is positive.",
        worked=(
            "A piece stands for $d \\, e^{m}$. So $d_1 e^{m_1} + d_2 e^{m_2} = "
            "(d_1 e^{m_1 - m} + d_2 e^{m_2 - m}) \\, e^{m}$ with $m = \\max(m_1, m_2)$."
        ),
    ),
    Choice(
        id="1-numbers/finite-loss",
        prompt="In float32 with a gap of 95, which loss is finite and has a gradient that is not?",
        options={
            "a": "naive softmax, then log",
            "b": "stable softmax, then log",
            "c": "log_softmax",
            "d": "cross_entropy",
        },
        answer="b",
        hints={
            "a": "Its disc and its ring for float32 both sit near 89: at 95 even the loss is inf.",
            "c": "Its disc and its ring coincide at the right edge: at 95 loss and gradient are both fine.",
            "d": "Its row looks like that of log_softmax. Look for a disc beyond 95 whose ring is before it.",
        },
        right="Its loss lasts until 103.97 and its gradient only until 88.72; 95 lies between.",
        worked=(
            "Look for a row where 95 lies between the ring and the disc of float32. Only the stable softmax "
            "followed by a log has one: the ring at 88.72, where $1/p$ overflows, the disc at 103.97, where "
            "$p$ becomes 0."
        ),
    ),
)
