"""Exercises of the chapter *Momentum*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import like, tensor
from book.optim import Momentum


def two_points(gradient, x, rates, momentum):
    before, last = x, rates[0]
    for lr in rates:
        move = momentum * lr / last * (x - before)
        before, x, last = x, x - lr * gradient(x) + move, lr
    return x


def _slope(x):
    return x * like(x, 1.0, 10.0)


def _start() -> torch.Tensor:
    return torch.tensor([2.0, 1.0], dtype=torch.float64)


def _expected(rates, momentum) -> torch.Tensor:
    x = torch.nn.Parameter(_start())
    ball = Momentum([x], lr=rates[0], momentum=momentum)
    for lr in rates:
        ball.param_groups[0]["lr"] = lr
        x.grad = _slope(x.detach())
        ball.step()
    return x.detach()


def _agrees(attempt, rates, momentum) -> bool:
    end = attempt(_slope, _start(), rates, momentum)
    return close(end, _expected(rates, momentum), rtol=1e-9, atol=1e-12)


def _keeps_its_input(attempt) -> bool:
    x = _start()
    attempt(_slope, x, [0.05] * 3, 0.5)
    return torch.equal(x, _start())


EXERCISES = (
    Number(
        id="3-first-order/best-share",
        prompt="The best μ for a quadratic with κ = 81.",
        answer=0.64,
        rtol=5e-3,
        mistakes={
            0.8: "That is the factor of a step, √μ. Asked: μ, its square.",
            80 / 82: "That is the factor of gradient descent. Momentum has the root of κ in its place.",
            (80 / 82) ** 2: "You squared the right thing, but with κ where √κ belongs.",
            0.04: "That is ηλ of the flattest direction, (1 − √μ)². Asked: μ.",
            1.25: "Upside down: the smaller number, √κ − 1, stands on top.",
        },
        hint="√κ = 9. The factor is (√κ − 1)/(√κ + 1), and μ is its square.",
        right="√κ is 9, so the factor is 8/10 and μ is its square.",
        worked=(
            "$\\sqrt\\mu = \\frac{\\sqrt\\kappa - 1}{\\sqrt\\kappa + 1} = \\frac{9 - 1}{9 + 1} = 0.8$, so "
            "$\\mu = 0.64$. Gradient descent would have the factor $\\frac{80}{82} = 0.976$."
        ),
    ),
    Number(
        id="3-first-order/noise-of-an-average",
        prompt="The standard deviation of the average, with β = 0.8 and noise of standard deviation 6.",
        answer=2.0,
        rtol=5e-3,
        mistakes={
            4.0: "That is the variance of the average. Take its root.",
            6 / 9: "The share (1 − β)/(1 + β) = 1/9 is of the variance; the deviation shrinks by its root.",
            1.2: "You multiplied by 1 − β. That would be one term alone; the sum of all of them is larger.",
            10.0: "That is the velocity b, the sum without 1 − β. An average has the factor 1 − β before it.",
            18.0: "Upside down: 1 − β stands on top, and the average is quieter than its draws.",
        },
        hint="The variance 36 is multiplied by (1 − β)/(1 + β). Then take the root.",
        right="36 · 0.2/1.8 = 4, and its root is 2.",
        worked=(
            "$\\operatorname{Var} m = \\frac{1 - \\beta}{1 + \\beta}\\, \\sigma^2 = \\frac{0.2}{1.8} "
            "\\cdot 36 = 4$, so the standard deviation is 2."
        ),
    ),
    Choice(
        id="3-first-order/read-the-floor",
        prompt="Where momentum 0.5 is slower than no momentum, at the same rate.",
        options={
            "a": "for none; its curve is lower everywhere",
            "b": "for ηλ from about 0.3 to about 1.7",
            "c": "for ηλ below about 0.1",
            "d": "for ηλ above about 2",
        },
        answer="b",
        hints={
            "a": "Look at ηλ = 1. The V of plain descent comes down to 0 there.",
            "c": "On the far left both creep, and the curve of 0.5 lies below the V.",
            "d": "Beyond 2 plain descent is above 1: it diverges, while 0.5 is still on its plateau.",
        },
        right="The plateau of 0.5 lies at √0.5 = 0.71, and the V is below it where |1 − ηλ| < 0.71.",
        worked=(
            "On its plateau momentum 0.5 has the factor $\\sqrt{0.5} = 0.71$. The V, $\\lvert 1 - "
            "\\eta\\lambda \\rvert$, is lower than that for $\\eta\\lambda$ between 0.29 and 1.71."
        ),
    ),
    Code(
        id="3-first-order/two-points",
        prompt="Write two_points(gradient, x, rates, momentum), which returns the last point.",
        solution=two_points,
        cases=(
            Case(_keeps_its_input, "Your function changes `x` in place. Write `x = x - …` instead."),
            Case(
                lambda attempt: tensor(attempt(_slope, _start(), [0.05] * 3, 0.5)).shape == (2,),
                "Return the last point alone, of the shape of `x`.",
            ),
            Case(
                lambda attempt: _agrees(attempt, [0.05], 0.5),
                "The first step has no move to repeat: it is x − η g.",
            ),
            Case(
                lambda attempt: _agrees(attempt, [0.05] * 8, 0.0),
                "With momentum 0 it must be gradient descent, step by step.",
            ),
            Case(
                lambda attempt: _agrees(attempt, [0.05] * 8, 0.5),
                "At a constant rate: x − η g + μ (x − x_before), with both x from before this step.",
            ),
            Case(
                lambda attempt: _agrees(attempt, [0.05] * 4 + [0.005], 0.5),
                "When the rate falls, PyTorch brakes at once. The last move is η_old b: scale it by η/η_old.",
            ),
            Case(
                lambda attempt: _agrees(attempt, [0.01, 0.02, 0.03, 0.05, 0.04], 0.9),
                "When the rate changes at every step, η_old is the rate of the step just before.",
            ),
        ),
        right="The last move, divided by its own rate, is the velocity: two points hold what b holds.",
        worked=(
            "The last step was $x_t - x_{t-1} = -\\eta_{t-1} b_t$. The new one is "
            "$-\\eta_t\\,(\\mu b_t + g_t) "
            "= -\\eta_t g_t + \\mu\\, \\frac{\\eta_t}{\\eta_{t-1}}\\,(x_t - x_{t-1})$."
        ),
    ),
)
