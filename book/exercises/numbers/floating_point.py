"""Exercises of the chapter *Floating point*."""

import math

from book.exercises.functions import close
from book.exercises.model import Case, Code, Number


def gap(x, w, p):
    lowest = 2 - 2 ** (w - 1)  # the power of two of the smallest normal number
    power = math.frexp(x)[1] - 1
    return 2.0 ** (max(power, lowest) - (p - 1))


EXERCISES = (
    Number(
        id="1-numbers/float32-counter",
        prompt="The number at which a `float32` counter that adds 1 stops.",
        answer=2**24,
        mistakes={
            2**23: "From 2^23 to 2^24 the gap is exactly 1, so adding 1 still works. Go on.",
            16_777_217: "That is the first integer that `float32` cannot hold. What did the counter hold?",
            2**25: "From 2^24 on the gap is 2, so adding 1 has stopped working before 2^25.",
            2**31 - 1: "That is the largest 32-bit integer. A `float32` has only 24 significant bits.",
            3.4028234663852886e38: "That is where the range ends. The counter stops long before, at a gap.",
            2048: "That is `float16`, with 11 significant bits. How many has `float32`?",
        },
        hint="A counter stops where the gap becomes 2, at 2^p. Look up p in the table of the four formats.",
        rtol=0,
        right="At 2^24 the gap becomes 2, and 2^24 + 1 is a tie that goes back to 2^24.",
        worked=(
            "`float32` has $p = 24$ significant bits, so the gap is 1 from $2^{23}$ to $2^{24}$ and 2 after "
            "that. $2^{24} + 1$ lies in the middle of $2^{24}$ and $2^{24} + 2$; the even one of the two is "
            "$2^{24} = 16{,}777{,}216$. So do not count training examples in a `float32`: count in integers."
        ),
    ),
    Number(
        id="1-numbers/time-stamp",
        prompt="The seconds between one time near 1,800,000,000 that a `float32` can store and the next.",
        answer=128,
        mistakes={
            64: "That is the gap from 2^29 to 2^30. The time is above 2^30 = 1,073,741,824.",
            256: "That is the gap above 2^31 = 2,147,483,648, which the clock has not reached.",
            1: "A `float32` holds every integer up to 2^24 = 16,777,216. The time is far above that.",
            107: "That is u times the number, a bound. A gap is a power of two.",
            215: "That is 2^-23 times the number. A gap is a power of two: take the power below the number.",
        },
        hint="Between which powers of two does 1.8e9 lie? Then ulp = 2^(k - 23).",
        rtol=0,
        right="1.8e9 lies above 2^30, and 2^(30 - 23) = 128: two events a minute apart get one time.",
        worked=(
            "$2^{30} = 1{,}073{,}741{,}824 \\le 1.8 \\cdot 10^9 < 2^{31}$, so $k = 30$ and "
            "$\\operatorname{ulp} = 2^{k - (p - 1)} = 2^{30 - 23} = 128$ seconds. Keep times in `float64`, "
            "whose gap there is a quarter of a microsecond, or in integers."
        ),
    ),
    Code(
        id="1-numbers/gap-of-a-format",
        prompt="Write `gap(x, w, p)`: the distance from x to the next larger number of the format.",
        solution=gap,
        cases=(
            Case(
                lambda f: close(f(1.0, 8, 24), 2.0**-23),
                "For 1 in `float32` (w = 8, p = 24) the gap is 2^-23: only p - 1 bits stand in the fraction.",
            ),
            Case(
                lambda f: close(f(1.25, 8, 24), 2.0**-23),
                "For 1.25 in `float32` the gap is that of 1, 2^-23: it does not grow within a power of two.",
            ),
            Case(
                lambda f: close(f(1.75, 8, 24), 2.0**-23),
                "For 1.75 in `float32` the gap is that of 1, 2^-23: it depends on the power of two below x.",
            ),
            Case(
                lambda f: close(f(3000.0, 5, 11), 2.0),
                "For 3000 in `float16` (w = 5, p = 11) the gap is 2: 3000 lies between 2^11 and 2^12.",
            ),
            Case(
                lambda f: close(f(0.3, 3, 3), 1 / 16),
                "For 0.3 in the tiny format (w = 3, p = 3) the gap is 1/16: the power below 0.3 is 1/4.",
            ),
            Case(
                lambda f: close(f(0.05, 3, 3), f(0.1, 3, 3)),
                "At 0.05 and at 0.1 the tiny format has one gap: the subnormals stand evenly.",
            ),
            Case(
                lambda f: close(f(0.05, 3, 3), 1 / 16),
                "For 0.05 in the tiny format the gap is still 1/16: below 1/4 the gaps stop shrinking.",
            ),
            Case(
                lambda f: close(f(1e-7, 5, 11), 2.0**-24),
                "For 1e-7 in `float16` the gap is 2^-24, that of all subnormals.",
            ),
        ),
        right="A power of two below x, but never below the smallest normal number, less p - 1 places.",
        worked=(
            "`math.frexp(x)` gives a fraction from 1/2 to 1 and an exponent, so its exponent less 1 is $k$, "
            "exactly. The smallest normal number is $2^{1-b}$ with $b = 2^{w-1} - 1$; all below it "
            "share its gap."
        ),
    ),
)
