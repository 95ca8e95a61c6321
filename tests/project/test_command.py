"""`python -m book compare` checks first, prints, and stores what it found."""

import pytest

from book.project import command, compare, comparison_file
from book.site.cli import main
from tests.project.invented import invent


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.long
def test_the_command_declares_prints_and_stores(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(compare, "run_trials", invent)
    words = ["compare", "--task", "mlp", "--optimizers", "adam,momentum", "--output", "out.json"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert said.index("Protocol 2, MLP on MNIST, budget small") < said.index("Stored: out.json")
    assert "Nesterov" not in said
    assert comparison_file.read_comparison(tmp_path / "out.json")["results"]["protocol"]["budget"] == "small"


@pytest.mark.long
def test_a_command_that_would_lose_a_result_stops_before_it_starts(monkeypatch, capsys):
    monkeypatch.setattr(compare, "run_trials", invent)
    words = ["compare", "--task", "mlp", "--output", "out.json"]
    assert main(words) == 0
    monkeypatch.setattr(command, "compare", None)
    assert main([*words, "--optimizers", "adam"]) == 1
    assert "would be lost" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--task", "cn"], "There is no task 'cn'; did you mean 'cnn'?"),
        (["--task", "cnn", "--optimizers", "adma"], "There is no optimizer 'adma'; did you mean 'adam'?"),
        (["--task", "cnn", "--budget", "ful"], "There is no budget 'ful'; did you mean 'full'?"),
    ],
)
def test_unknown_names_are_one_sentence(words, sentence, capsys):
    assert main(["compare", *words]) == 1
    assert capsys.readouterr() == ("", sentence + "\n")
