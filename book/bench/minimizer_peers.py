"""scipy's, pytorch-minimize's and torch's minimizers, as `book.bench.minimizers` runs them."""

import importlib
import warnings
from functools import partial

import torch
from scipy.optimize import least_squares, minimize

from book.bench.watched import Run, Watched

LIMIT, GRADIENT = 3000, 1e-8
SCIPY = {
    "trust-exact": ("hess", {"gtol": GRADIENT}),
    "trust-ncg": ("hessp", {"gtol": GRADIENT}),
    "CG": (None, {"gtol": GRADIENT}),
    "Newton-CG": ("hessp", {"xtol": 1e-14}),
    "BFGS": (None, {"gtol": GRADIENT}),
    "L-BFGS-B": (None, {"gtol": GRADIENT, "ftol": 0.0, "maxfun": 100_000}),
}
TORCHMIN = {
    "newton-exact": {"xtol": 1e-14},
    "trust-ncg": {"gtol": GRADIENT},
    "cg": {"gtol": GRADIENT},
    "newton-cg": {"xtol": 1e-14},
    "bfgs": {"gtol": GRADIENT, "xtol": 1e-16},
    "l-bfgs": {"gtol": GRADIENT, "xtol": 1e-16, "history_size": 10},
}


def by_scipy(method: str, watched: Watched) -> Run:
    """Run one of the methods of scipy.optimize.minimize, with our derivatives."""
    asked, options = SCIPY[method]
    curvature = {"hess": {"hess": watched.hessian}, "hessp": {"hessp": watched.product}, None: {}}[asked]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = minimize(
            watched.f,
            watched.entry.start,
            jac=watched.g,
            method=method,
            options=options | {"maxiter": LIMIT},
            **curvature,
        )
    return Run(found.nit, str(found.message))


def by_minpack(watched: Watched) -> Run:
    """Run MINPACK's Levenberg–Marquardt, through scipy."""
    start, tight = watched.entry.start, 1e-15
    found = least_squares(
        watched.r, start, watched.jacobian, method="lm", xtol=tight, ftol=tight, gtol=tight, max_nfev=LIMIT
    )
    return Run(None, found.message)


def by_torchmin(method: str, watched: Watched) -> Run:
    """Run a method of pytorch-minimize."""
    found = importlib.import_module("torchmin").minimize(
        watched.loss, watched.entry.at_start(), method, max_iter=LIMIT, options=dict(TORCHMIN[method])
    )
    return Run(int(found.nit), str(found.message))


def by_torch(watched: Watched) -> Run:
    """Run torch's L-BFGS with its strong Wolfe search."""
    x = torch.nn.Parameter(watched.entry.at_start())
    optimizer = torch.optim.LBFGS(
        [x],
        max_iter=LIMIT,
        max_eval=10 * LIMIT,
        tolerance_grad=GRADIENT,
        tolerance_change=0.0,
        history_size=10,
        line_search_fn="strong_wolfe",
    )

    def closure():
        optimizer.zero_grad()
        loss = watched.loss(x)
        loss.backward()
        return loss

    optimizer.step(closure)
    return Run(optimizer.state[x]["n_iter"])


PEERS = (
    {f"scipy {method}": partial(by_scipy, method) for method in SCIPY}
    | {"scipy lm": by_minpack}
    | {f"torchmin {method}": partial(by_torchmin, method) for method in TORCHMIN}
    | {"torch LBFGS": by_torch}
)
