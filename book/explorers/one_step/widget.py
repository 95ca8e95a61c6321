"""One step, dissected: every quantity of one update on three entries, in the formula's own places."""

import math
from typing import NamedTuple

import traitlets

from book.explorers.one_step.update_lines import METHODS, PLACE, SYMBOLS
from book.explorers.shared.base import Explorer
from book.explorers.shared.formats import significant

DIGITS = 4
ENTRIES = 3
LIMIT = 1e9


class Work(NamedTuple):
    """A line, worked out for one entry: with the numbers in the formula's places, and the result."""

    name: str
    filled: str
    value: float


def work(rule: str, lr: float, t: int, x: float, g: float, memory: list[float]) -> list[Work]:
    """Work out one update of one entry, line by line.

    Args:
        rule: one of `METHODS`.
        lr: the learning rate.
        t: the number of this step, from 1 on.
        x, g: the entry and its gradient.
        memory: what the method remembers of the entry, in the order of its names.

    Examples:
        >>> for line in work("Momentum", 0.1, 2, 1.0, -3.0, [2.0]):
        ...     print(line.name, "=", line.filled, "=", line.value)
        b = 0.9 · 2 + (−3) = -1.2
        x = 1 − 0.1 · (−1.2) = 1.12
    """
    method = METHODS[rule]
    known = method.hyper | {"lr": lr, "t": t, "x": x, "g": g} | dict(zip(method.memory, memory, strict=True))
    done = []
    for name, template, value in method.lines:
        filled = PLACE.sub(lambda place: _factor(place[1], known), template)
        known[name] = value(**known)
        done.append(Work(name, filled, known[name]))
    return done


def after(rule: str, done: list[Work]) -> tuple[float, list[float]]:
    """Return the entry and its memory after an update: the last value that each name has got."""
    last = {line.name: line.value for line in done}
    return last["x"], [last[name] for name in METHODS[rule].memory]


def formulas(rule: str) -> list[str]:
    """Return the lines of a method with their symbols in place.

    Examples:
        >>> formulas("Adam")[2]
        'm̂ ← m / (1 − β₁ᵗ)'
    """
    symbol = lambda name: SYMBOLS.get(name, name)  # noqa: E731
    return [
        f"{symbol(line.name)} ← {PLACE.sub(lambda place: symbol(place[1]), line.template)}"
        for line in METHODS[rule].lines
    ]


def readout(rule: str, lr: float, t: int, x: list, g: list, memory: list) -> dict:
    """Return every string that the explorer shows.

    Args:
        rule: one of `METHODS`.
        lr: the learning rate.
        t: how many steps have been taken; the update shown is the next one.
        x, g: three entries and their gradients.
        memory: six numbers: the first memory of the three entries, then the second; zeros where there is none.

    Examples:
        >>> shown = readout("SGD", 0.1, 0, [1, 1, 1], [100, 1, 0.01], [0] * 6)
        >>> shown["lines"]
        [['x ← x − η · g', '1 − 0.1 · 100 = −9', '1 − 0.1 · 1 = 0.9', '1 − 0.1 · 0.01 = 0.999']]
        >>> shown["story"]
        'Step 1. The entries move by −10, −0.1 and −0.001. The gradients differ by a factor of 10000, the moves by a factor of 10000.'
    """  # noqa: E501
    columns = [work(rule, lr, t + 1, *entry) for entry in _entries(rule, x, g, memory)]
    rows = zip(formulas(rule), *columns, strict=True)
    lines = [[formula, *(f"{one.filled} = {_number(one.value)}" for one in row)] for formula, *row in rows]
    moves = [after(rule, column)[0] - before for column, before in zip(columns, x, strict=True)]
    return {"lines": lines, "story": _story(t + 1, moves, g)}


def _entries(rule: str, x: list, g: list, memory: list) -> list[tuple[float, float, list[float]]]:
    kept = len(METHODS[rule].memory)
    return [(x[i], g[i], [memory[i + ENTRIES * slot] for slot in range(kept)]) for i in range(ENTRIES)]


def _story(t: int, moves: list[float], g: list[float]) -> str:
    a, b, c = map(_number, moves)
    story = f"Step {t}. The entries move by {a}, {b} and {c}."
    if not all(moves) or not all(g):
        return story
    spread = [max(map(abs, some)) / min(map(abs, some)) for some in (g, moves)]
    gradients, steps = (significant(value, 5) for value in spread)
    return f"{story} The gradients differ by a factor of {gradients}, the moves by a factor of {steps}."


def _number(value: float) -> str:
    return significant(value, DIGITS).replace("-", "−")


def _factor(place: str, known: dict[str, float]) -> str:
    base, *power = place.split("^")
    text = _number(known[base])
    text = f"({text})" if known[base] < 0 else text
    return f"{text}^{known[power[0]]}" if power else text


class OneStep(Explorer):
    """Watch one update of a method at work on three entries, and take as many as you like.

    Args:
        rule: "SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta", "Adam" or "AdamW".
        g: the gradients of the three entries, each from -1e9 to 1e9.
        lr: the learning rate, from 0 to 1e9; without it, one that suits the method.
        t: how many steps have been taken.
        x: the three entries.
        memory: six numbers: the first memory of the three entries, then the second.

    Raises:
        traitlets.TraitError: the method is unknown, or a number is out of range.

    Examples:
        >>> OneStep("Adam")
        OneStep(rule='Adam', lr=0.1, t=0, g=[100.0, 1.0, 0.01], x=[1.0, 1.0, 1.0], memory=[0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    """  # noqa: E501

    tag = "descent-one-step"
    state = ("rule", "lr", "t", "g", "x", "memory")
    fallback = (
        "One step, dissected: an explorer that puts the numbers of one update into the formula's own places, "
        "for each of eight methods. It runs on the book's page and in a live notebook."
    )
    rule = traitlets.Enum(tuple(METHODS), "Adam").tag(sync=True)
    lr = traitlets.Float(0.1, min=0, max=LIMIT).tag(sync=True)
    t = traitlets.Int(0, min=0, max=10**6).tag(sync=True)
    g = traitlets.List(traitlets.Float(min=-LIMIT, max=LIMIT), minlen=ENTRIES, maxlen=ENTRIES).tag(sync=True)
    x = traitlets.List(traitlets.Float(), minlen=ENTRIES, maxlen=ENTRIES).tag(sync=True)
    memory = traitlets.List(traitlets.Float(), minlen=2 * ENTRIES, maxlen=2 * ENTRIES).tag(sync=True)

    def __init__(
        self,
        rule: str = "Adam",
        g: tuple[float, ...] = (100.0, 1.0, 0.01),
        lr: float | None = None,
        t: int = 0,
        x: tuple[float, ...] = (1.0, 1.0, 1.0),
        memory: tuple[float, ...] = (0.0,) * (2 * ENTRIES),
        **options,
    ):
        known = METHODS.get(rule, METHODS["Adam"]).hyper["lr"]
        lists = {"g": g, "x": x, "memory": memory}
        lists = {name: [float(entry) for entry in entries] for name, entries in lists.items()}
        super().__init__(rule=rule, lr=float(known if lr is None else lr), t=t, **lists, **options)

    @traitlets.validate("g", "x", "memory")
    def _finite(self, proposal):
        if not all(map(math.isfinite, proposal["value"])):
            raise traitlets.TraitError(
                "Every entry must be a finite number; give numbers such as 100 or 0.01."
            )
        return proposal["value"]
