"""Exercises of the chapter *The Jacobian*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Code, Number
from book.exercises.results import tensor


def softmax_vjp(p, u):
    return p * (u - (u * p).sum())


def _probabilities(classes: int = 5) -> torch.Tensor:
    generator = torch.Generator().manual_seed(classes)
    return torch.softmax(torch.randn(classes, generator=generator, dtype=torch.float64), dim=0)


def _weights(classes: int = 5) -> torch.Tensor:
    return torch.linspace(-1, 2, classes, dtype=torch.float64)


def _close(found, wanted) -> bool:
    return close(found, wanted, atol=1e-9)


def _pulls_one_hot(attempt) -> bool:
    p = _probabilities()
    u = torch.eye(5, dtype=torch.float64)[1]
    return _close(attempt(p, u), p[1] * (u - p))


def _pulls(attempt) -> bool:
    p, u = _probabilities(), _weights()
    J = torch.diag(p) - torch.outer(p, p)
    return _close(attempt(p, u), u @ J)


def _ones_give_zero(attempt) -> bool:
    zeros = tensor(attempt(_probabilities(), torch.ones(5, dtype=torch.float64)))
    return bool(zeros.abs().max() < 1e-9)


def _keeps_its_inputs(attempt) -> bool:
    p, u = _probabilities(), _weights()
    attempt(p, u)
    return torch.equal(p, _probabilities()) and torch.equal(u, _weights())


EXERCISES = (
    Number(
        id="2-derivatives/area-of-a-tiny-square",
        prompt="The area of the image of a tiny square of area 0.01 about (3, 2), to first order.",
        answer=0.05,
        rtol=1e-3,
        mistakes={
            5.0: "That is the factor, |det J|. Multiply the area of the square by it.",
            0.11: "You added the two products of the determinant. It is their difference, ad − bc.",
            0.5: "The side of the square is 0.1, but it is the area, 0.01, that grows by |det J|.",
            0.06: "That is the trace, 2 + 4, times the area. An area grows by the determinant.",
            0.25: "Once is enough: |det J| is a factor for areas already. Do not square it.",
            -0.05: "An area has no sign: take the absolute value of the determinant.",
        },
        hint="The rows of J at (3, 2) are (x₂, x₁) = (2, 3) and (1, 2x₂) = (1, 4). Take its determinant.",
        right="J has the rows (2, 3) and (1, 4), det J = 8 − 3 = 5, and 5 · 0.01 = 0.05.",
        worked=(
            "The rows of $J$ are $(x_2, x_1) = (2, 3)$ and $(1, 2 x_2) = (1, 4)$. So $\\det J = 2 \\cdot 4 - "
            "3 \\cdot 1 = 5$, and the area becomes $5 \\cdot 0.01 = 0.05$."
        ),
    ),
    Number(
        id="2-derivatives/cheap-order",
        prompt="Multiply-adds of the product of the three Jacobians of 1000 → 50 → 50 → 1, cheaper order.",
        answer=52_500,
        rtol=1e-6,
        mistakes={
            2_550_000: "That is the dear order, from the right. Start at the loss: its Jacobian is a row.",
            2_500_000: "That is J₂ J₁ alone, the first product from the right. Start at the other end.",
            50_000: "That is the last product. The one before it, (1, 50) times (50, 50), counts too.",
            2_500: "That is the first product. The row still meets J₁, of shape (50, 1000).",
            52_550: "J₃ has one row, so J₃ J₂ takes 1 · 50 · 50. You counted 50 too many.",
            53_500: "There are two products, not three: J₃ is given, it costs nothing.",
            105_000: "A multiply-add counts once here, although it is two operations.",
        },
        hint="From the left: (1, 50) times (50, 50), then (1, 50) times (50, 1000). Each takes a · b · c.",
        right="50 · 50 + 50 · 1000: the intermediate result is a row, never a matrix.",
        worked=(
            "$J_3 J_2$ is $(1, 50)(50, 50)$ and takes $50 \\cdot 50 = 2500$. The row times $J_1$ takes "
            "$50 \\cdot 1000 = 50\\,000$. Together $52\\,500$; from the right it is $2\\,550\\,000$."
        ),
    ),
    Number(
        id="2-derivatives/weights-without-effect",
        prompt="How many of the 42 weights can change a little without changing J?",
        answer=14,
        rtol=1e-6,
        mistakes={
            2: "Two units are off. Count the weights that lead into them and out of them.",
            8: "Those are the weights into the two units, in W₁. There are weights out of them as well.",
            6: "Those are the weights out of the two units, in W₂. There are weights into them as well.",
            7: "That is one unit, 4 weights in and 3 out. Two units are off.",
            28: "Those are the weights that do count. Asked: the ones that do not.",
            16: "You counted the biases of the two units too. They are in neither matrix.",
            32: "Those are the empty places of D. Asked: the weights in W₁ and W₂ that meet only those.",
        },
        hint="An empty place on the diagonal of D silences a column of W₂ and a row of W₁: count entries.",
        right="Two units are off, and each has 4 weights in and 3 weights out.",
        worked=(
            "The places 3 and 5 on the diagonal of $D$ are empty. Rows 3 and 5 of $W_1$ have 4 entries each, "
            "columns 3 and 5 of $W_2$ have 3 each: $2 \\cdot (4 + 3) = 14$. A small change does not wake a "
            "unit whose $z$ is clearly negative."
        ),
    ),
    Code(
        id="2-derivatives/softmax-vjp",
        prompt="Write softmax_vjp(p, u), shapes (C,) and (C,) → (C,).",
        solution=softmax_vjp,
        cases=(
            Case(
                lambda attempt: tensor(attempt(_probabilities(), _weights())).shape == (5,),
                "The result must have the shape of `p`, (C,).",
            ),
            Case(_keeps_its_inputs, "Your function changes `p` or `u` in place. Build a new tensor instead."),
            Case(
                _ones_give_zero,
                "Pull back u = (1, …, 1): the columns of J add up to 0, so the result must be 0.",
            ),
            Case(
                _pulls_one_hot,
                "Pull back a one-hot u with the 1 at place i: you must get row i of J, pᵢ (u − p).",
            ),
            Case(
                _pulls,
                "Right for a one-hot u, wrong for a general one: uᵀdiag(p) is u · p entry by entry, "
                "and uᵀp is one number.",
            ),
        ),
        right="p (u − uᵀp), entry by entry: the work grows with C, not with C².",
        worked=(
            "$u^\\top (\\mathrm{diag}(p) - p\\,p^\\top)$ has the entries $u_j p_j - (u^\\top p)\\, p_j = "
            "p_j (u_j - u^\\top p)$."
        ),
    ),
)
