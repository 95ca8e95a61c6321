"""Exercises of the chapter *One training step*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor

START = (0.5, 1.0, 2.0)


def train_step(w, x, y, lr):
    z = w[0] * x + w[1]
    h = z.clamp(min=0)
    d_prediction = w[2] * h - y
    d_z = d_prediction * w[2] * (z > 0)
    gradient = torch.stack([d_z * x, d_z, d_prediction * h])
    return w - lr * gradient


def _step(attempt, weights=START, x=2.0, y=1.0, lr=0.01):
    return tensor(attempt(torch.tensor(weights), x, y, lr))


def _agrees(attempt, **setting) -> bool:
    return close(_step(attempt, **setting), _step(train_step, **setting), atol=1e-6)


def _keeps_its_input(attempt) -> bool:
    w = torch.tensor(START)
    attempt(w, 2.0, 1.0, 0.01)
    return torch.equal(w, torch.tensor(START))


def _moves_down(attempt) -> bool:
    # From this start all three derivatives are positive, so all three weights must shrink.
    return bool((_step(attempt) < torch.tensor(START)).all())


EXERCISES = (
    Number(
        id="1-numbers/first-gradient",
        prompt="The derivative of the loss for w1, at w = (0.5, 1, 2), x = 1, y = 1.",
        answer=4.0,
        mistakes={
            2.0: (
                "That is the derivative for the prediction. Two more factors lie between it and `w1`: "
                "`w3` and `x`."
            ),
            3.0: "That is the derivative for `w3`: error times `h`. `w1` sits one stop earlier in the chain.",
            8.0: "You used a loss without the ½. Its derivative would be twice as large.",
            -4.0: (
                "The prediction is above the answer, so the error `prediction - y` is positive. Check "
                "its sign."
            ),
            12.0: "That is the value for `x = 2`. Here `x = 1`, so `z` and the prediction change as well.",
        },
        hint=(
            "Go forward first: z = 0.5·1 + 1, then the prediction. Then walk back: error, times `w3`, "
            "times `x`."
        ),
        right="The prediction is 3, the error 2, and 2 · w3 · x = 2 · 2 · 1 = 4.",
        worked=(
            "Forward: $z = 0.5 \\cdot 1 + 1 = 1.5$, $h = 1.5$, $\\hat{y} = 2 \\cdot 1.5 = 3$. "
            "Backward: $\\hat{y} - y = 2$, times $w_3 = 2$ gives $\\partial L / \\partial z = 4$, "
            "and times $x = 1$ gives $\\partial L / \\partial w_1 = 4$."
        ),
    ),
    Code(
        id="1-numbers/train-step",
        prompt="Write train_step(w, x, y, lr), which returns the new weights.",
        solution=train_step,
        cases=(
            Case(
                _keeps_its_input,
                "Your function changes `w` in place. Return a new tensor: `w - lr * gradient`.",
            ),
            Case(
                lambda attempt: _step(attempt).shape == (3,),
                "Return all three new weights as one tensor of shape (3,).",
            ),
            Case(
                _moves_down, "At w = (0.5, 1, 2) every weight must shrink. Do you step against the gradient?"
            ),
            Case(
                lambda attempt: close(_step(attempt)[2], 1.94, atol=1e-6),
                (
                    "The third weight is off: its derivative is the error times `h`, and the error is "
                    "`prediction - y`."
                ),
            ),
            Case(
                _agrees,
                (
                    "The first two weights are off. Their derivative is error · w3 (the old `w3`), "
                    "and for `w1` also · x."
                ),
            ),
            Case(
                lambda attempt: _agrees(attempt, weights=(-1.0, 0.5, 2.0)),
                "With z < 0 the unit is off and no derivative passes it. Your weights still move.",
            ),
            Case(
                lambda attempt: _agrees(attempt, x=-0.5, y=3.0, lr=0.1),
                (
                    "It works for lr = 0.01, x = 2, y = 1 but not for others. Is a number written "
                    "into the function?"
                ),
            ),
        ),
        right="The new weights agree with the chain rule, with a live unit and with a dead one.",
    ),
    Choice(
        id="1-numbers/flat-at-one-half",
        prompt="Why is the loss 0.5 for every rate above 1/15?",
        options={
            "a": "the loss has reached its minimum, and the minimum is 0.5",
            "b": "the hidden unit is dead, so the prediction is 0 and ½(0 − 1)² = 0.5",
            "c": "the weights have overflowed, and the loss is cut off at 0.5",
            "d": "the weights return to where they started",
        },
        answer="b",
        hints={
            "a": "Look left on the same curve: near a rate of 0.047 the loss is lower than 0.5.",
            "c": "The weights after a step of 0.1 were printed: they are ordinary numbers.",
            "d": "Where they started the loss was 4.5.",
        },
        right="With z < 0 the ReLU gives 0 whatever the weights are, and ½(0 − 1)² = 0.5.",
        worked=(
            "For $\\eta > 1/15$ we have $z = 2 - 30 \\eta < 0$. So $h = 0$, $\\hat{y} = 0$, "
            "$L = \\frac{1}{2}$."
        ),
    ),
    Number(
        id="1-numbers/formula-or-descent",
        prompt="The number of steps of descent that cost as much as the formula, n = 10,000 and d = 1,000.",
        answer=(2 * 1e4 * 1e6 + 1e9 / 3) / (4 * 1e4 * 1e3),
        mistakes={
            500.0: "That counts forming XᵀX and leaves out solving with it, ⅓d³. Here it adds about 8 steps.",
            8.33: "That counts only the solve, ⅓d³. Forming XᵀX costs more here.",
            2 * 508.33: "Count 4nd for a step: 2nd for the product with X and 2nd for the one with Xᵀ.",
        },
        hint="Divide: (2nd² + ⅓d³) / (4nd). All three terms have a d to cancel.",
        right="d/2 steps for forming XᵀX, and d²/(12n) more for the solve.",
        rtol=2e-3,
        worked=(
            "$$\\begin{aligned} \\frac{2nd^2 + \\frac{1}{3}d^3}{4nd} &= \\frac{d}{2} + \\frac{d^2}{12n} \\\\ "
            "&= 500 + 8.33 \\approx 508. \\end{aligned}$$"
        ),
    ),
)
