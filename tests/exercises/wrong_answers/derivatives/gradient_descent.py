"""Plausible wrong answers to the exercises of *Gradient descent*."""


def accepts_everything(f, gradient, x, lr, steps):
    for _ in range(steps):
        trial = x - lr * gradient(x)
        lr = 1.1 * lr if f(trial) <= f(x) else lr / 2
        x = trial
    return x


def never_halves(f, gradient, x, lr, steps):
    for _ in range(steps):
        trial = x - lr * gradient(x)
        if f(trial) <= f(x):
            x, lr = trial, 1.1 * lr
    return x


def never_grows(f, gradient, x, lr, steps):
    for _ in range(steps):
        trial = x - lr * gradient(x)
        if f(trial) <= f(x):
            x = trial
        else:
            lr = lr / 2
    return x


def uphill(f, gradient, x, lr, steps):
    for _ in range(steps):
        x = x + lr * gradient(x)
    return x


def in_place(f, gradient, x, lr, steps):
    for _ in range(steps):
        x -= lr * gradient(x)
    return x


def whole_path(f, gradient, x, lr, steps):
    path = [x]
    for _ in range(steps):
        trial = path[-1] - lr * gradient(path[-1])
        better = f(trial) <= f(path[-1])
        path.append(trial if better else path[-1])
        lr = 1.1 * lr if better else lr / 2
    return path


WRONG_ANSWERS = {
    "2-derivatives/longest-guaranteed-rate": [0.125, 1 / 3, 0.5, 1 / 6, 2 / 3],
    "2-derivatives/over-the-hilltop": [-6, -1.6667, 2.6667, -2, 0.6667],
    "2-derivatives/read-the-fate": ["a", "c", "d"],
    "2-derivatives/bold-driver": [
        accepts_everything,
        never_halves,
        never_grows,
        uphill,
        in_place,
    ],
}
