"""Exercises of the chapter *Conditioning*."""

import math

import torch

from book.exercises.model import Case, Code, Number
from book.exercises.results import tensor


def standardise(X):
    centred = X - X.mean(dim=0)
    deviation = centred.std(dim=0)
    return centred / torch.where(deviation > 0, deviation, 1.0)


def _features():
    generator = torch.Generator().manual_seed(0)
    scale, shift = torch.tensor([30.0, 1.0, 1e-3]), torch.tensor([120.0, 4.0, 0.0])
    return torch.randn(200, 3, generator=generator) * scale + shift


def _with_constant_column():
    return torch.cat([_features(), torch.full((200, 1), 7.0)], dim=1)


def _keeps_its_input(attempt) -> bool:
    X = _features()
    attempt(X)
    return torch.equal(X, _features())


def _spread(attempt) -> torch.Tensor:
    return tensor(attempt(_features())).std(dim=0)


EXERCISES = (
    Number(
        id="1-numbers/condition-of-log",
        prompt="The relative condition number of log x at x = 0.999.",
        answer=abs(1 / math.log(0.999)),
        rtol=2e-4,
        mistakes={
            1.001001: (
                "That is the absolute condition number, |f'(x)| = 1/x. Multiply by x and divide by f(x)."
            ),
            0.0010005: "Upside down: you have |log x|. It belongs in the denominator.",
            1000.0: "Round later: at this tolerance the first four digits count.",
            1000.5: "Close, but that is the value at 1.001, on the other side of 1.",
            1 / math.log(0.999): "A condition number is a size: take the absolute value.",
            2301.4: "You used log10. The derivative of log10 is not 1/x.",
        },
        hint="For f = log, x f'(x) = x · 1/x = 1. So all that is left is 1 / |log x|.",
        right="x · (1/x) / log x = 1 / log 0.999: three digits are lost.",
        worked="$\\kappa = |x \\cdot \\frac{1}{x} / \\log x| = 1 / |\\log 0.999| = 999.5$.",
    ),
    Number(
        id="1-numbers/steps-in-a-valley",
        prompt="Steps to a thousandth of the distance, curvatures 1 and 50, best learning rate.",
        answer=math.log(1e-3) / math.log(49 / 51),
        rtol=5e-3,
        mistakes={
            math.log(1e-3) / math.log(1 - 1 / 50): (
                "That is for the rate 1/λmax. The best one is 2/(λmin + λmax)."
            ),
            math.log(1e-3) / math.log(49 / 51) / 2: (
                "That is for the loss, which falls by ρ² a step. Asked: distance."
            ),
            -3 / math.log(49 / 51): (
                "You divided log10 of one number by ln of the other. Use the same logarithm."
            ),
            math.log(1e-6) / math.log(49 / 51): "That is for a millionth. Asked: a thousandth.",
        },
        hint="κ = 50, so ρ = 49/51. Solve ρⁿ = 1/1000 for n.",
        right="ρ = 49/51, and n = ln(1/1000) / ln(49/51).",
        worked=(
            "$\\kappa = 50$, $\\rho = 49/51$, and $\\rho^n = 10^{-3}$ gives "
            "$n = \\ln 10^{-3} / \\ln \\rho = 172.7$."
        ),
    ),
    Number(
        id="1-numbers/no-digit-left",
        prompt="The first size at which float32 has less than half a digit left, as seen.",
        answer=9,
        rtol=1e-6,
        mistakes={
            7: (
                "At 7 the dashed line (the prediction) is below zero. The point (what was seen) is "
                "still at about one digit."
            ),
            6: (
                "At 6 the prediction reaches zero. What was seen is better than the bound: look at "
                "the points."
            ),
            8: "The point at 8 is low, but still at about one digit.",
            10: "Go one to the left: the point there is lower still.",
        },
        hint="Follow the points of float32, not its dashed line, down to the horizontal line at zero.",
        right="At 9 rows the float32 point is just above zero: the error is nearly as large as the answer.",
        worked="The points of float32 stay at one digit or above up to 8 rows. The one at 9 is near zero.",
    ),
    Code(
        id="1-numbers/standardise",
        prompt="Write standardise(X), shape (n, d) → (n, d).",
        solution=standardise,
        cases=(
            Case(_keeps_its_input, "Your function changes `X` in place. Build a new tensor instead."),
            Case(
                lambda attempt: tensor(attempt(_features())).shape == (200, 3),
                "The result must have the shape of `X`, (n, d).",
            ),
            Case(
                lambda attempt: bool(tensor(attempt(_features())).mean(dim=0).abs().max() < 1e-3),
                "Not every column has mean 0. Take the mean with `dim=0`, one for each column.",
            ),
            Case(
                lambda attempt: bool((_spread(attempt) / _spread(attempt)[0] - 1).abs().max() < 0.3),
                "The columns still differ in size. Divide each by its own standard deviation (`dim=0`).",
            ),
            Case(
                lambda attempt: bool((_spread(attempt) - 1).abs().max() < 1e-2),
                "The columns agree in size, but the size is not 1. Divide by the deviation, not "
                "by the variance or the range.",
            ),
            Case(
                lambda attempt: bool(tensor(attempt(_with_constant_column())).isfinite().all()),
                "A column that never changes has deviation 0, and 0/0 is nan. Divide by 1 there.",
            ),
            Case(
                lambda attempt: bool((tensor(attempt(_with_constant_column()))[:, 3] == 0).all()),
                "The column that never changes should become exactly 0.",
            ),
        ),
        right="Mean 0 and deviation 1 in every column, and a constant column does no harm.",
    ),
)
