"""Two processes that train together take the steps that one process takes."""

import json
import math

import pytest
import torch
from torch import distributed, nn

from book.errors import BookError
from book.training.models import vgg13
from book.training.run.distributed import PATIENCE, describe, is_first, team
from tests.training.team_run import EPOCHS, main
from tests.training.torchrun import torchrun


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    folder = tmp_path_factory.mktemp("team")
    printed = torchrun("tests.training.team_run", str(folder))
    return printed, [json.loads((folder / f"{rank}.json").read_text()) for rank in range(2)]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return main(tmp_path_factory.mktemp("alone"))


@pytest.mark.parametrize(
    ("run", "steps", "tolerance"), [("cnn", 3 * EPOCHS, 1e-12), ("perceptron", 2 * EPOCHS, 1e-6)]
)
def test_the_losses_are_those_of_one_process(run, steps, tolerance, together, alone):
    _, members = together
    assert len(alone[run]["losses"]) == steps
    for member in members:
        assert member[run]["losses"] == pytest.approx(alone[run]["losses"], rel=0, abs=tolerance)
        assert member[run]["names"] == alone[run]["names"]
        for ours, theirs in zip(member[run]["logits"], alone[run]["logits"], strict=True):
            assert ours == pytest.approx(theirs, rel=0, abs=10 * tolerance)
    assert members[0][run] == members[1][run]  # to the last bit


def test_a_team_has_one_checkpoint_and_goes_on_from_it(together, alone):
    _, members = together
    for member in members:
        assert member["kept"] == pytest.approx(alone["kept"], rel=0, abs=1e-6)
    assert len(alone["kept"]) == 4


def test_a_loss_that_is_not_finite_is_so_on_every_member(together):
    _, members = together
    assert [math.isnan(member["diverging"]["losses"][0]) for member in members] == [True, True]


def test_the_first_member_speaks(together):
    printed, members = together
    own = [line for line in printed.splitlines() if not line.startswith("[Gloo]")]  # torch 2.10 prints too
    assert own == ["printed by member 0 of 2"]
    assert [member["first"] for member in members] == [True, False]


def test_batch_normalisation_over_several_cpus_is_refused(together, alone):
    _, members = together
    for member in members:
        assert member["refused"].startswith("Batch normalisation needs the whole batch's mean")
    assert alone["refused"] == ""


def test_what_a_team_settles_is_one_for_all(together, alone):
    """So no member waits for one that has left, and one sentence says why all of them end."""
    _, members = together
    shared = {"first": [0, [1.0, 2.0]], "all": [0, 1], "any": [True, False], "team": True}
    errors = {
        "of the first": "Member 0 failed.",
        "of the second": "Member 1 failed.",
        "of both": "Member 0 failed.",
        "of its disk": "Member 0 failed.",
    }
    assert [member["agreed"] for member in members] == [shared | errors] * 2
    assert (alone["agreed"]["all"], alone["agreed"]["any"], alone["agreed"]["team"]) == (
        [0],
        [False] * 2,
        False,
    )


GLOO = "[/third_party/gloo/gloo/transport/tcp/unbound_buffer.cc:78] Timed out waiting 600000ms for recv"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RuntimeError(GLOO), "^Process 1 of 2 has lost another one, .* Start all of them again"),
        (
            distributed.DistBackendError("NCCL error: remote process exited"),
            "^Process 1 of 2 has lost another",
        ),
        (RuntimeError("shapes do not fit"), "^shapes do not fit$"),
    ],
)
def test_a_member_that_lost_another_says_so_in_one_sentence(error, sentence, monkeypatch):
    asked = []
    monkeypatch.setattr(distributed, "init_process_group", lambda *way, timeout: asked.append(timeout))
    monkeypatch.setattr(distributed, "destroy_process_group", lambda: asked.append("left"))
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "1")
    with pytest.raises((BookError, RuntimeError), match=sentence) as found, team():
        raise error
    assert isinstance(found.value, BookError) == ("another" in sentence)
    assert asked == [PATIENCE, "left"]
    assert PATIENCE.total_seconds() <= 600


def test_a_network_is_the_same_one_however_many_train_it():
    alone, together = vgg13(), nn.SyncBatchNorm.convert_sync_batchnorm(vgg13())
    assert repr(alone) != repr(together)
    assert describe(alone) == describe(together)


def test_without_torchrun_nothing_changes(capsys):
    model = nn.Linear(2, 2)
    with team() as member:
        assert (member.rank, member.size) == (0, 1)
        assert member.spread(model) is model
        print("seen")
    assert capsys.readouterr().out == "seen\n"
    assert is_first()


def test_more_processes_than_gpus_are_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("LOCAL_RANK", "2")
    with pytest.raises(BookError, match="more processes than GPUs here: start --nproc-per-node 2"):
        team().__enter__()
