"""Plausible wrong answers to the exercises of *Momentum*."""


def rate_inside(gradient, x, rates, momentum):
    before = x
    for lr in rates:
        before, x = x, x - lr * gradient(x) + momentum * (x - before)
    return x


def first_rate_kept(gradient, x, rates, momentum):
    before = x
    for lr in rates:
        before, x = x, x - lr * gradient(x) + momentum * lr / rates[0] * (x - before)
    return x


def backwards(gradient, x, rates, momentum):
    before, last = x, rates[0]
    for lr in rates:
        move = momentum * lr / last * (before - x)
        before, x, last = x, x - lr * gradient(x) + move, lr
    return x


def average(gradient, x, rates, momentum):
    m = 0 * x
    for lr in rates:
        m = momentum * m + (1 - momentum) * gradient(x)
        x = x - lr * m
    return x


def in_place(gradient, x, rates, momentum):
    b = 0 * x
    for lr in rates:
        b = momentum * b + gradient(x)
        x -= lr * b
    return x


def whole_path(gradient, x, rates, momentum):
    path, b = [x], 0 * x
    for lr in rates:
        b = momentum * b + gradient(path[-1])
        path.append(path[-1] - lr * b)
    return path


WRONG_ANSWERS = {
    "3-first-order/best-share": [0.8, 0.9756, 0.9518, 0.04, 1.25],
    "3-first-order/noise-of-an-average": [4, 0.6667, 1.2, 10, 18],
    "3-first-order/read-the-floor": ["a", "c", "d"],
    "3-first-order/two-points": [
        rate_inside,
        first_rate_kept,
        backwards,
        average,
        in_place,
        whole_path,
    ],
}
