"""Long measurements: `python -m book bench NAME` runs one, prints its table and stores it."""

from book.bench import (
    explorers,
    flops,
    hessian_products,
    jacobians,
    regression,
    site,
    spectrum,
    stability,
    sums,
)

BENCHES = {
    "sums": sums.run,
    "flops": flops.run,
    "regression": regression.run,
    "jacobians": jacobians.run,
    "explorers": explorers.run,
    "site": site.run,
    "hessian-products": hessian_products.run,
    "spectrum": spectrum.run,
    "stability": stability.run,
}
