"""Plausible wrong answers to the exercises of *AdaDelta*."""


def swapped(x, g, v, u, rho, eps_x, eps_g):
    v = rho * v + (1 - rho) * g**2
    d = (u + eps_g) ** 0.5 / (v + eps_x) ** 0.5 * g
    return x - d, v, rho * u + (1 - rho) * d**2


def sum_of_squares(x, g, v, u, rho, eps_x, eps_g):
    v = v + g**2
    d = (u + eps_x) ** 0.5 / (v + eps_g) ** 0.5 * g
    return x - d, v, rho * u + (1 - rho) * d**2


def gradient_in_u(x, g, v, u, rho, eps_x, eps_g):
    v = rho * v + (1 - rho) * g**2
    d = (u + eps_x) ** 0.5 / (v + eps_g) ** 0.5 * g
    return x - d, v, rho * u + (1 - rho) * g**2


def x_alone(x, g, v, u, rho, eps_x, eps_g):
    v = rho * v + (1 - rho) * g**2
    return x - (u + eps_x) ** 0.5 / (v + eps_g) ** 0.5 * g


def in_place(x, g, v, u, rho, eps_x, eps_g):
    v *= rho
    v += (1 - rho) * g**2
    d = (u + eps_x) ** 0.5 / (v + eps_g) ** 0.5 * g
    return x - d, v, rho * u + (1 - rho) * d**2


WRONG_ANSWERS = {
    "3-first-order/adadelta-first-step": [0.001, 0.01, 0.00031623, 1e-6, 0.00063246],
    "3-first-order/how-much-further": ["a", "b", "d"],
    "3-first-order/two-epsilons": [swapped, sum_of_squares, gradient_in_u, x_alone, in_place],
}
