"""Exercises of the chapter *Adam*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor


def adam(x, gradients, lr, beta1, beta2, eps):
    m, v = torch.zeros_like(x), torch.zeros_like(x)
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        x = x - lr * m_hat / (v_hat.sqrt() + eps)
    return x


def _start() -> torch.Tensor:
    return torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)


def _gradients() -> list[torch.Tensor]:
    rows = [[3.0, -0.2, 0.5], [-1.0, -0.4, 0.5], [2.0, 0.1, 0.5], [0.5, 0.3, 0.5]]
    return [torch.tensor(row, dtype=torch.float64) for row in rows]


def _agrees(attempt, steps: int, lr=0.1, beta1=0.8, beta2=0.95, eps=0.0) -> bool:
    setting = lr, beta1, beta2, eps
    given = attempt(_start(), _gradients()[:steps], *setting)
    return close(given, adam(_start(), _gradients()[:steps], *setting), rtol=1e-9, atol=1e-12)


def _keeps_its_input(attempt) -> bool:
    x = _start()
    attempt(x, _gradients(), 0.1, 0.8, 0.95, 0.0)
    return torch.equal(x, _start())


EXERCISES = (
    Number(
        id="3-first-order/second-step",
        prompt="The change of the entry in the second step, in units of the learning rate.",
        answer=0.01 / 0.19,
        rtol=5e-3,
        mistakes={
            -0.01 / 0.19: "The size is right. m is below zero now, and the step goes against it.",
            0.01: "You corrected v and not m: divide m by 1 − β₁².",
            0.1: "You divided m by 1 − β₁, the correction of the first step. At t = 2 it is 1 − β₁².",
            1.0: "That is plain sign descent: m still remembers the first gradient.",
            0.02 / 0.19: "Divide by the root of the corrected v, which is 2.",
        },
        hint="m₂ = 0.9 · 0.2 − 0.2 = −0.02, and it is divided by 1 − 0.81. The corrected v is 4.",
        right="m̂ = −0.02/0.19 and √v̂ = 2, so x moves by +0.0526 η: the two gradients nearly cancel.",
        worked=(
            "$m_1 = 0.2$ and $m_2 = 0.9 \\cdot 0.2 - 0.1 \\cdot 2 = -0.02$, so "
            "$\\hat m_2 = -0.02 / (1 - 0.81) = -0.105$. Both squares are 4, so $\\hat v_2 = 4$. "
            "The change is $-\\hat m_2 / 2 = +0.0526$ times $\\eta$."
        ),
    ),
    Number(
        id="3-first-order/forgotten-corrections",
        prompt="How many times too long the first step is.",
        answer=10,
        rtol=5e-3,
        mistakes={
            0.1**0.5 * 10: "That is the ratio at the default β₂ = 0.999.",
            1000: "That is (1 − β₁)/(1 − β₂). The second average stands under a root.",
            0.1: "That is the ratio of m alone. Which average is further from its true value?",
            100: "That is 1/√(1 − β₂), v alone. m is too small as well, by 1 − β₁.",
        },
        hint="At the first step m = (1 − β₁) g and v = (1 − β₂) g². Divide m by the root of v.",
        right="(1 − 0.9)/√(1 − 0.9999) = 0.1/0.01.",
        worked=(
            "$m_1 = (1 - \\beta_1)\\, g$ and $\\sqrt{v_1} = \\sqrt{1 - \\beta_2}\\, |g|$. The quotient is "
            "$0.1 / \\sqrt{0.0001} = 10$ where the corrected one is 1."
        ),
    ),
    Choice(
        id="3-first-order/a-fourth-curve",
        prompt="The lengths of the steps with v corrected and m not.",
        options={
            "a": "it starts at 0.1 and rises towards the curve of the corrected rule",
            "b": "it starts at 3.16 and falls towards the curve of the corrected rule",
            "c": "it starts at 100, on the curve with β₂ in both",
            "d": "it is level at 1, on the curve of the corrected rule",
        },
        answer="a",
        hints={
            "b": "3.16 comes from a v that is too small. Here v is corrected.",
            "c": "The curve at 100 divides m by a number that is too small. Here m is divided by nothing.",
            "d": "m alone is too small at the start: at t = 1 it is a tenth of the gradient.",
        },
        right="The step is 1 − 0.9ᵗ times η: 0.1 at first, 0.96 at step 30. A short warm-up, by accident.",
        worked=(
            "With constant gradients $m_t = (1 - 0.9^t)\\, g$ and $\\sqrt{\\hat v_t} = |g|$. The step is "
            "$1 - 0.9^t$ times $\\eta$: 0.1, 0.19, … and 0.96 at step 30."
        ),
    ),
    Code(
        id="3-first-order/write-adam",
        prompt="Write adam(x, gradients, lr, beta1, beta2, eps), which returns the last x.",
        solution=adam,
        cases=(
            Case(_keeps_its_input, "Your function changes `x` in place. Write `x = x - …` instead."),
            Case(
                lambda attempt: tensor(attempt(_start(), _gradients(), 0.1, 0.8, 0.95, 0.0)).shape == (3,),
                "Return the last point alone, of the shape of `x`.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 1),
                "One step with ε = 0 must move each entry by exactly `lr`, against the sign of its gradient. "
                "Are both averages corrected, each with its own β?",
            ),
            Case(
                lambda attempt: _agrees(attempt, 2),
                "The first step is right, the second is not. The corrections change with the step: 1 − β at "
                "the first, 1 − β² at the second.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 4),
                "The first two steps are right, the fourth is not. Keep m and v from step to step.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 1, eps=0.5),
                "With ε = 0.5 your step differs: ε is added to the root of the corrected v, outside it.",
            ),
        ),
        right="It agrees with the formula on every entry, with any β₁, β₂ and ε.",
    ),
)
