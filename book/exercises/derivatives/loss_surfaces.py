"""Exercises of the chapter *Loss surfaces*."""

import math

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import is_parts, tensor


def swap_units(W1, b1, W2, i, j):
    order = torch.arange(len(b1))
    order[[i, j]] = order[[j, i]]
    return W1[order], b1[order], W2[:, order]


def _network():
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(*shape, generator=generator) for shape in ((4, 4), (4,), (4, 4))]


def _outputs(W1, b1, W2):
    x = torch.linspace(-1, 1, 12, dtype=W1.dtype).reshape(4, 3)
    x = torch.cat([x, torch.ones(4, 1, dtype=W1.dtype)], dim=1)
    return torch.relu(x @ W1.T + b1) @ W2.T


def _numbers(pieces):
    return [tensor(piece) for piece in pieces]


def _swapped(attempt):
    return _numbers(attempt(*_network(), 1, 3))


def _keeps_its_input(attempt) -> bool:
    given = _network()
    attempt(*given, 1, 3)
    return all(torch.equal(a, b) for a, b in zip(given, _network(), strict=True))


EXERCISES = (
    Number(
        id="2-derivatives/worst-angle",
        prompt="The largest angle, in degrees, between −g and the way to the minimum on a bowl with κ = 9.",
        answer=math.degrees(math.acos(0.6)),
        rtol=2e-3,
        mistakes={
            math.acos(0.6): "That is in radians. Multiply by 180/π.",
            math.degrees(math.asin(0.6)): "That is the arc sine. The formula gives the cosine of the angle.",
            math.degrees(math.acos(1 / 9)): "That is arccos(1/κ). Put κ into 2√κ/(1 + κ).",
            math.degrees(math.acos(0.3)): "You left out the factor 2 in 2√κ/(1 + κ).",
            0.6: "That is the cosine. Take its arc cosine, in degrees.",
        },
        hint="cos of the angle is 2√κ/(1 + κ); with κ = 9 that is 6/10.",
        right="cos = 2·3/10 = 0.6.",
        worked="$\\cos\\theta = 2\\sqrt{9}/(1+9) = 0.6$, and $\\arccos 0.6 = 53.13$ degrees.",
    ),
    Number(
        id="2-derivatives/orderings",
        prompt="How many orderings of hidden units has the network 784-4-3-10?",
        answer=144,
        rtol=1e-6,
        mistakes={
            12: "That is 4 · 3, one choice from each layer. Count the orders in which a layer can stand.",
            30: "You added 4! and 3!. The two layers are ordered independently, so multiply.",
            5040: "That is 7!. Units stay in their layer: each layer has its own factorial.",
            24: "That is the first hidden layer alone. The second one can be reordered as well.",
            64: "That is 4³, the mistake that this chapter's second claim is about.",
        },
        hint="A layer of n units can stand in n! orders; layers are independent. Inputs and outputs stay.",
        right="4! · 3! = 24 · 6.",
        worked="$4! \\cdot 3! = 24 \\cdot 6 = 144$; the inputs and the outputs are named and stay in place.",
    ),
    Choice(
        id="2-derivatives/half-way",
        prompt="Plain SGD at lr 0.1, in the lines from the start: where has the loss fallen to half?",
        options={
            "a": "between t = 0.1 and 0.2",
            "b": "between t = 0.3 and 0.4",
            "c": "between t = 0.5 and 0.6",
            "d": "between t = 0.9 and 1",
        },
        answer="b",
        hints={
            "a": "There the loss is still near 2. It starts at about 2.3, so look for 1.15.",
            "c": "There the loss is below 0.5 already: that is half of half.",
            "d": "At the end the loss is below 0.1. Half of 2.3 is passed much earlier.",
        },
        right="2.3 falls to 1.15 a third of the way along.",
        worked="Follow the curves of plain SGD down to 1.15: they pass it a third of the way along.",
    ),
    Code(
        id="2-derivatives/swap-units",
        prompt="Write swap_units(W1, b1, W2, i, j): the three tensors with units i and j swapped.",
        solution=swap_units,
        cases=(
            Case(
                _keeps_its_input,
                "Your function changes the tensors it is given. Build an order and index with it.",
            ),
            Case(
                lambda attempt: is_parts(attempt(*_network(), 1, 3), 3),
                "Return three tensors: the weights in, the biases, the weights out.",
            ),
            Case(
                lambda attempt: close(_swapped(attempt)[0][[1, 3]], _network()[0][[3, 1]]),
                "Unit i is row i of `W1`. After the swap, row 1 should be the old row 3.",
            ),
            Case(
                lambda attempt: close(_swapped(attempt)[1][[1, 3]], _network()[1][[3, 1]]),
                "A unit takes its bias along: swap entries i and j of `b1` as well.",
            ),
            Case(
                lambda attempt: not close(_swapped(attempt)[2], _network()[2]),
                "The next layer still listens to the old places. Something in `W2` must move too.",
            ),
            Case(
                lambda attempt: close(
                    _outputs(*_swapped(attempt)), _outputs(*_numbers(_network())), rtol=1e-4
                ),
                "The outputs have changed. In `W2` a unit is a column, not a row.",
            ),
        ),
        right="Rows of W1, entries of b1 and columns of W2 move together, and no output changes.",
    ),
)
