"""Float bits: one number in one format, bit by bit, with what rounding made of it."""

from fractions import Fraction

import traitlets

from book.explorers.float_bits.typed import Typed, parse
from book.explorers.shared.base import Explorer
from book.explorers.shared.formats import FORMATS, Format, Stored, exact, significant


def store(typed: Typed, form: Format) -> Stored:
    """Return the float that is stored for what was typed; a nan keeps its bits where the format has room."""
    if typed.special == "nan":
        fits = form.infinity < typed.payload < 2 ** (form.width - 1)
        quiet = form.infinity + 2 ** (form.fraction_bits - 1)
        return Stored(form, typed.negative, typed.payload if fits else quiet)
    rank = form.infinity if typed.size is None else form.nearest(typed.size)
    return Stored(form, typed.negative, rank)


def readout(value: str | float, dtype: str) -> dict[str, str]:
    """Return every string that the explorer shows for a number in a format.

    Args:
        value: what is typed; a Python float is read as it prints.
        dtype: one of "float16", "bfloat16", "float32", "float64".

    Raises:
        ValueError: the value cannot be read as a number.

    Examples:
        >>> shown = readout("0.1", "float16")
        >>> shown["bits"], shown["exact"], shown["spacing"]
        ('0 01011 1001100110', '0.0999755859375', '2^-14 = 6.10352e-05')
        >>> shown["story"]
        '0.1 is not a float16. The nearest one is 0.0999755859375, 0.4 of a spacing away.'
    """
    typed = parse(str(value))
    stored = store(typed, FORMATS[dtype])
    return {**_stored_as(stored), **_around(stored), **_limits(stored.format), **_rounding(typed, stored)}


def _stored_as(stored: Stored) -> dict[str, str]:
    form = stored.format
    word = f"{(stored.negative << (form.width - 1)) | stored.rank:0{form.width}b}"
    bits = f"{word[0]} {word[1 : 1 + form.exponent_bits]} {word[1 + form.exponent_bits :]}"
    sign = "-" if stored.negative else ""
    shown = sign + exact(form.magnitude(stored.rank)) if stored.finite else str(stored.value)
    return {
        "bits": bits,
        "kind": stored.kind,
        **_meaning(stored),
        "exact": shown,
        "python": str(stored.value),
    }


def _meaning(stored: Stored) -> dict[str, str]:
    form = stored.format
    exponent, fraction = divmod(stored.rank, 2**form.fraction_bits)
    power, size = (
        f"2^{max(exponent, 1) - form.bias}",
        Fraction(fraction, 2**form.fraction_bits) + (exponent > 0),
    )
    meaning = (power, exact(size, 20)) if stored.finite else ("all ones", stored.kind)
    return dict(zip(("sign", "power", "significand"), ("-+"[not stored.negative], *meaning), strict=True))


def _around(stored: Stored) -> dict[str, str]:
    below, above = stored.beside(-1), stored.beside(1)
    power = stored.spacing.numerator.bit_length() - stored.spacing.denominator.bit_length()
    return {
        "spacing": f"2^{power} = {significant(stored.spacing, 6)}" if stored.finite else "none",
        "below": str(below.value) if below else "none",
        "above": str(above.value) if above else "none",
    }


def _limits(form: Format) -> dict[str, str]:
    ranks = {"largest": form.infinity - 1, "smallest_normal": 2**form.fraction_bits, "smallest_subnormal": 1}
    return {name: str(float(form.magnitude(rank))) for name, rank in ranks.items()}


def _rounding(typed: Typed, stored: Stored) -> dict[str, str]:
    if typed.size is None:
        return {"error": "none", "story": _story_of_special(stored)}
    if not stored.finite:
        return {"error": "inf", "story": _story_of_overflow(typed, stored)}
    error = stored.format.magnitude(stored.rank) - typed.size
    spacings = significant(abs(error) / stored.spacing, 2)
    signed = significant(-error if typed.negative else error, 4)
    shown = f"{signed} ({spacings} of a spacing)" if error else "0"
    return {"error": shown, "story": _story(typed, stored, error, spacings) + _story_of_subnormal(stored)}


def _story_of_special(stored: Stored) -> str:
    if stored.kind == "infinity":
        return "Infinity: the exponent is all ones and the fraction is zero."
    return "Not a number: the exponent is all ones and the fraction is not zero. It differs even from itself."


def _story_of_overflow(typed: Typed, stored: Stored) -> str:
    form, sign = stored.format, "-" if typed.negative else ""
    largest = form.magnitude(form.infinity - 1)
    edge = (largest + form.magnitude(form.infinity)) / 2
    return (
        f"{typed.text} overflows. {form.name} ends at {sign}{float(largest)}; "
        f"from {sign}{significant(edge, 17)} on, everything rounds to {sign}inf."
    )


def _story(typed: Typed, stored: Stored, error: Fraction, spacings: str) -> str:
    name = stored.format.name
    if error == 0:
        return f"{typed.text} is a {name}: it is stored without error."
    if stored.rank == 0:
        return f"{typed.text} underflows. It is nearer to 0 than to any other {name}, so 0 is what is stored."
    other = stored.beside(1 if (error < 0) != typed.negative else -1)
    if abs(error) * 2 == abs(stored.format.magnitude(other.rank) - stored.format.magnitude(stored.rank)):
        return (
            f"{typed.text} lies exactly halfway between {other.value} and {stored.value}. "
            "The tie goes to the one whose last bit is 0."
        )
    sign = "-" if stored.negative else ""
    nearest = sign + significant(stored.format.magnitude(stored.rank), 20)
    return f"{typed.text} is not a {name}. The nearest one is {nearest}, {spacings} of a spacing away."


def _story_of_subnormal(stored: Stored) -> str:
    if stored.kind != "subnormal":
        return ""
    left, full = stored.rank.bit_length(), stored.format.fraction_bits + 1
    return f" It is subnormal: {left} of {full} significant bits are left."


class FloatBits(Explorer):
    """Type a number or flip its bits in float16, bfloat16, float32 or float64.

    Args:
        value: the number as text, such as "0.1", "-1e-8", "1/3", "2**-24", "inf", "nan"; or a Python number.
        dtype: the format to store it in.

    Raises:
        traitlets.TraitError: the value is not a number or the dtype is none of the four.

    Examples:
        >>> FloatBits(0.1, dtype="bfloat16")
        FloatBits(value='0.1', dtype='bfloat16')
    """

    tag = "descent-float-bits"
    state = ("value", "dtype")
    fallback = (
        "Float bits: an explorer that shows the sign, exponent and fraction bits of a number, its exact "
        "value and its neighbours. It runs on the book's page and in a live notebook."
    )
    value = traitlets.Unicode("0.1").tag(sync=True)
    dtype = traitlets.Enum(tuple(FORMATS), "float16").tag(sync=True)

    def __init__(self, value: str | float = "0.1", dtype: str = "float16", **options):
        super().__init__(value=str(value), dtype=dtype, **options)

    @traitlets.validate("value")
    def _readable(self, proposal):
        try:
            return parse(proposal["value"]).text
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
