"""Exercises of the chapter *Nesterov's accelerated gradient*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import like, tensor


def restarting(gradient, x, lr, steps):
    y, k = x, 1
    for _ in range(steps):
        g = gradient(y)
        new = y - lr * g
        if g @ (new - x) > 0:
            k = 1
        y = new + (k - 1) / (k + 2) * (new - x)
        x, k = new, k + 1
    return x


CURVATURES, RATE = (1.0, 40.0), 0.02


def _slope(x):
    return x * like(x, *CURVATURES)


def _start() -> torch.Tensor:
    return torch.tensor([2.0, 1.0], dtype=torch.float64)


def _run(attempt, steps, lr=RATE) -> object:
    return attempt(_slope, _start(), lr, steps)


def _agrees(attempt, steps, lr=RATE) -> bool:
    return close(_run(attempt, steps, lr), _run(restarting, steps, lr), rtol=1e-9, atol=1e-12)


def _straight(attempt) -> float:
    """Where three steps down a straight slope of 1 end, from 0."""
    return tensor(attempt(lambda x: 0 * x + 1, torch.zeros(1, dtype=torch.float64), RATE, 3)).item()


def _keeps_its_input(attempt) -> bool:
    x = _start()
    attempt(_slope, x, RATE, 3)
    return torch.equal(x, _start())


EXERCISES = (
    Number(
        id="3-first-order/two-steps-ahead",
        prompt="The parameter after two steps of form (c) on x²/2, η = μ = 0.5, from 1.",
        answer=-0.0625,
        rtol=5e-3,
        mistakes={
            0.0: "That is Polyak's momentum, x − ηb. Nesterov's step is η (g + μb).",
            0.125: "That is the arrival, x − ηg. Asked: the parameter, which is a look-ahead point.",
            0.25: "That is x after one step. Take another, with the gradient at 0.25.",
            0.0625: "The sign is lost: 0.25 − 0.5 (0.25 + 0.375) is below 0.",
            -0.125: "You took g + b as the step. It is g + μb with the new b.",
        },
        hint="First step: g = 1, b = 1, x = 1 − 0.5 (1 + 0.5 · 1) = 0.25. The second has g = 0.25.",
        right="After the first step x = 0.25 and b = 1; then g = 0.25 and b = 0.75.",
        worked=(
            "$b = 0.5 \\cdot 0 + 1 = 1$ and $x = 1 - 0.5\\,(1 + 0.5) = 0.25$. Then "
            "$b = 0.5 + 0.25 = 0.75$ and $x = 0.25 - 0.5\\,(0.25 + 0.375) = -0.0625$."
        ),
    ),
    Number(
        id="3-first-order/limit-of-looking-ahead",
        prompt="The product ηλ above which Nesterov's method diverges, μ = 0.5.",
        answer=1.5,
        rtol=5e-3,
        mistakes={
            3.0: "That is Polyak's limit, 2(1 + μ). Nesterov's determinant is μ(1 − ηλ).",
            2.0: "That is the limit of gradient descent. With μ = 0.5 Nesterov's is lower.",
            1.36: "That is the limit for μ = 0.9. A smaller μ leaves more room.",
            1.0: "There both eigenvalues are 0. The method diverges only further on.",
            4 / 3: "You lost the 1 of r² = 1: the condition is 1 + a + c = 0.",
            0.5: "That is 1 less: from 1 + (1 + 2μ)(1 − ηλ) = 0 comes ηλ − 1 = 0.5.",
        },
        hint="Put r = −1 into r² = a r − c, with a = (1 + μ)(1 − ηλ) and c = μ(1 − ηλ).",
        right="1 + (1 + 2μ)(1 − ηλ) = 0, so ηλ = 2(1 + μ)/(1 + 2μ).",
        worked=(
            "$r = -1$ gives $1 + (1+\\mu)(1-\\eta\\lambda) + \\mu(1-\\eta\\lambda) = 0$, so "
            "$\\eta\\lambda = 1 + \\frac{1}{1 + 2\\mu} = \\frac{2(1+\\mu)}{1 + 2\\mu}$. "
            "With $\\mu = 0.5$ that is 1.5; with 0.9 it is 1.357."
        ),
    ),
    Choice(
        id="3-first-order/switch-it-on",
        prompt="Nesterov's method in place of Polyak's at ηλ = 1.7, μ = 0.9.",
        options={
            "a": "it converges faster, because steep directions are damped more",
            "b": "nothing changes, because η/(1 − μ) is the same",
            "c": "it diverges",
            "d": "it goes round three points for ever",
        },
        answer="c",
        hints={
            "a": "True up to a product of 1. Look at Nesterov's curve at 1.7.",
            "b": "Equal effective rates help along the floor. The walls see ηλ.",
            "d": "That was Polyak's momentum on a function that is no quadratic.",
        },
        right="At 1.7 Nesterov's curve is above 1, though Polyak's is at 0.95.",
        worked=(
            "Nesterov's factor crosses 1 at $\\frac{2(1+\\mu)}{1+2\\mu} = 1.357$. At 1.7 the steepest "
            "direction grows at every step; Polyak's limit is $2(1+\\mu) = 3.8$."
        ),
    ),
    Code(
        id="3-first-order/restart",
        prompt="Write restarting(gradient, x, lr, steps), which returns the last arrival.",
        solution=restarting,
        cases=(
            Case(_keeps_its_input, "Your function changes `x` in place. Write `x = x - …` instead."),
            Case(
                lambda attempt: tensor(_run(attempt, 3)).shape == (2,),
                "Return the last point alone, of the shape of `x`.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 2),
                "The first coast is 0, so two steps are two of gradient descent. Return x_new, not y.",
            ),
            Case(
                lambda attempt: _straight(attempt) < -3 * RATE,
                "Straight downhill nothing may restart: uphill is where g · (x_new − x) is above 0.",
            ),
            Case(
                lambda attempt: abs(_straight(attempt) + 3.25 * RATE) < 1e-7,
                "After the second step the coast is 1/4 of the move: (k − 1)/(k + 2), with k = 1 at first.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 4),
                "The third step differs: take the gradient at y, after the coast, not at x.",
            ),
            Case(
                lambda attempt: bool(tensor(_run(attempt, 200)).norm() < 1e-3),
                "After 200 steps it still swings. Does it ever set k back to 1?",
            ),
            Case(
                lambda attempt: _agrees(attempt, 60),
                "A longer run ends elsewhere: set k back *before* the coast, so that this coast is 0.",
            ),
        ),
        right="It needs no κ and no μ, and its ripples are gone.",
    ),
)
