"""Backpropagation, moment by moment: the graph of x² + 2xy + y³, values forward, then adjoints backward."""

import math
from dataclasses import dataclass, field

import traitlets

from book.calculus.tape import Node, history
from book.explorers.shared.base import Explorer
from book.explorers.shared.formats import significant

LIMIT = 100
DIGITS = 4
NODES = tuple("xyabcdef")
FORMULAS = {"a": "x²", "b": "x · y", "c": "2 · b", "d": "y³", "e": "a + c", "f": "e + d"}
RULES = {
    "fe": "A sum hands its adjoint on to each term",
    "fd": "A sum hands its adjoint on to each term",
    "ea": "A sum hands its adjoint on to each term",
    "ec": "A sum hands its adjoint on to each term",
    "dy": "The derivative of y³ by y is 3y²",
    "cb": "The derivative of 2b by b is 2",
    "bx": "The derivative of x · y by x is y",
    "by": "The derivative of x · y by y is x",
    "ax": "The derivative of x² by x is 2x",
}
LAST = len(NODES) + 1 + len(RULES)


@dataclass(frozen=True)
class Moment:
    """What has just happened, and what is known after it.

    Args:
        kind: "start", "value", "seed" or "adjoint".
        node: the node that has got a value, or an amount for its adjoint.
        user: the node that hands the amount on, "" if there is none.
        slope: the local derivative, of the user by the node.
        before: the node's adjoint before the amount came, None if it had none.
        values, adjoints: node → number, for those that have one.
    """

    kind: str
    node: str = ""
    user: str = ""
    slope: float = 0.0
    before: float | None = None
    values: dict[str, float] = field(default_factory=dict)
    adjoints: dict[str, float] = field(default_factory=dict)


def graph(x: float, y: float) -> dict[str, Node]:
    """Return the nodes of x² + 2xy + y³ by their names, in the order in which they are computed.

    Examples:
        >>> graph(3.0, 2.0)["f"].value
        29.0
    """
    nodes = {"x": Node(x), "y": Node(y)}
    nodes["a"] = nodes["x"] ** 2
    nodes["b"] = nodes["x"] * nodes["y"]
    nodes["c"] = 2 * nodes["b"]
    nodes["d"] = nodes["y"] ** 3
    nodes["e"] = nodes["a"] + nodes["c"]
    nodes["f"] = nodes["e"] + nodes["d"]
    return nodes


def moments(x: float, y: float) -> list[Moment]:
    """Return the run of `book.calculus.tape.backward` over the graph, one moment for each thing that happens.

    Examples:
        >>> run = moments(3.0, 2.0)
        >>> len(run) == LAST + 1, run[-1].adjoints["x"], run[-1].adjoints["y"]
        (True, 10.0, 18.0)
    """
    nodes = graph(x, y)
    names = {node: name for name, node in nodes.items()}
    run, values, adjoints = [Moment("start")], {}, {"f": 1.0}
    for name in NODES:
        values = {**values, name: nodes[name].value}
        run.append(Moment("value", name, values=values))
    run.append(Moment("seed", "f", values=values, adjoints=adjoints))
    for node in history(nodes["f"]):
        for used, slope in node.inputs:
            if used in names:  # the constant 2 has no name and no box
                user, name = names[node], names[used]
                before = adjoints.get(name)
                adjoints = {**adjoints, name: (before or 0.0) + adjoints[user] * slope}
                run.append(Moment("adjoint", name, user, slope, before, values, adjoints))
    return run


def readout(x: float, y: float, moment: int) -> dict[str, str]:
    """Return every string that the explorer shows at a moment of the run.

    Args:
        x, y: numbers from -100 to 100.
        moment: from 0 to `LAST`.

    Examples:
        >>> shown = readout(3, 2, 18)
        >>> shown["adjoint_x"], shown["local"], shown["sum_x"]
        ('10', '× 6', '4 + 6 = 10')
        >>> shown["story"]
        'The derivative of x² by x is 2x, here 6. Adjoint of a times 6 is 1 · 6 = 6. x was used before: 4 + 6 = 10.'
    """  # noqa: E501
    run = moments(float(x), float(y))
    now = run[moment]
    shown = {f"value_{name}": _number(now.values.get(name)) for name in NODES}
    shown |= {f"adjoint_{name}": _number(now.adjoints.get(name)) for name in NODES}
    shown |= {f"sum_{name}": _sum(run[: moment + 1], name) for name in "xy"}
    shown["local"] = f"× {_number(now.slope)}" if now.kind == "adjoint" else ""
    return shown | {"node": now.node, "user": now.user, "story": _story(now), "place": f"{moment} of {LAST}"}


def _number(value: float | None) -> str:
    return "" if value is None else significant(value, DIGITS).replace("-", "−")


def _factor(value: float) -> str:
    text = _number(value)
    return f"({text})" if value < 0 else text


def _sum(run: list[Moment], name: str) -> str:
    """Write the amounts that have arrived at an input and what they add up to."""
    here = [now for now in run if now.kind == "adjoint" and now.node == name]
    if not here:
        return "nothing yet"
    amounts = [now.slope * now.adjoints[now.user] for now in here]
    terms = " + ".join([_number(amounts[0]), *map(_factor, amounts[1:])])
    return terms if len(amounts) == 1 else f"{terms} = {_number(here[-1].adjoints[name])}"


def _story(now: Moment) -> str:
    if now.kind == "start":
        return (
            "Eight nodes compute f = x² + 2xy + y³. Each uses what an arrow brings. "
            "Next: the values, from top to bottom."
        )
    if now.kind == "value":
        return _story_of_value(now)
    if now.kind == "seed":
        return "Now backward. The adjoint of f is the derivative of f by itself, 1."
    return _story_of_adjoint(now)


def _story_of_value(now: Moment) -> str:
    name, v = now.node, {node: _factor(value) for node, value in now.values.items()}
    if name in "xy":
        return f"Forward. {name} is an input: {name} = {_number(now.values[name])}."
    worked = {
        "a": lambda: f"{v['x']}²",
        "b": lambda: f"{v['x']} · {v['y']}",
        "c": lambda: f"2 · {v['b']}",
        "d": lambda: f"{v['y']}³",
        "e": lambda: f"{v['a']} + {v['c']}",
        "f": lambda: f"{v['e']} + {v['d']}",
    }
    return f"Forward. {name} = {FORMULAS[name]} = {worked[name]()} = {_number(now.values[name])}."


def _story_of_adjoint(now: Moment) -> str:
    above, amount = now.adjoints[now.user], now.adjoints[now.user] * now.slope
    rule = RULES[now.user + now.node]
    here = "" if rule.endswith("2") or now.user in "ef" else f", here {_number(now.slope)}"
    times = f"{_factor(above)} · {_factor(now.slope)} = {_number(amount)}"
    start = f"{rule}{here}. Adjoint of {now.user} times {_number(now.slope)} is {times}."
    return start + _story_of_sum(now, amount)


def _story_of_sum(now: Moment, amount: float) -> str:
    name, total = now.node, now.adjoints[now.node]
    if now.before is not None:
        return f" {name} was used before: {_number(now.before)} + {_factor(amount)} = {_number(total)}."
    return f" {name} is used once more: there is more to come." if name in "xy" else ""


class Backpropagation(Explorer):
    """Step through the graph of x² + 2xy + y³: values forward, then adjoints backward.

    Args:
        x, y: the inputs, from -100 to 100.
        moment: how far the run has come, from 0 to 18.

    Raises:
        traitlets.TraitError: a number is out of range or nan.

    Examples:
        >>> Backpropagation(3, 2)
        Backpropagation(x=3.0, y=2.0, moment=0)
    """

    tag = "descent-backpropagation"
    state = ("x", "y", "moment")
    fallback = (
        "Backpropagation: an explorer that runs through the graph of x² + 2xy + y³ moment by moment, first "
        "the values, then the adjoints. It runs on the book's page and in a live notebook."
    )
    x = traitlets.Float(3.0, min=-LIMIT, max=LIMIT).tag(sync=True)
    y = traitlets.Float(2.0, min=-LIMIT, max=LIMIT).tag(sync=True)
    moment = traitlets.Int(0, min=0, max=LAST).tag(sync=True)

    def __init__(self, x: float = 3.0, y: float = 2.0, moment: int = 0, **options):
        super().__init__(x=float(x), y=float(y), moment=moment, **options)

    @traitlets.validate("x", "y")
    def _no_nan(self, proposal):
        if math.isnan(proposal["value"]):
            raise traitlets.TraitError("nan is no input here; give a number.")
        return proposal["value"]
