"""Exercises of the chapter *Natural gradient*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import like, tensor


def natural_step(w, X, y, lr):
    p = torch.sigmoid(X @ w)
    g = X.T @ (p - y) / len(y)
    F = X.T @ ((p * (1 - p))[:, None] * X) / len(y)
    return w - lr * torch.linalg.solve(F, g)


def _data(n: int = 12) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    steps = torch.arange(3.0 * n, dtype=torch.float64)
    X = torch.sin(1.7 * steps + 0.3 * steps**2).reshape(n, 3)
    y = (torch.arange(n) % 3 == 0).double()
    return torch.tensor([0.5, -1.0, 0.25], dtype=torch.float64), X, y


def _expected(lr: float, n: int = 12) -> torch.Tensor:
    return natural_step(*_data(n), lr)


def _agrees(attempt, lr: float, n: int = 12) -> bool:
    return close(attempt(*_data(n), lr), _expected(lr, n), rtol=1e-8, atol=1e-10)


def _goes_down(attempt) -> bool:
    w, X, y = _data()

    def loss(w):
        z = X @ w
        return (torch.nn.functional.softplus(z) - y * z).mean()

    return bool(loss(tensor(attempt(w, X, y, 0.1))) < loss(w))


def _ignores_the_labels(attempt) -> bool:
    """With labels only in the gradient the step is affine in them: y and 1 − y give what 0 and 1 give."""
    w, X, y = _data()
    zero, one = 0 * y, like(y, 1.0) + 0 * y
    pairs = [[tensor(attempt(w, X, labels, 0.5)) for labels in pair] for pair in ((y, one - y), (zero, one))]
    return close(pairs[0][0] + pairs[0][1], pairs[1][0] + pairs[1][1], rtol=1e-4, atol=1e-4)


def _same_model_after(attempt, change: torch.Tensor) -> bool:
    """Whether inputs X A with weights A⁻¹ w lead to the same model."""
    w, X, y = _data()
    other = tensor(attempt(torch.linalg.solve(change, w), X @ change, y, 0.5))
    return close(change @ other, tensor(attempt(w, X, y, 0.5)), rtol=1e-4, atol=1e-4)


UNITS = torch.diag(torch.tensor([2.0, 1.0, 0.5], dtype=torch.float64))
MIXED = torch.tensor([[1.0, 0.5, 0.0], [0.0, 1.0, 0.5], [0.5, 0.0, 1.0]], dtype=torch.float64)


EXERCISES = (
    Number(
        id="4-second-order/coin-by-its-probability",
        prompt="The Fisher information of a coin with p = 0.8, with p itself as the parameter.",
        answer=6.25,
        rtol=5e-3,
        mistakes={
            0.16: "That is with the logit as the parameter. The scores in p are 1/p and −1/(1 − p).",
            1.25: "You took 1/p, the score of heads alone. Take the mean of the squares of both scores.",
            0.0: "That is the mean of the score, which is always 0. Asked: the mean of its square.",
            26.5625: "You added the two squares. Weigh each with the chance of its side.",
            2.5: "That is the root. The information is the mean of the squares itself.",
        },
        hint="For heads ∂ log p/∂p = 1/p, for tails ∂ log(1 − p)/∂p = −1/(1 − p). Mean of the squares.",
        right="0.8 · 1.25² + 0.2 · 5² = 1.25 + 5, which is 1/(p(1 − p)).",
        worked=(
            "$0.8 \\cdot \\frac{1}{0.8^2} + 0.2 \\cdot \\frac{1}{0.2^2} = 1.25 + 5 = 6.25 = "
            "\\frac{1}{p(1-p)}$. With the logit $\\omega$ as the parameter $\\partial p/\\partial\\omega = "
            "p(1 - p) = 0.16$, and $J F J = 0.16 \\cdot 6.25 \\cdot 0.16 = 0.16$, as in the text."
        ),
    ),
    Number(
        id="4-second-order/precision",
        prompt="The Fisher information of a bell's precision τ = 1/σ², at σ = 2.",
        answer=8.0,
        rtol=5e-3,
        mistakes={
            0.5: "That is 2/σ², the information of σ. Multiply by the square of ∂σ/∂τ.",
            2.0: "You took ∂σ/∂τ once. It stands on both sides of F, so it counts squared.",
            0.03125: "You divided by the square of ∂σ/∂τ. The new parameter's matrix is J F J.",
            32.0: "That is 1/(2τ²) with τ = 1/8: σ² is 4, so τ is 1/4.",
        },
        hint="σ = τ^(−1/2), so ∂σ/∂τ = −τ^(−3/2)/2, at τ = 1/4. Then J F J with F = 2/σ².",
        right="∂σ/∂τ = −4, and 16 · 0.5 = 8.",
        worked=(
            "$\\sigma = \\tau^{-1/2}$ has the derivative $-\\frac{1}{2}\\tau^{-3/2} = -4$ at $\\tau = "
            "\\frac{1}{4}$. So the information is $(-4) \\cdot \\frac{2}{\\sigma^2} \\cdot (-4) = 8$, in "
            "general $\\frac{1}{2\\tau^2}$."
        ),
    ),
    Choice(
        id="4-second-order/read-the-rings",
        prompt="Which parameters would make all rings one size in both directions?",
        options={
            "a": "log σ and log μ",
            "b": "log σ and μ/σ, with the σ of each model",
            "c": "none: a ring's width along μ depends on σ, so no change of σ alone can repair it",
            "d": "μ/σ² and 1/σ², the natural parameters but for a factor",
        },
        answer="c",
        hints={
            "a": "μ is negative in a third of the rings, and 1/σ² does not depend on μ.",
            "b": "Then the second parameter moves as σ does, and the rings become slanted.",
            "d": "Exercise 2: the information of 1/σ² is σ⁴/2, so with it the heights still differ.",
        },
        right="The width along μ is in proportion to σ; a name for σ cannot change how far μ has to go.",
        worked=(
            "Along $\\mu$ a ring is wide in proportion to $\\sigma$, whatever $\\sigma$ is called. No "
            "other pair of names does it either: the map of the bells is curved as a saddle is, so no flat "
            "map is true to scale everywhere. That is why $F$ is asked for anew at each step."
        ),
    ),
    Code(
        id="4-second-order/natural-step",
        prompt="Write natural_step(w, X, y, lr), one natural step of logistic regression.",
        solution=natural_step,
        cases=(
            Case(
                lambda attempt: tensor(attempt(*_data(), 0.1)).shape == (3,),
                "Return the new w, of the shape (n,).",
            ),
            Case(
                lambda attempt: close(attempt(*_data(), 0.0), _data()[0], rtol=1e-12, atol=0),
                "With the rate 0 the step leaves w as it is.",
            ),
            Case(_goes_down, "A small step must lower the loss: is the sign that of descent?"),
            Case(
                _ignores_the_labels,
                "F holds the labels that the model expects, p(1 − p), and none of y.",
            ),
            Case(
                lambda attempt: _same_model_after(attempt, UNITS),
                "Measure an input in other units, and your step leads to another model: where is F?",
            ),
            Case(
                lambda attempt: _same_model_after(attempt, MIXED),
                "With sums of inputs in place of the inputs your step leads to another model: F is more than "
                "its diagonal.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 0.7),
                "Gradient and F are both means over the examples; then F⁻¹ g, by `torch.linalg.solve`.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 1.0, 30),
                "It must do so for any number of examples.",
            ),
        ),
        right="For logistic regression that is Newton's step too: the model is linear, so F is H.",
        worked=(
            "With $p = \\operatorname{sigmoid}(X w)$ the gradient is $\\frac{1}{N} X^\\top (p - y)$ and $F "
            "= \\frac{1}{N} X^\\top \\operatorname{diag}(p(1 - p))\\, X$. The step is $-\\eta\\, F^{-1} "
            "g$. Statisticians know it as Fisher scoring."
        ),
    ),
)
