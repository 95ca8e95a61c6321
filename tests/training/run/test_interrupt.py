"""Ctrl-C and SIGTERM wait for the end of the step, once; then whoever had the signals has them again."""

import signal
import threading

import pytest

from book.bench.kills import as_made, identical
from book.training.run.checkpoint import read_checkpoint
from book.training.run.interrupt import SIGNALS, stopping
from tests.training.small_run import STEPS, SmallRun


@pytest.fixture(autouse=True)
def handlers_come_back():
    started = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    before = [signal.getsignal(number) for number in SIGNALS]
    yield
    assert [signal.getsignal(number) for number in SIGNALS] == before
    signal.signal(signal.SIGINT, started)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_in_the_midst_of_a_step_saves_the_whole_step(tmp_path, number):
    run, one_epoch = SmallRun(), SmallRun()
    run.signal_in_step(STEPS, number)
    with pytest.raises(KeyboardInterrupt):
        run.fit(tmp_path / "run", every=100)
    state = read_checkpoint(tmp_path / "run")
    one_epoch.fit(epochs=1)
    assert state["place"] == {"epoch": 0, "batch": STEPS}
    saved = [state["model"], as_made(state["optimizer"]), state["scheduler"], state["random"]["cpu"]]
    assert identical(saved, one_epoch.state())
    assert len(state["history"]["losses"]) == STEPS


def test_the_second_one_is_not_waited_for(tmp_path):
    run = SmallRun()
    run.fit(tmp_path / "run", epochs=1)
    before = (tmp_path / "run").read_bytes()
    run.signal_in_step(2, times=2)
    with pytest.raises(KeyboardInterrupt):
        run.fit(tmp_path / "run", every=100)
    assert (tmp_path / "run").read_bytes() == before


def test_where_nothing_is_kept_it_raises_at_once():
    run = SmallRun()
    taken = []
    run.optimizer.register_step_post_hook(lambda *_: taken.append(None))
    run.signal_in_step(3)
    with pytest.raises(KeyboardInterrupt):
        run.fit()
    assert len(taken) == 2


def test_a_signal_in_the_last_moment_is_not_swallowed(capsys):
    with pytest.raises(KeyboardInterrupt), stopping("Go on."):
        signal.raise_signal(signal.SIGINT)
    assert capsys.readouterr().err == "Go on.\n"


def test_an_error_inside_comes_through():
    with pytest.raises(ValueError, match="inside"), stopping("Go on."):
        raise ValueError("inside")


def test_another_thread_trains_too(tmp_path):
    ended = []
    thread = threading.Thread(target=lambda: ended.append(SmallRun().fit(tmp_path / "run")))
    thread.start()
    thread.join()
    assert len(ended[0].losses) == 3 * STEPS
