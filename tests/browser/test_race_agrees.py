"""What the race shows is Python's, string by string."""

import pytest

from book.explorers import Race
from book.explorers.race.readout import GOALS, METHODS, NOISE, OWN, RATES, readout, settings_on
from book.explorers.shared.figures import plain, tidy
from book.surfaces import SURFACES
from tests.browser.agreement import points_in

pytestmark = pytest.mark.browser


def test_the_same_tables(run):
    plainly = {key: list(value) if isinstance(value, tuple) else value for key, value in RATES.items()}
    own = {
        name: {key: list(value) if isinstance(value, tuple) else value for key, value in own.items()}
        for name, own in OWN.items()
    }
    tables = run(Race.tag, "[METHODS, OWN, RATES, GOALS, NOISE]", None)
    assert tables == [list(METHODS), own, plainly, GOALS, NOISE]


def states() -> list[list]:
    """On every surface from its own start, from elsewhere, with noise; and races in which some diverge."""
    found, names = [], list(METHODS)
    for i, surface in enumerate(RATES):
        several = [names[i % 8], names[(i + 1) % 8], names[(i + 3) % 8]]
        methods = {name: settings_on(surface, name) for name in names if name in several}
        goal = GOALS[surface]
        random = points_in(SURFACES[surface], 2, seed=i).tolist()
        found.append([surface, list(SURFACES[surface].start), methods, False, 0, 200, goal])
        found.append([surface, random[0], methods, False, 0, 3 * i, goal])
        found.append([surface, random[1], dict(list(methods.items())[:2]), True, i, 40, goal])
    wild = {
        "SGD": {"lr": 0.5},
        "Momentum": {"lr": 0.5, "momentum": 0.5},
        "Adam": settings_on("Beale", "Adam"),
    }
    found.append(["bowl, κ = 10", [2, 1], wild, False, 0, 1, -1])
    found.append(["bowl, κ = 10", [2, 1], {"SGD": {"lr": 0.5}}, False, 0, 200, 1e-3])
    found.append(["monkey saddle", [0, 0], {"SGD": {"lr": 0.5}}, False, 0, 0, 0])
    return found


def test_every_string_is_pythons(run):
    theirs = run(Race.tag, "given.map((state) => readout(...state))", states())
    parts = set()
    for state, shown in zip(states(), theirs, strict=True):
        assert shown == readout(*state), state
        parts |= {word for word in ("diverge", "First", "None", "again", "noise") if word in shown["story"]}
    assert len(parts) == 5


def test_numbers_are_written_alike(run):
    numbers = [
        0.0,
        2.0625,
        1.5,
        2.5,
        0.001,
        0.0009996,
        999999.5,
        123456.7,
        1e300,
        5e-324,
        9.9996,
        1 / 3,
        1e21,
        0.00205,
    ]
    numbers += [-x for x in numbers[1:]]
    for digits in (1, 3, 4):
        theirs = run(
            Race.tag, "given[0].map((x) => [tidy(x, given[1]), plain(x, given[1])])", [numbers, digits]
        )
        assert theirs == [[tidy(x, digits), plain(x, digits)] for x in numbers]
