"""Plausible wrong answers to the exercises of *Nesterov's accelerated gradient*."""


def never_restarts(gradient, x, lr, steps):
    y, k = x, 1
    for _ in range(steps):
        new = y - lr * gradient(y)
        y = new + (k - 1) / (k + 2) * (new - x)
        x, k = new, k + 1
    return x


def restarts_downhill(gradient, x, lr, steps):
    y, k = x, 1
    for _ in range(steps):
        g = gradient(y)
        new = y - lr * g
        if g @ (new - x) < 0:
            k = 1
        y = new + (k - 1) / (k + 2) * (new - x)
        x, k = new, k + 1
    return x


def restarts_late(gradient, x, lr, steps):
    y, k = x, 1
    for _ in range(steps):
        g = gradient(y)
        new = y - lr * g
        y = new + (k - 1) / (k + 2) * (new - x)
        k = 1 if g @ (new - x) > 0 else k + 1
        x = new
    return x


def returns_the_look_ahead_point(gradient, x, lr, steps):
    y, k = x, 1
    for _ in range(steps):
        g = gradient(y)
        new = y - lr * g
        if g @ (new - x) > 0:
            k = 1
        y = new + (k - 1) / (k + 2) * (new - x)
        x, k = new, k + 1
    return y


def counts_from_zero(gradient, x, lr, steps):
    y = x
    k = 0
    for _ in range(steps):
        g = gradient(y)
        new = y - lr * g
        if g @ (new - x) > 0:
            k = 0
        y = new + k / (k + 2) * (new - x)
        x, k = new, k + 1
    return x


def gradient_at_x(gradient, x, lr, steps):
    y, k = x, 1
    for _ in range(steps):
        g = gradient(x)
        new = y - lr * g
        if g @ (new - x) > 0:
            k = 1
        y = new + (k - 1) / (k + 2) * (new - x)
        x, k = new, k + 1
    return x


def in_place(gradient, x, lr, steps):
    for _ in range(steps):
        x -= lr * gradient(x)
    return x


WRONG_ANSWERS = {
    "3-first-order/two-steps-ahead": [0, 0.125, 0.25, 0.0625, -0.125],
    "3-first-order/limit-of-looking-ahead": [3, 2, 1.36, 1, 1.3333, 0.5],
    "3-first-order/switch-it-on": ["a", "b", "d"],
    "3-first-order/restart": [
        never_restarts,
        restarts_downhill,
        restarts_late,
        returns_the_look_ahead_point,
        counts_from_zero,
        gradient_at_x,
        in_place,
    ],
}
