"""Plausible wrong answers to the exercises of *Constraints*."""

from book.optim.constrained import project_simplex


def always_on_the_edge(x, radius):
    return x.sign() * project_simplex(x.abs(), radius)


def divided(x, radius):
    size = x.abs().sum()
    return x if size <= radius else x * radius / size


def signs_lost(x, radius):
    return x if x.abs().sum() <= radius else project_simplex(x.abs(), radius)


def one_threshold_for_all(x, radius):
    sizes = x.abs()
    if sizes.sum() <= radius:
        return x
    theta = (sizes.sum() - radius) / len(x)
    return x.sign() * (sizes - theta).clamp(min=0)


def in_place(x, radius):
    if x.abs().sum() > radius:
        x.copy_(x.sign() * project_simplex(x.abs(), radius))
    return x


def radius_1(x, radius):
    return x if x.abs().sum() <= radius else x.sign() * project_simplex(x.abs(), 1.0)


def with_theta(x, radius):
    return x, radius


WRONG_ANSWERS = {
    "4-second-order/a-multiplier": [2, 5, -1, -5],
    "4-second-order/read-the-price": ["a", "c", "d"],
    "4-second-order/two-examples": [0.5, 0.25, 4, 2, 1],
    "4-second-order/sum-of-sizes": [
        always_on_the_edge,
        divided,
        signs_lost,
        one_threshold_for_all,
        in_place,
        radius_1,
        with_theta,
    ],
}
