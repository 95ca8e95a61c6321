"""What the solutions to the exercises of *Stable softmax* compute is what torch does."""

import math

import torch

from book.exercises import check
from book.exercises.numbers.stable_softmax import binary_cross_entropy, merge
from book.exercises.registry import find


def test_merging_gives_the_denominator_of_the_whole():
    x = torch.tensor([3.0, -1.0, 8.0, 2.0], dtype=torch.float64)
    halves = [(part.max().item(), (part - part.max()).exp().sum().item()) for part in x.split(2)]
    m, d = merge(*halves[0], *halves[1])
    assert math.isclose(m + math.log(d), torch.logsumexp(x, 0).item(), rel_tol=1e-14)


def test_binary_cross_entropy_agrees_with_torch():
    x, y = torch.linspace(-50, 50, 101, dtype=torch.float64), torch.arange(101) % 2.0
    expected = torch.nn.functional.binary_cross_entropy_with_logits(x, y.double(), reduction="none")
    torch.testing.assert_close(binary_cross_entropy(x, y.double()), expected)


def test_torch_loses_the_tail_that_the_solution_keeps():
    function = torch.nn.functional.binary_cross_entropy_with_logits
    given = {}
    for dtype in (torch.float32, torch.float64):
        x, y = torch.tensor([-30.0], dtype=dtype, requires_grad=True), torch.zeros(1, dtype=dtype)
        given[dtype] = f"{function(x, y, reduction='none').item():.3g}"
        (gradient,) = torch.autograd.grad(function(x, y, reduction="sum"), x)
        assert math.isclose(gradient.item(), math.exp(-30), rel_tol=1e-6)
        assert f"{binary_cross_entropy(x, y).item():.3g}" == "9.36e-14"
    assert given == {torch.float32: "0", torch.float64: "9.24e-14"}
    worked = find("1-numbers/binary-cross-entropy").worked
    assert "gives 0, in `float64` 9.24e-14, in place of 9.36e-14. Its gradient is right." in worked
    assert "At x = 30 with y = 1, and at x = -30" in str(
        check("1-numbers/binary-cross-entropy", lambda x, y: function(x, y, reduction="none"))
    )
