import pytest
import torch

from book.optim.kfac.hooks import Factors
from book.optim.kfac.memory import check_finite, inverses, learned


def looks(*values):
    return [Factors(torch.tensor([[value]]), torch.tensor([[10 * value]])) for value in values]


def test_averages_begin_as_a_mean_and_then_forget():
    memory, seen = {}, []
    for fresh in looks(1.0, 3.0, 8.0, 8.0):
        memory = learned("", memory, fresh, stat_decay=0.6)
        seen.append(float(memory["A"]))
        assert float(memory["B"]) == pytest.approx(10 * seen[-1])
    expected = [1.0, 2.0, 0.6 * 2 + 0.4 * 8]
    expected.append(0.6 * expected[-1] + 0.4 * 8)
    assert seen == pytest.approx(expected)
    assert memory["looks"] == 4


def test_the_old_memory_is_left_as_it_is():
    (first, second) = looks(1.0, 3.0)
    old = learned("", {}, first, 0.9)
    learned("", old, second, 0.9)
    assert old["looks"] == 1
    assert old["A"].equal(torch.tensor([[1.0]]))


def test_without_a_look_all_stays():
    (first,) = looks(1.0)
    old = learned("", {}, first, 0.9)
    assert learned("", old, None, 0.9) == old


def test_errors_name_the_layer():
    with pytest.raises(RuntimeError, match=r"K-FAC has not seen layer head at work, which has a gradient"):
        learned("head", {}, None, 0.9)
    with pytest.raises(RuntimeError, match=r"A part of layer head was frozen or thawed"):
        learned("head", learned("head", {}, looks(1.0)[0], 0.9), Factors(torch.eye(2), torch.eye(1)), 0.9)
    with pytest.raises(RuntimeError, match=r"In layer head a factor of shape \(1, 1\) is singular"):
        inverses("head", {"A": torch.zeros(1, 1), "B": torch.ones(1, 1)}, 0.0)
    with pytest.raises(
        FloatingPointError, match=r"A factor of layer head is not finite, so nothing has moved"
    ):
        inverses("head", {"A": torch.full((1, 1), torch.inf), "B": torch.ones(1, 1)}, 1.0)
    check_finite([torch.ones(1)])
