"""Softmax under stress: the naive formula beside the stable one, every operation rounded to the format."""

import math
from dataclasses import dataclass
from fractions import Fraction

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.formats import FORMATS, Format, decimal_exponent, significant
from book.explorers.softmax_stress.elementary import exp, log

LIMIT = 10_000
DIGITS = {"float16": 4, "bfloat16": 3, "float32": 4, "float64": 4}


@dataclass(frozen=True)
class Softmax:
    """One way through softmax: what goes into exp, and what each operation gives, rounded to the format."""

    exponents: list[float]
    exps: list[float]
    total: float
    probabilities: list[float]
    logs: list[float]


def naive(z: list[float], form: Format) -> Softmax:
    """Divide each exp by their sum, then take the log of the result."""
    exps = [exp(x, form) for x in z]
    total = _sum(exps, form)
    probabilities = [form.round(_divide(e, total)) for e in exps]
    return Softmax(z, exps, total, probabilities, [log(p, form) for p in probabilities])


def stable(z: list[float], form: Format) -> Softmax:
    """Subtract the largest logit first; the log-probability is what is left, less the log of the sum."""
    shifted = [form.round(x - max(z)) for x in z]
    exps = [exp(x, form) for x in shifted]
    total = _sum(exps, form)
    log_total = log(total, form)
    probabilities = [form.round(_divide(e, total)) for e in exps]
    return Softmax(shifted, exps, total, probabilities, [form.round(x - log_total) for x in shifted])


def _divide(a: float, b: float) -> float:
    return a / b if b else math.nan


def _sum(terms: list[float], form: Format) -> float:
    """Add up one by one; the 16-bit formats add in float32, as torch does, and round once at the end."""
    running = FORMATS["float32"] if form.width == 16 else form
    total = 0.0
    for term in terms:
        total = running.round(total + term)
    return form.round(total)


def readout(logits: list[float], offset: float, dtype: str) -> dict[str, str]:
    """Return every string that the explorer shows: numbers, the words that flag them, and the verdicts.

    Args:
        logits: two to five numbers.
        offset: added to each of them.
        dtype: one of "float16", "bfloat16", "float32", "float64".

    Examples:
        >>> shown = readout([1000, 990, 980], 0, "float32")
        >>> shown["naive_probability_0"], shown["stable_probability_0"], shown["stable_log_2"]
        ('nan', '1', '-20')
        >>> shown["naive_story"]
        'exp(1000) is larger than 3.403e+38, the largest float32, so it becomes inf, and inf / inf is nan.'
    """
    form, digits = FORMATS[dtype], DIGITS[dtype]
    wanted = [x + offset for x in logits]
    z = [form.round(x) for x in wanted]
    ways = {"naive": naive(z, form), "stable": stable(z, form)}
    exact = stable(z, FORMATS["float64"])
    kept = [significant(x, digits) for x in ways["stable"].logs]
    shown = {f"z_{i}": significant(x, 6) for i, x in enumerate(z)}
    for name, way in ways.items():
        shown |= {f"{name}_{key}": text for key, text in _columns(way, form, digits).items()}
    shown["input_story"] = _story_of_input(wanted, z, form)
    shown["naive_story"] = _story_of_naive(ways["naive"], exact, kept, form)
    shown["stable_story"] = _story_of_stable(ways["stable"], exact, kept)
    return shown


def _columns(way: Softmax, form: Format, digits: int) -> dict[str, str]:
    shown = {"sum": significant(way.total, digits), "sum_note": _note("sum", way.total, form)}
    columns = {"exp": way.exps, "probability": way.probabilities, "log": way.logs}
    for name, column in columns.items():
        for i, x in enumerate(column):
            shown |= {f"{name}_{i}": significant(x, digits), f"{name}_{i}_note": _note(name, x, form)}
    return shown | {f"exponent_{i}": significant(x, 6) for i, x in enumerate(way.exponents)}


def _note(column: str, x: float, form: Format) -> str:
    """Say in a word what is wrong with a value, so that colour is not the only sign of it."""
    if math.isnan(x):
        return "undefined"
    if math.isinf(x):
        return "log of 0" if column == "log" else "overflow"
    if column == "log":
        return ""
    if x == 0:
        return "underflow"
    return "subnormal" if x < form.magnitude(2**form.fraction_bits) else ""


def _story_of_input(wanted: list[float], z: list[float], form: Format) -> str:
    changed = [(significant(a, 6), significant(b, 6)) for a, b in zip(wanted, z, strict=True)]
    changed = [f"{a} becomes {b}" for a, b in changed if a != b]
    return f"Stored in {form.name}, {', '.join(changed)}." if changed else ""


def _story_of_naive(way: Softmax, exact: Softmax, kept: list[str], form: Format) -> str:
    if math.inf in way.exps:
        return _story_of_overflow(way, form)
    if math.isinf(way.total):
        return "Each exp is finite, but their sum overflows to inf: every probability becomes 0."
    if way.total == 0:
        return "Every exp underflows to 0, and 0 / 0 is nan."
    if 0 in way.probabilities:
        i = way.probabilities.index(0)
        return (
            f"The probability of logit {i + 1} rounds to 0, which does no harm. Its log does: "
            f"-inf, where log-softmax keeps {kept[i]}."
        )
    return _story_of_error(way, exact, form)


def _story_of_overflow(way: Softmax, form: Format) -> str:
    largest = significant(form.magnitude(form.infinity - 1), 4)
    x = significant(way.exponents[way.exps.index(math.inf)], 6)
    rest = "" if all(math.isinf(e) for e in way.exps) else " The others are divided by inf and become 0."
    return (
        f"exp({x}) is larger than {largest}, the largest {form.name}, so it becomes inf, "
        f"and inf / inf is nan.{rest}"
    )


def _story_of_error(way: Softmax, exact: Softmax, form: Format) -> str:
    closeness = _closeness(way, exact)
    if any(_note("exp", e, form) for e in way.exps):
        return f"Some exp is subnormal and keeps few bits: the probabilities are {closeness}."
    return f"Every exp is a normal number: the probabilities are {closeness}."


def _story_of_stable(way: Softmax, exact: Softmax, kept: list[str]) -> str:
    start = f"The largest exponent is 0, so the sum lies between 1 and {len(way.exps)}: nothing overflows."
    if 0 not in way.probabilities:
        return f"{start} The probabilities are {_closeness(way, exact)}."
    i = way.probabilities.index(0)
    return f"{start} Probability {i + 1} rounds to 0, yet its log is {kept[i]}."


def _closeness(way: Softmax, exact: Softmax) -> str:
    """Compare with the same logits' probabilities in float64."""
    pairs = zip(way.probabilities, exact.probabilities, strict=True)
    error = max(abs(p - e) / e for p, e in pairs)
    if error < 1e-12:
        return "right to 12 digits or more"
    if error >= 0.01:
        return f"wrong by up to {significant(100 * error, 2)} %"
    return f"right to {-decimal_exponent(Fraction(error)) - 1} digits"


class SoftmaxStress(Explorer):
    """Drag two to five logits and a common offset; see the naive and the stable softmax side by side.

    Args:
        logits: two to five numbers between -10000 and 10000.
        offset: added to every logit before the softmax.
        dtype: the format in which every operation is rounded.

    Raises:
        traitlets.TraitError: too few or too many logits, one out of range, or an unknown dtype.

    Examples:
        >>> SoftmaxStress([2, 1, 0], dtype="float16")
        SoftmaxStress(logits=[2.0, 1.0, 0.0], offset=0.0, dtype='float16')
    """

    tag = "descent-softmax-stress"
    state = ("logits", "offset", "dtype")
    fallback = (
        "Softmax under stress: an explorer that compares the naive and the stable softmax of a few logits in "
        "float16, bfloat16, float32 and float64. It runs on the book's page and in a live notebook."
    )
    logits = traitlets.List(traitlets.Float(min=-LIMIT, max=LIMIT), minlen=2, maxlen=5).tag(sync=True)
    offset = traitlets.Float(0.0, min=-LIMIT, max=LIMIT).tag(sync=True)
    dtype = traitlets.Enum(tuple(FORMATS), "float32").tag(sync=True)

    def __init__(self, logits=(1000, 990, 980), offset: float = 0.0, dtype: str = "float32", **options):
        super().__init__(logits=[float(z) for z in logits], offset=float(offset), dtype=dtype, **options)

    @traitlets.validate("logits", "offset")
    def _no_nan(self, proposal):
        value = proposal["value"]
        if any(map(math.isnan, value if isinstance(value, list) else [value])):
            raise traitlets.TraitError("nan is no logit and no offset here; give a number.")
        return value
