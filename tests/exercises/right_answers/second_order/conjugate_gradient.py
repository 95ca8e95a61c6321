"""Other right answers to the exercises of *Conjugate gradient*, by kind."""

import numpy as np
import torch

from book.optim.conjugate_gradient import conjugate_gradient


def by_numpy(product, d, g):
    d, g, Hd = np.asarray(d), np.asarray(g), np.asarray(product(d))
    return -g + np.dot(g, Hd) / np.dot(d, Hd) * d


def by_projection(product, d, g):
    Hd = product(d)
    return -(g - torch.outer(d, Hd) @ g / torch.dot(d, Hd))


def in_plain_python(product, d, g):
    Hd = product(d).tolist()
    gHd = sum(a * b for a, b in zip(g.tolist(), Hd, strict=True))
    dHd = sum(a * b for a, b in zip(d.tolist(), Hd, strict=True))
    return [-a + gHd / dHd * b for a, b in zip(g.tolist(), d.tolist(), strict=True)]


def by_the_library(product, g, tol, max_iter):
    found = conjugate_gradient(product, -g, tol=tol, max_iter=max_iter)
    return found.x if found.iterations else -g


def truncated_by_numpy(product, g, tol, max_iter):
    g = np.asarray(g)
    d, r, p = np.zeros_like(g), -g, -g
    for k in range(max_iter):
        Hp = np.asarray(product(p))
        if p @ Hp <= 0:
            return -g if k == 0 else d
        alpha = (r @ r) / (p @ Hp)
        d = d + alpha * p
        new = r - alpha * Hp
        if np.linalg.norm(new) <= tol * np.linalg.norm(g):
            return d
        p, r = new + (new @ new) / (r @ r) * p, new
    return d


def by_the_krylov_space(product, g, tol, max_iter):
    """The lowest point over all directions so far, solved anew each time."""
    P, p = [], -g
    d = torch.zeros_like(g)
    for _ in range(max_iter):
        if p @ product(p) <= 0:
            return d if P else -g
        P.append(p)
        basis = torch.stack(P, dim=1)
        products = torch.stack([product(q) for q in P], dim=1)
        d = basis @ torch.linalg.solve(basis.T @ products, -basis.T @ g)
        r = product(d) + g
        if r.norm() <= tol * g.norm():
            break
        last = product(P[-1])
        p = -r + (r @ last) / (P[-1] @ last) * P[-1]
    return d


RIGHT_ANSWERS = {
    "4-second-order/conjugate-to": {
        "torch": by_projection,
        "numpy": by_numpy,
        "python": in_plain_python,
    },
    "4-second-order/truncated-newton": {
        "torch": by_the_krylov_space,
        "numpy": truncated_by_numpy,
        "library": by_the_library,
    },
}
