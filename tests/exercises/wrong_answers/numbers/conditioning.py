"""Plausible wrong answers to the exercises of *Conditioning*."""

from book.exercises.numbers.conditioning import standardise


def with_one_mean_for_all(X):
    return (X - X.mean()) / X.std()


def without_scaling(X):
    return X - X.mean(dim=0)


def by_range(X):
    return (X - X.mean(dim=0)) / (X.amax(dim=0) - X.amin(dim=0))


def without_care_for_constants(X):
    return (X - X.mean(dim=0)) / X.std(dim=0)


def with_a_leftover(X):
    return standardise(X) + (X.std(dim=0) == 0) * 7.0


def in_place(X):
    X -= X.mean(dim=0)
    return X / X.std(dim=0)


def transposed(X):
    return standardise(X).T


WRONG_ANSWERS = {
    "1-numbers/condition-of-log": [1.001001, 0.0010005, 1000, 1000.5, -999.5, 2301.4],
    "1-numbers/steps-in-a-valley": [341.93, 86.34, 74.99, 345.35],
    "1-numbers/no-digit-left": [6, 7, 8, 10],
    "1-numbers/standardise": [
        with_one_mean_for_all,
        without_scaling,
        by_range,
        without_care_for_constants,
        with_a_leftover,
        in_place,
        transposed,
    ],
}
