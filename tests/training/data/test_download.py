"""Downloads over the loopback address: each ends with the right data or one sentence, and a sound cache."""

import pytest

from book.errors import BookError
from book.training.data import download
from book.training.data.load import load
from book.training.data.published import PUBLISHED
from tests.training.stand_ins import IMAGES, TINY, holds_no_damaged_file, is_the_stand_in


@pytest.mark.long
@pytest.mark.parametrize("name", TINY)
@pytest.mark.parametrize(
    "hows",
    [
        ("good",),
        ("whole",),
        ("dead", "good"),
        ("gone", "good"),
        ("silent", "good"),
        ("truncated", "good"),
        ("corrupted", "good"),
        ("portal", "good"),
        ("cut", "good"),
        ("cut", "whole"),
        ("stalls", "good"),
        ("cut", "truncated", "corrupted", "dead", "good"),
    ],
    ids="-".join,
)
def test_the_right_data_come_from_the_first_good_mirror(name, hows, offer, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT", 0.1)
    folder = offer(name, *hows)
    assert is_the_stand_in(name)
    assert holds_no_damaged_file(folder, name)
    assert set(PUBLISHED[name].members) <= {file.name for file in folder.iterdir()}
    assert not (folder.parent / "outside_1").exists()  # a name in the archive that leads out of the folder


@pytest.mark.long
@pytest.mark.parametrize("name", TINY)
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("dead", "Connection refused"),
        ("gone", "HTTP status 404"),
        ("silent", "no answer in 0.1 seconds"),
        ("truncated", "what it sent is not the published file, its MD5 differs"),
        ("corrupted", "what it sent is not the published file, its MD5 differs"),
        ("portal", "what it sent is not the published file, its MD5 differs"),
        ("stalls", r"no answer in 0\.1 seconds on the way"),
        ("cut", r"it broke off after 0\.\d of 0\.\d MB, which are kept"),
    ],
)
def test_without_a_good_mirror_one_sentence_says_what_each_did(name, how, reason, offer, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT", 0.1)
    folder = offer(name, how, how)
    each = rf"127\.0\.0\.1:\d+: {reason}"
    next_step = r'Check the network, then run the same again, or use the sample, scale="sample"\.'
    with pytest.raises(BookError, match=rf"^\S+ could not be downloaded \({each}; {each}\)\. {next_step}$"):
        load(name, "full")
    assert holds_no_damaged_file(folder, name, parts=how in ("cut", "stalls"))


def test_an_interrupted_download_goes_on_where_it_broke_off(offer, server):
    folder = offer("cifar10", "cut")
    with pytest.raises(BookError, match="broke off"):
        load("cifar10", "full")
    [(archive, content)] = TINY["cifar10"][1].items()
    assert (folder / f"{archive}.part").stat().st_size == len(content) // 2
    offer("cifar10", "good")
    assert is_the_stand_in("cifar10")
    assert server.requests[1:] == [("good", archive, f"bytes={len(content) // 2}-")]
    assert holds_no_damaged_file(folder, "cifar10")


def test_after_ctrl_c_it_goes_on_where_it_was(offer, server, monkeypatch):
    folder = offer("cifar10", "good")
    received = []

    def interrupted(response, read=download._read):
        if received:
            raise KeyboardInterrupt
        received.append(read(response))
        return received[0]

    monkeypatch.setattr(download, "_read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load("cifar10", "full")
    monkeypatch.setattr(download, "_read", lambda response: response.read(1000))
    assert is_the_stand_in("cifar10")
    assert [asked for _, _, asked in server.requests] == [None, f"bytes={len(received[0])}-"]
    assert holds_no_damaged_file(folder, "cifar10")


@pytest.mark.parametrize("how", ["good", "whole"])
@pytest.mark.parametrize("left", [b"something else", bytes(200_000), b""], ids=["short", "too long", "empty"])
def test_a_part_that_is_no_beginning_of_the_file_does_no_harm(left, how, offer):
    folder = offer("mnist", how)
    folder.mkdir(parents=True)
    (folder / f"{IMAGES}.gz.part").write_bytes(left)
    assert is_the_stand_in("mnist")
    assert holds_no_damaged_file(folder, "mnist")


def test_a_mirror_that_does_not_know_ranges_is_asked_once(offer, server):
    offer("cifar10", "cut", "whole")
    assert is_the_stand_in("cifar10")
    assert [how for how, _, _ in server.requests] == ["cut", "whole"]


def test_a_part_that_is_already_whole_is_not_asked_for(offer, server):
    folder = offer("mnist", "good")
    folder.mkdir(parents=True)
    (folder / f"{IMAGES}.gz.part").write_bytes(TINY["mnist"][1][f"{IMAGES}.gz"])
    assert is_the_stand_in("mnist")
    assert f"{IMAGES}.gz" not in [file for _, file, _ in server.requests]
