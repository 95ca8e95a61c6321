"""Long measurements: `python -m book bench NAME` runs one, prints its table and stores it."""

from book.bench import (
    batch_size,
    explorers,
    flops,
    hessian_products,
    jacobians,
    lines,
    long_tail,
    momentum,
    optim,
    regression,
    saddles,
    site,
    spectrum,
    stability,
    sums,
    widths,
)

BENCHES = {
    "batch-size": batch_size.run,
    "explorers": explorers.run,
    "flops": flops.run,
    "hessian-products": hessian_products.run,
    "jacobians": jacobians.run,
    "lines": lines.run,
    "momentum": momentum.run,
    "long-tail": long_tail.run,
    "optim": optim.run,
    "regression": regression.run,
    "saddles": saddles.run,
    "site": site.run,
    "spectrum": spectrum.run,
    "stability": stability.run,
    "sums": sums.run,
    "widths": widths.run,
}
