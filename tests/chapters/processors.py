"""Run the chapters' comparison as on other processors, and say what differs there.

    .venv/bin/python -m tests.chapters.processors newton   # one chapter
    .venv/bin/python -m tests.chapters.processors          # all

The libraries below torch and numpy choose their instructions by the processor: wider ones add in another
order, and approximate logarithms by other polynomials. Each library has a variable that makes it choose as on
an older processor. It is read when a process begins, so each mode is a run of pytest of its own. No mode goes
beyond the computer's own processor, and on one of another family than x86 they change little.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from book.errors import BookError
from book.site.chapter import find
from book.site.paths import ROOT, notebooks

MODES = {  # mode → the variables of ATen, MKL, oneDNN, OpenBLAS, and the C library
    "oldest": {
        "ATEN_CPU_CAPABILITY": "default",
        "MKL_CBWR": "COMPATIBLE",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "OPENBLAS_CORETYPE": "Nehalem",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA",
    },
    "avx2": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_CBWR": "AVX2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "OPENBLAS_CORETYPE": "Haswell",
    },
    "own": {},
}
PLUGINS = ("-p", "tests.chapters.comparison", "-p", "tests.chapters.kernels", "-p", "no:cacheprovider")
OPTIONS = ("-q", "--color=no", "--nbval", "--nbval-current-env", "-c", os.devnull)
ADVICE = (
    "Mend: fix the order of the operations, draw in 64 bits, or print what no last digit decides; where mode"
    " own differs as well, make execute first."
)
_DIFFERS = re.compile(r"^(\S+\.ipynb), cell (\d+): ", re.M)
_RAN = (0, 1)  # pytest's exit status where all passed, and where some failed


def differences(paths: list[Path], mode: str, root: Path = ROOT) -> list[tuple[str, int]]:
    """Run notebooks as on one kind of processor; return chapter and cell of each other output.

    Args:
        paths: the notebooks.
        mode: a key of `MODES`.
        root: the book's root.

    Raises:
        BookError: pytest did not get as far as comparing.
    """
    spread = ["-n", "logical"] if len(paths) > 1 else []
    words = [*OPTIONS, *PLUGINS, f"--rootdir={root}", *spread, *map(str, paths)]
    command, environment = [sys.executable, "-m", "pytest", *words], os.environ | MODES[mode]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    found = sorted((Path(path).stem, int(cell)) for path, cell in _DIFFERS.findall(run.stdout))
    if run.returncode not in _RAN or bool(found) != bool(run.returncode):
        raise BookError(f"The comparison did not run, mode {mode}:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    return found


def report(found: dict[str, list[tuple[str, int]]]) -> str:
    """Return a line for each cell that differs in some mode, with the modes.

    Args:
        found: mode → what `differences` returned.

    Examples:
        >>> print(report({"oldest": [("newton", 22), ("newton", 9)], "avx2": [("newton", 22)], "own": []}))
        newton, cell 9: another output than the stored one in mode oldest
        newton, cell 22: another output than the stored one in mode oldest, avx2
    """
    cells = sorted({cell for some in found.values() for cell in some})
    modes = {cell: ", ".join(mode for mode in found if cell in found[mode]) for cell in cells}
    what = "another output than the stored one in mode"
    return "\n".join(f"{name}, cell {number}: {what} {modes[name, number]}" for name, number in cells)


def main(words: list[str]) -> int:
    """Compare the chapter that was named, or all, in every mode; return the exit status."""
    try:
        paths = [find(name).with_suffix(".ipynb") for name in words] or notebooks()
        found = {mode: differences(paths, mode) for mode in MODES}
    except BookError as error:
        print(error, file=sys.stderr)
        return 1
    if said := report(found):
        print(f"{said}\n{ADVICE}", file=sys.stderr)
        return 1
    print(f"Nothing differs in {len(paths)} chapters, in the modes {', '.join(found)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
