"""A batch that does not fit ends in a sentence with the batch size that does."""

import pytest
import torch
from torch import nn

from book.errors import BookError
from book.training.data.batches import Batches
from book.training.run.fit import fit
from tests.training.small_run import DATA, sgd


class Greedy(nn.Module):
    """Stands in for a network on a device that holds so many images at once and no more."""

    def __init__(self, room: int):
        super().__init__()
        self.linear, self.room, self.sizes = nn.Linear(784, 10), room, []

    def forward(self, images):
        self.sizes.append(len(images))
        if len(images) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return self.linear(images.flatten(1))


@pytest.mark.parametrize(("room", "size"), [(99, 50), (50, 50), (49, 25), (1, 1)])
def test_the_largest_part_that_fits_is_named(room, size):
    model = Greedy(room)
    with pytest.raises(BookError) as caught:
        fit(model, Batches(DATA, 100), sgd(model.parameters()), 1)
    assert str(caught.value) == (
        f"100 images do not fit into the memory of cpu at once; {size} do. "
        f"Make the batches with batch_size={size}."
    )
    assert model.sizes[-1] == size
    assert model.linear.weight.grad is None
    fit(model, Batches(DATA, size), sgd(model.parameters()), 1)


def test_not_even_one_image():
    model = Greedy(0)
    with pytest.raises(BookError, match="nor does a single one; take a smaller network or a larger device"):
        fit(model, Batches(DATA, 100), sgd(model.parameters()), 1)


def test_the_room_that_the_optimizer_will_need_is_set_aside(monkeypatch):
    """A device that has room for nothing beside the parameters."""

    def full(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(torch, "empty_like", full)
    model = Greedy(50)
    with pytest.raises(BookError, match="nor does a single one"):
        fit(model, Batches(DATA, 100), sgd(model.parameters()), 1)


def test_the_tensors_of_the_step_that_failed_are_given_up():
    """They must be gone when the parts are tried, or these would not fit either."""
    held = []

    class Remembers(Greedy):
        def forward(self, images):
            activations = torch.ones(3)
            held.append(torch.utils.weak.WeakTensorKeyDictionary({activations: None}))
            if len(held) > 1:
                assert len(held[0]) == 0
            return super().forward(images) + activations.sum()

    model = Remembers(50)
    with pytest.raises(BookError, match="50 do"):
        fit(model, Batches(DATA, 100), sgd(model.parameters()), 1)
    assert len(held) == 2
