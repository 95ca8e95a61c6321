"""The throughput bench trains alike in every way, its plain way is torchvision's, and its table adds up."""

from dataclasses import asdict, replace

import pytest
import torch
from torch import nn

from book import optim
from book.bench import BENCHES, throughput, training_ways
from book.bench.harness import wall_seconds
from book.bench.training_ways import (
    BATCH,
    PLAIN,
    Pictures,
    Way,
    Workload,
    batches_of,
    feed,
    start,
    timed_steps,
    ways,
)
from book.training.data.augment import Augment
from book.training.data.load import NAMES, load
from book.training.data.vision import datasets
from book.training.models import mlp, seeded
from book.training.run.fit import fit
from tests.training.full_data import needs_full


def convolution(seed: int) -> nn.Module:
    with seeded(seed):
        return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(5), nn.Flatten(), nn.Linear(144, 10))


def perceptron(seed: int) -> nn.Module:
    return mlp(784, 8, 10, seed=seed)


def flat(model: nn.Module) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


TASKS = {
    "mlp": Workload(perceptron, "mnist", Augment()),
    "cnn": Workload(convolution, "cifar10", Augment(padding=4, flip=True)),
}


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Small networks on some of the sample, and an engine that compiles nothing."""
    monkeypatch.setenv("BOOK_DATA", str(tmp_path))
    monkeypatch.setattr(throughput, "load", lambda *which: [half[:400] for half in load(*which)])
    monkeypatch.setattr(throughput, "TASKS", TASKS)
    for name, value in {"BATCHES": 2, "ROUNDS": 2, "EPOCHS": 1, "SEEDS": range(2)}.items():
        monkeypatch.setattr(throughput, name, value)
    monkeypatch.setitem(training_ways.OPTIMIZERS, "compiled", optim.Adam)


def test_it_is_registered():
    assert BENCHES["throughput"] is throughput.run


@pytest.mark.parametrize("name", NAMES)
def test_pictures_are_the_inputs_and_their_labels(name):
    data = load(name)[0][:50]
    items = list(Pictures(data, Augment()))
    torch.testing.assert_close(torch.stack([image for image, _ in items]), data.inputs, atol=1e-5, rtol=0)
    assert [label for _, label in items] == data.labels.tolist()


@pytest.mark.parametrize(("name", "cls"), [("mnist", datasets.MNIST), ("cifar10", datasets.CIFAR10)])
def test_pictures_are_torchvisions(name, cls):
    data = load(name)[0][:30]
    pictures = Pictures(data, Augment(padding=4, flip=True))
    theirs = object.__new__(cls)  # without its files: the sample in their place, as it would hold them
    theirs.data = data.images.squeeze(1) if name == "mnist" else data.images.permute(0, 2, 3, 1).numpy()
    theirs.targets, theirs.transform, theirs.target_transform = data.labels, pictures.transform, None
    for index in range(30):
        with seeded(index):
            image, label = pictures[index]
        with seeded(index):
            assert torch.equal(image, theirs[index][0])
        assert label == theirs[index][1]
    assert len(pictures) == len(theirs)


@pytest.mark.parametrize("way", PLAIN.values(), ids=str)
def test_the_plain_way_draws_new_images_each_turn(way):
    turns = feed(TASKS["mlp"], way, load("mnist")[0], None, every=3)
    first, second = ([inputs for inputs, _ in next(turns)] for _ in range(2))
    for turn in (first, second):
        assert [tuple(inputs.shape) for inputs in turn] == [(BATCH, 1, 28, 28)] * 3
        assert len(torch.cat(turn).unique(dim=0)) == 3 * BATCH
    assert not torch.equal(first[0], second[0])


@pytest.mark.parametrize("channels_last", [False, True])
def test_the_books_way_goes_through_its_batches_epoch_by_epoch(channels_last):
    task, data = TASKS["cnn"], load("cifar10")[0]
    batches = batches_of(task, data)["float32"]
    turns = feed(task, Way(channels_last=channels_last), data, batches, every=2)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    for number in range(2):
        turn, expected = list(next(turns)), list(batches.epoch(number))[:2]
        for (inputs, labels), (of_batches, and_labels) in zip(turn, expected, strict=True):
            assert inputs.is_contiguous(memory_format=layout)
            assert torch.equal(inputs, of_batches)
            assert torch.equal(labels, and_labels)


@pytest.mark.parametrize("name", TASKS)
def test_each_way_adds_one_ingredient(name):
    ours = ways(TASKS[name])
    assert ("channels last" in ours) == (name == "cnn")
    assert ours["data as tensors"] == (Way(), None)
    for way, over in list(ours.values())[1:]:
        before = asdict(ours[over][0])
        assert len([field for field, value in asdict(way).items() if value != before[field]]) == 1
    assert ours["fit in bfloat16"][0].precision == "bfloat16"


@pytest.mark.parametrize("name", TASKS)
def test_every_way_takes_the_same_steps(name, small):
    task = TASKS[name]
    data = load(task.data)[0][: 3 * BATCH]
    ends = {}
    for label, way in PLAIN.items() | {label: way for label, (way, _) in ways(task).items()}.items():
        model, optimizer = start(task, way, seed=1)
        batches = batches_of(task, data)[way.precision]
        if way.fit:
            fit(model, batches, optimizer, 1, precision=way.precision)
        else:
            timed_steps(model, optimizer, batches.epoch(0), way.precision)
        ends[label] = flat(model)
    assert not torch.equal(ends["bfloat16"], ends["compiled optimizer"])
    assert torch.equal(ends["fit in bfloat16"], ends["bfloat16"])
    plain = ends.pop("DataLoader, no workers")
    beginning = flat(task.network(1))
    assert (plain - beginning).abs().max() > 2e-3  # three steps of Adam
    for label, end in ends.items():
        apart = (end - plain).norm() / (plain - beginning).norm()
        assert apart < (0.3 if "bfloat16" in label else 1e-3), label


def test_the_parts_are_all_of_the_time():
    task = TASKS["cnn"]
    model, optimizer = start(task, Way(), seed=0)
    batches = list(batches_of(task, load("cifar10")[0][: 4 * BATCH])["float32"].epoch(0))

    spent = []
    passed = wall_seconds(lambda: spent.extend(timed_steps(model, optimizer, batches, "float32")))
    assert all(part > 0 for part in spent)
    assert 0.5 * passed < 4 * sum(spent) < passed
    data, forward, backward, _ = spent
    assert data < forward
    assert data < backward


def test_without_the_full_data_it_takes_the_sample_and_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("BOOK_DATA", str(tmp_path))
    assert throughput.images(TASKS["cnn"]).source.startswith(
        "1,500 of the 50,000 training images of CIFAR-10"
    )
    assert list(tmp_path.iterdir()) == []


def test_with_the_full_data_it_takes_them():
    needs_full("mnist")
    assert len(throughput.images(TASKS["mlp"])) == 60_000


def test_the_bench_reports_what_it_ran(small, capsys):
    results = throughput.run(store=False)["results"]
    assert [table["task"] for table in results["tables"]] == ["mlp", "cnn"]
    for table in results["tables"]:
        rows = {row["way"]: row for row in table["rows"]}
        assert list(rows)[:2] == list(PLAIN)
        assert rows[table["plain"]]["times_plain"] == 1
        assert table["plain"] == max(PLAIN, key=lambda way: rows[way]["images_per_second"])
        assert rows["data as tensors"]["over"] == table["plain"]
        for way, row in rows.items():
            low, high = row["quartiles"]
            assert low <= row["images_per_second"] <= high
            parts = [] if way.startswith("fit") else ["data", "forward", "backward", "optimizer"]
            assert list(row["milliseconds"]) == parts
        compared = table["accuracies"]["ways"]
        assert list(compared) == ["plain", "fit in float32", "fit in bfloat16"]
        for way, reached in compared.items():
            assert len(reached["accuracies"]) == 2
            mean = sum(reached["accuracies"]) / 2
            expected = mean - sum(compared["plain"]["accuracies"]) / 2
            assert reached.get("gain", 0) == pytest.approx(expected, abs=1e-4), way
    assert "× plain" in capsys.readouterr().out


def test_accuracy_is_the_trained_networks(small, monkeypatch):
    monkeypatch.setattr(throughput, "EPOCHS", 5)
    task = replace(TASKS["mlp"], network=lambda seed: mlp(784, 32, 10, seed=seed))
    for way in (Way(workers=0), Way()):
        reached = [throughput.accuracy(task, way, seed) for seed in (0, 0, 1)]
        assert reached[0] == reached[1] != reached[2]
        assert all(accuracy > 0.4 for accuracy in reached)
