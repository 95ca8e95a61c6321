"""Exercises of the chapter *Learning-rate schedules*."""

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number


def trapezoid(total_steps, warmup, cooldown):
    def factor(t):
        return max(0.0, min(1.0, (t + 1) / warmup, (total_steps - t) / cooldown))

    return factor


def _agrees(attempt, settings, steps) -> bool:
    wanted = trapezoid(*settings)
    given = attempt(*settings)
    return all(close(given(t), wanted(t), rtol=1e-9, atol=1e-12) for t in steps)


EXERCISES = (
    Number(
        id="3-first-order/best-first-rate",
        prompt="The best learning rate at the first step, for λ = 2, E = 9 and σ² = 12.",
        answer=0.375,
        rtol=5e-3,
        mistakes={
            0.5: "That is 1/λ, the best rate without noise. The noise makes it smaller.",
            0.75: "You wrote λ where λ² belongs, or lost a λ: the formula is λE/(λ²E + σ²).",
            0.6: "In the denominator stands λE. It must be λ²E.",
            0.1875: "That is E/(λ²E + σ²). The λ in the numerator is missing.",
            1.0: "That is 2/λ, the limit of stability on this bowl. Asked: the rate that leaves the least E.",
        },
        hint="Put the numbers into η = λE/(λ²E + σ²).",
        right="λE = 18, and λ²E + σ² = 36 + 12 = 48.",
        worked="$\\eta = \\frac{2 \\cdot 9}{4 \\cdot 9 + 12} = \\frac{18}{48} = 0.375$.",
    ),
    Code(
        id="3-first-order/trapezoid",
        prompt="Write trapezoid(total_steps, warmup, cooldown), which returns a function of the step.",
        solution=trapezoid,
        cases=(
            Case(
                lambda attempt: callable(attempt(10, 2, 4)),
                "Return a function of the step, as `cosine(100)` does, and not a number.",
            ),
            Case(
                lambda attempt: _agrees(attempt, (10, 2, 4), range(2)),
                "The rise: with 2 steps of warm-up the factors at steps 0 and 1 are 0.5 and 1.",
            ),
            Case(
                lambda attempt: _agrees(attempt, (10, 2, 4), range(2, 7)),
                "Between the ramps the factor is 1: with (10, 2, 4) at the steps 2 to 6.",
            ),
            Case(
                lambda attempt: _agrees(attempt, (10, 2, 4), range(7, 10)),
                "The fall: with (10, 2, 4) the factors at steps 7, 8, 9 are 0.75, 0.5, 0.25.",
            ),
            Case(
                lambda attempt: _agrees(attempt, (10, 2, 4), range(10, 14)),
                "From step `total_steps` on the factor is 0, and it must not become negative.",
            ),
            Case(
                lambda attempt: _agrees(attempt, (300, 30, 75), range(320)),
                "It fails for other lengths, (300, 30, 75) for one.",
            ),
            Case(
                lambda attempt: _agrees(attempt, (10, 8, 8), range(12)),
                "Where the two ramps overlap, as with (10, 8, 8), the lower one counts.",
            ),
        ),
        right="It is level for most of the run, so you may decide when to stop and only then let it fall.",
        worked=(
            "The lowest of three lines, never below 0. Such a schedule is also called "
            "warm-up, stable, decay:\n\n"
            "```python\n"
            "def trapezoid(total_steps, warmup, cooldown):\n"
            "    def factor(t):\n"
            "        rise, fall = (t + 1) / warmup, (total_steps - t) / cooldown\n"
            "        return max(0.0, min(1.0, rise, fall))\n\n"
            "    return factor\n"
            "```"
        ),
    ),
    Choice(
        id="3-first-order/which-schedule",
        prompt="The schedule that has travelled farthest in the first half of its steps.",
        options={
            "a": "cosine",
            "b": "one_cycle",
            "c": "exponential",
            "d": "warmup_cosine",
        },
        answer="a",
        hints={
            "b": "Its rise takes almost a third of the run, and travels only half as far as a level rate.",
            "c": "At the same peak it begins to fall at once, and steeply. Compare the areas up to step 500.",
            "d": "It is below the cosine during the rise, and only slightly above it afterwards.",
        },
        right="The area under the cosine up to the middle is 0.5 + 1/π = 0.82 of the level one.",
        worked=(
            "The distance is the area under the curve. The cosine stays near 1 longest: its area up to the "
            "middle is $\\frac{1}{2} + \\frac{1}{\\pi} = 0.82$ of that of a constant rate over half the run."
        ),
    ),
)
