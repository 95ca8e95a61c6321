"""Exercises of the chapter *AdaHessian*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor


def diagonal(product, probes):
    return torch.stack([z * product(z) for z in probes]).mean(dim=0)


def _matrix() -> torch.Tensor:
    return torch.tensor([[2.0, 1.0, -3.0], [1.0, -4.0, 0.5], [-3.0, 0.5, 1.0]], dtype=torch.float64)


def _product(v: torch.Tensor) -> torch.Tensor:
    return _matrix() @ torch.as_tensor(v, dtype=torch.float64)


def _normals(count: int) -> torch.Tensor:
    return torch.randn(count, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2))


def _every_sign() -> torch.Tensor:
    return torch.cartesian_prod(*[torch.tensor([-1.0, 1.0], dtype=torch.float64)] * 3)


def _agrees(attempt, count: int) -> bool:
    result = attempt(_product, _normals(count))
    return close(result, diagonal(_product, _normals(count)), rtol=1e-9, atol=1e-12)


def _even(attempt) -> bool:
    there, back = (tensor(attempt(_product, sign * _normals(1))) for sign in (1, -1))
    return close(there, back, rtol=1e-9, atol=1e-12)


def _a_mean(attempt) -> bool:
    once, twice = (tensor(attempt(_product, _normals(2).repeat(times, 1))) for times in (1, 2))
    return close(twice, once, rtol=1e-9, atol=1e-12)


def _cancels(attempt) -> bool:
    sizes = tensor(attempt(_product, _every_sign())).abs()
    return close(sizes, _matrix().diagonal().abs(), rtol=1e-9, atol=1e-12)


def _signed(attempt) -> bool:
    return close(attempt(_product, _every_sign()), _matrix().diagonal(), rtol=1e-9, atol=1e-12)


def _is_a_ratio(attempt) -> bool:
    """The form of Bekas, Kokiopoulou and Saad: the sum of z ⊙ Hz over that of z ⊙ z."""
    probes = _normals(5)
    images = torch.stack([_product(z) for z in probes])
    return close(attempt(_product, probes), (probes * images).sum(0) / probes.square().sum(0), rtol=1e-6)


EXERCISES = (
    Number(
        id="4-second-order/variance-of-a-probe",
        prompt="The variance of the first entry of z ⊙ Hz for one probe of signs.",
        answer=25,
        rtol=1e-3,
        mistakes={
            29: "You counted the diagonal entry. For signs z₁² is always 1, so 2 does not vary.",
            33: "That is for normal entries, which add 2 H₁₁². Signs do not.",
            5: "That is the standard deviation. Asked: its square.",
            7: "You added 3 and 4. Variances add: take their squares.",
        },
        hint="(z ⊙ Hz)₁ = 2 + 3 z₁z₂ + 4 z₁z₃. The two products are ±1, and uncorrelated.",
        right="3² + 4² = 25; the diagonal entry brings nothing.",
        worked=(
            "$(z \\odot Hz)_1 = 2 + 3 z_1 z_2 + 4 z_1 z_3$, as $z_1^2 = 1$. The two products "
            "are $\\pm 1$, uncorrelated and of variance 1: $3^2 + 4^2 = 25$."
        ),
    ),
    Number(
        id="4-second-order/probes-needed",
        prompt="The probes that bring a relative error of 3 down to 0.1.",
        answer=900,
        rtol=1e-3,
        mistakes={
            30: "That is the ratio of the errors. An error falls with the root of the number of probes.",
            90: "You divided 3² by 0.1. Square the 0.1 too.",
            300: "That is 3/0.1². Square the 3 too.",
            9: "That brings the error from 3 down to 1.",
        },
        hint="The error of k probes is 3/√k. When is it 0.1?",
        right="√k = 30, so k = 900.",
        worked="$3/\\sqrt{k} = 0.1$ gives $\\sqrt{k} = 30$ and $k = 900$ products, about as many as entries.",
    ),
    Choice(
        id="4-second-order/a-hundred-probes",
        prompt="What a hundred probes do to the bars at the largest block.",
        options={
            "a": "both bars are a tenth as high",
            "b": "the left bar is a tenth as high, the right one stays",
            "c": "the left bar stays, the right one is a tenth as high",
            "d": "the left bar is a hundredth as high, the right one stays",
        },
        answer="b",
        hints={
            "a": "The right bar is what a mean over different entries gets wrong. Do probes change that?",
            "c": "It is the other way round: which of the two bars is chance?",
            "d": "Variances fall by a hundred. The bars are errors, the roots of variances.",
        },
        right="Chance falls with √100 = 10; a mean over different entries stays as wrong as it is.",
        worked=(
            "Probes only average chance away: by $\\sqrt{100} = 10$. With endless probes the estimate is "
            "the mean over the block, and the right bar is how far that is from the entries."
        ),
    ),
    Code(
        id="4-second-order/write-hutchinson",
        prompt="Write diagonal(product, probes): Hutchinson's estimate of a diagonal.",
        solution=diagonal,
        cases=(
            Case(
                lambda attempt: tensor(attempt(_product, _every_sign())).shape == (3,),
                "Return one number for each entry: multiply entry by entry; the sum would be the trace.",
            ),
            Case(_a_mean, "Twice the same probes must change nothing: divide by how many probes there are."),
            Case(_even, "A probe and its opposite say the same: multiply each product by its own probe."),
            Case(
                _cancels,
                "Over all eight probes of signs the errors cancel, and yours do not: keep the sign of each "
                "z ⊙ Hz.",
            ),
            Case(_signed, "A diagonal may hold numbers below 0, and yours does not: keep the sign."),
            Case(
                lambda attempt: _agrees(attempt, 5) or _is_a_ratio(attempt),
                "For signs it is right. With normal probes z and 1/z are not the same: multiply.",
            ),
        ),
        right="One product for each probe, and every entry of the diagonal from each.",
    ),
)
