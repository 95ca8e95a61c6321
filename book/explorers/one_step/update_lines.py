"""The updates of one_step.py, line by line: names, formulas with places for the numbers, arithmetic."""

import math
import re
from collections.abc import Callable
from typing import NamedTuple

SYMBOLS = {"lr": "η", "momentum": "μ", "alpha": "α", "rho": "ρ", "eps": "ε", "beta1": "β₁", "beta2": "β₂"}
SYMBOLS |= {"weight_decay": "λ", "mhat": "m̂", "vhat": "v̂", "beta1^t": "β₁ᵗ", "beta2^t": "β₂ᵗ"}
PLACE = re.compile(r"\{([^}]+)\}")


class Line(NamedTuple):
    """A line of an update: what it gives a new value, the formula with its places, and the arithmetic."""

    name: str
    template: str
    value: Callable[..., float]


class Method(NamedTuple):
    """A method: the names of its memory, its hyperparameters, and the lines of its update in their order."""

    memory: tuple[str, ...]
    hyper: dict[str, float]
    lines: tuple[Line, ...]


def average(name: str, keep: str, of: str) -> Line:
    """The line of an exponential average of a number or, with "²", of its square."""
    base, power = of.rstrip("²"), 2 if of.endswith("²") else 1
    template = f"{{{keep}}} · {{{name}}} + (1 − {{{keep}}}) · {{{base}}}{'²' if power == 2 else ''}"
    return Line(name, template, lambda **v: v[keep] * v[name] + (1 - v[keep]) * v[base] ** power)


ADAM = (
    average("m", "beta1", "g"),
    average("v", "beta2", "g²"),
    Line("mhat", "{m} / (1 − {beta1^t})", lambda m, beta1, t, **_: m / (1 - beta1**t)),
    Line("vhat", "{v} / (1 − {beta2^t})", lambda v, beta2, t, **_: v / (1 - beta2**t)),
    Line(
        "x",
        "{x} − {lr} · {mhat} / (√{vhat} + {eps})",
        lambda x, lr, mhat, vhat, eps, **_: x - lr * mhat / (math.sqrt(vhat) + eps),
    ),
)
BALL = Line("b", "{momentum} · {b} + {g}", lambda b, g, momentum, **_: momentum * b + g)
METHODS = {
    "SGD": Method((), {"lr": 0.1}, (Line("x", "{x} − {lr} · {g}", lambda x, lr, g, **_: x - lr * g),)),
    "Momentum": Method(
        ("b",),
        {"lr": 0.1, "momentum": 0.9},
        (BALL, Line("x", "{x} − {lr} · {b}", lambda x, lr, b, **_: x - lr * b)),
    ),
    "Nesterov": Method(
        ("b",),
        {"lr": 0.1, "momentum": 0.9},
        (
            BALL,
            Line(
                "x",
                "{x} − {lr} · ({g} + {momentum} · {b})",
                lambda x, lr, g, momentum, b, **_: x - lr * (g + momentum * b),
            ),
        ),
    ),
    "AdaGrad": Method(
        ("s",),
        {"lr": 0.1, "eps": 1e-10},
        (
            Line("s", "{s} + {g}²", lambda s, g, **_: s + g**2),
            Line(
                "x",
                "{x} − {lr} · {g} / (√{s} + {eps})",
                lambda x, lr, g, s, eps, **_: x - lr * g / (math.sqrt(s) + eps),
            ),
        ),
    ),
    "RMSProp": Method(
        ("v",),
        {"lr": 0.01, "alpha": 0.99, "eps": 1e-8},
        (
            average("v", "alpha", "g²"),
            Line(
                "x",
                "{x} − {lr} · {g} / (√{v} + {eps})",
                lambda x, lr, g, v, eps, **_: x - lr * g / (math.sqrt(v) + eps),
            ),
        ),
    ),
    "AdaDelta": Method(
        ("v", "u"),
        {"lr": 1.0, "rho": 0.9, "eps": 1e-6},
        (
            average("v", "rho", "g²"),
            Line(
                "d",
                "√({u} + {eps}) / √({v} + {eps}) · {g}",
                lambda u, v, eps, g, **_: math.sqrt(u + eps) / math.sqrt(v + eps) * g,
            ),
            average("u", "rho", "d²"),
            Line("x", "{x} − {lr} · {d}", lambda x, lr, d, **_: x - lr * d),
        ),
    ),
    "Adam": Method(("m", "v"), {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}, ADAM),
    "AdamW": Method(
        ("m", "v"),
        {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01},
        (
            Line(
                "x",
                "{x} − {lr} · {weight_decay} · {x}",
                lambda x, lr, weight_decay, **_: x - lr * weight_decay * x,
            ),
            *ADAM,
        ),
    ),
}
