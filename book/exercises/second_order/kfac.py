"""Exercises of the chapter *K-FAC*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor


def kfac_direction(a, g, V):
    A = a.T @ a / len(a)
    B = g.T @ g / len(g)
    return torch.linalg.solve(B, V) @ torch.linalg.inv(A)


def _data(N: int = 9, n: int = 3, m: int = 2) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    steps = torch.arange(1.0 * N * (n + m), dtype=torch.float64)
    waves = torch.sin(1.7 * steps + 0.3 * steps**2).reshape(N, n + m)
    a, g = waves[:, :n] + 0.2, 0.1 * waves[:, n:]
    return a, g, torch.cos(torch.arange(1.0 * m * n, dtype=torch.float64)).reshape(m, n)


def _written_out(a, g, V):
    """(B ⊗ A)⁻¹ applied to the entries of V, with the whole matrix."""
    product = torch.kron(g.T @ g / len(g), a.T @ a / len(a))
    return torch.linalg.solve(product, V.flatten()).reshape(V.shape)


def _agrees(attempt, *shape: int) -> bool:
    data = _data(*shape)
    return close(attempt(*data), _written_out(*data), rtol=1e-7, atol=1e-9)


def _of_larger_inputs(attempt) -> bool:
    a, g, V = _data()
    return close(attempt(2 * a, g, V), tensor(attempt(a, g, V)) / 4, rtol=1e-7, atol=1e-9)


EXERCISES = (
    Number(
        id="4-second-order/numbers-of-a-layer",
        prompt="How many numbers A and B have, for a layer with 3 inputs, 2 outputs and a bias.",
        answer=20,
        rtol=1e-9,
        mistakes={
            13: (
                "9 + 4 leaves out the bias, a weight of a fourth input, which is always 1; 10 + 3 leaves out "
                "what symmetry repeats. Count the bias, and every entry."
            ),
            64: "That is the Fisher matrix itself, 8 by 8.",
            8: "That is how many weights the layer has.",
            25: "The bias belongs to the inputs alone: B has as many rows as there are outputs.",
            320: "Add the two; their product would be written out.",
        },
        hint="A is (inputs + 1) by (inputs + 1), B is outputs by outputs.",
        right="4² + 2²; the Fisher matrix itself has 64.",
        worked="With the bias, $a$ has 4 entries and $g$ has 2: $4^2 + 2^2 = 20$, in place of $8^2 = 64$.",
    ),
    Number(
        id="4-second-order/product-over-mean",
        prompt="K-FAC's product over the true value, for the pairs (a, g) = (1, 1) and (3, 3).",
        answer=25 / 41,
        rtol=5e-3,
        mistakes={
            41 / 25: "That is the true value over K-FAC's; turn it round.",
            25: "That is the product of the means. Divide it by the mean of the products.",
            41: "That is the mean of the products. Asked: K-FAC's product over it.",
            16 / 41: "You squared the means. Take the means of the squares.",
            1.0: "They are equal if all slopes have one size. Here the large slope meets the large input.",
            9 / 41: "You multiplied 1² and 3². K-FAC multiplies the mean of a² by the mean of g².",
        },
        hint="The mean of g²a² is (1 + 81)/2. K-FAC takes the mean of g² times the mean of a².",
        right="5 · 5 = 25, where the mean of the products is 41: large slopes meet large inputs.",
        worked=(
            "$\\mathbb{E}[g^2 a^2] = (1 + 81)/2 = 41$, and $\\mathbb{E}[g^2]\\,\\mathbb{E}[a^2] = 5 \\cdot "
            "5 = 25$. The ratio is 0.61. In the text large slopes met small inputs, and K-FAC had too much."
        ),
    ),
    Choice(
        id="4-second-order/which-is-exact",
        prompt="For which of these is B ⊗ A the Fisher matrix of the layer, on a batch of 100 images?",
        options={
            "a": "the last layer of a ReLU network with squared errors",
            "b": "the last layer of a linear network with cross-entropy",
            "c": "the first layer of a ReLU network with squared errors",
            "d": "the first layer of a tanh network with cross-entropy",
        },
        answer="a",
        hints={
            "b": "The Hessian of cross-entropy is diag p − p pᵀ: it differs from image to image.",
            "c": "A slope in the first layer passes the later ReLUs, which are open for some images only.",
            "d": "Both conditions fail: the slopes pass tanh, and the loss's Hessian depends on p.",
        },
        right="The slopes are those of the loss itself, whose Hessian is one multiple of I for each image.",
        worked=(
            "The slopes of the last layer are those of the loss itself. With squared errors $\\mathbb{E}[g "
            "g^\\top]$ is the same for each image, so it comes out of the mean, whatever came before."
        ),
    ),
    Code(
        id="4-second-order/kfac-direction",
        prompt="Write kfac_direction(a, g, V): V times the inverse of B ⊗ A, without the large matrix.",
        solution=kfac_direction,
        cases=(
            Case(
                lambda attempt: tensor(attempt(*_data())).shape == (2, 3),
                "Return a matrix of V's shape, (m, n).",
            ),
            Case(
                _of_larger_inputs,
                "Twice the inputs make A four times as large, and the direction a quarter. Invert A, once.",
            ),
            Case(_agrees, "A and B are means over the N rows: divide both sums by N, and invert both."),
            Case(
                lambda attempt: _agrees(attempt, 40, 4, 4),
                "It fails for a square layer: B⁻¹ stands to the left of V and A⁻¹ to its right.",
            ),
            Case(lambda attempt: _agrees(attempt, 30, 5, 2), "It fails for another batch or other widths."),
        ),
        right="Two solves of 3 and 2 rows in place of one of 6.",
        worked="`torch.linalg.solve(B, V) @ torch.linalg.inv(A)`: the means, and then $B^{-1} V A^{-1}$.",
    ),
)
