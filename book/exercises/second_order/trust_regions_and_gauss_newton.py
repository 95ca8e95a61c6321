"""Exercises of the chapter *Trust regions and Gauss–Newton*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor


def damped_step(J, r, damping):
    longer = torch.cat([J, damping**0.5 * torch.eye(J.shape[1], dtype=J.dtype)])
    zeros = torch.zeros(J.shape[1], dtype=J.dtype)
    return torch.linalg.lstsq(longer, -torch.cat([r, zeros])).solution


def _problem(m: int, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(m)
    J = torch.randn(m, n, generator=generator, dtype=torch.float64)
    return J, torch.randn(m, generator=generator, dtype=torch.float64)


def _agrees(attempt, m: int, n: int, damping: float) -> bool:
    J, r = _problem(m, n)
    return close(attempt(J.clone(), r.clone(), damping), damped_step(J, r, damping), rtol=1e-8, atol=1e-12)


def _keeps_digits(attempt) -> bool:
    """Two columns that differ in the eighth digit: their product JᵀJ does not show it."""
    J = torch.tensor([[1.0, 1.0], [1e-8, 0.0], [0.0, 1e-8]], dtype=torch.float64)
    r = -(J @ torch.tensor([3.0, -2.0], dtype=torch.float64))
    return close(attempt(J, r, 1e-24), [3.0, -2.0], rtol=1e-3)


EXERCISES = (
    Number(
        id="4-second-order/next-radius",
        prompt="The next radius, after a step of length 1.6 with ρ = 0.1 in a region of radius 2.",
        answer=0.4,
        rtol=5e-3,
        mistakes={
            0.5: "That is a quarter of the radius. The rule takes a quarter of the step.",
            2.0: "ρ is below ¼, so the radius does not stay.",
            4.0: "Doubling is for ρ above ¾ at the edge.",
            1.0: "Half the radius is another rule's answer; here it is a quarter of the step.",
            0.8: "Half the step; the rule takes a quarter.",
        },
        hint="ρ = 0.1/1 is below ¼. What is the step's length divided by four?",
        right="ρ = 0.1 is below ¼, so the radius becomes 1.6/4.",
        worked=(
            "$\\rho = \\frac{5 - 4.9}{1} = 0.1 < \\frac{1}{4}$. The next radius is a quarter of the step: "
            "$\\frac{1.6}{4} = 0.4$."
        ),
    ),
    Choice(
        id="4-second-order/when-gauss-newton-is-newton",
        prompt="On which fit do Gauss–Newton and Newton take nearly the same steps at the end?",
        options={
            "a": "a curve through noisy data that bends strongly in its parameters",
            "b": "a curve that meets each data point almost exactly",
            "c": "any fit with more data than parameters",
            "d": "any fit whose Jacobian has full rank",
        },
        answer="b",
        hints={
            "a": "What is left out is Σ rᵢ∇²rᵢ. Here both factors are large.",
            "c": "The number of data does not enter into Σ rᵢ∇²rᵢ. Their residuals do.",
            "d": "Full rank makes JᵀJ invertible. It does not make it the Hessian.",
        },
        right="Each term of what is left out has a residual as a factor.",
        worked=(
            "The Hessian is $J^\\top J + \\sum_i r_i \\nabla^2 r_i$. With all $r_i$ near 0 so is the sum."
        ),
    ),
    Code(
        id="4-second-order/damped-step",
        prompt="Write damped_step(J, r, damping), which returns the step and does not form JᵀJ.",
        solution=damped_step,
        cases=(
            Case(
                lambda attempt: tensor(attempt(*_problem(6, 3), 0.5)).shape == (3,),
                "Return the step, one number for each parameter, shape (n,).",
            ),
            Case(
                lambda attempt: not close(attempt(*_problem(6, 3), 0.5), -damped_step(*_problem(6, 3), 0.5)),
                "The sign is turned: p makes r + J p small, so it solves J p ≈ −r.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 6, 3, 1e-12),
                "With hardly any damping it must be the least-squares solution of J p ≈ −r.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 6, 3, 4.0),
                "The square of √λ·p is λ‖p‖²: the rows below J are √λ times the identity.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 2, 4, 0.5),
                "With fewer residuals than parameters it fails. The identity has n rows.",
            ),
            Case(
                _keeps_digits,
                "Right in easy cases, and wrong where columns nearly agree: JᵀJ has lost what tells them "
                "apart. Solve the longer least-squares problem instead.",
            ),
        ),
        right="The longer problem has the same minimum, and its matrix is as well conditioned as J.",
        worked=(
            "$\\lVert r + Jp \\rVert^2 + \\lambda \\lVert p \\rVert^2$ is the squared length of one longer "
            "vector, $\\binom{r}{0} + \\binom{J}{\\sqrt\\lambda I} p$."
        ),
    ),
)
