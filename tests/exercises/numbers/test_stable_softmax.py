"""What the solutions to the exercises of *Stable softmax* compute is what torch does."""

import math

import torch

from book.exercises.numbers.stable_softmax import binary_cross_entropy, merge


def test_merging_gives_the_denominator_of_the_whole():
    x = torch.tensor([3.0, -1.0, 8.0, 2.0], dtype=torch.float64)
    halves = [(part.max().item(), (part - part.max()).exp().sum().item()) for part in x.split(2)]
    m, d = merge(*halves[0], *halves[1])
    assert math.isclose(m + math.log(d), torch.logsumexp(x, 0).item(), rel_tol=1e-14)


def test_binary_cross_entropy_agrees_with_torch():
    x, y = torch.linspace(-50, 50, 101, dtype=torch.float64), torch.arange(101) % 2.0
    expected = torch.nn.functional.binary_cross_entropy_with_logits(x, y.double(), reduction="none")
    torch.testing.assert_close(binary_cross_entropy(x, y.double()), expected)
