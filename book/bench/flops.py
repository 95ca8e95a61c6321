"""What a core does a clock: multiply-adds that wait for each other, that do not, and a whole matmul."""

import ctypes
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

from book.bench.harness import interleave, median, one_thread, paired_ratio, quartiles, record, significant
from book.errors import BookError

SIZE = 1024
STEPS = 500_000
FMA_UNITS = 2
NATIVE = "-mcpu=native" if platform.machine() in ("arm64", "aarch64") else "-march=native"
FLAGS = ["-O2", NATIVE, "-ffp-contract=fast", "-fno-tree-vectorize", "-fno-tree-slp-vectorize"]


def run(store: bool) -> dict:
    """Measure operations a second and a clock on one core, print the table, store it if asked to.

    The clock is measured too, by a chain of exclusive-ors that take one clock each, once a round. The peak is
    an assumption: two multiply-add units × the lanes of the widest vector × 2 operations, every clock.

    Args:
        store: whether to write `assets/results/flops.json`.

    Raises:
        BookError: there is no C compiler.
    """
    width = vector_bytes()
    seconds, operations = _measure({**_chains(width), **_matmuls()})
    clocks = [8 * STEPS / s for s in seconds.pop("clock")]
    rows = [_row(name, operations[name], seconds[name], clocks, width) for name in seconds]
    results = {
        "clock_ghz": significant(median(clocks) / 1e9),
        "latency_clocks": significant(2 / rows[0]["per_clock"]),
        "peak_assumes": f"{FMA_UNITS} multiply-add units of {width} bytes, at the clock measured here",
        "matmul_size": SIZE,
        "rows": rows,
    }
    _print(results)
    return record("flops", results, store)


def vector_bytes() -> int:
    """The width of the widest vectors, from the processor's own list of its instructions.

    Examples:
        >>> vector_bytes() in (16, 32, 64)
        True
    """
    capability = torch.backends.cpu.get_cpu_capability()
    return {"AVX512": 64, "AVX2": 32}.get(capability, 16)


def compile_chains(width: int, folder: Path) -> ctypes.CDLL:
    """Compile `chains.c` for this processor and load it.

    Args:
        width: bytes of a vector.
        folder: where the compiled library is put.

    Raises:
        BookError: there is no C compiler, or it fails.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        raise BookError(
            "There is no C compiler `cc` on the PATH. Install one (Debian: apt install gcc) and try again."
        )
    source, library = Path(__file__).with_name("chains.c"), folder / "chains.so"
    command = [
        compiler,
        *FLAGS,
        "-shared",
        "-fPIC",
        f"-DVECTOR_BYTES={width}",
        "-o",
        str(library),
        str(source),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise BookError(f"The C compiler could not build {source}: {done.stderr.strip()[:300]}")
    return ctypes.CDLL(str(library))


def _chains(width: int) -> dict[str, tuple[Callable[[], object], int]]:
    """Name -> (call, operations); the constants keep the numbers near 1, so no subnormal slows them."""
    with tempfile.TemporaryDirectory() as folder:
        compiled = compile_chains(width, Path(folder))

    def chain(function: str) -> Callable[[], float]:
        call = getattr(compiled, function)
        call.argtypes = [ctypes.c_long, *[ctypes.c_double] * 3]
        call.restype = ctypes.c_double
        return lambda: call(STEPS, 1.0, 0.5, 0.5)

    return {
        "clock": (
            lambda: compiled.clocks(ctypes.c_long(STEPS), ctypes.c_long(1), ctypes.c_long(3)),
            8 * STEPS,
        ),
        "float64, each waits for the last": (chain("dependent"), 24 * STEPS),
        "float64, twelve at a time": (chain("independent"), 24 * STEPS),
        "float64, twelve vectors at a time": (chain("vectors"), 24 * STEPS * width // 8),
        "float32, twelve vectors at a time": (chain("short_vectors"), 24 * STEPS * width // 4),
    }


def _matmuls() -> dict[str, tuple[Callable[[], object], int]]:
    def multiply(dtype: torch.dtype) -> Callable[[], object]:
        A = torch.randn(SIZE, SIZE, dtype=dtype, generator=torch.Generator().manual_seed(0))
        return lambda: A @ A

    operations = 2 * SIZE**3
    return {
        f"float64, matmul of {SIZE} × {SIZE}": (multiply(torch.float64), operations),
        f"float32, matmul of {SIZE} × {SIZE}": (multiply(torch.float32), operations),
    }


@one_thread()
def _measure(jobs: dict[str, tuple[Callable[[], object], int]]) -> tuple[dict, dict]:
    seconds = interleave({name: call for name, (call, _) in jobs.items()})
    return seconds, {name: operations for name, (_, operations) in jobs.items()}


def _row(name: str, operations: int, seconds: list[float], clocks: list[float], width: int) -> dict:
    rates = [operations / s for s in seconds]
    per_clock = paired_ratio(rates, clocks)
    lanes = width // (4 if name.startswith("float32") else 8)
    return {
        "work": name,
        "gflops": significant(median(rates) / 1e9),
        "quartiles_gflops": [significant(rate / 1e9) for rate in quartiles(rates)],
        "per_clock": per_clock,
        "of_peak": significant(per_clock / (2 * FMA_UNITS * lanes)),
    }


def _print(results: dict) -> None:
    print(f"One core at {results['clock_ghz']:.2f} GHz")
    print(f"{'work':36} {'GFLOP/s':>8} {'a clock':>8} {'of the peak':>12}")
    for row in results["rows"]:
        print(f"{row['work']:36} {row['gflops']:8.3g} {row['per_clock']:8.3g} {row['of_peak']:12.1%}")
