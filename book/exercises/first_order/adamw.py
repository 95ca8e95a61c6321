"""Exercises of the chapter *AdamW*."""

import math

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor


def paper_adamw(x, gradients, multipliers, alpha, decay):
    m, v = torch.zeros_like(x), torch.zeros_like(x)
    pairs = zip(gradients, multipliers, strict=True)
    for t, (g, s) in enumerate(pairs, start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        m_hat = m / (1 - 0.9**t)
        v_hat = v / (1 - 0.999**t)
        x = x - s * (alpha * m_hat / (v_hat.sqrt() + 1e-8) + decay * x)
    return x


def _start() -> torch.Tensor:
    return torch.tensor([1.0, -2.0, 4.0], dtype=torch.float64)


def _gradients() -> list[torch.Tensor]:
    rows = [[3.0, -0.2, 0.5], [-1.0, -0.4, 0.5], [2.0, 0.1, 0.5]]
    return [torch.tensor(row, dtype=torch.float64) for row in rows]


def _agrees(attempt, steps: int, multipliers=(1.0, 0.5, 0.25), alpha=0.1, decay=0.2) -> bool:
    setting = multipliers[:steps], alpha, decay
    given = attempt(_start(), _gradients()[:steps], *setting)
    return close(given, paper_adamw(_start(), _gradients()[:steps], *setting), rtol=1e-9, atol=1e-12)


def _rests(attempt, alpha: float) -> bool:
    """Whether gradients of 0 leave the decay alone."""
    given = attempt(_start(), [torch.zeros_like(_start())], (1.0,), alpha, 0.2)
    return close(given, 0.8 * _start(), rtol=1e-9, atol=1e-12)


def _keeps_its_input(attempt) -> bool:
    x = _start()
    attempt(x, _gradients(), (1.0, 1.0, 1.0), 0.1, 0.2)
    return torch.equal(x, _start())


EXERCISES = (
    Number(
        id="3-first-order/half-life",
        prompt="The epochs after which decay alone has halved a weight.",
        answer=math.log(2) / 0.03,
        rtol=1e-2,
        mistakes={
            1 / 0.03: "That is 1/ηλ, after which the share 1/e is left. Asked: one half.",
            math.log(2) / 3e-5: "Those are the steps. An epoch has 1,000 of them.",
            math.log(2) / 0.1 / 1000: "You left out η: torch's decay takes the share ηλ a step.",
            0.5 / 0.03: "Decay takes a share of what is left, so it is exponential and not a straight line.",
        },
        hint="Solve (1 − ηλ)^t = 1/2 for t, with ηλ = 3e-5, and divide by the steps of an epoch.",
        right="ln 2 / (3e-5) = 23,105 steps, which are 23.1 epochs.",
        worked=(
            "$(1 - \\eta\\lambda)^t = \\frac{1}{2}$ with $\\eta\\lambda = 3 \\cdot 10^{-5}$ gives "
            "$t \\approx \\ln 2 / (3 \\cdot 10^{-5}) = 23{,}105$ steps, or 23.1 epochs."
        ),
    ),
    Number(
        id="3-first-order/where-it-settles",
        prompt="The value at which the weight settles.",
        answer=-20.0,
        rtol=5e-3,
        mistakes={
            20.0: "The size is right. The gradient is positive, so the weight goes down.",
            -140.0: "That is −g/λ, where L2 in plain SGD settles. Adam divides g by its own size.",
            -0.05: "Set the step to zero: ηλx must balance the move of Adam, which is η long.",
            -20000.0: "η stands before both parts of the step, so it cancels.",
            -0.35: "That is −λg. At rest λx = −m̂/√v̂, and the quotient is 1 for a constant gradient.",
        },
        hint="At rest the decay, ηλx, and Adam's step, η · m̂/√v̂, cancel. What is m̂/√v̂ when all g are 7?",
        right="m̂/√v̂ = 1 whatever the size of g, so λx = −1 and x = −1/0.05.",
        worked=(
            "With a constant gradient $\\hat m = 7$ and $\\sqrt{\\hat v} = 7$, so Adam moves by $-\\eta$. "
            "The decay moves by $-\\eta\\lambda x$. They cancel at $x = -1/\\lambda = -20$."
        ),
    ),
    Choice(
        id="3-first-order/a-sixth-weight",
        prompt="The curve of a weight with gradients of size 30, with L2 in the gradient.",
        options={
            "a": "between the curves of 10 and 100, above 0.9 at the end",
            "b": "between the curves of 1 and 10, near 0.5 at the end",
            "c": "below the curve of 0.01: the larger the gradients, the faster",
            "d": "on the curve of 1, because decay does not ask for the size",
        },
        answer="a",
        hints={
            "b": "Order the curves by size: 30 lies between 10 and 100.",
            "c": "Which curve is highest at the end? The penalty is divided by the size of the gradients.",
            "d": "That is the second panel. In the first the five curves lie far apart.",
        },
        right="The rate is ηλ/30, so 2,000 steps take about 3 % of it.",
        worked=(
            "For gradients far larger than $\\lambda x$ the rate is $\\eta\\lambda/s$. With $s = 30$ and "
            "$\\eta\\lambda = 0.001$ the share $e^{-2000 \\cdot 0.001 / 30} = e^{-0.067} = 0.94$ is left."
        ),
    ),
    Code(
        id="3-first-order/the-papers-schedule",
        prompt="Write paper_adamw(x, gradients, multipliers, alpha, decay), which returns the last x.",
        solution=paper_adamw,
        cases=(
            Case(_keeps_its_input, "Your function changes `x` in place. Write `x = x - …` instead."),
            Case(
                lambda attempt: (
                    tensor(attempt(_start(), _gradients(), (1.0, 1.0, 1.0), 0.1, 0.0)).shape == (3,)
                ),
                "Return the last point alone, of the shape of `x`.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 3, (1.0, 1.0, 1.0), decay=0.0),
                "With decay = 0 and all multipliers 1 it must be Adam, corrections included.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 3, decay=0.0),
                "With decay = 0 the multiplier s must scale Adam's step.",
            ),
            Case(
                lambda attempt: _rests(attempt, alpha=1.0),
                "With gradients of 0 only the decay is left, a share of x; it must stay out of m and v.",
            ),
            Case(
                lambda attempt: _rests(attempt, alpha=0.1),
                "In the paper alpha scales Adam's step alone: with gradients of 0 it must not matter.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 1, (1.0,)),
                "One step with multiplier 1: the decay takes its share of the old x, before the step.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 3),
                "With a falling multiplier it differs: s scales the step and the decay alike.",
            ),
        ),
        right="torch has the same with lr = sα and weight_decay = decay / α.",
    ),
)
