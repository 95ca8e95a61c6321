"""Comparison in the browser: its numbers against the library's, its sentences against its numbers."""

import itertools
import random
import statistics

import pytest

from book.explorers.comparison.compact import compact
from book.project.comparison_file import load_comparison
from book.project.tries import expected_best
from tests.browser.facts import WHOLE, tells
from tests.explorers.invented_comparison import ComparisonExplorer, records, stored, told_results

pytestmark = pytest.mark.browser

TAG = ComparisonExplorer.tag
RATE, PER_CENT = {"digits": 6}, {"places": 2}
SHOWN = """given.states.map((state) => {
  const numbers = numbersOf(given.results, state);
  return [{ ...numbers, row: numbers.row && numbers.row.mean }, wordsOf(numbers)];
})"""


def results(kind: str = "invented") -> dict:
    if kind == "told":
        return told_results()
    given = records() if kind == "invented" else {kind: load_comparison(kind)}
    return {task: compact(record) for task, record in given.items()}


def states(found: dict) -> list[dict]:
    """Every task, method and setting, each with every number of tries."""
    return [
        {"task": task, "method": name, "setting": setting, "tries": tries}
        for task, one in found.items()
        for name, method in one["methods"].items()
        for setting in ("chosen", "defaults", *method["rates"])
        if setting != method["chosen"]["lr"]
        for tries in range(1, len(method["first"]) + 1)
    ]


def shown(run, found: dict, given: list[dict]) -> list:
    return run(TAG, SHOWN, {"results": found, "states": given})


def ranks(methods: dict, tries: int) -> list[tuple[str, float]]:
    """By the library: titles with what so many of their rates give, the best first."""
    best = {method["title"]: expected_best(method["first"], tries) for method in methods.values()}
    return sorted(best.items(), key=lambda entry: -entry[1])


def row_of(method: dict, setting: str | float) -> dict | None:
    return method[setting] if isinstance(setting, str) else None


def told(found: dict, state: dict, place: int) -> list[tuple]:
    """The numbers of the story, in their order."""
    methods, setting, tries = found["methods"], state["setting"], state["tries"]
    mine, rates = methods[state["method"]], len(methods[state["method"]]["first"])
    row = row_of(mine, setting)
    first = _of_a_row(found, state, row) if row else _of_a_rate(found, mine, setting)
    tried = [(tries, WHOLE), (rates, WHOLE)] if tries < rates else [(rates, WHOLE)]
    return [*first, *tried, (place, WHOLE), (len(methods), WHOLE)]


def _of_a_row(found: dict, state: dict, row: dict) -> list[tuple]:
    seeds, (difference, half) = len(row["accuracies"]), row["to_best"]
    numbers = [(row["lr"], RATE), (row["mean"], PER_CENT), (row["half"], PER_CENT), (seeds, WHOLE)]
    name, setting = found["best"]
    if [name, setting] != [state["method"], state["setting"]]:
        other, gap = (
            [(found["methods"][name][setting]["lr"], RATE)],
            [(abs(difference), PER_CENT), (half, PER_CENT)],
        )
        numbers += other + gap if row["tied"] else gap + other
    if row["published"] is not None:
        numbers.append((row["published"], PER_CENT))
    return numbers + ([(row["failed"], WHOLE), (seeds, WHOLE)] if row["failed"] else [])


def _of_a_rate(found: dict, mine: dict, lr: float) -> list[tuple]:
    trials, chosen = dict(zip(mine["rates"], mine["trials"], strict=True)), mine["chosen"]["lr"]
    accuracy, diverged = trials[lr]
    if diverged:
        return [(lr, RATE), (chosen, RATE)]
    behind = trials[chosen][0] - accuracy
    after = (found["epochs"]["tuning"], WHOLE)
    return [(lr, RATE), (accuracy, PER_CENT), after, (behind, PER_CENT), (chosen, RATE)]


def phrases(found: dict, state: dict) -> dict[str, bool]:
    """Which words belong into the story."""
    mine, tries = found["methods"][state["method"]], state["tries"]
    row, rates, epochs = row_of(mine, state["setting"]), len(mine["first"]), found["epochs"]["tuning"]
    leads = [state["method"], state["setting"]] == found["best"]
    fell = not row and mine["trials"][mine["rates"].index(state["setting"])][1]
    followed = bool(row) and not leads
    name, setting = found["best"]
    return {
        "torch's default rate": state["setting"] == "defaults" or (followed and setting == "defaults"),
        "No other row": leads,
        "tied with the best": followed and row["tied"],
        "behind the best": followed and not row["tied"],
        f"the best, {found['methods'][name]['title']} at": followed,
        "Published": bool(row) and row["published"] is not None,
        "the whole interval": bool(row) and row["published"] is not None and row["above"],
        "not all of the": bool(row) and row["published"] is not None and not row["above"],
        "counted as a guess": bool(row) and row["failed"] > 0,
        "the lowest that": bool(row) and row["edge"] == "lowest",
        "the highest that": bool(row) and row["edge"] == "highest",
        "failed. Its chosen": fell,
        "1 epoch,": not row and not fell and epochs == 1,
        "2 epochs,": not row and not fell and epochs == 2,
        "drawn at random": tries < rates,
        "rates is tried": tries == 1 < rates,
        "rates are tried": tries > 1 or rates == 1,
    }  # fmt: skip


def test_numbers_and_sentences(run):
    """At every state of four kinds of records; every sentence occurs."""
    seen = set()
    for kind in ("invented", "told", *stored()):
        found = results(kind)
        for state, (numbers, words) in zip(states(found), shown(run, found, states(found)), strict=True):
            one = found[state["task"]]
            check_numbers(one, state, numbers)
            check_short_texts(one, state, numbers, words)
            story = words["story"]
            assert story.startswith(numbers["title"]), state
            assert tells(story, told(one, state, numbers["place"])), (state, story)
            wanted = phrases(one, state)
            assert {phrase: phrase in story for phrase in wanted} == wanted, (state, story)
            seen |= {phrase for phrase, is_there in wanted.items() if is_there and "the best, " not in phrase}
    assert seen == {phrase for phrase in wanted if "the best, " not in phrase}


def check_numbers(found: dict, state: dict, numbers: dict) -> None:
    mine = found["methods"][state["method"]]
    wanted = ranks(found["methods"], state["tries"])
    assert [accuracy for _, accuracy in numbers["ranked"]] == pytest.approx(
        [best for _, best in wanted], abs=1e-9
    )
    assert dict(numbers["ranked"]) == pytest.approx(dict(wanted), abs=1e-9)
    assert numbers["ranked"][numbers["place"] - 1][0] == numbers["title"] == mine["title"]
    row = row_of(mine, state["setting"])
    assert numbers["row"] == (row and row["mean"])
    assert numbers["lr"] == (row["lr"] if row else state["setting"])


def check_short_texts(found: dict, state: dict, numbers: dict, words: dict) -> None:
    mine, setting, lr = found["methods"][state["method"]], state["setting"], numbers["lr"]
    accuracy, diverged = (None, True) if setting == "defaults" else mine["trials"][mine["rates"].index(lr)]
    row, published = row_of(mine, setting), mine["chosen"]["published"]
    leads = [state["method"], setting] == found["best"]
    place, tried = [(numbers["place"], WHOLE), (len(found["methods"]), WHOLE)], [(state["tries"], WHOLE)]
    tried += [(len(mine["first"]), WHOLE)]
    best = [(accuracy, PER_CENT) for _, accuracy in numbers["ranked"]]
    wanted = {
        "rate": [(lr, RATE)],
        "validation": [] if diverged else [(accuracy, PER_CENT)],
        "test": [(row["mean"], PER_CENT), (row["half"], PER_CENT)] if row else [],
        "to_best": [(value, PER_CENT) for value in row["to_best"]] if row and not leads else [],
        "published": [] if published is None else [(published, PER_CENT)],
        "place": place,
        "tried": tried,
        "note": [(0, WHOLE)] if row else [(lr, RATE)] + ([] if diverged else [(accuracy, PER_CENT)]),
        "handle": [(lr, RATE)] + ([] if diverged else [(accuracy, PER_CENT)]),
        "slider": [*tried, *place, best[numbers["place"] - 1]],
    }
    for name, facts in wanted.items():
        assert tells(words[name], facts), (state, name, words[name])
    assert all(tells(text, [one]) for text, one in zip(words["best"], best, strict=True))
    assert ("tied" in words["to_best"]) == (bool(row) and row["tied"] and not leads)


def test_the_ranking_is_that_of_all_draws(run):
    methods = results()["mlp"]["methods"]
    found = run(TAG, "[1, 2, 3, 4, 5, 6, 7, 8].map((tries) => ranking(given, tries))", methods)
    for tries, ranked in enumerate(found, 1):
        wanted = {}
        for name, method in methods.items():
            draws = itertools.combinations(method["first"], tries)
            wanted[name] = statistics.mean(max(draw) for draw in draws)
        assert dict(ranked) == pytest.approx(wanted, abs=1e-9)
        assert [name for name, _ in ranked] == sorted(wanted, key=lambda name: -wanted[name])


def test_the_expected_best_where_it_lies_between_two_digits(run):
    """Accuracies of two digits whose mean has three."""
    draw, found = random.Random(8), results()["mlp"]
    mine = found["methods"]["sgd"]
    drawn = [[round(draw.uniform(10, 99.99), 2) for _ in mine["first"]] for _ in range(200)]
    only = [{"best": ["sgd", "chosen"], "methods": {"sgd": mine | {"first": first}}} for first in drawn]
    for first, one in zip(drawn, only, strict=True):
        one["facts"] = [expected_best(first, n) for n in (1, 2, 4, 8)]
    cases = [{"mlp": found | one} for one in only]
    call = """given.map((one) => [1, 2, 4, 8].map((tries) =>
      wordsOf(numbersOf(one, { task: "mlp", method: "sgd", setting: "defaults", tries })).best[0]))"""
    for one, texts in zip(only, run(TAG, call, cases), strict=True):
        for text, best in zip(texts, one["facts"], strict=True):
            assert tells(text, [(best, PER_CENT)])
