"""Long measurements: `python -m book bench NAME` runs one, prints its table and stores it."""

from book.bench import explorers, flops, regression, saddles, site, sums

BENCHES = {
    "sums": sums.run,
    "flops": flops.run,
    "regression": regression.run,
    "explorers": explorers.run,
    "site": site.run,
    "saddles": saddles.run,
}
