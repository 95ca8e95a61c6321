"""Exercises of the chapter *Which way, and how far*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import is_parts
from book.numerics.vector import f64


def signum(x, g, b, lr, momentum):
    b = momentum * b + (1 - momentum) * g
    x = x - lr * torch.sign(b)
    return x, b


X, G, B = f64(1.0, -2.0, 0.5), f64(3.0, -0.001, 4.0), f64(-1.0, 0.5, 0.5)
REST = torch.zeros(3, dtype=torch.float64)
LR, MOMENTUM = 0.1, 0.9


def _keeps_its_input(attempt) -> bool:
    x, b = X.clone(), B.clone()
    attempt(x, G.clone(), b, LR, MOMENTUM)
    return torch.equal(x, X) and torch.equal(b, B)


def _agrees(attempt, which: int, g: torch.Tensor, b: torch.Tensor) -> bool:
    theirs, ours = (f(X.clone(), g.clone(), b.clone(), LR, MOMENTUM)[which] for f in (attempt, signum))
    return close(theirs, ours, rtol=1e-12)


EXERCISES = (
    Number(
        id="3-first-order/first-step",
        prompt="The length of RMSProp's first step for a gradient of 5, η = 0.01, α = 0.99.",
        answer=0.1,
        rtol=5e-3,
        mistakes={
            0.01: "That is Adam's first step, whose average is corrected for its start at 0.",
            0.05: "That is SGD's step, η g. RMSProp divides by the root of v.",
            0.5: "You multiplied by g once too often: it stands in g and in √v, and cancels.",
            1.0: "You divided by v + 1 − α, not by √v. After one step v = 0.01 · 25, and √v = 0.5.",
            0.2: "You divided by v. It is √v = 0.5 that divides.",
        },
        hint="After one step v = (1 − α) · 25. Divide 5 by its root, and multiply by η.",
        right="√v is a tenth of |g|, so the step is 10 η, whatever the gradient is.",
        worked=(
            "$v = 0.01 \\cdot 25 = 0.25$, $\\sqrt{v} = 0.5$, and the step is "
            "$0.01 \\cdot 5 / 0.5 = 0.1 = \\eta / \\sqrt{1 - \\alpha}$."
        ),
    ),
    Choice(
        id="3-first-order/scaled-loss",
        prompt="Whose first step stays as long when the loss is multiplied by 100.",
        options={
            "a": "SGD's and Nesterov's",
            "b": "AdaGrad's, RMSProp's and Adam's",
            "c": "everyone's",
            "d": "nobody's",
        },
        answer="b",
        hints={
            "a": "Their lines rise: a gradient 100 times larger gives a step 100 times longer.",
            "c": "Multiplying the loss moves every point 100 times to the right. Follow SGD's line there.",
            "d": "Which lines are as high at the right end of the picture as in its middle?",
        },
        right="A flat line does not ask how large the gradient is, nor in which unit the loss is counted.",
        worked=(
            "The gradient is multiplied by 100. Where the line is flat the step stays; SGD's and Nesterov's "
            "steps grow by 100."
        ),
    ),
    Code(
        id="3-first-order/signum",
        prompt="Write signum(x, g, b, lr, momentum), which returns the new x and the new b.",
        solution=signum,
        cases=(
            Case(_keeps_its_input, "Your function changes its input in place. Write `b = …`, `x = …` anew."),
            Case(
                lambda attempt: is_parts(attempt(X.clone(), G.clone(), B.clone(), LR, MOMENTUM), 2),
                "Return both: the new x, then the new b.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 1, REST, B),
                "Where g is 0, the new b is momentum · b.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 1, G, REST),
                "From b = 0, the new b is (1 − momentum) · g: an average, not a sum.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 0, G, REST),
                "The first step, from b = 0, goes the length lr against the sign of g. Use the new b.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 0, G, B),
                "Where b and g disagree, the sign of the new b decides, not that of g.",
            ),
        ),
        right="Two lines. In a `Rule`, as its `update`, they are an optimizer.",
    ),
)
