"""A run that is taken up ends bit for bit as one that was left alone."""

import pytest
import torch
from filelock import FileLock
from torch.optim.lr_scheduler import ConstantLR

from book.bench.kills import identical
from book.errors import BookError
from book.optim import Adam
from book.optim.follow import follow
from book.training.run.checkpoint import Keep, read_checkpoint, write_checkpoint
from book.training.run.fit import fit
from tests.training.small_run import STEPS, SmallRun, network, sgd, stopped, told

OPTIMIZERS = {
    "momentum": sgd,
    "adam": lambda p: torch.optim.Adam(p, lr=1e-2),
    "the book's adam": lambda p: Adam(p, lr=1e-2),
    "lbfgs": lambda p: torch.optim.LBFGS(p, max_iter=3, line_search_fn="strong_wolfe"),
}


def same(a: SmallRun, b: SmallRun) -> bool:
    return identical(a.state(), b.state())


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_stopped_at_any_step_it_ends_as_if_left_alone(tmp_path, optimizer):
    whole = SmallRun(optimizer)
    history = whole.fit()
    for step in (1, STEPS - 1, STEPS, STEPS + 1, 3 * STEPS):
        path = tmp_path / str(step)
        stopped(path, step, lambda: SmallRun(optimizer), every=100)
        again = SmallRun(optimizer)
        assert told(again.fit(path, every=100)) == told(history)
        assert same(again, whole)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_in_reduced_precision_too(tmp_path, precision):
    whole = SmallRun()
    history = whole.fit(precision=precision)
    stopped(tmp_path / "run", 5, precision=precision)
    again = SmallRun()
    assert told(again.fit(tmp_path / "run", precision=precision)) == told(history)
    assert same(again, whole)


def test_the_scale_of_float16_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.amp.GradScaler, "__init__", _impatient(torch.amp.GradScaler.__init__))
    test_in_reduced_precision_too(tmp_path, "float16")


def _impatient(init):
    """With another scale every second step, of which rounding at the bottom of float16 tells."""
    return lambda self, device: init(self, device, init_scale=1e-3, growth_interval=2)


def test_the_time_before_counts(tmp_path):
    path = tmp_path / "run"
    stopped(path, 2)
    write_checkpoint(path, read_checkpoint(path) | {"seconds": 1e3})
    first, *rest = SmallRun().fit(path).seconds
    assert 1e3 < first < 1.1e3
    assert all(0 < seconds < 100 for seconds in rest)


def test_a_cell_that_is_run_again_goes_on(tmp_path):
    whole = SmallRun()
    history = whole.fit()
    run = stopped(tmp_path / "run", 5)
    assert told(run.fit(tmp_path / "run")) == told(history)
    assert same(run, whole)


def test_a_finished_run_is_told_at_once(tmp_path, capsys):
    whole = SmallRun()
    history = whole.fit(tmp_path / "run")
    again = SmallRun()
    again.signal_in_step(1)  # which is never taken
    found = again.fit(tmp_path / "run")
    assert found == history
    assert same(again, whole)
    assert capsys.readouterr().err == ""


def test_a_diverged_run_is_told_at_once(tmp_path):
    def run():
        return SmallRun(lambda p: sgd(p, lr=1e12), lambda t: 1.0, network(dropout=0.0))

    history = run().fit(tmp_path / "run")
    assert history.diverged
    again = run()
    again.signal_in_step(1)
    assert told(again.fit(tmp_path / "run"))[0][:-1] == history.losses[:-1]


def test_one_file_has_one_run_at_a_time(tmp_path):
    """Two would write the same parts of files, and each go on from what the other left."""
    theirs = FileLock(tmp_path / "run.lock")
    with (
        theirs,
        pytest.raises(BookError, match=r"^Another process keeps a run in .*run\. Wait until it ends"),
    ):
        SmallRun().fit(tmp_path / "run")
    assert not (tmp_path / "run").exists()
    stopped(tmp_path / "run", 5)
    SmallRun().fit(tmp_path / "run")
    with pytest.raises(BookError, match="of another run"):
        SmallRun(batch_size=16).fit(tmp_path / "run")
    with theirs.acquire(timeout=0):
        pass


def test_a_disk_without_locks_will_do(tmp_path, monkeypatch):
    def no_lock(self, timeout):
        raise NotImplementedError("FileSystem does not appear to support flock")

    monkeypatch.setattr(FileLock, "acquire", no_lock)
    stopped(tmp_path / "run", 5)
    assert len(SmallRun().fit(tmp_path / "run").losses) == 3 * STEPS


def test_more_epochs_are_the_longer_run(tmp_path):
    whole = SmallRun()
    history = whole.fit(epochs=5)
    SmallRun().fit(tmp_path / "run", epochs=3)
    longer = SmallRun()
    assert told(longer.fit(tmp_path / "run", epochs=5)) == told(history)
    assert same(longer, whole)


def test_where_it_goes_on_is_said(tmp_path, capsys):
    stopped(tmp_path / "run", STEPS + 2)
    assert capsys.readouterr().err == (
        f"Stopped; the run is saved in {tmp_path / 'run'}. Start it again to go on from there.\n"
    )
    SmallRun().fit(tmp_path / "run")
    assert capsys.readouterr().err == f"Going on from {tmp_path / 'run'}: epoch 2, step 3.\n"


def test_fewer_epochs_than_there_are(tmp_path):
    stopped(tmp_path / "run", 6)
    with pytest.raises(BookError, match=r"is in epoch 2, beyond the 1 asked for. Ask for more"):
        SmallRun().fit(tmp_path / "run", epochs=1)


@pytest.mark.parametrize("attach", [follow, lambda optimizer, factor: ConstantLR(optimizer)])
def test_a_scheduler_that_would_be_lost_is_refused(tmp_path, attach):
    run = SmallRun()
    optimizer = sgd(run.model.parameters())
    attach(optimizer, lambda t: 1 / (1 + t))
    with pytest.raises(
        BookError, match=r"^The optimizer follows a scheduler .* Give it to fit as `scheduler`"
    ):
        fit(run.model, run.batches, optimizer, 1, keep=Keep(tmp_path / "run"))
    fit(run.model, run.batches, optimizer, 1)
