"""The command line: help with examples, one sentence for each mistake, an exit status to rely on."""

import re
import sys
import types

import pytest

from book import errors
from book.errors import BookError
from book.site.cli import main

COMMANDS = ["execute", "chapter", "verify", "build", "serve", "bench", "train", "compare"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert re.search(rf"Example: python -m book {command}", capsys.readouterr().out)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["bake"],
        ["serve", "--port", "many"],
        ["serve", "--port", "70000"],
        ["train", "--task", "mlp"],
        ["train", "--task", "mlp", "--optimizer", "adam", "--epochs", "many"],
        ["compare"],
        ["compare", "--task", "mlp", "--workers", "0"],
    ],
)
def test_wrong_words_show_the_usage(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m book" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    [
        "chapters/no-such-chapter.py",
        errors.__file__,
        f"{'x' * 5000}.py",
        "a\0.py",
        "chapters",
        "README.md",
        ".",
    ],
    ids=["missing", "other", "long", "nul", "folder", "page", "here"],
)
def test_a_file_that_is_no_chapter(capsys, name):
    assert main(["execute", name]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"{name} is not a chapter's source; name a .py file")
    assert error.count("\n") == 1


def a_site_module(monkeypatch, name: str, **functions) -> None:
    module = types.ModuleType(f"book.site.{name}")
    vars(module).update(functions)
    monkeypatch.setitem(sys.modules, f"book.site.{name}", module)


def test_a_book_error_is_one_sentence_and_status_1(monkeypatch, capsys):
    def verify():
        raise BookError("One thing is to mend.")

    a_site_module(monkeypatch, "verify", verify=verify)
    assert main(["verify"]) == 1
    assert capsys.readouterr() == ("", "One thing is to mend.\n")


def test_an_interruption_is_one_sentence_and_status_130(monkeypatch, capsys):
    def verify():
        raise KeyboardInterrupt

    a_site_module(monkeypatch, "verify", verify=verify)
    assert main(["verify"]) == 130
    assert (
        capsys.readouterr().err.strip() == "Interrupted. Nothing is half-written; run the same command again."
    )


def test_build_hands_on_the_site_url(monkeypatch, capsys, tmp_path):
    asked = []

    def build(site_url):
        asked.append(site_url)
        return tmp_path

    a_site_module(monkeypatch, "build", build=build)
    assert main(["build", "--site-url", "https://example.org/book"]) == main(["build"]) == 0
    assert asked == ["https://example.org/book", None]
    assert f"The site is built: {tmp_path / 'index.html'}" in capsys.readouterr().out


def test_bench(monkeypatch, capsys):
    bench = types.ModuleType("book.bench")
    bench.BENCHES = {"sums": lambda store: print(f"measured, {store=}")}
    monkeypatch.setitem(sys.modules, "book.bench", bench)
    assert main(["bench"]) == main(["bench", "sums"]) == 0
    assert capsys.readouterr().out == "sums\nmeasured, store=True\n"
    assert main(["bench", "walks"]) == 1
    assert capsys.readouterr().err == "There is no measurement 'walks'; choose one of sums.\n"


@pytest.mark.parametrize("port", ["0", "-1", "8_0", "9" * 5000], ids=["0", "-1", "8_0", "long"])
def test_what_is_no_port_is_one_sentence(port, capsys):
    with pytest.raises(SystemExit):
        main(["serve", f"--port={port}"])
    assert "is not a port; choose a number from 1 to 65535\n" in capsys.readouterr().err
