"""Long measurements: `python -m book bench NAME` runs one, prints its table and stores it."""

from book.bench import (
    explorers,
    flops,
    hessian_products,
    jacobians,
    lines,
    regression,
    saddles,
    schedules,
    site,
    spectrum,
    stability,
    sums,
    warmup,
    widths,
)

BENCHES = {
    "explorers": explorers.run,
    "flops": flops.run,
    "hessian-products": hessian_products.run,
    "jacobians": jacobians.run,
    "lines": lines.run,
    "regression": regression.run,
    "saddles": saddles.run,
    "schedules": schedules.run,
    "site": site.run,
    "spectrum": spectrum.run,
    "stability": stability.run,
    "sums": sums.run,
    "warmup": warmup.run,
    "widths": widths.run,
}
