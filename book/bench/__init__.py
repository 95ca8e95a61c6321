"""Long measurements: `python -m book bench NAME` runs one, prints its table and stores it."""

from book.bench import (
    decay,
    explorers,
    flops,
    hessian_products,
    jacobians,
    lines,
    regression,
    saddles,
    site,
    spectrum,
    stability,
    sums,
    widths,
)

BENCHES = {
    "decay": decay.run,
    "explorers": explorers.run,
    "flops": flops.run,
    "hessian-products": hessian_products.run,
    "jacobians": jacobians.run,
    "lines": lines.run,
    "regression": regression.run,
    "saddles": saddles.run,
    "site": site.run,
    "spectrum": spectrum.run,
    "stability": stability.run,
    "sums": sums.run,
    "widths": widths.run,
}
