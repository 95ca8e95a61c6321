"""The sheets that the book carries: lossless, balanced, and the same images as in the full sets."""

import shutil

import pytest
import torch
from PIL import Image

from book.errors import BookError
from book.training.data import sample
from book.training.data.load import NAMES, load
from book.training.data.make_sample import PER_CLASS, make
from tests.training.full_data import needs_full

SHEETS = sorted(sample.FOLDERS[0].glob("*.webp"))


@pytest.mark.long
@pytest.mark.parametrize(("channels", "size"), [(1, 28), (3, 8)])
def test_what_was_written_is_read_back_to_the_last_bit(channels, size, tmp_path, monkeypatch):
    images = torch.randint(256, (30, channels, size, size), generator=torch.Generator().manual_seed(0))
    sample.write_sheet(images.to(torch.uint8), tmp_path / "noise.webp")
    monkeypatch.setattr(sample, "FOLDERS", (tmp_path / "nowhere", tmp_path))
    read, labels = sample.read_sheet("noise", channels, size)
    assert read.dtype == torch.uint8
    assert torch.equal(read, images.to(torch.uint8))
    assert labels.tolist() == list(range(10)) * 3


def test_a_row_of_a_sheet_is_a_class(tmp_path):
    images = torch.arange(20, dtype=torch.uint8).reshape(20, 1, 1, 1).expand(20, 1, 8, 8)
    sample.write_sheet(images, tmp_path / "rows.webp")
    sheet = Image.open(tmp_path / "rows.webp")
    assert sheet.size == (16, 80)
    assert sheet.getpixel((0, 24)) == (3, 3, 3)  # the fourth row, class 3
    assert sheet.getpixel((8, 24)) == (13, 13, 13)


def test_the_choice_is_balanced_without_repeats_and_from_its_seed():
    labels = torch.randint(10, (2000,), generator=torch.Generator().manual_seed(1))
    chosen = sample.choose(labels, 50)
    assert labels[chosen].tolist() == list(range(10)) * 50
    assert len(set(chosen.tolist())) == 500
    assert torch.equal(chosen, sample.choose(labels, 50))
    assert not torch.equal(chosen, sample.choose(labels, 50, seed=1))


def test_the_sheets_are_few_and_small():
    assert [file.stem for file in SHEETS] == ["cifar10-test", "cifar10-train", "mnist-test", "mnist-train"]
    assert sum(file.stat().st_size for file in SHEETS) < 5e6


def test_the_readme_gives_each_sheet_its_size():
    readme = (sample.FOLDERS[0] / "README.md").read_text(encoding="utf-8")
    for file in SHEETS:
        [line] = [line for line in readme.splitlines() if line.startswith(f"| `{file.name}`")]
        assert f"| {file.stat().st_size:,} |" in line


@pytest.mark.parametrize("name", NAMES)
def test_no_image_stands_twice_in_the_sample(name):
    images = torch.cat([half.images for half in load(name)])
    assert len({image.numpy().tobytes() for image in images}) == 2000


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_is_what_the_seed_draws_from_the_full_set(name):
    needs_full(name)
    halves = zip(load(name), load(name, "full"), PER_CLASS.values(), strict=True)
    for small, full, per_class in halves:
        chosen = sample.choose(full.labels, per_class)
        assert torch.equal(small.images, full.images[chosen])
        assert torch.equal(small.labels, full.labels[chosen])


@pytest.mark.long
def test_the_command_writes_a_sheet_for_each_half(tmp_path, monkeypatch):
    monkeypatch.setattr("book.training.data.make_sample.PER_CLASS", {"train": 2, "test": 1})
    monkeypatch.setattr("book.training.data.make_sample.load", lambda name, scale: load(name))
    files = make(tmp_path)
    assert sorted(file.stem for file in files) == [file.stem for file in SHEETS]
    monkeypatch.setattr(sample, "FOLDERS", (tmp_path,))
    images, _ = sample.read_sheet("cifar10-train", 3, 32)
    monkeypatch.undo()
    train, _ = load("cifar10")
    assert torch.equal(images, train.images[sample.choose(train.labels, 2)])


def test_a_missing_or_a_damaged_sheet_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(sample, "FOLDERS", (tmp_path,))
    with pytest.raises(BookError, match=r"mnist-train\.webp is missing .*install the book again\.$"):
        load("mnist")
    for file in SHEETS:
        shutil.copy(file, tmp_path)
    whole = (tmp_path / "mnist-train.webp").read_bytes()
    (tmp_path / "mnist-train.webp").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BookError, match=r"mnist-train\.webp is damaged .*install the book again\.$"):
        load("mnist")
