"""Exercises of the chapter *Conjugate gradient*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor


def conjugate_to(product, d, g):
    Hd = product(d)
    return -g + (g @ Hd) / (d @ Hd) * d


def truncated(product, g, tol, max_iter):
    d, r, p = torch.zeros_like(g), g.clone(), -g
    for k in range(max_iter):
        Hp = product(p)
        bend = p @ Hp
        if bend <= 0:
            return d if k else -g
        rr = r @ r
        d, r = d + rr / bend * p, r + rr / bend * Hp
        if r.norm() <= tol * g.norm():
            break
        p = -r + (r @ r) / rr * p
    return d


H = torch.tensor([[4.0, 1.0, 0.0], [1.0, 3.0, -1.0], [0.0, -1.0, 2.0]], dtype=torch.float64)
D, G = torch.tensor([[1.0, 0.0, 2.0], [0.5, -1.0, 1.0]], dtype=torch.float64)
SADDLE = torch.diag(torch.tensor([3.0, 1.0, -1.0], dtype=torch.float64))


def _times(matrix):
    return lambda v: matrix @ torch.as_tensor(v, dtype=torch.float64)


def _agrees(attempt, solution, *given) -> bool:
    copies = [entry.clone() if isinstance(entry, torch.Tensor) else entry for entry in given]
    return close(attempt(*copies), solution(*given), rtol=1e-8, atol=1e-10)


def _keeps_its_input(attempt, *given) -> bool:
    copies = [entry.clone() if isinstance(entry, torch.Tensor) else entry for entry in given]
    attempt(*copies)
    return all(
        torch.equal(old, new) for old, new in zip(given, copies, strict=True) if isinstance(old, torch.Tensor)
    )


def _multiplies(attempt, most, *given) -> bool:
    count = []
    attempt(lambda v: count.append(1) or _times(H)(v), *given)
    return len(count) <= most


EXERCISES = (
    Number(
        id="4-second-order/worst-share",
        prompt="The share of the loss that each step leaves, from (9, 1) on ½(x² + 9y²).",
        answer=0.64,
        rtol=5e-3,
        mistakes={
            0.8: "That is the factor of the distance. The loss is a square, and so is its factor.",
            0.36: "That is what a step takes away. Asked: what it leaves.",
            0.5: "You have √κ in the place of κ; that is conjugate gradient's bound, not a step of descent.",
            0.25: "You squared (√κ − 1)/(√κ + 1). Steepest descent has κ itself.",
            1.25: "Upside down: the smaller number, κ − 1, stands on top.",
        },
        hint="The gradient is (9, 9), so this start is the worst: (κ − 1)/(κ + 1) for the distance.",
        right="κ is 9, the distance keeps 8/10, and the loss its square.",
        worked=(
            "$g = (9, 9)$ and $\\alpha = \\frac{g^\\top g}{g^\\top H g} = \\frac{162}{81 + 729} = 0.2$. The "
            "step leads to $(7.2, -0.8)$, which is $0.8$ times $(9, -1)$. The loss keeps $0.8^2 = 0.64$."
        ),
    ),
    Choice(
        id="4-second-order/how-many-steps",
        prompt="The eigenvalues are 1, 1, 1, 4, 4, 25, each written as often as it occurs. How many steps?",
        options={
            "a": "6, as many as there are dimensions",
            "b": "3, as many as there are different eigenvalues",
            "c": "1, because there is a solution",
            "d": "about √25 = 5, by the bound",
        },
        answer="b",
        hints={
            "a": "Six is enough. But a polynomial with fewer roots already vanishes at every eigenvalue.",
            "c": "One step has one root. It vanishes at all eigenvalues only if they are all the same.",
            "d": "The bound knows κ alone, and speaks of a factor a step. Ask where the roots can go.",
        },
        right="Three roots, one at each different eigenvalue, leave no error.",
        worked=(
            "$q_3(\\lambda) = (1 - \\lambda)(1 - \\lambda/4)(1 - \\lambda/25)$ has $q_3(0) = 1$, and it is 0 "
            "at each eigenvalue. Its degree is 3, so after three steps no error is left."
        ),
    ),
    Code(
        id="4-second-order/conjugate-to",
        prompt="Write conjugate_to(product, d, g): the direction −g + βd that is conjugate to d.",
        solution=conjugate_to,
        cases=(
            Case(
                lambda attempt: _keeps_its_input(attempt, _times(H), D, G),
                "Your function changes `d` or `g` in place. Make a new tensor.",
            ),
            Case(
                lambda attempt: tensor(attempt(_times(H), D, G)).shape == (3,),
                "Return the direction, a vector of the shape of `g`.",
            ),
            Case(
                lambda attempt: close(tensor(attempt(_times(H), D, 0 * G)), 0 * G, rtol=0, atol=1e-12),
                "Where g is 0 the direction is 0: it is −g + βd, and β has g in it.",
            ),
            Case(
                lambda attempt: _agrees(attempt, conjugate_to, _times(torch.eye(3, dtype=D.dtype)), D, G),
                "With H = I conjugate means at right angles: take from −g its part along d. Mind β's sign.",
            ),
            Case(
                lambda attempt: _agrees(attempt, conjugate_to, _times(H), D, G),
                "Ask for dᵀH(−g + βd) = 0 and solve for β: it is gᵀHd over dᵀHd.",
            ),
            Case(
                lambda attempt: _multiplies(attempt, 1, D, G),
                "Right, but it multiplies by H more than once. Hd is needed in two places: keep it.",
            ),
        ),
        right="dᵀH(−g + βd) = 0 gives β = gᵀHd / dᵀHd, for one product.",
        worked=(
            "$d^\\top H(-g + \\beta d) = 0$ gives $\\beta = \\frac{g^\\top H d}{d^\\top H d}$. $H$ is "
            "symmetric, so $d^\\top H g = g^\\top H d$, and one product $Hd$ serves both."
        ),
    ),
    Code(
        id="4-second-order/truncated-newton",
        prompt="Write truncated(product, g, tol, max_iter): Newton's direction by conjugate gradient.",
        solution=truncated,
        cases=(
            Case(
                lambda attempt: _keeps_its_input(attempt, _times(H), G, 1e-10, 3),
                "Your function changes `g` in place. Make a new tensor.",
            ),
            Case(
                lambda attempt: tensor(attempt(_times(H), G, 1e-10, 10)).shape == (3,),
                "Return the direction alone, a vector of the shape of `g`.",
            ),
            Case(
                lambda attempt: _agrees(attempt, truncated, _times(H), G, 1e-10, 1),
                "After one step it is −αg with α = gᵀg / gᵀHg: the best step along −g.",
            ),
            Case(
                lambda attempt: _agrees(attempt, truncated, _times(H), G, 1e-10, 3),
                "Solve Hd = −g: start at d = 0, where the residual is g and the first direction −g.",
            ),
            Case(
                lambda attempt: _agrees(attempt, truncated, _times(H), G, 0.5, 3),
                "Stop as soon as ‖Hd + g‖ ≤ tol ‖g‖.",
            ),
            Case(
                lambda attempt: _agrees(
                    attempt, truncated, _times(SADDLE), torch.tensor([0.0, 0.0, 1.0], dtype=D.dtype), 1e-10, 3
                ),
                "Where the very first direction bends down, pᵀHp ≤ 0, return −g: nothing else is known.",
            ),
            Case(
                lambda attempt: _agrees(
                    attempt, truncated, _times(SADDLE), torch.tensor([1.0, 2.0, 0.5], dtype=D.dtype), 1e-10, 3
                ),
                "Where a later direction bends down, return what was found before it; do not divide by it.",
            ),
        ),
        right="It never divides by a curvature that is not positive, and stops when g is met well enough.",
        worked=(
            "$d = 0$ has the residual $g$. Each step adds $\\alpha p$ with "
            "$\\alpha = r^\\top r / p^\\top H p$. A $p$ that bends down ends it: all before it go downhill."
        ),
    ),
)
