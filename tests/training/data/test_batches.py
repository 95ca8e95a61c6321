"""What an epoch brings follows from seed and number alone: each image once, in an order of its own."""

from itertools import product

import pytest
import torch
from scipy.stats import chisquare
from torch.nn.functional import cross_entropy
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from book.training.data.augment import Augment
from book.training.data.batches import Batches, hashed
from book.training.data.load import load
from book.training.models import cifar_cnn

EVERYTHING = Augment(padding=4, flip=True, cutout=8)
MIXED = torch.randperm(1500, generator=torch.Generator().manual_seed(0))  # the sample's classes take turns


@pytest.fixture(scope="module")
def data():
    return load("cifar10")[0][MIXED[:100]]


def same(some, others) -> bool:
    pairs = list(zip(some, others, strict=True))
    return all(torch.equal(x, y) and torch.equal(of_x, of_y) for (x, of_x), (y, of_y) in pairs)


def order(batches: Batches, number: int) -> list[int]:
    """Which image stands where in an epoch, found again by its pixels."""
    place = {image.numpy().tobytes(): i for i, image in enumerate(batches.inputs)}
    return [place[image.numpy().tobytes()] for inputs, _ in batches.epoch(number) for image in inputs]


def test_every_image_comes_once_with_its_label(data):
    batches = Batches(data, batch_size=32)
    assert [len(labels) for _, labels in batches.epoch(3)] == [32, 32, 32, 4]
    assert len(batches) == 4
    places = order(batches, 3)
    assert sorted(places) == list(range(100))
    inputs, labels = map(torch.cat, zip(*batches.epoch(3), strict=True))
    assert torch.equal(inputs, data.inputs[places])
    assert torch.equal(labels, data.labels[places])


def test_every_epoch_and_every_seed_has_an_order_of_its_own(data):
    orders = [
        order(Batches(data, seed=seed), number) for seed, number in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)]
    ]
    assert len(set(map(tuple, orders))) == 5
    assert list(range(100)) not in orders


def test_an_epoch_follows_from_seed_and_number_alone(data):
    batches = Batches(data, batch_size=32, augment=EVERYTHING, seed=5)
    list(batches.epoch(0))
    torch.rand(3)
    later = list(batches.epoch(7))
    before = torch.random.get_rng_state()
    assert same(Batches(data, batch_size=32, augment=EVERYTHING, seed=5).epoch(7), later)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert not same(batches.epoch(8), later)
    assert not same(Batches(data, batch_size=32, augment=EVERYTHING, seed=6).epoch(7), later)


@pytest.mark.parametrize("start", range(5))
def test_an_epoch_can_be_entered_anywhere(data, start):
    batches = Batches(data, batch_size=32, augment=EVERYTHING)
    whole = list(batches.epoch(2))
    assert same(batches.epoch(2, start=start), whole[start:])


def test_each_image_is_changed_by_a_row_of_its_own(data):
    """The order is that of an epoch without augmentation, and the drawn rows go along with it."""
    plain = torch.cat([inputs for inputs, _ in Batches(data, seed=1).epoch(4)])
    batches = Batches(data, batch_size=32, augment=EVERYTHING, seed=1)
    changed = torch.cat([inputs for inputs, _ in batches.epoch(4)])
    _, drawn = batches._draw(4)
    assert len(drawn.unique(dim=0)) == 100
    assert torch.equal(changed, EVERYTHING(plain, drawn))


def test_neighbours_do_not_share_a_seed():
    seeds = {hashed(*pair) for pair in product(range(100), range(200))}
    assert len(seeds) == 100 * 200
    assert all(0 <= seed < 2**32 for seed in seeds)  # torch would drop what is above
    assert len({hashed(seed, 0) for seed in (1, 1 + 2**32, 1 + 2**40)}) == 3


def test_orders_and_chances_of_one_epoch_tell_nothing_of_the_next(data):
    batches = Batches(data[:10], augment=Augment(padding=1, flip=True))
    epochs = [batches._draw(number) for number in range(2000)]
    first = torch.stack([order[0] for order, _ in epochs])
    chance = torch.stack([drawn[0] @ torch.tensor([6, 2, 1, 0, 0]) for _, drawn in epochs])
    assert chisquare(first.bincount(minlength=10)).pvalue > 1e-3
    assert chisquare((10 * first[1:] + first[:-1]).bincount(minlength=100)).pvalue > 1e-3
    assert chisquare(chance.bincount(minlength=18)).pvalue > 1e-3
    assert chisquare((18 * chance[1:] + chance[:-1]).bincount(minlength=324)).pvalue > 1e-3


class Watch(TorchDispatchMode):
    """Keep each operation's name, and the devices of the tensors (not the numbers) that go in and out."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_dispatch__(self, call, types, args=(), kwargs=None):
        result = call(*args, **(kwargs or {}))
        tensors = [leaf for leaf in tree_leaves([args, kwargs, result]) if isinstance(leaf, torch.Tensor)]
        self.seen.append((str(call), {tensor.device.type for tensor in tensors if tensor.ndim}))
        return result


def test_no_batch_waits_for_a_transfer(data):
    """On the meta device a tensor has no numbers: what would wait for one on CUDA fails here."""
    batches = Batches(data, batch_size=32, augment=EVERYTHING, device="meta", dtype=torch.bfloat16)
    epoch = batches.epoch(0)
    with Watch() as first:
        next(epoch)
    assert any("cpu" in devices for _, devices in first.seen)
    with Watch() as rest:
        shapes = [inputs.shape for inputs, _ in epoch]
    assert shapes == [(32, 3, 32, 32), (32, 3, 32, 32), (4, 3, 32, 32)]
    assert rest.seen
    assert not [call for call, devices in rest.seen if "cpu" in devices]
    assert batches.inputs.dtype == torch.bfloat16


@pytest.mark.parametrize("augment", [None, EVERYTHING])
def test_inputs_lie_with_their_channels_last(data, augment):
    for inputs, _ in Batches(data, batch_size=64, augment=augment).epoch(0):
        assert inputs.is_contiguous(memory_format=torch.channels_last)


def test_the_data_set_keeps_no_second_copy():
    data = load("cifar10")[0]
    Batches(data)
    assert "inputs" not in vars(data)


@pytest.mark.long
def test_bfloat16_inputs_are_what_autocast_makes_of_float32(data):
    model, losses = cifar_cnn(), []
    for dtype in (torch.float32, torch.bfloat16):
        inputs, labels = next(Batches(data, augment=EVERYTHING, dtype=dtype).epoch(0))
        with torch.autocast("cpu", torch.bfloat16):
            losses.append(cross_entropy(model(inputs), labels).item())
    assert losses[0] == losses[1]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"batch_size": 0}, "batch_size starts at 1; got 0."),
        ({"batch_size": -3}, "batch_size starts at 1; got -3."),
        ({"seed": -1}, "Seeds start at 0; got -1."),
    ],
)
def test_a_number_out_of_range_is_refused(data, wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        Batches(data, **wrong)


@pytest.mark.parametrize(("number", "start"), [(-1, 0), (0.5, 0), ("a", 0), (0, -1), (0, None), (True, 0)])
def test_an_epoch_has_a_whole_number_from_0_on(data, number, start):
    with pytest.raises((TypeError, ValueError), match=r"^(number|start) (must be a |starts at 0)"):
        next(Batches(data).epoch(number, start))
