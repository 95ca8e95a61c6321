"""The bar of a run says how far it is, and is silent where nobody asked for it."""

from tests.training.small_run import SmallRun


def test_the_bar_tells_loss_accuracy_speed_and_time(capsys):
    SmallRun().fit(progress=True)
    lines = capsys.readouterr().err.replace("\r", "\n").splitlines()
    assert "360/360" in lines[-1]
    assert all(word in lines[-1] for word in ("loss=", "accuracy=", " images/s"))
    assert "<" in lines[-1]  # time so far < time left


def test_without_a_bar_nothing_is_said(capsys, tmp_path):
    SmallRun().fit(tmp_path / "run")
    assert capsys.readouterr() == ("", "")
