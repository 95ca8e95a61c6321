"""Exercises of the chapter *Gradients*."""

import math

import torch

from book.calculus.tape import Node, backward
from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number


def sigmoid(node):
    value = 1 / (1 + math.exp(-node.value))
    return Node(value, ((node, value * (1 - value)),))


def slope(f, x, v):
    unit, h = v / v.norm(), 6e-6
    return (f(x + h * unit) - f(x - h * unit)) / (2 * h)


def _adjoint(attempt, x: float, compute) -> float:
    node = Node(x)
    backward(compute(attempt, node))
    return node.adjoint


def _f(p):
    return p[0] ** 2 + 2 * p[0] * p[1] + p[1] ** 3


def _slope(attempt, v) -> object:
    x = torch.tensor([3.0, 2.0], dtype=torch.float64)
    return attempt(_f, x, torch.tensor(v, dtype=torch.float64))


def _calls(attempt) -> int:
    seen = []
    x = torch.ones(50, dtype=torch.float64)
    attempt(lambda p: seen.append(p) or (p * p).sum(), x, torch.arange(50, dtype=torch.float64))
    return len(seen)


def _keeps_its_input(attempt) -> bool:
    x, v = (torch.tensor(entries, dtype=torch.float64) for entries in ([3.0, 2.0], [4.0, -3.0]))
    attempt(_f, x, v)
    return x.tolist() == [3, 2] and v.tolist() == [4, -3]


EXERCISES = (
    Number(
        id="2-derivatives/slope-along",
        prompt="The slope of x² + 2xy + y³ at (3, 2), per unit of length along (4, -3).",
        answer=-2.8,
        rtol=5e-3,
        mistakes={
            -14: "That is the slope per unit of (4, -3), which is 5 long. Divide by its length first.",
            18.8: "You added 10 · 4 and 18 · 3. The second entry of the direction is -3.",
            20.591: "That is the slope along the gradient itself, its length. Asked: along (4, -3).",
            -0.56: "You divided by the length twice: 5 is the length, 25 its square.",
        },
        hint="Make (4, -3) a vector of length 1, then take its product with the gradient (10, 18).",
        right="(10 · 4 - 18 · 3) / 5: slightly downhill.",
        worked="$v = (4, -3)/5$, and $g^\\top v = (10 \\cdot 4 - 18 \\cdot 3)/5 = -2.8$.",
    ),
    Number(
        id="2-derivatives/forgets-to-add",
        prompt="What the tape with = in place of += says for the partial derivative by y at (3, 2).",
        answer=6,
        rtol=1e-6,
        mistakes={
            18: "That is the right derivative. This tape overwrites where it should add.",
            12: "12 arrives first, from d = y³. Which node is visited after d and also uses y?",
            10: "That is the right derivative by x.",
            3: "The local derivative of b = xy by y is x = 3; multiply by the adjoint of b.",
        },
        hint="y gets an amount from d and one from b. The one that arrives last is what stays.",
        right="d comes first and writes 12, then b writes 2 · 3 = 6 over it.",
        worked=(
            "From $d = y^3$ arrives $\\bar d \\cdot 3 y^2 = 12$, later from $b = xy$ arrives "
            "$\\bar b \\cdot x = 2 \\cdot 3 = 6$. Added they are 18; overwritten, 6 is left."
        ),
    ),
    Choice(
        id="2-derivatives/which-arm",
        prompt="Central differences in float32 with h = 1e-5: what would make the error smaller?",
        options={
            "a": "a shorter step, because the quotient is not yet close to its limit",
            "b": "a longer step, because the rounding of the two values dominates",
            "c": "forward differences with the same step, because they take fewer values",
            "d": "nothing, because float32 has no more digits",
        },
        answer="b",
        hints={
            "a": "Follow the points of float32 to the left of 1e-5: do they fall or rise?",
            "c": "Compare both panels at 1e-5: the left arm of forward differences is no lower.",
            "d": "The same dtype reaches a far smaller error near 1e-2.",
        },
        right="1e-5 lies left of the bottom, where rounding falls as the step grows.",
        worked="The bottom for float32 lies near $\\varepsilon^{1/3} \\approx 5 \\cdot 10^{-3}$.",
    ),
    Code(
        id="2-derivatives/tape-sigmoid",
        prompt="Write sigmoid(node): a Node in, a Node out.",
        solution=sigmoid,
        cases=(
            Case(
                lambda attempt: isinstance(attempt(Node(0.5)), Node),
                "Return a `Node(value, inputs)`, not a number.",
            ),
            Case(
                lambda attempt: close(attempt(Node(0.5)).value, 1 / (1 + math.exp(-0.5))),
                "The value should be 1 / (1 + exp(-x)) with x = node.value.",
            ),
            Case(
                lambda attempt: _adjoint(attempt, 0.5, lambda s, x: s(x)) != 0,
                "The result is not tied to its input: `inputs` must hold the pair (node, local derivative).",
            ),
            Case(
                lambda attempt: close(_adjoint(attempt, 0.5, lambda s, x: s(x)), 0.2350037122015945),
                "The local derivative is off: it is s · (1 - s), with s the value of the sigmoid.",
            ),
            Case(
                lambda attempt: close(_adjoint(attempt, 0.5, lambda s, x: s(s(x))), 0.05340837521931147),
                "Alone it is right, in sigmoid(sigmoid(x)) it is not. Use node.value, not a fixed number.",
            ),
        ),
        right="Value and local derivative are all that the tape needs to know.",
        worked="With $\\sigma = 1/(1 + e^{-x})$ the derivative is $\\sigma (1 - \\sigma)$.",
    ),
    Code(
        id="2-derivatives/slope-from-values",
        prompt="Write slope(f, x, v): the slope per unit of length along v, from two values.",
        solution=slope,
        cases=(
            Case(_keeps_its_input, "Your function changes `x` or `v` in place. Build new tensors instead."),
            Case(
                lambda attempt: close(_slope(attempt, [0.6, 0.8]), 20.4, rtol=1e-3),
                "For a v of length 1 the slope is off. Divide f(x + h v) - f(x - h v) by 2h.",
            ),
            Case(
                lambda attempt: close(_slope(attempt, [4.0, -3.0]), -2.8, rtol=1e-3),
                "For a v of another length the slope is off. Divide v by its length first.",
            ),
            Case(
                lambda attempt: _calls(attempt) == 2,
                "Two values of f are enough. Step along v as a whole, not along each input.",
            ),
            Case(
                lambda attempt: close(_slope(attempt, [4.0, -3.0]), -2.8, rtol=1e-8),
                "Close, but digits are missing. In float64 a central difference wants h near 6e-6.",
            ),
        ),
        right="Two values, whatever the number of inputs: this is what a gradient check does.",
    ),
)
