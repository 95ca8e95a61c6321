"""scipy's SLSQP on the same functions with the same derivatives."""

import numpy as np
import torch
from scipy.optimize import minimize

from book.calculus import gradient, jacobian
from tests.optim.constrained.hock_schittkowski import Example


def as_numpy(F):
    return lambda x: F(torch.from_numpy(np.array(x))).numpy()


def slsqp(example: Example):
    """The result of scipy's method, from the same start."""
    constraints = []
    for kind, F, sign in (("eq", example.h, 1), ("ineq", example.c, -1)):
        if F is not None:
            constraints.append(
                {
                    "type": kind,
                    "fun": lambda x, F=F, sign=sign: sign * as_numpy(F)(x),
                    "jac": lambda x, F=F, sign=sign: sign * as_numpy(lambda p: jacobian(F, p))(x),
                }
            )
    return minimize(
        as_numpy(example.f),
        example.x0.numpy(),
        jac=as_numpy(lambda p: gradient(example.f, p)),
        method="SLSQP",
        constraints=constraints,
        options={"ftol": 1e-14, "maxiter": 500},
    )
