"""Plausible wrong answers to the exercises of *Loss surfaces*."""

import torch

from book.exercises.derivatives.loss_surfaces import swap_units


def in_place(W1, b1, W2, i, j):
    W1[[i, j]], b1[[i, j]], W2[:, [i, j]] = W1[[j, i]], b1[[j, i]], W2[:, [j, i]]
    return W1, b1, W2


def without_the_way_out(W1, b1, W2, i, j):
    W1, b1, _ = swap_units(W1, b1, W2, i, j)
    return W1, b1, W2


def without_bias(W1, b1, W2, i, j):
    W1, _, W2 = swap_units(W1, b1, W2, i, j)
    return W1, b1, W2


def rows_of_the_way_out(W1, b1, W2, i, j):
    W1, b1, _ = swap_units(W1, b1, W2, i, j)
    return W1, b1, swap_units(W2, torch.zeros(len(W2)), W2, i, j)[0]


def columns_of_the_way_in(W1, b1, W2, i, j):
    _, b1, W2 = swap_units(W1, b1, W2, i, j)
    return swap_units(W1.T, b1, W2, i, j)[0].T, b1, W2


def only_two(W1, b1, W2, i, j):
    return swap_units(W1, b1, W2, i, j)[::2]


WRONG_ANSWERS = {
    "2-derivatives/worst-angle": [0.9273, 36.87, 83.62, 72.54, 0.6],
    "2-derivatives/orderings": [12, 30, 5040, 24, 64],
    "2-derivatives/half-way": ["a", "c", "d"],
    "2-derivatives/swap-units": [
        in_place,
        without_the_way_out,
        without_bias,
        rows_of_the_way_out,
        columns_of_the_way_in,
        only_two,
    ],
}
