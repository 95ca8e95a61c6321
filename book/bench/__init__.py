"""Long measurements: `python -m book bench NAME` runs one, prints its table and stores it."""

from book.bench import explorers, flops, regression, site, stability, sums
from book.bench import explorers, flops, jacobians, regression, site, sums
from book.bench import explorers, flops, hessian_products, regression, site, spectrum, sums

BENCHES = {
    "sums": sums.run,
    "flops": flops.run,
    "regression": regression.run,
    "jacobians": jacobians.run,
    "explorers": explorers.run,
    "site": site.run,
    "stability": stability.run,
    "hessian-products": hessian_products.run,
    "spectrum": spectrum.run,
}
