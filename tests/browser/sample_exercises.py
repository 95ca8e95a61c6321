"""Exercises with awkward answers and texts, beside the book's own on the page of `test_exercises.py`."""

import math

from book.exercises import Case, Choice, Code, Number

STEPS = Number(
    id="1-numbers/sample-steps",
    prompt="How many steps until `exp(x)` overflows?",
    answer=150,
    mistakes={
        140: "One factor too few: </script> `a < b`.",
        75.5: "Per half step: $ {hint}".replace("$", "€"),
    },
    hint="Count again.",
    right="Counted, {reason} & all.",
    worked="$150$",
)
INFINITE = Number(
    id="1-numbers/sample-infinite",
    prompt="What is `exp(89)` in float32?",
    answer=math.inf,
    mistakes={math.nan: "Not nan.", 0.0: "Not zero.", -math.inf: "The other one.", 4.49e38: "In float64."},
    hint="It overflows.",
    right="It overflows.",
    worked="It overflows.",
)
LETTER = Choice(
    id="1-numbers/sample-letter",
    prompt="Which is the largest?",
    options={
        "a": "the first",
        "b": "`x <= inf`",
        "c": "a long option " * 9,
        "d": "`a_name_that_does_not_break` " * 2,
    },
    answer="b",
    hints={"a": "Later.", "c": "Earlier.", "d": "Much earlier."},
    right="Second.",
    worked="Count.",
)


def double(x):
    return 2 * x


DOUBLE = Code(
    id="1-numbers/sample-double",
    prompt="Write double(x).",
    solution=double,
    cases=tuple(Case(lambda f, n=n: f(n) == 2 * n, f"What is twice {n}?") for n in (1, 2, 3)),
    right="Doubled.",
)
