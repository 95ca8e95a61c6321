"""Plausible wrong answers to the exercises of *Adam*."""

import torch


def _adam(x, gradients, lr, correct_m, correct_v, step):
    m, v = torch.zeros_like(x), torch.zeros_like(x)
    for t, g in enumerate(gradients, start=1):
        m, v = correct_m.keep(m, g), correct_v.keep(v, g**2)
        x = x - lr * step(m / correct_m.at(t), v / correct_v.at(t))
    return x


class _Average:
    """An average with the factor β, corrected by `at(t)`."""

    def __init__(self, beta, at=None):
        self.beta, self.at = beta, at or (lambda t: 1 - beta**t)

    def keep(self, old, new):
        return self.beta * old + (1 - self.beta) * new


def no_correction(x, gradients, lr, beta1, beta2, eps):
    none = [_Average(beta, lambda t: 1.0) for beta in (beta1, beta2)]
    return _adam(x, gradients, lr, *none, lambda m, v: m / (v.sqrt() + eps))


def correction_of_the_first_step(x, gradients, lr, beta1, beta2, eps):
    fixed = [_Average(beta, lambda t, beta=beta: 1 - beta) for beta in (beta1, beta2)]
    return _adam(x, gradients, lr, *fixed, lambda m, v: m / (v.sqrt() + eps))


def eps_inside(x, gradients, lr, beta1, beta2, eps):
    pair = _Average(beta1), _Average(beta2)
    return _adam(x, gradients, lr, *pair, lambda m, v: m / (v + eps).sqrt())


def whole_path(x, gradients, lr, beta1, beta2, eps):
    pair = _Average(beta1), _Average(beta2)
    return torch.stack(
        [
            _adam(x, gradients[:k], lr, *pair, lambda m, v: m / (v.sqrt() + eps))
            for k in range(len(gradients) + 1)
        ]
    )


def in_place(x, gradients, lr, beta1, beta2, eps):
    m, v = torch.zeros_like(x), torch.zeros_like(x)
    for t, g in enumerate(gradients, start=1):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        x -= lr * m / (1 - beta1**t) / ((v / (1 - beta2**t)).sqrt() + eps)
    return x


WRONG_ANSWERS = {
    "3-first-order/second-step": [-0.0526, 0.01, 0.1, 1, 0.105],
    "3-first-order/forgotten-corrections": [3.162, 1000, 0.1, 100],
    "3-first-order/a-fourth-curve": ["b", "c", "d"],
    "3-first-order/write-adam": [
        no_correction,
        correction_of_the_first_step,
        eps_inside,
        whole_path,
        in_place,
    ],
}
