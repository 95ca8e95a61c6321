"""One training run by name: what it trains, that it goes on, and that a team does the same."""

import signal
import time
from pathlib import Path

import pytest

from book.errors import BookError
from book.project import prepare
from book.project.tasks import CROPS_AND_FLIPS, TASKS
from book.project.train import train_task
from book.site.cli import parser
from book.site.paths import ROOT
from book.training.run.checkpoint import read_checkpoint
from book.training.run.distributed import BATCH_NORMS
from book.training.run.history import History
from tests.training.torchrun import SECONDS, started_by_torchrun, torchrun


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("cnnn", "adam"), "did you mean 'cnn'?"),
        (("cnn", "adm"), "did you mean 'adam'?"),
        (("cnn", "adam", -1.0), "lr"),
        (("cnn", "adam", None, 0), "at least 1 epoch"),
        (("cnn", "adam", None, 1, "ful"), "did you mean 'full'?"),
        (("cnn", "adam", None, 1, "sample", -1), "Seeds go from 0"),
        (("cnn", "adam", None, 1, "sample", 2**64), "Seeds go from 0"),
    ],
)
def test_bad_words_are_one_sentence(arguments, sentence, tmp_path):
    with pytest.raises(BookError) as failure:
        train_task(*arguments, keep=tmp_path / "state.pt")
    assert sentence in str(failure.value)
    assert "\n" not in str(failure.value)
    assert list(tmp_path.iterdir()) == []


def test_the_run_is_what_its_names_say(monkeypatch, tmp_path):
    seen = {}

    def fit(model, batches, optimizer, epochs, **options):
        seen.update(options, model=model, batches=batches, optimizer=optimizer, epochs=epochs)
        return History([2.3], [2.3], [0.1], [0.1])

    monkeypatch.setattr(prepare, "fit", fit)
    monkeypatch.chdir(tmp_path)
    train_task("cnn", "momentum", 0.05, 3, seed=4)
    group = seen["optimizer"].param_groups[0]
    assert (type(seen["optimizer"]).__name__, group["initial_lr"], group["momentum"]) == (
        "Momentum",
        0.05,
        0.9,
    )
    assert (seen["batches"].augment, seen["batches"].seed) == (CROPS_AND_FLIPS, 4)
    assert seen["epochs"] == 3
    assert len(seen["test"]) == 500
    assert seen["keep"].path == Path("_runs/cnn-momentum-0.05-3-sample-4.pt")
    (factor,) = seen["scheduler"].lr_lambdas
    steps = 3 * len(seen["batches"])
    assert max(map(factor, range(steps))) == pytest.approx(1)
    assert factor(steps) == 0


def test_the_readmes_commands_are_one_run_and_can_be_had_without_a_gpu():
    """So one goes on with what the other has kept, and neither is refused on a CPU."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    commands = [line.split(" -m book ", 1) for line in lines if " -m book train " in line]
    assert [start.split()[0] for start, _ in commands] == ["python", "torchrun"]
    one, two = (vars(parser().parse_args(words.split())) for _, words in commands)
    assert one == two
    assert not any(isinstance(part, BATCH_NORMS) for part in TASKS[one["task"]].network(0).modules())


def test_a_second_call_goes_on_and_a_finished_run_is_not_run_again(monkeypatch, tmp_path):
    options = {"epochs": 2, "keep": tmp_path / "state.pt"}
    whole = train_task("mlp", "sgd", 0.1, **options)
    calls = []
    monkeypatch.setattr("book.training.run.fit._step", lambda *_: calls.append(1))
    assert train_task("mlp", "sgd", 0.1, **options).losses == whole.losses
    assert calls == []


def test_a_team_prints_once_and_ends_where_one_process_does(monkeypatch, tmp_path):
    words = ["train", "--task", "mlp", "--optimizer", "sgd", "--lr", "0.1", "--epochs", "1"]
    printed = torchrun("book", *words, "--keep", str(tmp_path / "team.pt"))
    assert printed.count("Test accuracy") == 1
    alone = train_task("mlp", "sgd", 0.1, 1, keep=tmp_path / "alone.pt").losses
    together = read_checkpoint(tmp_path / "team.pt")["history"]["losses"]
    assert len(together) == len(alone) == 12
    assert together == pytest.approx(alone, rel=0, abs=2e-3)
    monkeypatch.setattr("book.training.run.fit._step", None)
    assert train_task("mlp", "sgd", 0.1, 1, keep=tmp_path / "team.pt").losses == together


def test_ctrl_c_at_torchrun_saves_the_run_and_one_process_goes_on(monkeypatch, tmp_path, capsys):
    """torchrun passes the signal on to both; one sentence says where the run is, and none that it failed."""
    kept = tmp_path / "team.pt"
    words = ["train", "--task", "mlp", "--optimizer", "sgd", "--lr", "0.1", "--epochs", "300"]
    with started_by_torchrun("book", *words, "--keep", str(kept)) as running:
        while not kept.exists() and running.poll() is None:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=SECONDS)
    assert errors.count(f"Stopped; the run is saved in {kept}.") == 1, errors
    assert errors.count("Interrupted. Nothing is half-written") <= 1
    assert "lost another one" not in errors
    state = read_checkpoint(kept)
    assert 12 <= len(state["history"]["losses"]) < 3600

    monkeypatch.setattr("book.training.run.fit._step", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        train_task("mlp", "sgd", 0.1, 300, keep=kept)
    assert f"Going on from {kept}: epoch {state['place']['epoch'] + 1}" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["", ".", "/", ".."])
def test_a_folder_is_no_place_for_checkpoints(place):
    with pytest.raises(BookError, match="it is a folder"):
        train_task("mlp", "sgd", epochs=1, keep=Path(place))
