"""The command line of the book: one function for each command, imported when it is called."""

import argparse
import os
import re
import sys
from pathlib import Path

from book.errors import BookError

FAILED, INTERRUPTED = 1, 130
DEFAULT_PORT = 8000
TASKS = "mlp, cnn, vgg13 or vgg13-plain"


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 1 after a `BookError`, 130 after Ctrl-C.

    Args:
        arguments: the words after `python -m book`; those of the process where None.
    """
    chosen = parser().parse_args(arguments)
    try:
        chosen.command(chosen)
    except BookError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        if os.environ.get("RANK", "0") == "0":  # of the processes that torchrun starts
            print("\nInterrupted. Nothing is half-written; run the same command again.", file=sys.stderr)
        return INTERRUPTED
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of `python -m book`, with an example for every command.

    Examples:
        >>> parser().parse_args(["serve", "--port", "8001"]).port
        8001
    """
    top = argparse.ArgumentParser(
        prog="python -m book", description="Run, check, build, serve and measure the book."
    )
    commands = top.add_subparsers(
        required=True, metavar="<execute|chapter|verify|reading|build|serve|bench|train|compare>"
    )
    _add_execute(commands)
    _add_chapter(commands)
    _add(commands, "verify", _verify, "Check notebooks, pages and claims without running them.", "verify")
    _add_reading(commands)
    _add_build(commands)
    _add_serve(commands)
    _add_bench(commands)
    _add_train(commands)
    _add_compare(commands)
    return top


def _add(commands, name: str, command, summary: str, example: str) -> argparse.ArgumentParser:
    added = commands.add_parser(
        name, help=summary, description=summary, epilog=f"Example: python -m book {example}"
    )
    added.set_defaults(command=command)
    return added


def _add_execute(commands) -> None:
    summary = "Run the chapters whose source or library code changed and store their outputs."
    added = _add(commands, "execute", _execute, summary, "execute chapters/1-numbers/floating-point.py")
    added.add_argument("chapters", nargs="*", type=Path, help="run these, changed or not")
    added.add_argument("--all", action="store_true", dest="every", help="run every chapter")
    added.add_argument(
        "--why", action="store_true", help="run nothing; say for each chapter why it would run"
    )


def _add_chapter(commands) -> None:
    added = _add(commands, "chapter", _chapter, "Run, check and build one chapter.", "chapter adam")
    added.add_argument("name", nargs="?", help="of its source, without .py")


def _add_reading(commands) -> None:
    summary = "Print words, visible lines, cells and minutes of each chapter, its core and the whole."
    added = _add(commands, "reading", _reading, summary, "reading adam")
    added.add_argument("name", nargs="?", help="of one chapter; also prints what its lesson lacks")


def _add_build(commands) -> None:
    summary = (
        "Build the site into _build/html: pages, notebooks, the library's wheel and the offline archive."
    )
    added = _add(commands, "build", _build, summary, "build --site-url https://OWNER.github.io/REPO")
    added.add_argument(
        "--site-url", metavar="URL", help="where the site will be published; gives every page a Colab button"
    )


def _add_serve(commands) -> None:
    added = _add(commands, "serve", _serve, "Serve the built site on this computer.", "serve --port 8001")
    added.add_argument("--port", type=_port, default=DEFAULT_PORT, help=f"default: {DEFAULT_PORT}")


def _add_bench(commands) -> None:
    summary = "Measure on this computer and store the result in assets/results."
    added = _add(commands, "bench", _bench, summary, "bench sums")
    added.add_argument("name", nargs="?", help="what to measure; without it, the measurements are listed")


def _add_train(commands) -> None:
    summary = "Train one network with one optimizer; under torchrun, by several processes together."
    example = "train --task cnn --optimizer momentum --lr 0.05 --epochs 6 --scale full"
    added = _add(commands, "train", _train, summary, example)
    added.add_argument("--task", required=True, help=TASKS)
    added.add_argument("--optimizer", required=True, help="sgd, momentum, adam, ...")
    added.add_argument("--lr", type=float, help="the highest rate; default: torch's")
    added.add_argument("--epochs", type=int, default=10, help="default: 10")
    added.add_argument("--scale", default="sample", help="of the data, sample or full; default: sample")
    added.add_argument("--seed", type=int, default=0, help="default: 0")
    added.add_argument("--keep", type=Path, help="file of the checkpoints; default: one in _runs/")


def _add_compare(commands) -> None:
    summary = "Compare optimizers on a network by the book's protocol and store the result."
    example = "compare --task cnn --optimizers adam,momentum --budget small"
    added = _add(commands, "compare", _compare, summary, example)
    added.add_argument("--task", required=True, help=TASKS)
    added.add_argument(
        "--optimizers", type=lambda text: text.split(","), help="names and commas; default: the budget's"
    )
    added.add_argument(
        "--budget",
        default="small",
        help="tiny, small, one-pass, colab, medium or full; default: small",
    )
    added.add_argument("--output", type=Path, help="default: assets/results/compare-TASK.json")
    added.add_argument(
        "--storage",
        default="_runs",
        help="folder of the trials, default: _runs; processes and machines that share it share the work",
    )
    added.add_argument("--workers", type=_workers, default=1, help="processes on this computer; default: 1")


def _workers(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes; choose 1 or more")
    return int(text)


def _port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; choose a number from 1 to 65535")
    return int(text)


def _execute(chosen: argparse.Namespace) -> None:
    from book.site.execute import execute
    from book.site.paths import sources
    from book.site.why import explain

    if chosen.why:
        explain()
        return
    there = set(sources())
    for chapter in chosen.chapters:
        if not _is_one_of(chapter, there):
            raise BookError(
                f"{chapter} is not a chapter's source; name a .py file in chapters/, or none at all."
            )
    execute(chosen.chapters, chosen.every)


def _is_one_of(file: Path, files: set[Path]) -> bool:
    try:
        return file.resolve() in files
    except (OSError, ValueError):  # a name that no file can have
        return False


def _reading(chosen: argparse.Namespace) -> None:
    from book.site.reading_table import reading

    reading(chosen.name)


def _chapter(chosen: argparse.Namespace) -> None:
    from book.site.chapter import chapter

    chapter(chosen.name)


def _verify(chosen: argparse.Namespace) -> None:
    from book.site.verify import verify

    verify()


def _build(chosen: argparse.Namespace) -> None:
    from book.site.build import build

    print(f"The site is built: {build(chosen.site_url) / 'index.html'}")


def _serve(chosen: argparse.Namespace) -> None:
    from book.site.serve import serve

    serve(chosen.port)


def _bench(chosen: argparse.Namespace) -> None:
    from book.bench import BENCHES

    if chosen.name is None:
        print("\n".join(BENCHES))
    elif chosen.name in BENCHES:
        BENCHES[chosen.name](store=True)
    else:
        raise BookError(f"There is no measurement {chosen.name!r}; choose one of {', '.join(BENCHES)}.")


def _train(chosen: argparse.Namespace) -> None:
    from book.project.train import train_task

    given = chosen.task, chosen.optimizer, chosen.lr, chosen.epochs, chosen.scale, chosen.seed, chosen.keep
    train_task(*given, progress=True)


def _compare(chosen: argparse.Namespace) -> None:
    from book.project.command import run

    run(chosen.task, chosen.optimizers, chosen.budget, chosen.output, chosen.storage, chosen.workers)
