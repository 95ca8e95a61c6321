"""nbval over the chapters: drawings are compared with tolerance, and a failure names file, cell and mend."""

from pathlib import Path

from nbval import kernel
from nbval.plugin import IPyNbCell, NbCellError

from book.site.checks.cells import LARGEST_OPT_OUT_SHARE, opted_out
from book.site.finding import RUN_AGAIN, RUN_ALL, Finding
from book.site.pairs import read
from book.site.paths import ROOT, notebooks
from tests.chapters.drawings import close

SVG = "image/svg+xml"
OUTPUT_SECONDS = 60
_compare_outputs = IPyNbCell.compare_outputs
_repr_failure = IPyNbCell.repr_failure


def compare_outputs(self, test, ref, skip_compare=None) -> bool:
    """Let a fresh drawing that is close to the stored one count as equal to it; nbval compares the rest."""
    stored = [output.data[SVG] for output in ref if SVG in output.get("data", {})]
    fresh = [output for output in test if SVG in output.get("data", {})]
    for output, drawing in zip(fresh, stored, strict=False):
        if close(output.data[SVG], drawing):
            output.data[SVG] = drawing
    return _compare_outputs(self, test, ref, skip_compare)


def repr_failure(self, excinfo) -> str:
    """Begin a failure with the file, the cell's number among all cells, and the mend."""
    text = _repr_failure(self, excinfo)
    return f"{_finding(self, excinfo.value)}\n\n{text}" if isinstance(excinfo.value, NbCellError) else text


def _finding(item: IPyNbCell, error: NbCellError) -> Finding:
    number = next(n for n, cell in enumerate(item.parent.nb.cells, start=1) if cell is item.cell)
    path = item.path.relative_to(ROOT) if item.path.is_relative_to(ROOT) else item.path
    if "differ" in str(error):
        what = "running the cell gives another output than the stored one"
        return Finding(path, number, what, f"{RUN_ALL} if the new output is right, else correct the code")
    return Finding(path, number, str(error).rstrip("."), f"correct the cell, then {RUN_AGAIN}")


kernel.pformat = lambda message: message  # for nbval's log, which nobody reads; drawings take it long
IPyNbCell.compare_outputs = compare_outputs
IPyNbCell.repr_failure = repr_failure


def pytest_itemcollected(item) -> None:
    """Give a busy computer time to hand over an output; nbval waits 5 s."""
    if isinstance(item, IPyNbCell):
        item.output_timeout = OUTPUT_SECONDS


def opt_outs(chapters: list[Path]) -> tuple[int, int]:
    """Return how many code cells are not compared, and how many there are."""
    cells = [cell for path in chapters for cell in read(path).cells if cell.cell_type == "code"]
    return sum(map(opted_out, cells)), len(cells)


def pytest_terminal_summary(terminalreporter) -> None:
    reports = (report for kind in terminalreporter.stats.values() for report in kind)
    if any(".ipynb::" in getattr(report, "nodeid", "") for report in reports):
        left_out, cells = opt_outs(notebooks())
        most = f"{LARGEST_OPT_OUT_SHARE:.0%}"
        terminalreporter.write_line(
            f"Notebooks: {left_out} of {cells} code cells are not compared (at most {most})."
        )
