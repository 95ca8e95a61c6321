"""Plausible wrong answers to the exercises of *Quasi-Newton methods*."""

import torch


def dfp(B, s, y):
    """DFP's update of B: symmetric, maps y to s, and is another matrix."""
    By = B @ y
    return B + torch.outer(s, s) / (y @ s) - torch.outer(By, By) / (y @ By)


def without_last_term(B, s, y):
    left = torch.eye(len(s)).to(s) - torch.outer(s, y) / (y @ s)
    return left @ B @ left.T


def hessians_own(B, s, y):
    """The update of the Hessian: it maps s to y."""
    Bs = B @ s
    return B + torch.outer(y, y) / (y @ s) - torch.outer(Bs, Bs) / (s @ Bs)


def not_symmetric(B, s, y):
    """Broyden's own: the nearest that maps y to s, symmetric or not."""
    return B + torch.outer(s - B @ y, y) / (y @ y)


def in_place(B, s, y):
    rho = 1 / (y @ s)
    left = torch.eye(len(s)).to(s) - rho * torch.outer(s, y)
    B.copy_(left @ B @ left.T + rho * torch.outer(s, s))
    return B


def the_direction(B, s, y):
    return s


def _loops(g, first, second, size):
    q, shares = g.clone(), {}
    for i, (s, y) in first:
        shares[i] = (s @ q) / (y @ s)
        q = q - shares[i] * y
    q = size * q
    for i, (s, y) in second:
        q = q + (shares[i] - (y @ q) / (y @ s)) * s
    return q


def without_scale(g, steps, changes):
    pairs = list(enumerate(zip(steps, changes, strict=True)))
    return _loops(g, pairs[::-1], pairs, 1.0)


def oldest_first(g, steps, changes):
    pairs = list(enumerate(zip(steps, changes, strict=True)))
    s, y = steps[-1], changes[-1]
    return _loops(g, pairs, pairs[::-1], (s @ y) / (y @ y))


def size_of_the_oldest(g, steps, changes):
    pairs = list(enumerate(zip(steps, changes, strict=True)))
    s, y = steps[0], changes[0]
    return _loops(g, pairs[::-1], pairs, (s @ y) / (y @ y))


def into_the_gradient(g, steps, changes):
    for s, y in zip(reversed(steps), reversed(changes), strict=True):
        g -= (s @ g) / (y @ s) * y
    return g


WRONG_ANSWERS = {
    "4-second-order/secant": [6, -0.16667, -6, 0.1, 2.5],
    "4-second-order/memory": [40, 20, 8, 4e6, 160],
    "4-second-order/which-pair": ["a", "b", "d"],
    "4-second-order/bfgs-update": [
        in_place,
        the_direction,
        without_last_term,
        hessians_own,
        not_symmetric,
        dfp,
    ],
    "4-second-order/without-the-matrix": [
        into_the_gradient,
        without_scale,
        oldest_first,
        size_of_the_oldest,
    ],
}
