"""Exercises of the chapter *Stochastic gradient descent*."""

import torch

from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor


def epoch(N, B, generator):
    return list(torch.randperm(N, generator=generator).split(B))


def _seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _batches(attempt, N, B, generator=None) -> list[torch.Tensor]:
    return [tensor(batch) for batch in attempt(N, B, generator or _seeded())]


def _sizes(attempt, N, B) -> list[int]:
    return [len(batch) for batch in _batches(attempt, N, B)]


def _each_once(attempt) -> bool:
    return torch.cat(_batches(attempt, 12, 4)).sort().values.tolist() == list(range(12))


def _in_random_order(attempt) -> bool:
    orders = {tuple(torch.cat(_batches(attempt, 40, 8, _seeded(s))).tolist()) for s in range(3)}
    return len(orders) == 3


def _mixes_batches(attempt) -> bool:
    """Whether the images of the first batch change from epoch to epoch, not their order alone."""
    first = {tuple(sorted(_batches(attempt, 40, 8, _seeded(s))[0].tolist())) for s in range(3)}
    return len(first) > 1


def _uses_the_generator(attempt) -> bool:
    generator = _seeded()
    one = torch.cat(_batches(attempt, 40, 8, generator))
    two = torch.cat(_batches(attempt, 40, 8, generator))
    again = torch.cat(_batches(attempt, 40, 8))
    return torch.equal(one, again) and not torch.equal(one, two)


EXERCISES = (
    Number(
        id="3-first-order/quieter-batch",
        prompt="The batch size that makes an error of 3.2 at B = 64 an error of 0.4.",
        answer=4096,
        rtol=5e-3,
        mistakes={
            512: "Eight times the batch divides the variance by 8, and the error only by √8.",
            181: "You took a root. The error falls as 1/√B, so B grows with the square of the factor.",
            8: "That goes the wrong way: fewer examples are noisier.",
            32768: "You cubed the factor. The error falls as 1/√B: square it.",
        },
        hint="The variance is σ²/B, and the error is its root. By which factor must the variance fall?",
        right="An eighth of the error is a 64th of the variance, so 64 times the batch.",
        worked=(
            "The error is $\\sigma/\\sqrt{B}$. From 3.2 to 0.4 is a factor of 8, so "
            "$B = 64 \\cdot 8^2 = 4096$."
        ),
    ),
    Number(
        id="3-first-order/hover-closer",
        prompt="The rate at which SGD hovers at 0.1, with λ = 2, σ = 1, B = 1.",
        answer=0.04 / 1.04,
        rtol=2e-3,
        mistakes={
            0.04: "That is the rule for small rates, V ≈ ησ²/2λ. Use the whole formula.",
            0.4 / 1.4: "You set V to 0.1. V is a variance: the square of the distance.",
            0.02: "You lost the 2 of the bracket: V = ησ²/(λ (2 − ηλ)).",
            0.02 / 1.01: "You took λ = 1. With λ = 2 the bracket is 2 − 2η, and a 2 stands before it.",
        },
        hint="Set V = 0.01 in V = η/(2 (2 − 2η)) and solve for η.",
        right="V = 0.01 gives η = 0.02 (2 − 2η), so η = 0.04/1.04.",
        worked=(
            "$0.01 = \\frac{\\eta}{2\\,(2 - 2\\eta)}$, so $\\eta = 0.04 - 0.04\\,\\eta$ and "
            "$\\eta = \\frac{0.04}{1.04} = 0.03846$."
        ),
    ),
    Choice(
        id="3-first-order/wait-longer",
        prompt="Where the fall of the curve moves if the runs are ten times as long.",
        options={
            "a": "it stays where it is",
            "b": "to a batch size that is larger by about 13",
            "c": "to a batch size that is ten times larger",
            "d": "to a smaller batch size",
        },
        answer="b",
        hints={
            "a": "A run that has not left after 3,000 steps may leave later. Which batch sizes gain?",
            "c": "The time is exponential in B, not in proportion to it. Solve exp(2Δf ΔB / ησ²) = 10.",
            "d": "More time lets runs out that did not leave before, so larger batches get out too.",
        },
        right="Ten times the time is ln 10 in the exponent: ΔB = 2.3 · 0.1 · 16 / 0.27, about 13.",
        worked=(
            "The time is in proportion to $\\exp(2\\Delta f\\, B / \\eta\\sigma^2)$. Ten times the time pays "
            "for $\\Delta B = \\ln 10 \\cdot \\frac{0.1 \\cdot 16}{0.27} \\approx 13$: the fall moves from "
            "about 30 to about 43."
        ),
    ),
    Code(
        id="3-first-order/epoch",
        prompt="Write epoch(N, B, generator), which returns a list of index tensors.",
        solution=epoch,
        cases=(
            Case(_each_once, "With N = 12 and B = 4 each of 0 to 11 must come exactly once."),
            Case(
                lambda attempt: _sizes(attempt, 12, 4) == [4, 4, 4],
                "With N = 12 and B = 4 there must be three batches of four.",
            ),
            Case(
                lambda attempt: _sizes(attempt, 10, 4) == [4, 4, 2],
                "With N = 10 and B = 4 the last batch has the two that are left.",
            ),
            Case(_in_random_order, "Generators with different seeds must give different orders."),
            Case(_mixes_batches, "Shuffle the examples, not whole batches or the order within a batch."),
            Case(
                _uses_the_generator,
                "Draw from `generator`: the same seed must give the same epoch, and the next call another.",
            ),
        ),
        right="Each example once, in an order that the seed alone decides.",
    ),
)
