"""Exercises of the chapter *AdaDelta*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import is_parts
from book.numerics.vector import f64


def two_epsilons(x, g, v, u, rho, eps_x, eps_g):
    v = rho * v + (1 - rho) * g**2
    d = (u + eps_x) ** 0.5 / (v + eps_g) ** 0.5 * g
    u = rho * u + (1 - rho) * d**2
    return x - d, v, u


START = (f64(1.0, -2.0), f64(3.0, -0.5), f64(0.2, 4.0), f64(0.01, 0.3), 0.9, 1e-4, 1e-2)


def _given() -> list:
    return [thing.clone() if isinstance(thing, torch.Tensor) else thing for thing in START]


def _agrees(attempt, which: int) -> bool:
    return close(attempt(*_given())[which], two_epsilons(*_given())[which], rtol=1e-9)


def _keeps_its_input(attempt) -> bool:
    given = _given()
    attempt(*given)
    return all(torch.equal(a, b) for a, b in zip(given[:4], START[:4], strict=True))


EXERCISES = (
    Number(
        id="3-first-order/adadelta-first-step",
        prompt="The length of AdaDelta's first step for a gradient of 5, ρ = 0.9, ε = 1e-6.",
        answer=0.0031623,
        rtol=3e-3,
        mistakes={
            0.001: "You left out 1 − ρ: after one step v is 0.1 · 25, not 25.",
            0.01: "The share of g² in v is 1 − ρ = 0.1, and its root stands below.",
            0.00031623: "Multiply by g = 5 and divide by √v = 1.58; you have lost a factor of ten.",
            1e-6: "It is the root of ε that stands above the line.",
            0.00063246: "Multiply by g at the end: the ratio of the roots is not yet the step.",
        },
        hint="u is still 0, so the root above is √ε. Below it v = 0.1 · 25, and ε does not matter there.",
        right="It is √ε / √(1 − ρ), whatever the gradient is.",
        worked=(
            "$v = 0.1 \\cdot 25 = 2.5$ and $d = \\sqrt{10^{-6}} / \\sqrt{2.5} \\cdot 5 = "
            "0.00316 = \\sqrt{\\varepsilon / (1 - \\rho)}$."
        ),
    ),
    Choice(
        id="3-first-order/how-much-further",
        prompt="The distance after 1,000 steps over that after 100, at ε = 1e-6.",
        options={
            "a": "about 3 times",
            "b": "about 10 times",
            "c": "about 20 times",
            "d": "about 100 times",
        },
        answer="c",
        hints={
            "a": "The line rises faster than the number of steps. Read both heights.",
            "b": "That would be steps of one length. These grow, so the line is steeper than 45 degrees.",
            "d": "That would be a distance like T². The line is less steep than that.",
        },
        right="From about 0.4 to about 8. The forecast's factor is 32; the early steps were longer.",
        worked=(
            "From about 0.4 to about 8. The forecast grows by $10^{3/2} \\approx 32$; the early steps "
            "were longer than it says, so that the ratio is smaller."
        ),
    ),
    Code(
        id="3-first-order/two-epsilons",
        prompt="Write two_epsilons(x, g, v, u, rho, eps_x, eps_g), which returns the new x, v and u.",
        solution=two_epsilons,
        cases=(
            Case(_keeps_its_input, "Your function changes its input in place. Write `v = …` anew."),
            Case(
                lambda attempt: is_parts(attempt(*_given()), 3),
                "Return three tensors: the new x, the new v, the new u.",
            ),
            Case(lambda attempt: _agrees(attempt, 1), "The new v is rho · v + (1 − rho) · g²."),
            Case(
                lambda attempt: _agrees(attempt, 0),
                "The step is √(old u + eps_x) / √(new v + eps_g) · g, and x loses it.",
            ),
            Case(lambda attempt: _agrees(attempt, 2), "The new u is rho · u + (1 − rho) · d²."),
        ),
        right="In other units eps_x is multiplied by c² and eps_g divided by it, and the path is the same.",
    ),
)
