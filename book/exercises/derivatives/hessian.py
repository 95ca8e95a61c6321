"""Exercises of the chapter *The Hessian*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor
from book.numerics.vector import f64


def product(f, x, v):
    def slope_along_v(p):
        return (torch.func.grad(f)(p) * v).sum()

    return torch.func.grad(slope_along_v)(x)


def _bent(p):
    return p[0] ** 2 + 2 * p[0] * p[1] + p[1] ** 3


def _cubes(p):
    return (p**3).sum()


def _first_column(attempt):
    return tensor(attempt(_bent, f64(3.0, 2.0), f64(1.0, 0.0)))


EXERCISES = (
    Number(
        id="2-derivatives/curvature-along-diagonal",
        prompt="The curvature of x² + 2xy + y³ at (3, 2) along the direction (1, 1).",
        answer=9,
        rtol=1e-4,
        mistakes={
            18: "You used v = (1, 1), which has the length √2. Divide it by its length first.",
            14: "That is the trace, the sum of the diagonal. You want vᵀHv, with the mixed entries too.",
            7: "That leaves out the mixed entries: 2xy adds twice H₁₂ v₁ v₂.",
            8: "The mixed entry counts twice in the double sum, once as H₁₂ and once as H₂₁.",
            18 / 2**0.5: "v stands in vᵀHv twice, so its length is divided out twice: by √2 · √2.",
        },
        hint="v = (1, 1)/√2. Compute Hv first, then multiply by v.",
        right="v = (1, 1)/√2, and (2 + 2 + 2 + 12)/2 = 9.",
        worked=(
            "$v = (1, 1)/\\sqrt{2}$, so $v^\\top H v = \\frac{1}{2}(2 + 2 + 2 + 12) = 9$. It lies between "
            "the eigenvalues, as a weighted mean of them must."
        ),
    ),
    Number(
        id="2-derivatives/best-step",
        prompt="The best learning rate for one step on ½(x² + 9y²) from (9, 2).",
        answer=405 / 2997,
        rtol=3e-3,
        mistakes={
            2997 / 405: "Upside down: that is the curvature along g. The best rate is one over it.",
            1 / 9: "That is 1/λmax, the best rate if the gradient lay along the y axis.",
            0.2: "2/(λmin + λmax) is the best rate for many steps. Asked: the best for one, from here.",
            2 / 9: "That is the step limit, 2/λmax.",
            810 / 2997: "At twice the best rate the loss is where it began. You dropped the ½, or doubled.",
            85 / 117: "You put the point (9, 2) in place of the gradient. The gradient is (9, 18).",
        },
        hint="g = (9, 18) and H has the diagonal (1, 9). Now gᵀg / gᵀHg.",
        right="g = (9, 18), gᵀg = 405, gᵀHg = 81 + 9 · 324 = 2997.",
        worked=(
            "$g = (9, 18)$, $g^\\top g = 405$, $g^\\top H g = 81 + 9 \\cdot 324 = 2997$, and "
            "$\\eta^* = 405/2997 = 0.135$, between $1/9$ and $1$."
        ),
    ),
    Choice(
        id="2-derivatives/too-long-a-step",
        prompt="In which panel is a step at the green rate worse than one of half that rate?",
        options={
            "a": "after 0 steps",
            "b": "after 5 steps",
            "c": "after 30 steps",
            "d": "in all of them",
        },
        answer="b",
        hints={
            "a": "Follow the solid line: after 0 steps it still falls from half the green rate up to it.",
            "c": "After 30 steps the solid line goes on falling beyond the green one.",
            "d": "Look at the solid lines only. Two of them are still falling at the green rate.",
        },
        right="After 5 steps the real loss turns round before the green line.",
        worked=(
            "The solid line is the real loss. In the middle panel its lowest point lies to the left of the "
            "green line, so the formula's rate is too long there."
        ),
    ),
    Code(
        id="2-derivatives/double-backward",
        prompt="Write product(f, x, v), the Hessian-vector product by two reverse passes.",
        solution=product,
        cases=(
            Case(
                lambda attempt: _first_column(attempt).shape == (2,),
                "The result must have the shape of x. You may have stopped at gᵀv, which is one number.",
            ),
            Case(
                lambda attempt: not close(_first_column(attempt), f64(10.0, 18.0)),
                "That is the gradient itself. Multiply it by v, sum, and differentiate once more.",
            ),
            Case(
                lambda attempt: bool(_first_column(attempt)[1].abs() > 1e-9),
                "H times (1, 0) is a whole column, (2, 2) for x² + 2xy + y³ at (3, 2). Multiply by v inside, "
                "before the second derivative, and not after it.",
            ),
            Case(
                lambda attempt: not close(attempt(_cubes, f64(1.0, 2.0), f64(1.0, 1.0)), f64(9.0, 15.0)),
                "A difference of two gradients is not a derivative. Differentiate gᵀv instead.",
            ),
            Case(
                lambda attempt: close(attempt(_cubes, f64(1.0, 2.0), f64(1.0, 1.0)), f64(6.0, 12.0)),
                "Σx³ has the Hessian diag(6x): at (1, 2), times (1, 1), that is (6, 12). Differentiate at x, "
                "and leave v as it is.",
            ),
            Case(
                lambda attempt: close(_first_column(attempt), f64(2.0, 2.0)),
                "For x² + 2xy + y³ at (3, 2), H times (1, 0) is the first column, (2, 2).",
            ),
            Case(
                lambda attempt: close(
                    attempt(_cubes, torch.ones(2, 3).double(), torch.ones(2, 3).double()),
                    torch.full((2, 3), 6.0).double(),
                ),
                "x may be a matrix: write gᵀv as (g * v).sum(), which works for every shape.",
            ),
        ),
        right="gᵀv is one number, v is constant, and the gradient of that number is Hv.",
    ),
)
