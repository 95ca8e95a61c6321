"""Plausible wrong answers to the exercises of *Sums and cancellation*."""

from book.exercises.numbers.sums_and_cancellation import variance


def textbook_variance(x):
    return (x**2).mean() - x.mean() ** 2


def unbiased_variance(x):
    return ((x - x.mean()) ** 2).sum() / (len(x) - 1)


def standard_deviation(x):
    return variance(x).sqrt()


def widened_variance(x):
    return textbook_variance(x.double()).to(x.dtype)


def variance_in_float64(x):
    return variance(x.double())


WRONG_ANSWERS = {
    "1-numbers/condition-of-a-sum": [1, 1000, 0.002, 2, 250, 333],
    "1-numbers/finite-difference": ["b", "c", "d"],
    "1-numbers/stable-variance": [
        textbook_variance,
        unbiased_variance,
        standard_deviation,
        widened_variance,
        variance_in_float64,
    ],
}
