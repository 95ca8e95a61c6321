"""The tables that Python writes for the browser; a script imports one by its bare name, as "methods.json"."""

from book.errors import BookError
from book.figures.looks import LOOKS
from book.optim.methods import METHODS, Method
from book.optim.rule import Rule

# The methods whose formula works entry by entry, so that two lines of JavaScript can follow them.
RULES: dict[str, Method] = {name: method for name, method in METHODS.items() if issubclass(method.make, Rule)}
# Of SECOND_ORDER, the methods of a race: they ask for the loss as often as they like.
SECOND = ("Newton", "TrustRegion", "ConjugateGradient", "BFGS", "LBFGS")


def methods() -> dict:
    """The hyperparameters of each rule that its user sets, and the defaults of all that its formula names.

    Examples:
        >>> methods()["AdaDelta"]
        {'hyper': ('rho',), 'defaults': {'lr': 1.0, 'rho': 0.9, 'eps': 1e-06}}
    """
    return {name: {"hyper": rule.hyper, "defaults": rule.defaults} for name, rule in RULES.items()}


def looks() -> dict:
    """The look of each rule, and of each method that searches.

    Examples:
        >>> looks()["AdamW"]
        {'hue': 'pink', 'shape': 'pentagon', 'dash': '12 4', 'width': 2.0}
    """
    drawn = [*RULES, *SECOND]
    if missing := sorted(set(drawn) - LOOKS.keys()):
        raise BookError(f"{missing[0]} has no look; add one to LOOKS in book/figures/looks.py.")
    return {name: LOOKS[name]._asdict() for name in drawn}


TABLES = {"methods.json": methods, "looks.json": looks}
