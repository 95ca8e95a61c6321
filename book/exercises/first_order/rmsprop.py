"""Exercises of the chapter *RMSProp*."""

import math

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor


def moves(grads, lr, alpha, eps):
    v, steps = grads[0] ** 2, []
    for g in grads:
        v = alpha * v + (1 - alpha) * g**2  # at the first one it stays g²
        steps.append(-lr * g / torch.sqrt(v + eps))
    return torch.stack(steps)


def _gradients(steps: int = 6) -> torch.Tensor:
    return torch.randn(steps, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def _agrees(attempt, grads: torch.Tensor, *options: float, first: int | None = None) -> bool:
    result, right = attempt(grads, *options), moves(grads, *options)
    return close(result[:first], right[:first], rtol=1e-9, atol=1e-15)


def _shaped(attempt) -> bool:
    return tensor(attempt(_gradients(), 0.1, 0.9, 1e-8)).shape == (6, 3)


def _downhill(attempt) -> bool:
    return bool((tensor(attempt(_gradients(), 0.1, 0.9, 1e-8)) * _gradients() < 0).all())


def _scale_free(attempt) -> bool:
    once, twice = (attempt(factor * _gradients(), 0.1, 0.9, 0.0) for factor in (1, 2))
    return close(once, tensor(twice))


def _spike(attempt) -> bool:
    last = tensor(attempt(torch.tensor([[1.0], [1000.0]], dtype=torch.float64), 0.1, 0.9, 0.0))[-1]
    return last.abs().item() < 0.4  # at most lr/√(1 − α)


def _steady(attempt) -> bool:
    result = attempt(torch.full((50, 1), 2.0, dtype=torch.float64), 0.1, 0.99, 0.0)
    return close(result, torch.full((50, 1), -0.1))


EXERCISES = (
    Number(
        id="3-first-order/rmsprop-recovery",
        prompt="The steps until v is down to 2, after gradients of 50, with α = 0.95.",
        answer=math.log(2499) / -math.log(0.95),
        rtol=1e-2,
        mistakes={
            math.log(50) / -math.log(0.95): "You left out the 2: v starts at 50², not at 50.",
            2 * math.log(50) / 0.05: "That is with −ln α ≈ 1 − α. For 0.95 it is 0.0513, not 0.05.",
            2500: "That is what AdaGrad would need, about G². Here v fades by 0.95 in each step.",
            2 * math.log(50): "Divide by −ln 0.95: in each step v loses 5 %.",
        },
        hint="v − 1 starts at 50² − 1 and is multiplied by 0.95 in each step. When is it 1?",
        right="0.95ᵗ · 2,499 = 1 gives t = ln 2,499 / 0.0513: at step 153 it is below.",
        worked=(
            "$v_t - 1 = 0.95^t\\,(50^2 - 1)$. It is 1 at "
            "$t = \\ln 2499 / (-\\ln 0.95) = 7.82/0.0513 = 152.5$, so $v$ is below 2 after step 153."
        ),
    ),
    Number(
        id="3-first-order/rmsprop-floor",
        prompt="The loss at which RMSProp jumps to and fro, with h = 8 and η = 0.02.",
        answer=4e-4,
        rtol=1e-2,
        mistakes={
            1.6e-3: "You took c = η. A step of η leads from c to −c, so c is half of it.",
            0.01: "That is c, the distance. The loss is ½ h c².",
            5e-5: "That is η²/8. The curvature h = 8 stands before it.",
            0.005: "That is η/4, the loss with noise of σ = 1. Here there is no noise.",
        },
        hint="The step is exactly η and leads from c to −c. What is c, and what is ½ h c² there?",
        right="c = η/2 = 0.01, and ½ · 8 · 0.01² = 0.0004.",
        worked="$c = \\eta/2 = 0.01$, so $f = \\frac{1}{2} \\cdot 8 \\cdot 0.01^2 = 0.0004$: $h\\eta^2/8$.",
    ),
    Choice(
        id="3-first-order/rmsprop-read-eps",
        prompt="How much longer the step is with ε outside, for a gradient of 1e-5.",
        options={
            "a": "equally long",
            "b": "about 3 times",
            "c": "about 10 times",
            "d": "about 1,000 times",
        },
        answer="c",
        hints={
            "a": "They agree down to 1e-3. Look further left, at 1e-5.",
            "b": "That is at about 3e-5, half a decade further right.",
            "d": "That is the lower curve at 1e-7. Read both curves above 1e-5.",
        },
        right="Outside it is 1, inside 0.1: the divisor is √ε = 1e-4 there.",
        worked=(
            "Inside, the divisor is $\\sqrt{10^{-10} + 10^{-8}} \\approx 10^{-4}$, so the step is "
            "$0.1\\,\\eta$. Outside it is $\\eta$ up to 0.1 %."
        ),
    ),
    Code(
        id="3-first-order/rmsprop-another",
        prompt="Write moves(grads, lr, alpha, eps), with ε under the root and v from the first square on.",
        solution=moves,
        cases=(
            Case(_shaped, "Return one tensor of the shape of `grads`: stack the moves of all steps."),
            Case(_downhill, "A move goes against its gradient: mind the minus."),
            Case(
                _scale_free, "With ε = 0, doubled gradients lead to the same moves: divide by the root of v."
            ),
            Case(
                _steady, "With a constant gradient and ε = 0 every move is `lr` long, from the first one on."
            ),
            Case(
                lambda attempt: _agrees(attempt, _gradients(), 0.1, 0.9, 0.25, first=1),
                "The first move is not right: v = g₁², and ε stands under the root, √(v + ε).",
            ),
            Case(
                _spike,
                "After 1 a gradient of 1,000 moves x too far: bring v up to date first, then divide by it.",
            ),
            Case(
                lambda attempt: _agrees(attempt, _gradients(), 0.1, 0.9, 0.0, first=2),
                "The second move is not right: v keeps the share alpha and takes 1 − alpha of g₂².",
            ),
            Case(
                lambda attempt: _agrees(attempt, _gradients(40), 0.1, 0.9, 0.25),
                "Later moves are not right: v is carried from step to step, and ε is not part of it.",
            ),
        ),
        right="With v = g₁² before the loop, the first update leaves it as it is.",
    ),
)
