"""Exercises of the chapter *AdaGrad*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import is_parts, tensor


def sparse_adagrad(x, s, rows, grads, lr):
    words, place = rows.unique(return_inverse=True)
    g = torch.zeros(len(words), x.shape[1], dtype=x.dtype).index_add(0, place, grads)
    x, s = x.clone(), s.clone()
    s[words] += g**2
    x[words] -= lr * g / (s[words].sqrt() + 1e-10)
    return x, s


def _tables() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(5, 2, dtype=torch.float64, generator=generator)
    return x, torch.rand(5, 2, dtype=torch.float64, generator=generator)


def _batch(*rows: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.tensor(rows), torch.randn(len(rows), 2, dtype=torch.float64, generator=generator)


def _agrees(attempt, which: int, *rows: int) -> bool:
    result = attempt(*_tables(), *_batch(*rows), 0.1)[which]
    return close(result, sparse_adagrad(*_tables(), *_batch(*rows), 0.1)[which], rtol=1e-9, atol=1e-12)


def _keeps_its_inputs(attempt) -> bool:
    x, s = _tables()
    attempt(x, s, *_batch(3, 1), 0.1)
    return torch.equal(x, _tables()[0]) and torch.equal(s, _tables()[1])


def _rests(attempt) -> bool:
    others = [0, 2, 4]
    pairs = zip(attempt(*_tables(), *_batch(3, 1), 0.1), _tables(), strict=True)
    return all(torch.equal(tensor(new)[others].float(), old[others].float()) for new, old in pairs)


def _growth(attempt) -> float:
    zeros, ones = torch.zeros(5, 2, dtype=torch.float64), torch.ones(2, 2, dtype=torch.float64)
    return tensor(attempt(zeros, zeros, torch.tensor([3, 3]), ones, 0.1)[1])[3, 0].item()


def _fresh(attempt) -> bool:
    zeros = torch.zeros(5, 2, dtype=torch.float64)
    x, _ = attempt(zeros, zeros, torch.tensor([2]), torch.tensor([[3.0, 0.0]], dtype=torch.float64), 0.1)
    return bool(tensor(x).isfinite().all())


def _pair(attempt) -> bool:
    result = attempt(*_tables(), *_batch(3, 1), 0.1)
    return is_parts(result, 2) and all(tensor(part).shape == (5, 2) for part in result)


EXERCISES = (
    Number(
        id="3-first-order/adagrad-four-steps",
        prompt="How far four steps of AdaGrad lead, with the gradient 2 and η = 0.1.",
        answer=0.1 * (1 + 2**-0.5 + 3**-0.5 + 0.5),
        rtol=5e-3,
        mistakes={
            0.8: "That is SGD, 4 · 0.1 · 2. Divide each step by the root of the squares so far.",
            0.4: "Only the first step is η. At the second the sum is 8, and 2/√8 is less than 1.",
            0.05: "That is the fourth step alone. Add the four.",
            0.5569: "The 2 cancels: the k-th step is 0.1 · 2/√(4k) = 0.1/√k.",
            0.2083: "You divided by the sum. Divide by its root: the k-th step is 0.1 · 2/√(4k).",
        },
        hint="After k steps s = 4k, so the k-th step is 0.1 · 2/√(4k) = 0.1/√k. Add k = 1 to 4.",
        right="The size of the gradient cancels: 0.1 (1 + 1/√2 + 1/√3 + 1/√4).",
        worked=(
            "$s = 4k$ after $k$ steps, so step $k$ is $0.1 \\cdot 2 / \\sqrt{4k} = 0.1/\\sqrt{k}$. "
            "The four add up to $0.1\\,(1 + 0.707 + 0.577 + 0.5) = 0.278$."
        ),
    ),
    Number(
        id="3-first-order/adagrad-slowed",
        prompt="The steps after the first until the way is 101, where the first gradient was 100.",
        answer=12_500,
        rtol=1e-2,
        mistakes={
            2_500: "That is without the bad gradient: 2√T = 100. Here T stands under the root with 100².",
            10_000: "That is the short form T/G = 100, which holds for T far below G². Use the root.",
            30_000: "You lost the factor 2 in front of the bracket.",
            22_500: "That is 150². Subtract the 100² that stands beside T under the root.",
        },
        hint="The first step is 1. Solve 2(√(100² + T) − 100) = 100 for T.",
        right="√(10,000 + T) = 150, so T = 22,500 − 10,000. Without the bad gradient it is 2,500.",
        worked=(
            "$1 + 2(\\sqrt{100^2 + T} - 100) = 101$ gives $\\sqrt{100^2 + T} = 150$ and "
            "$T = 22{,}500 - 10{,}000 = 12{,}500$. Without the bad gradient $T = 50^2 = 2{,}500$."
        ),
    ),
    Choice(
        id="3-first-order/adagrad-read-the-way",
        prompt="How far AdaGrad has moved a word that came 100 times.",
        options={"a": "about 5", "b": "about 9", "c": "about 19", "d": "about 100"},
        answer="c",
        hints={
            "a": "That is the sum of 1/k. The rate falls like one over the root of k.",
            "b": "That is hardly √100. Look at the dashed line: which factor stands before its root?",
            "d": "Those are the points of SGD, on the full line. Read the squares at n = 100.",
        },
        right="The squares lie just below the dashed line, and 2√100 is 20.",
        worked=("The squares lie just below the dashed line $2\\sqrt{n}$: $2\\sqrt{100} - 1.4 \\approx 19$."),
    ),
    Code(
        id="3-first-order/adagrad-rows",
        prompt="Write sparse_adagrad(x, s, rows, grads, lr), which returns the new table and the new sums.",
        solution=sparse_adagrad,
        cases=(
            Case(_keeps_its_inputs, "Your function changes `x` or `s` in place. Clone them first."),
            Case(_pair, "Return two tables, the new `x` and the new `s`, each of the shape of `x`."),
            Case(_rests, "Rows that are not in the batch must stay exactly as they are, in `x` and in `s`."),
            Case(
                lambda attempt: _agrees(attempt, 1, 3, 1),
                "The sums are not right: add the square of each gradient to its own row of `s`.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 0, 3, 1),
                "The sums are right, the table is not: divide by the root of the *new* `s`, times `lr`.",
            ),
            Case(_fresh, "An entry with s = 0 and the gradient 0 became nan: add 1e-10 to the root."),
            Case(
                lambda attempt: _growth(attempt) != 1,
                "`x[rows] -= …` counts a repeated row once. Add the gradients of one row first.",
            ),
            Case(
                lambda attempt: _growth(attempt) == 4,
                "A word that occurs twice with the gradients 1 and 1 has the gradient 2, whose square is 4. "
                "Add first, then square.",
            ),
            Case(
                lambda attempt: _agrees(attempt, 0, 3, 1, 3),
                "Where a word occurs twice, the table is not right: one row takes one step.",
            ),
        ),
        right="Add what belongs to one row, then square: that is what torch's `coalesce` is for.",
    ),
)
