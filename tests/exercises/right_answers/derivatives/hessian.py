"""Other right answers to the exercises of *The Hessian*, by kind."""

import numpy as np
import torch


def by_autograd(f, x, v):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    return torch.autograd.grad(g, x, grad_outputs=v)[0]


def by_forward_over_reverse(f, x, v):
    return torch.func.jvp(torch.func.grad(f), (x,), (v,))[1]


def by_library(f, x, v):
    return torch.autograd.functional.hvp(f, x, v)[1].requires_grad_()


def by_vjp(f, x, v):
    return torch.func.vjp(torch.func.grad(f), x)[1](v)[0].numpy()[::-1][::-1]


def by_entries(f, x, v):
    H = torch.func.hessian(f)(x).reshape(x.numel(), -1)
    return np.reshape(np.asarray(H) @ np.ravel(v), v.shape).tolist()


RIGHT_ANSWERS = {
    "2-derivatives/double-backward": {
        "autograd": by_autograd,
        "forward over reverse": by_forward_over_reverse,
        "library": by_library,
        "numpy": by_vjp,
        "python": by_entries,
    },
}
