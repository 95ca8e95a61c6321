"""Long measurements: `python -m book bench NAME` runs one, prints its table and stores it."""

from book.bench import explorers, flops, lines, regression, site, sums, widths

BENCHES = {
    "sums": sums.run,
    "flops": flops.run,
    "regression": regression.run,
    "lines": lines.run,
    "widths": widths.run,
    "explorers": explorers.run,
    "site": site.run,
}
