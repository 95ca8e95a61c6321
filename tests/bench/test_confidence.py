"""A loss that is taken apart: what wrong images carry, and what is left once the logits are divided."""

import math

import pytest
import torch

from book import results
from book.bench import confidence
from book.project.in_practice_tasks import Material, Part


def test_a_loss_by_hand():
    """Three images right with probability 0.9, one wrong, of which the network is as sure."""
    z = torch.tensor([[math.log(9), 0.0]] * 4)
    part = Part(torch.zeros(4, 1), torch.tensor([0, 0, 0, 1]))
    found = confidence.taken_apart(z, z, Material(part, part, part))
    right, wrong = -math.log(0.9), -math.log(0.1)
    assert found["loss"] == pytest.approx((3 * right + wrong) / 4)
    assert found["accuracy"] == 0.75
    assert found["wrong"] == pytest.approx(wrong / (3 * right + wrong))
    assert found["sure"] == pytest.approx(0.9)
    assert found["divisor"] == pytest.approx(2, rel=0.02)  # a probability of 0.75: as often as it is right
    least = -0.75 * math.log(0.75) - 0.25 * math.log(0.25)
    assert found["divided"] == pytest.approx(least, rel=1e-3)


def test_the_stored_losses_are_those_of_the_race():
    """The networks were trained again, from the same seeds: their losses must be the race's."""
    taken = results.load("confidence")["results"]
    raced = results.load(f"in-practice-{taken['problem']}")["results"]["steps"]
    assert set(taken["rows"]) == set(raced)
    for method, row in taken["rows"].items():
        assert row["loss"] == pytest.approx(raced[method]["losses"], rel=2e-3), method
        assert row["accuracy"] == pytest.approx(raced[method]["scores"], abs=2e-3), method
