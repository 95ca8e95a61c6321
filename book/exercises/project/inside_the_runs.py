"""Exercises of the chapter *Inside the runs*."""

from book.exercises.model import Number

EXERCISES = (
    Number(
        id="6-project/least-agreement",
        prompt="The least share of images, in per cent, on which two networks with 97 % agree.",
        answer=94.0,
        rtol=5e-4,
        mistakes={
            97.0: "That is one network's share. The other's mistakes may be on other images.",
            94.18: "That is what independent mistakes give. They may be arranged worse.",
            6.0: "That is where they differ at most. On the rest they agree.",
            3.0: "That is one network's share of mistakes.",
        },
        hint="On which images can they differ? On those where at least one of them is wrong.",
        right="They differ at most where one of them is wrong: 3 % and another 3 %.",
        worked=(
            "Where both are right they agree. At least one is wrong on at most $3 + 3 = 6$ % of the images, "
            "so they agree on at least $94$ %. Where they miss the same images and call them the same, they "
            "agree on all."
        ),
    ),
    Number(
        id="6-project/paired-deviation",
        prompt="The deviation of a difference of two with deviation s and correlation 0.9, in s.",
        answer=0.4472135955,
        rtol=0.01,
        mistakes={
            1.4142: "That is √2, for runs that share nothing. Subtract twice the covariance, 0.9 s².",
            0.2: "That is the variance, in s². The deviation is its root.",
            1.0488: "You subtracted the covariance once. The formula has it twice.",
            1.9494: "You added the covariance. In a difference it is subtracted.",
            0.1: "That is 1 − 0.9. Put the correlation into the formula for the variance.",
        },
        hint="Var(a − b) = s² + s² − 2 · 0.9 · s · s.",
        right="A third of √2: what both share falls out.",
        worked="$s^2 + s^2 - 2 \\cdot 0.9\\, s^2 = 0.2\\, s^2$, and $\\sqrt{0.2} = 0.447$.",
    ),
)
