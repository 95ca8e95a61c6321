import pytest
import torch

from book.optim import AdaGrad
from book.optim.adagrad_norm import AdaGradNorm


def test_it_is_the_formula_of_the_paper_written_as_a_loop():
    generator = torch.Generator().manual_seed(0)
    gradients = torch.randn(20, 3, 2, dtype=torch.float64, generator=generator)
    x = torch.nn.Parameter(torch.zeros(3, 2, dtype=torch.float64))
    optimizer = AdaGradNorm([x], lr=0.7, eps=1e-3, initial_accumulator_value=0.5)
    entries, total = [0.0] * 6, 0.5
    for g in gradients:
        x.grad = g
        optimizer.step()
        numbers = g.flatten().tolist()
        total += sum(number**2 for number in numbers)
        entries = [
            entry - 0.7 * number / (total**0.5 + 1e-3) for entry, number in zip(entries, numbers, strict=True)
        ]
    assert x.flatten().tolist() == pytest.approx(entries, rel=1e-13)


def test_on_one_number_it_is_adagrad():
    ends = []
    for method in (AdaGrad, AdaGradNorm):
        x = torch.nn.Parameter(torch.tensor([2.0], dtype=torch.float64))
        optimizer = method([x], lr=0.3, lr_decay=0.1)
        for _ in range(10):
            optimizer.zero_grad()
            x.pow(4).sum().backward()
            optimizer.step()
        ends.append(x.item())
    assert ends[0] == pytest.approx(ends[1], rel=1e-14)


def test_the_step_keeps_the_direction_of_the_gradient():
    x = torch.nn.Parameter(torch.zeros(2))
    x.grad = torch.tensor([100.0, 0.01])
    AdaGradNorm([x], lr=0.1).step()
    assert torch.allclose(x.data, -0.1 * x.grad / x.grad.norm())


def test_a_sparse_gradient_is_refused_because_one_sum_needs_all_rows():
    table = torch.nn.Embedding(5, 2, sparse=True)
    table(torch.tensor([1])).sum().backward()
    with pytest.raises(RuntimeError, match="sparse"):
        AdaGradNorm(table.parameters()).step()
