"""Exercises of the chapter *Gradient descent*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import like, tensor


def bold_descent(f, gradient, x, lr, steps):
    for _ in range(steps):
        trial = x - lr * gradient(x)
        if f(trial) <= f(x):
            x, lr = trial, 1.1 * lr
        else:
            lr = lr / 2
    return x


def _bowl(x):
    return (x[0] ** 2 + 10 * x[1] ** 2) / 2


def _slope(x):
    return x * like(x, 1.0, 10.0)


def _start() -> torch.Tensor:
    return torch.tensor([2.0, 1.0], dtype=torch.float64)


def _run(attempt, lr, steps) -> object:
    return attempt(_bowl, _slope, _start(), lr, steps)


def _agrees(attempt, lr, steps) -> bool:
    return close(_run(attempt, lr, steps), _run(bold_descent, lr, steps), rtol=1e-9, atol=1e-12)


def _keeps_its_input(attempt) -> bool:
    x = _start()
    attempt(_bowl, _slope, x, 0.05, 3)
    return torch.equal(x, _start())


EXERCISES = (
    Number(
        id="2-derivatives/longest-guaranteed-rate",
        prompt="The rate below which descent on 3x² + 2xy + 3y² is sure to go down.",
        answer=0.25,
        rtol=5e-3,
        mistakes={
            0.125: "That is 1/L, the rate with the largest guaranteed drop. Asked: where the guarantee ends.",
            1 / 3: "You read 6 off the diagonal. The term 2xy adds to the curvature along the line x = y.",
            0.5: "That is 2 over the smallest eigenvalue. The steepest direction gives way first.",
            1 / 6: (
                "That is 2/(4 + 8), the fastest rate on this bowl. Asked: the limit, 2 over the largest."
            ),
            2 / 3: "Differentiate twice: the Hessian has 6 on its diagonal, not 3.",
        },
        hint="The Hessian is [[6, 2], [2, 6]]. Its largest eigenvalue is L, and the limit is 2/L.",
        right="The Hessian [[6, 2], [2, 6]] has the eigenvalues 4 and 8, so the limit is 2/8.",
        worked=(
            "$H = \\begin{pmatrix} 6 & 2 \\\\ 2 & 6 \\end{pmatrix}$ has the eigenvalues $6 \\pm 2$. "
            "So $L = 8$ and the limit is $2/L = 0.25$."
        ),
    ),
    Number(
        id="2-derivatives/over-the-hilltop",
        prompt="The left end of the starts that end in the valley, at the rate 0.2.",
        answer=-1 - 1 / 0.6,
        rtol=2e-3,
        mistakes={
            -6.0: "You used η where 3η belongs: the derivative of −x³ + 3x is 3 − 3x².",
            -5 / 3: "That is −1/3η. The solution is 1 further to the left.",
            8 / 3: "The sign is lost: the start lies left of the valley.",
            -2.0: (
                "From −2 one step leads to −0.2, inside. Solve x + 0.6 (x² − 1) = 1; one solution is x = 1."
            ),
            2 / 3: "You added 1 in place of subtracting it: the second solution is x = −1 − 1/3η.",
        },
        hint="A start jumps onto the hilltop if x + 3η(x² − 1) = 1. Divide by x − 1 and solve.",
        right="x + 0.6 (x² − 1) = 1 has the solutions 1 and −1 − 1/0.6.",
        worked=(
            "$x + 3\\eta(x^2 - 1) = 1$ means $(x - 1)\\,(1 + 3\\eta(x + 1)) = 0$, so "
            "$a = -1 - \\frac{1}{3\\eta} = -1 - \\frac{1}{0.6} = -2.667$."
        ),
    ),
    Choice(
        id="2-derivatives/read-the-fate",
        prompt="The fate of the start 0 at the rate 0.36.",
        options={
            "a": "it settles at −1",
            "b": "it alternates between two points",
            "c": "it settles at a point other than −1",
            "d": "it runs off to infinity",
        },
        answer="b",
        hints={
            "a": "In the upper picture 0.36 lies right of the line at one third, where −1 repels.",
            "c": "Look at the lower picture at 0.36: how many branches does the dashed line have there?",
            "d": "Only starts right of 1 or below the falling dashed line run off. 0 lies between them.",
        },
        right="At 0.36 the point −1 repels, the start is inside, and the lower picture shows two branches.",
        worked=(
            "$\\eta = 0.36 > \\frac{1}{3}$, so $-1$ repels. The start lies between $-1 - \\frac{1}{3\\eta}$ "
            "and 1, so it stays. The lower picture has two branches at 0.36: the 2-cycle."
        ),
    ),
    Code(
        id="2-derivatives/bold-driver",
        prompt="Write bold_descent(f, gradient, x, lr, steps), which returns the last point.",
        solution=bold_descent,
        cases=(
            Case(_keeps_its_input, "Your function changes `x` in place. Write `x = x - …` instead."),
            Case(
                lambda attempt: tensor(_run(attempt, 0.05, 3)).shape == (2,),
                "Return the last point alone, of the shape of `x`.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 0.05, 1),
                "One step at the rate 0.05 goes down, so it must end at x − 0.05 g.",
            ),
            Case(
                lambda attempt: close(_run(attempt, 1.0, 1), _start(), rtol=1e-9),
                "At the rate 1 the first step goes up. After it you must be where you were.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 0.001, 30),
                "Start too small, at the rate 0.001: each accepted step must multiply the rate by 1.1.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 1.0, 6),
                "Start too large, at the rate 1: each refused step must halve the rate, and count as a step.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 5.0, 60),
                "A longer run ends elsewhere: the rate grows after success, halves after failure.",
            ),
        ),
        right="It never goes up, whatever rate it is given, and it finds the right scale by itself.",
    ),
)
