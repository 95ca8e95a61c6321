"""Exercises of the chapter *Second order in practice*."""

from math import log

from book.exercises.model import Case, Choice, Code, Number


def who_is_ahead(curves, budget):
    def loss(name):
        seconds, losses = curves[name]
        return losses[min(int(budget / seconds), len(losses) - 1)]

    return min(curves, key=loss)


def _says(curves: dict, budget: float, name: str) -> Case:
    return Case(lambda attempt: attempt(curves, budget) == name, _HINTS[name])


_HINTS = {
    "quick": "A step of four seconds is not over after three: count the steps that are finished.",
    "cheap": "Go along each curve as many steps as fit into the budget, not equally many.",
    "short": "A run that has ended stays at its last loss; there is no entry beyond it.",
    "start": "losses[0] is before the first step: after no step at all a method is there.",
    "risen": "What counts is the loss at the end of the budget, not the lowest on the way.",
}
NUMBERS = 2 * (784**2 + 256**2) / (784 * 256)

EXERCISES = (
    Number(
        id="4-second-order/price-of-a-step",
        prompt="How many times as dear a step may be at most, if it leaves 0.5 of the error instead of 0.9.",
        answer=log(0.5) / log(0.9),
        rtol=5e-3,
        mistakes={
            1.8: "0.9 over 0.5 compares one step of each. How many steps of 0.9 does it take to get to 0.5?",
            5: "You compared what one step takes away. Steps multiply: 0.9 · 0.9 · … = 0.5.",
            log(0.9) / log(0.5): "That is the price of a cheap step, in dear ones; turn it round.",
            7: "Nearly: you counted whole steps. Take logarithms.",
            2: "2 is 1 over 0.5. How many steps of 0.9 leave a half?",
        },
        hint="Solve 0.9ᶜ = 0.5 for c.",
        right="0.9 to the power of 6.58 is 0.5: so many cheap steps do what one dear step does.",
        worked=(
            "In $c$ steps the cheap method leaves $0.9^c$. That is 0.5 at $c = \\ln 0.5 / \\ln 0.9 = 6.58$."
        ),
    ),
    Number(
        id="4-second-order/numbers-a-weight",
        prompt="How many numbers K-FAC keeps for each weight of a layer 784 → 256 without bias.",
        answer=NUMBERS,
        rtol=5e-3,
        mistakes={
            NUMBERS / 2: "You left out the two inverses, which are as large as the factors.",
            1 / NUMBERS: "That is weights for each number; turn it round.",
            2 * (784**2 + 256**2): "Divide by the number of weights, 784 · 256.",
            4: "4 holds where the two sides are equal. Here one matrix has 784 rows and the other 256.",
            784 * 256: "That is the whole Fisher matrix: so many numbers for each weight.",
            2 * (784 + 256) / (784 * 256): "Both matrices are square.",
        },
        hint="The inputs' matrix has 784 rows and columns, the outputs' 256; each is kept with its inverse.",
        right="2 (784² + 256²) over 784 · 256: the oblong layer costs more than the square one's 4.",
        worked=(
            "The inputs' matrix and its inverse have $784^2$ entries each, the outputs' two $256^2$: "
            "together 1,360,384, for 200,704 weights. That is 6.78 for each."
        ),
    ),
    Choice(
        id="4-second-order/at-which-batch",
        prompt="The dear method needs half as many steps. Where does it win in seconds?",
        options={
            "a": "at both batch sizes",
            "b": "with batches of 100 alone",
            "c": "with batches of 1,600 alone",
            "d": "at neither",
        },
        answer="c",
        hints={
            "a": "With batches of 100 two cheap steps take 20 ms; what does a dear one take?",
            "b": "Two cheap steps take 20 ms with batches of 100, and a dear one takes 40 ms.",
            "d": "With batches of 1,600 two cheap steps take 320 ms; what does a dear one take?",
        },
        right="Two cheap steps against a dear one: 20 ms against 40, and 320 ms against 190.",
        worked=(
            "The 30 ms that a dear step adds do not grow with the batch. With 100 examples they are three "
            "quarters of its step, with 1,600 less than a sixth."
        ),
    ),
    Code(
        id="4-second-order/who-is-ahead",
        prompt="Write who_is_ahead(curves, budget): the name of the method with the lowest loss by then.",
        solution=who_is_ahead,
        cases=(
            _says({"cheap": (1.0, [9, 7, 5, 3, 2]), "dear": (4.0, [9, 3, 1])}, 4.0, "cheap"),
            _says({"quick": (1.0, [9, 8, 7, 6, 5]), "late": (4.0, [9, 1])}, 3.0, "quick"),
            _says({"short": (0.5, [9, 4, 3]), "late": (2.0, [9, 8, 7, 6])}, 6.0, "short"),
            _says({"start": (8.0, [5, 1]), "late": (1.0, [9, 8, 7])}, 2.0, "start"),
            _says({"risen": (1.0, [9, 5, 4]), "back": (1.0, [9, 1, 8])}, 2.0, "risen"),
        ),
        right="Equal seconds, each method with as many steps as fit.",
        worked=(
            "`int(budget / seconds)` steps are finished by then, at most as many as the run has, and "
            "`losses` at that place is the loss; `min(curves, key=loss)` names the method."
        ),
    ),
)
