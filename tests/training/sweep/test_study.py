"""The trials of one process over a storage: kept, added to, refused, and gone on with after a stop."""

import json
import math
import warnings
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from book.errors import BookError
from book.training.sweep.study import run_trials
from book.training.sweep.trial_queue import Queue, identity
from tests.training.squares import grid, never, square, states

pytestmark = pytest.mark.usefixtures("quick")

ROOT = Path(__file__).parents[3]


def test_results_come_in_the_order_of_the_trials_and_are_kept(file):
    assert run_trials(file, "squares", grid(3, 1, 2, 3), square) == [{"square": x} for x in (9, 1, 4, 9)]
    assert run_trials(file, "squares", grid(2, 3, 1), never) == [{"square": x} for x in (4, 9, 1)]
    assert run_trials(str(file), "squares", grid(1), never) == [{"square": 1}]
    assert run_trials(f"sqlite:///{file}", "squares", [], never) == []
    assert states(file) == {(x, TrialState.COMPLETE): 1 for x in (1, 2, 3)}


def test_a_larger_grid_runs_what_is_new_and_a_smaller_one_leaves_the_rest_alone(file):
    ran = []

    def noted(trial):
        ran.append(trial["x"])
        return square(trial)

    run_trials(file, "squares", grid(1, 2), noted)
    run_trials(file, "squares", grid(1, 2, 3), noted)
    assert ran == [1, 2, 3]
    other = Queue(file, "squares")
    assert other.take({identity({"x": 5}): {"x": 5}}) is not None  # somebody else's, running
    other.study.add_trial(optuna.trial.create_trial(state=TrialState.WAITING, user_attrs={"trial": {"x": 4}}))
    other.study.enqueue_trial({"x": 6})  # by Optuna itself
    assert run_trials(file, "squares", grid(3, 1), never) == [{"square": 9}, {"square": 1}]
    assert run_trials(file, "another", grid(3), noted) == [{"square": 9}]
    assert ran == [1, 2, 3, 3]


def test_an_error_names_its_trial_and_comes_alone(file):
    def faulty(trial):
        if trial["x"] == 2:
            raise ZeroDivisionError("the message")
        return square(trial)

    with pytest.raises(ZeroDivisionError, match="the message") as caught:
        run_trials(file, "squares", grid(1, 2, 3), faulty)
    assert caught.value.__notes__ == [
        'This was trial {"x": 2}; all finished ones are kept, run the same again.'
    ]
    ran = []
    results = run_trials(
        file, "squares", grid(1, 2, 3), lambda trial: ran.append(trial["x"]) or square(trial)
    )
    assert results == [{"square": x} for x in (1, 4, 9)]
    assert ran == [2, 3]


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(file, capsys):
    def interrupted(trial):
        if trial["x"] == 3:
            raise KeyboardInterrupt
        return square(trial)

    with pytest.raises(KeyboardInterrupt):
        run_trials(file, "squares", grid(1, 2, 3, 4), interrupted)
    line = "\nStopped. 2 of 4 trials of squares are finished and kept; run the same again to go on.\n"
    assert capsys.readouterr() == ("", line)
    ran = []
    run_trials(file, "squares", grid(1, 2, 3, 4), lambda trial: ran.append(trial["x"]) or square(trial))
    assert ran == [3, 4]


def test_plain_values_survive_and_others_are_refused(file):
    result = {
        "nan": math.nan,
        "inf": [math.inf, -math.inf],
        "tiny": 5e-324,
        "third": 1 / 3,
        "é": None,
        "n": True,
    }
    [read] = run_trials(
        file, "values", [{"lr": 0.1, "name": "ä", "betas": (0.9, math.inf)}], lambda trial: result
    )
    assert json.dumps(read) == json.dumps(result)
    with pytest.raises(TypeError, match=r"A trial is a dict of plain values; .* is not: .*PosixPath"):
        run_trials(file, "values", [{"path": file}], never)
    with pytest.raises(TypeError, match="PosixPath") as caught:
        run_trials(file, "values", grid(1), lambda trial: {"path": file})
    assert "This was trial" in caught.value.__notes__[0]
    assert run_trials(file, "values", grid(1), square) == [{"square": 1}]


def test_optuna_is_quiet_and_keeps_its_own_settings(file, caplog, capfd):
    optuna.logging.enable_propagation()
    optuna.logging.set_verbosity(optuna.logging.INFO)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run_trials(file, "squares", grid(1, 2), square)
        run_trials(file, "squares", grid(1, 2), square)
    optuna.logging.disable_propagation()
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == optuna.logging.INFO


def test_a_file_of_any_name_in_a_new_folder(tmp_path):
    file = tmp_path / "new {1} folder 100% ä" / "a b.db"
    run_trials(file, "squares", grid(1), square)
    assert file.exists()
    assert run_trials(file, "squares", grid(1), never) == [{"square": 1}]


def test_what_is_no_storage_is_refused_in_one_sentence(tmp_path, monkeypatch):
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"no database at all" * 100)
    with pytest.raises(BookError, match=rf"^{damaged} cannot hold the trials \(.*\); move it away, or .*\.$"):
        run_trials(damaged, "squares", grid(1), never)
    assert damaged.read_bytes() == b"no database at all" * 100
    with pytest.raises(BookError, match=rf"^{damaged}/in.db cannot hold the trials \(.*\); move it away"):
        run_trials(damaged / "in.db", "squares", grid(1), never)
    for address in (
        "nosuch://user:secret@localhost/trials",
        "oracle+cx_oracle://user:secret@localhost/trials",
    ):
        with pytest.raises(
            BookError, match=r"^The database of the trials cannot be used \(.*\); check"
        ) as caught:
            run_trials(address, "squares", grid(1), never)
        assert "secret" not in str(caught.value)


def test_only_the_two_modules_of_the_trials_need_optuna():
    sources = {file.stem: file.read_text(encoding="utf-8") for file in (ROOT / "book/training").rglob("*.py")}
    assert {name for name, text in sources.items() if "optuna" in text} == {"study", "trial_queue"}
