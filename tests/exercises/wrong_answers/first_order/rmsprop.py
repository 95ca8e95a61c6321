"""Plausible wrong answers to the exercises of *RMSProp*."""

import torch


def _run(grads, lr, alpha, eps, v, inside=True, sign=-1):
    steps = []
    for g in grads:
        v = alpha * v + (1 - alpha) * g**2
        root = torch.sqrt(v + eps) if inside else torch.sqrt(v) + eps
        steps.append(sign * lr * g / root)
    return torch.stack(steps)


def from_zero(grads, lr, alpha, eps):
    return _run(grads, lr, alpha, eps, torch.zeros_like(grads[0]))


def outside(grads, lr, alpha, eps):
    return _run(grads, lr, alpha, eps, grads[0] ** 2, inside=False)


def uphill(grads, lr, alpha, eps):
    return _run(grads, lr, alpha, eps, grads[0] ** 2, sign=1)


def swapped_shares(grads, lr, alpha, eps):
    return _run(grads, lr, 1 - alpha, eps, grads[0] ** 2)


def without_root(grads, lr, alpha, eps):
    v, steps = grads[0] ** 2, []
    for g in grads:
        v = alpha * v + (1 - alpha) * g**2
        steps.append(-lr * g / (v + eps))
    return torch.stack(steps)


def places(grads, lr, alpha, eps):
    return from_zero(grads, lr, alpha, eps).sum(dim=0)


def eps_kept(grads, lr, alpha, eps):
    v, steps = grads[0] ** 2, []
    for g in grads:
        v = alpha * v + (1 - alpha) * g**2 + (eps if not steps else 0)
        steps.append(-lr * g / torch.sqrt(v if len(steps) == 0 else v + eps))
    return torch.stack(steps)


def old_average(grads, lr, alpha, eps):
    v, steps = grads[0] ** 2, []
    for g in grads:
        steps.append(-lr * g / torch.sqrt(v + eps))
        v = alpha * v + (1 - alpha) * g**2
    return torch.stack(steps)


WRONG_ANSWERS = {
    "3-first-order/rmsprop-recovery": [76.27, 156.5, 2500, 7.824],
    "3-first-order/rmsprop-floor": [0.0016, 0.01, 5e-5, 0.005],
    "3-first-order/rmsprop-read-eps": ["a", "b", "d"],
    "3-first-order/rmsprop-another": [
        from_zero,
        outside,
        uphill,
        swapped_shares,
        without_root,
        places,
        eps_kept,
        old_average,
    ],
}
