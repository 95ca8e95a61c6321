"""Plausible wrong answers to the exercises of *Second order in practice*."""

from math import ceil, log

from book.exercises.second_order.second_order_in_practice import NUMBERS


def equal_steps(curves, budget):
    steps = min(len(losses) for _, losses in curves.values()) - 1
    return min(curves, key=lambda name: curves[name][1][min(1, steps)])


def rounded_up(curves, budget):
    def loss(name):
        seconds, losses = curves[name]
        return losses[min(ceil(budget / seconds), len(losses) - 1)]

    return min(curves, key=loss)


def beyond_the_end(curves, budget):
    def loss(name):
        seconds, losses = curves[name]
        steps = int(budget / seconds)
        return losses[steps] if steps < len(losses) else float("inf")

    return min(curves, key=loss)


def without_those_that_took_no_step(curves, budget):
    def loss(name):
        seconds, losses = curves[name]
        steps = min(int(budget / seconds), len(losses) - 1)
        return losses[steps] if steps else float("inf")

    return min(curves, key=loss)


def lowest_on_the_way(curves, budget):
    def loss(name):
        seconds, losses = curves[name]
        return min(losses[: int(budget / seconds) + 1])

    return min(curves, key=loss)


WRONG_ANSWERS = {
    "4-second-order/price-of-a-step": [1.8, 5, log(0.9) / log(0.5), 7, 2],
    "4-second-order/numbers-a-weight": [
        NUMBERS / 2,
        1 / NUMBERS,
        2 * (784**2 + 256**2),
        4,
        784 * 256,
        2 * (784 + 256) / (784 * 256),
    ],
    "4-second-order/at-which-batch": ["a", "b", "d"],
    "4-second-order/who-is-ahead": [
        equal_steps,
        rounded_up,
        beyond_the_end,
        without_those_that_took_no_step,
        lowest_on_the_way,
    ],
}
