"""Exercises of the chapter *The comparison*."""

from itertools import combinations
from statistics import mean

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number


def best_of(accuracies, m):
    return mean(max(chosen) for chosen in combinations(accuracies, m))


def _agrees(attempt, accuracies: list[float], m: int) -> bool:
    return close(attempt(list(accuracies), m), best_of(accuracies, m), rtol=1e-9)


def _one_try(attempt) -> bool:
    return _agrees(attempt, [10.0, 40.0, 70.0], 1)


def _all_of_them(attempt) -> bool:
    return _agrees(attempt, [10.0, 70.0, 40.0], 3)


def _without_putting_back(attempt) -> bool:
    return _agrees(attempt, [0.0, 1.0], 2)


def _in_between(attempt) -> bool:
    return all(_agrees(attempt, [97.1, 96.0, 10.0, 98.2, 93.5], m) for m in (2, 3, 4))


def _equal_ones(attempt) -> bool:
    return _agrees(attempt, [98.0, 98.0, 10.0, 10.0], 2)


EXERCISES = (
    Number(
        id="6-project/half-width",
        prompt="Half the width of the 95 % interval of 70.1, 70.9, 70.4, 71.2 and 70.4.",
        answer=0.548,
        rtol=0.01,
        mistakes={
            0.387: "That is with 1.96. The deviation is estimated from five runs: take t = 2.776.",
            1.226: "That is t · s. The deviation of a mean of five runs is s / √5.",
            0.490: "You divided the squares by 5. The mean was estimated too, so divide by n − 1 = 4.",
            0.1975: "That is s / √n. Multiply by t.",
            0.274: "You divided by 5 in place of √5, and once more than once: t · s / √n.",
            1.097: "That is the whole width. Half of it stands behind the ±.",
        },
        hint="The mean is 70.6. Sum the five squared deviations, divide by 4, take the root, and go on.",
        right="70.6 ± 0.55: five runs with a spread of a point still leave half a point open.",
        worked=(
            "The squared deviations from 70.6 add up to $0.25 + 0.09 + 0.04 + 0.36 + 0.04 = 0.78$. So "
            "$s = \\sqrt{0.78 / 4} = 0.442$ and $2.776 \\cdot 0.442 / \\sqrt 5 = 0.548$."
        ),
    ),
    Choice(
        id="6-project/broken-rule",
        prompt="What is wrong with choosing the rate on the test set and reporting fresh seeds.",
        options={
            "a": "nothing; the seeds are fresh",
            "b": "the rate was chosen for these test images, so the mean is too good",
            "c": "five seeds are too few for an interval",
            "d": "the interval should use 1.96",
        },
        answer="b",
        hints={
            "a": "Fresh seeds take away the luck of the seed. What else was fitted to the test images?",
            "c": "Two are enough for an interval; it is then a wide one.",
            "d": "Student's t is right for five runs: 1.96 holds the true mean in 88 % only.",
        },
        right="The luck of the seed is gone, the fit of the rate to these images is not.",
        worked=(
            "The rate that won is the best of ten *on these images*. On others it may not be, so the mean is "
            "too good by what the choice gained. The interval does not show it: it measures seeds only."
        ),
    ),
    Choice(
        id="6-project/leaves",
        prompt="Between which effective rates SGD's line leaves momentum's on the CNN.",
        options={"a": "0.02 and 0.05", "b": "0.05 and 0.1", "c": "0.2 and 0.5", "d": "they never part"},
        answer="c",
        hints={
            "a": "There the lines lie on each other, in the second picture.",
            "b": "There they are two points apart at most. Look for the place where one turns round.",
            "d": "One of them turns upwards while the other goes on falling. Where?",
        },
        right="SGD's line turns up there, and momentum's goes on falling.",
        worked=(
            "In the second picture the lines keep close up to 0.2. At 0.5 SGD's error is up again, at 1 "
            "it diverges; momentum has its best trial at 0.5."
        ),
    ),
    Code(
        id="6-project/best-of",
        prompt="Write best_of(accuracies, m): the mean of the best of m, over all choices.",
        solution=best_of,
        cases=(
            Case(_one_try, "With m = 1 the best is the only one: the mean of the accuracies."),
            Case(
                _without_putting_back,
                "An accuracy that was drawn is not drawn again: of 0 and 1, m = 2 gives 1.",
            ),
            Case(_all_of_them, "With m = n there is one choice, all of them: the largest accuracy."),
            Case(_in_between, "Take the largest of each choice first, then the mean over all choices."),
            Case(_equal_ones, "Two trials with equal accuracies are still two: choose among all of them."),
        ),
        right="All choices, one largest each: the formula counts them without listing them.",
    ),
)
