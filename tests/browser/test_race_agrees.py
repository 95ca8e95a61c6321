"""The race's numbers are the library's, and what it says of them is true."""

import math
import re

import pytest
import torch

from book.explorers import Race
from book.explorers.race.settings import GROUNDS, settings_on
from book.explorers.shared.ground import MOST_STEPS
from book.explorers.shared.tables import RULES, SECOND
from book.numerics.vector import f64
from book.surfaces import SURFACES
from tests.browser.agreement import points_in
from tests.browser.facts import rounds
from tests.cases import in_case
from tests.explorers.race_paths import Run, race, to_minimum

pytestmark = pytest.mark.browser

DIGITS, LEAST = 3, 1e-9
LATE = 50  # steps that the mean distance is of
ROUNDING = 1 + 4e-16  # slopes are multiplied by it, to see what a path makes of its rounding errors
GROWTH = 1000  # times as far the browser's path may be, which rounds elsewhere
FIRMEST = 0.9  # the share of all steps, at least, on which rounding errors stay below the tolerance


def states() -> list[list]:
    """On every surface from its own start, from elsewhere, with noise; and races in which some diverge."""
    found, names = [], list(RULES)
    searching = list(SECOND)
    for i, surface in enumerate(GROUNDS):
        several = [names[j % len(names)] for j in (i, i + 1, i + 3)]
        methods = {name: settings_on(surface, name) for name in names if name in several}
        goal = GROUNDS[surface]["goal"]
        random = points_in(SURFACES[surface], 2, seed=i).tolist()
        found.append([surface, list(SURFACES[surface].start), methods, False, 0, 200, goal])
        found.append([surface, random[0], methods, False, 0, 3 * i, goal])
        found.append([surface, random[1], dict(list(methods.items())[:2]), True, i, 40, goal])
        all_that_search = {name: settings_on(surface, name) for name in searching}
        found.append([surface, list(SURFACES[surface].start), all_that_search, False, 0, 7, goal])
        found.append([surface, random[0], all_that_search, False, 0, 2, goal])
    wild = {
        "SGD": {"lr": 0.5},
        "Momentum": {"lr": 0.5, "momentum": 0.5},
        "Adam": settings_on("Beale", "Adam"),
    }
    bowl, start = "bowl, κ = 10", [2, 1]
    found.append([bowl, start, wild, False, 0, 1, -1])
    found.append([bowl, start, {"SGD": {"lr": 0.5}}, False, 0, 200, 1e-3])
    found.append([bowl, start, {"SGD": {"lr": 0.5}}, False, 0, 1, 10])
    found.append([bowl, start, {"SGD": {"lr": 0.5}, "Momentum": wild["Momentum"]}, False, 0, 5, 1e-3])
    found.append([bowl, start, {"Momentum": settings_on(bowl, "Momentum")}, False, 0, 5, 0.1])
    twins = {"Adam": {"lr": 0.1}, "RMSProp": {"lr": 0.1, "alpha": 0.0}}
    found.append([bowl, start, twins, False, 0, 5, 6.0])
    found.append([bowl, [0, 0], {name: settings_on(bowl, name) for name in names}, False, 0, 200, 1e-3])
    found.append([bowl, start, {"SGD": {"lr": 0.1}}, False, 0, 10, 1e-3])
    pair = {"SGD": {"lr": 0.02}, "Momentum": {"lr": 0.002}}
    found += [["bowl, κ = 50, turned by 30°", [2, 1], pair, True, 1, steps, 1e-3] for steps in (99, 100, 200)]
    found += [[name, [2, 1], wild, True, 0, 120, 1e-3] for name in (bowl, "monkey saddle")]
    found.append(["monkey saddle", [0, 0], {"SGD": {"lr": 0.5}}, False, 0, 0, 0])
    return found


SHOWN = """given.map(([surface, start, methods, noise, seed, steps, goal]) => {
  const state = { surface, start, methods, noise, seed, steps, goal }, runs = numbersOf(state);
  return [runs, wordsOf(runs, state)];
})"""


@pytest.fixture(scope="module")
def found(run):
    """For each state what the browser found, and its words."""
    shown = run(Race.tag, SHOWN, states())
    return [(state, runs_of(runs), words) for state, (runs, words) in zip(states(), shown, strict=True)]


def runs_of(runs: dict) -> dict[str, Run]:
    exact = torch.float64
    return {
        name: Run(**each | {"path": torch.tensor(each["path"], dtype=exact)}) for name, each in runs.items()
    }


def apart(some: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """Step for step the largest distance of two paths or losses, as far as both go; from nan it is inf."""
    size = min(len(some), len(others))
    some, others = some[:size], others[:size]
    same = (some == others) | (some.isnan() & others.isnan())
    return (some - others).abs().nan_to_num(math.inf).where(~same, 0.0).reshape(size, -1).amax(-1)


def least(mine: torch.Tensor) -> torch.Tensor:
    """1e-9 of the size at each step: what may lie between any two paths or losses."""
    return 1e-9 * mine.abs().reshape(len(mine), -1).amax(-1).clamp(min=1)


def tolerance(mine: torch.Tensor, moved: torch.Tensor) -> torch.Tensor:
    """The least, and what the library itself makes of rounding errors up to there."""
    allowed, spread = least(mine), GROWTH * apart(mine, moved)
    allowed[: len(spread)] += spread.cummax(0).values
    return allowed


def firm_steps(theirs: Run, mine: Run, given: list) -> torch.Tensor:
    """For each step whether rounding errors are small there; fails where more than they lies between the two.

    Args:
        given: the race of this method alone, which is run again with other rounding errors where they differ.
    """
    path, fell, falls = mine.path, f64(*theirs.losses), f64(*mine.losses)
    assert theirs.path.shape == path.shape
    between, losses_between = apart(path, theirs.path), apart(falls, fell)
    near = (between <= least(path)).all() and (losses_between <= least(falls)).all()
    if near and theirs[2:] == mine[2:]:
        return torch.ones(len(path), dtype=torch.bool)
    [moved] = race(*given, ROUNDING).values()
    allowed = tolerance(path, moved.path)
    assert (between <= allowed).all()
    assert (losses_between <= tolerance(falls, f64(*moved.losses))).all()
    assert theirs[2:] == mine[2:] or moved[2:] != mine[2:]  # else a rounding error decides who is there first
    return allowed < 1e-6 * path.abs().amax(-1).clamp(min=1)


def test_the_paths_and_what_is_read_off_them_are_the_librarys(found):
    assert len(found) >= 27
    firm = []
    for (*given, _, goal), theirs, _ in found:
        mine = race(*given, goal)
        assert list(theirs) == list(mine)
        for name, settings in given[2].items():
            alone = [*given[:2], {name: settings}, *given[3:], goal]
            with in_case(*alone):
                firm.append(firm_steps(theirs[name], mine[name], alone))
    assert torch.cat(firm).double().mean() >= FIRMEST


def test_methods_that_search_meet_one_noise_within_a_step(run):
    """Ten points: what follows hangs on each rounding error."""
    asked = []
    for i, surface in enumerate(("bowl, κ = 10", "Rosenbrock", "plateau")):
        start = points_in(SURFACES[surface], 1, seed=i)[0].tolist()
        asked.append([surface, start, {name: settings_on(surface, name) for name in SECOND}, True, i, -1])
    script = """given.map(([surface, start, methods, noise, seed, goal]) =>
      numbersOf({ surface, start, methods, noise, seed, goal }))"""
    for state, runs in zip(asked, run(Race.tag, script, asked), strict=True):
        for name, (path, *_) in race(*state, steps=9).items():
            theirs = torch.tensor(runs[name]["path"], dtype=torch.float64)[:10]
            assert torch.allclose(theirs, path, rtol=1e-9, atol=1e-9), (state, name)


def says(text: str, value: float, floored: bool) -> bool:
    """A number as the race writes it: with three digits; where 0 is the goal, nothing below 10⁻⁹."""
    if floored and value <= LEAST:
        return text == "<10^-9"
    whole = len(str(int(abs(value)))) if abs(value) < 1e6 else 0  # the digits before the point all stand
    return rounds(text, value, digits=max(DIGITS, whole))


def test_the_cells_of_the_table(found):
    for (surface, *_, steps, _), mine, words in found:
        f = SURFACES[surface]
        for name, (path, losses, first, gone) in mine.items():
            k = min(steps, len(path) - 1)
            assert says(words[f"loss_{name}"], losses[k], bool(f.minima)), (name, words)
            far = to_minimum(path[k], f)
            cell = words[f"distance_{name}"]
            assert cell == "–" if far is None else says(cell, far, True), (name, words)
            reached = f"not in {MOST_STEPS}" if first is None else str(first)
            assert words[f"reached_{name}"] == (reached if gone is None else f"diverged at {gone}")


def split(story: str) -> dict[str, re.Match]:
    """The story's sentences, each by its kind; what is none of them, or stands twice, fails."""
    many = r"(?P<names>[\w, ]+?)"
    number = r"(?P<number>[−\d.·^<-]+?)"
    kinds = {
        "start": rf"All stand at the start, at a loss of {number}\.",
        "none left": r"After (?P<steps>\d+ steps?) none is left\.",
        "lead": rf"After (?P<steps>\d+ steps?) {many} (?P<be>is|are) (?P<lowest>lowest, )?at {number}\.",
        "none reaches": rf"(?P<who>None reaches|It does not reach) {number} in {MOST_STEPS} steps\.",
        "winner": rf"(?P<who>First at|At) {number}: {many}, in (?P<steps>\d+ steps?)"
        r"(?P<back>, and above it again later)?\.",
        "lost": rf"{many} (?P<be>diverges|diverge): too large a rate here\.",
        "away": rf"{many} (?P<be>runs|run) away: the loss goes on falling out there\.",
        "costs": rf"{many} may try several losses in a step: steps are not costs\.",
        "noise": r"Every method meets the same noise\.",
        "late": rf"The mean distance over the last {LATE} steps: (?P<names>[^:]+?)\.",
    }
    parts, rest = {}, story
    while rest:
        kind, match = next(
            (kind, m) for kind, pattern in kinds.items() if (m := re.match(pattern + r"(?: |$)", rest))
        )
        assert kind not in parts
        parts[kind], rest = match, rest[match.end() :]
    return parts


def named(match: re.Match) -> list[str]:
    return re.split(r", | and ", match["names"])


def counted(steps: int) -> str:
    return f"{steps} step" if steps == 1 else f"{steps} steps"


def check_lead(parts: dict, state: list, mine: dict) -> str:
    steps, f = state[5], SURFACES[state[0]]
    now = {name: run.losses[min(steps, len(run.path) - 1)] for name, run in mine.items()}
    now = {name: max(loss, LEAST) if f.minima else loss for name, loss in now.items()}
    running = {name: now[name] for name, run in mine.items() if run.gone is None or steps < run.gone}
    if steps == 0:
        assert says(parts["start"]["number"], next(iter(now.values())), bool(f.minima))
        return "start"
    if not running:
        assert parts["none left"]["steps"] == counted(steps)
        return "none left"
    lead, best = parts["lead"], min(running.values())
    leaders = [name for name, loss in running.items() if loss == best]
    assert named(lead) == leaders
    assert says(lead["number"], best, bool(f.minima))
    assert lead["steps"] == counted(steps)
    assert lead["be"] == ("is" if len(leaders) == 1 else "are")
    assert bool(lead["lowest"]) == (len(mine) > 1)
    return "lead of several" if len(leaders) > 1 else "lead"


def check_winner(parts: dict, state: list, mine: dict) -> str:
    goal = state[6]
    reached = {name: run.first for name, run in mine.items() if run.first is not None and run.gone is None}
    if not reached:
        none = parts["none reaches"]
        assert rounds(none["number"], goal, digits=4)
        assert none["who"] == ("None reaches" if len(mine) > 1 else "It does not reach")
        return none["who"]
    winner, k = parts["winner"], min(reached.values())
    winners = [name for name, first in reached.items() if first == k]
    again = len(winners) == 1 and any(loss > goal for loss in mine[winners[0]].losses[k:])
    assert named(winner) == winners
    assert rounds(winner["number"], goal, digits=4)
    assert winner["steps"] == counted(k)
    assert winner["who"] == ("First at" if len(mine) > 1 else "At")
    assert bool(winner["back"]) == again
    return "winners" if len(winners) > 1 else "again" if again else winner["who"]


def check_late(parts: dict, state: list, mine: dict) -> None:
    """The mean distance to the nearest minimum over the last steps, of each run that is still there."""
    steps, minima = state[5], SURFACES[state[0]].minima
    kept = {name: run for name, run in mine.items() if run.gone is None}
    assert ("late" in parts) == bool(state[3] and minima and steps >= 2 * LATE and kept)
    if "late" not in parts:
        return
    told = dict(one.rsplit(" ", 1) for one in named(parts["late"]))
    assert list(told) == list(kept)
    for name, run in kept.items():
        last = [min(math.dist(point, least) for least in minima) for point in run.path[: steps + 1][-LATE:]]
        assert rounds(told[name], sum(last) / LATE, digits=3), (state, name)


def test_the_story_names_who_is_ahead_who_was_first_and_who_is_lost(found):
    kinds = set()
    for state, mine, words in found:
        parts = split(words["story"])
        kinds |= {check_lead(parts, state, mine), check_winner(parts, state, mine)}
        away = [name for name, run in mine.items() if run.gone is not None and name in SECOND]
        assert (named(parts["away"]) if "away" in parts else []) == away
        searching = [name for name in mine if name in SECOND]
        assert (named(parts["costs"]) if "costs" in parts else []) == searching
        lost = [name for name, run in mine.items() if run.gone is not None and name not in SECOND]
        assert ("lost" in parts) == bool(lost)
        if lost:
            assert named(parts["lost"]) == lost
            assert parts["lost"]["be"] == ("diverges" if len(lost) == 1 else "diverge")
            kinds.add("one lost" if len(lost) == 1 else "several lost")
        assert ("noise" in parts) == (state[3] and len(mine) > 1)
        check_late(parts, state, mine)
        kinds |= parts.keys() & {"noise", "late"}
    assert kinds == {
        *("start", "none left", "lead", "lead of several", "None reaches", "It does not reach"),
        *("winners", "again", "First at", "At", "one lost", "several lost", "noise", "late"),
    }


EXAMPLES = [
    (["bowl, κ = 10", [2, 1], {"SGD": {"lr": 0.1}}, False, 0, 10, 0.001], "After 10 steps SGD is at 0.243."),
    (["bowl, κ = 10", [2, 1], {"SGD": {"lr": 0.1}}, False, 0, 10, 0.001], "At 0.001: SGD, in 37 steps."),
    (["bowl, κ = 10", [2, 1], {"SGD": {"lr": 0.1}}, False, 0, 0, -1], "at a loss of 7."),
    (["bowl, κ = 10", [2, 1], {"SGD": {"lr": 0.1}}, False, 0, 1, -1], "It does not reach −1 in 200 steps."),
    (["bowl, κ = 10", [2, 1], {"SGD": {"lr": 0.5}}, False, 0, 5, 1], "SGD diverges: too large a rate here."),
]


def test_where_a_rate_is_called_too_large_a_smaller_one_stays(run):
    given = []
    for name, f in SURFACES.items():
        if name in GROUNDS and f.minima:
            for method in ("SGD", "Momentum", "Nesterov"):
                settings = settings_on(name, method)
                for times in (1, 3, 10, 100):
                    lr = min(100, settings["lr"] * times)
                    given.append([name, list(f.start), {method: settings | {"lr": lr}}, False, 0, 200, 1e-3])
    smaller = [
        [*state[:2], {name: one | {"lr": one["lr"] / 1000} for name, one in state[2].items()}, *state[3:]]
        for state in given
    ]
    lost = ["too large a rate here" in words["story"] for _, words in run(Race.tag, SHOWN, given)]
    still = ["too large a rate here" in words["story"] for _, words in run(Race.tag, SHOWN, smaller)]
    assert sum(lost) > 10
    assert not any(still)


def test_sentences_in_full(run):
    shown = run(
        Race.tag,
        "given.map(([surface, start, methods, noise, seed, steps, goal]) => "
        "({ surface, start, methods, noise, seed, steps, goal }))"
        ".map((state) => wordsOf(numbersOf(state), state).story)",
        [state for state, _ in EXAMPLES],
    )
    for (_, sentence), story in zip(EXAMPLES, shown, strict=True):
        assert sentence in story


TEXTS = [
    *((0.0, 4, "0.000", "0"), (2.0625, 4, "2.063", "2.063"), (-2.0625, 4, "−2.063", "−2.063")),
    *((1.5, 1, "2", "2"), (2.5, 1, "3", "3"), (0.001, 4, "0.001000", "0.001"), (100.0, 4, "100.0", "100")),
    *((0.0009996, 3, "0.00100", "0.001"), (0.00099949, 3, "9.99·10^-4", "9.99·10^-4")),
    *(
        (999999.5, 4, "1.000·10^6", "1·10^6"),
        (123456.7, 3, "123457", "123457"),
        (2e7, 4, "2.000·10^7", "2·10^7"),
    ),
    *((-1e300, 3, "−1.00·10^300", "−1·10^300"), (5e-324, 3, "4.94·10^-324", "4.94·10^-324")),
    *((9.9996, 4, "10.00", "10"), (-0.0, 3, "0.00", "0"), (1.25e-9, 4, "1.250·10^-9", "1.25·10^-9")),
]


def test_numbers_as_text(run):
    shown = run(
        Race.tag, "given.map(([x, digits]) => [tidy(x, digits), plain(x, digits)])", [t[:2] for t in TEXTS]
    )
    assert shown == [[tidy, plain] for _, _, tidy, plain in TEXTS]
    ends = run(Race.tag, "[NaN, Infinity, -Infinity].map((x) => tidy(x))", None)
    assert ends == ["undefined", "∞", "−∞"]
