"""Long measurements: `python -m book bench NAME` runs one, prints its table and stores it."""

from book.bench import explorers, flops, lines, regression, site, sums, widths

BENCHES = {
    "sums": sums.run,
    "flops": flops.run,
    "regression": regression.run,
    "lines": lines.run,
    "widths": widths.run,
from book.bench import (
    explorers,
    flops,
    hessian_products,
    jacobians,
    regression,
    saddles,
    site,
    spectrum,
    stability,
    sums,
)

BENCHES = {
    "explorers": explorers.run,
    "flops": flops.run,
    "hessian-products": hessian_products.run,
    "jacobians": jacobians.run,
    "regression": regression.run,
    "saddles": saddles.run,
    "site": site.run,
    "spectrum": spectrum.run,
    "stability": stability.run,
    "sums": sums.run,
}
