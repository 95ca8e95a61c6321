"""What a race begins with on each surface, from the tables that the browser reads too."""

import json
from pathlib import Path

from book.explorers.shared.tables import RULES, SECOND

RACE = json.loads(Path(__file__).with_name("race.json").read_text("utf-8"))
ENTRANTS = (*RULES, *SECOND)
GROUNDS = RACE["surfaces"]  # of each the loss to reach, the noise of the gradients, and the methods' rates
Settings = dict[str, float | tuple[float, float]]


def settings_on(surface: str, method: str) -> Settings:
    """Return the settings with which a method begins on a surface.

    Args:
        surface: a name in `GROUNDS`.
        method: a name in `ENTRANTS`.

    Examples:
        >>> settings_on("Beale", "Momentum")
        {'lr': 0.01, 'momentum': 0.9}
    """
    if method in SECOND:
        return {name: float(value) for name, value in RACE["second"][method]["settings"].items()}
    own = RULES[method].defaults | RACE["begins"].get(method, {})
    rate = float(GROUNDS[surface]["rates"][method])
    return {"lr": rate} | {name: own[name] for name in RULES[method].hyper}
