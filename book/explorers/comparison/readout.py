"""A stored comparison of optimizers: as much of it as the explorer draws, and what the explorer says."""

import statistics
from collections.abc import Mapping

from book.project.intervals import mean_interval
from book.project.tries import expected_best

CHOSEN, DEFAULTS = SETTINGS = ("chosen", "defaults")
FALLS = (
    "The chosen rate falls to 0 by the last epoch: an early epoch here is not what a shorter run would reach."
)
OF_A_ROW = ("lr", "edge", "mean", "half", "to_best", "tied", "published", "above")

Results = Mapping[str, dict]
Setting = str | float


def compact(record: dict) -> dict:
    """Boil a comparison down to what is drawn.

    Args:
        record: by `load_comparison`.

    Returns:
        Plain values, all accuracies in per cent: `title`, the `level` of the intervals, how many `epochs` a
        trial and a final run have, the `best` row as [method, setting], and `methods`: name → `title`, the
        tried `rates`, the `trials` of these as [validation accuracy, whether it diverged], and the rows
        "chosen" and "defaults". A row has the stored one's values; `diverged`, of its runs; `accuracies`, of
        each seed after each epoch; and `epochs`, their [mean, half the interval's width] after each.

    Examples:
        >>> from book.project.summary import rows
        >>> adam = {"title": "Adam", "rates": [0.001, 0.002]}
        >>> epochs = {"tuning": 1, "final": 2}
        >>> protocol = {"task": "mlp", "title": "MLP", "level": 0.95, "epochs": epochs, "methods": {"adam": adam}}
        >>> trial = {"method": "adam", "lr": 0.001, "diverged": False, "steps": 10, "seconds": 1.0}
        >>> tuning = [trial | {"accuracy": 96.0}, trial | {"lr": 0.002, "accuracy": 95.0}]
        >>> seeds = [{"accuracies": [96.0, 98.0], "accuracy": 98.0}, {"accuracies": [95.0, 98.2], "accuracy": 98.2}]
        >>> final = [trial | seed | {"tuned": tuned} for tuned in (True, False) for seed in seeds]
        >>> stored = {"protocol": protocol, "rows": rows(protocol, tuning, final), "tuning": tuning, "final": final}
        >>> found = compact({"results": stored})
        >>> found["best"], found["methods"]["adam"]["trials"]
        (['adam', 'chosen'], [[96.0, False], [95.0, False]])
        >>> found["methods"]["adam"]["chosen"]["epochs"]
        [[95.5, 6.353], [98.1, 1.271]]
    """  # noqa: E501
    stored = record["results"]
    declared = stored["protocol"]
    best = max(stored["rows"], key=lambda row: row["mean"])
    methods = {
        name: {"title": method["title"], "rates": method["rates"]}
        | {"trials": [_trial(stored["tuning"], name, lr) for lr in method["rates"]]}
        for name, method in declared["methods"].items()
    }
    for row in stored["rows"]:
        runs = [run for run in stored["final"] if _key(run) == _key(row)]
        methods[row["method"]][_key(row)[1]] = _row(row, runs, declared)
    shown = {name: declared[name] for name in ("title", "level", "epochs")}
    return shown | {"best": list(_key(best)), "methods": methods}


def _key(row: dict) -> tuple[str, str]:
    return row["method"], CHOSEN if row["tuned"] else DEFAULTS


def _trial(tuning: list[dict], method: str, lr: float) -> list:
    """Of several seeds the mean, as the choice of the rate takes it."""
    trials = [trial for trial in tuning if (trial["method"], trial["lr"]) == (method, lr)]
    accuracy = statistics.mean(trial["accuracy"] for trial in trials)
    return [accuracy, any(trial["diverged"] for trial in trials)]


def _row(row: dict, runs: list[dict], declared: dict) -> dict:
    epochs = declared["epochs"]["final"]
    accuracies = [_after_each_epoch(run, epochs) for run in runs]
    intervals = (mean_interval(list(after), declared["level"]) for after in zip(*accuracies, strict=True))
    return {name: row[name] for name in OF_A_ROW} | {
        "diverged": row["diverged"][1],
        "accuracies": accuracies,
        "epochs": [[round(value, 3) for value in interval] for interval in intervals],
    }


def _after_each_epoch(run: dict, epochs: int) -> list[float]:
    """A run that diverged ended there: from then on it has what it counts as."""
    early = [*run["accuracies"], *[run["accuracy"]] * epochs][: epochs - 1]
    return [*early, run["accuracy"]]


def ranking(methods: Mapping[str, dict], tries: int) -> list[tuple[str, float]]:
    """Return the methods in the order of what so many of their rates give, each with its expected best accuracy.

    Args:
        methods: of `compact`.
        tries: how many of each method's rates are tried, drawn at random.

    Examples:
        >>> steady, lucky = {"trials": [[60.0, False], [62.0, False]]}, {"trials": [[10.0, True], [70.0, False]]}
        >>> ranking({"steady": steady, "lucky": lucky}, 1), ranking({"steady": steady, "lucky": lucky}, 2)
        ([('steady', 61.0), ('lucky', 40.0)], [('lucky', 70.0), ('steady', 62.0)])
    """  # noqa: E501
    found = {
        name: float(f"{expected_best([accuracy for accuracy, _ in method['trials']], tries):.12g}")
        for name, method in methods.items()
    }
    return sorted(found.items(), key=lambda entry: -entry[1])


def readout(results: Results, task: str, method: str, setting: Setting, tries: int) -> dict[str, str]:
    """Return every string that the explorer shows.

    Args:
        results: task → by `compact`.
        task, method: whose.
        setting: "chosen", "defaults" or one of the tried rates.
        tries: how many of each method's rates are tried.

    Examples:
        >>> adam = {"title": "Adam", "rates": [0.001, 0.002], "trials": [[96.0, False], [95.0, False]]}
        >>> adam["chosen"] = {"lr": 0.001, "published": 98.32}
        >>> results = {"mlp": {"epochs": {"tuning": 2}, "methods": {"adam": adam}}}
        >>> texts = readout(results, "mlp", "adam", 0.002, tries=2)
        >>> texts["validation"], texts["test"], texts["best_1"]
        ('95.00 %', 'no final runs', '96.00 %')
        >>> texts["story"].split(". ")[0]
        'Adam at rate 0.002 gets 95.00 % of the validation images right after 2 epochs, 1.00 behind its chosen rate 0.001'
    """  # noqa: E501
    found = results[task]
    mine, ranked = found["methods"][method], ranking(found["methods"], tries)
    row = mine.get(setting)
    lr = row["lr"] if row else setting
    place = 1 + [name for name, _ in ranked].index(method)
    texts = {
        "rate": f"{lr:g}",
        "validation": _validation(mine, setting, lr),
        "test": f"{_fixed(row['mean'])} ± {_fixed(row['half'])} %" if row else "no final runs",
        "to_best": _to_best(found, method, setting),
        "published": _published(mine[CHOSEN]["published"]),
        "place": f"{place} of {len(ranked)}",
        "tries": f"{tries} of {len(mine['rates'])} rates tried",
    }
    for index, (name, accuracy) in enumerate(ranked, 1):
        texts |= {f"name_{index}": found["methods"][name]["title"], f"best_{index}": f"{_fixed(accuracy)} %"}
    texts["note"] = FALLS if row else _tuning_only(mine["title"], texts)
    told = _row_story(found, method, setting, texts) if row else _rate_story(found, method, setting, texts)
    texts["story"] = f"{told} {_tries_story(mine, tries, texts)}"
    texts["handle"] = f"{mine['title']}, rate {texts['rate']}: {texts['validation']}"
    return texts | {
        "slider": f"{texts['tries']}: {mine['title']} is {texts['place']}, {texts[f'best_{place}']}"
    }


def _validation(mine: dict, setting: Setting, lr: float) -> str:
    if setting == DEFAULTS:
        return "not tried at a constant rate"
    accuracy, diverged = mine["trials"][mine["rates"].index(lr)]
    return "diverged" if diverged else f"{_fixed(accuracy)} %"


def _to_best(found: dict, method: str, setting: Setting) -> str:
    if (row := found["methods"][method].get(setting)) is None:
        return "no final runs"
    difference, half = row["to_best"]
    if [method, setting] == found["best"]:
        return "the best row"
    return f"{_fixed(difference)} ± {_fixed(half)}{', tied' if row['tied'] else ''}"


def _published(figure: float | None) -> str:
    return "nothing" if figure is None else f"{_fixed(figure)} %"


def _tuning_only(title: str, texts: dict[str, str]) -> str:
    return (
        f"{title} at rate {texts['rate']} has only the trial by which rates were chosen (validation: "
        f"{texts['validation']}). Final runs exist for the chosen rate and for torch's defaults."
    )


def _row_story(found: dict, method: str, setting: str, texts: dict[str, str]) -> str:
    row = found["methods"][method][setting]
    seeds = len(row["accuracies"])
    told = [
        f"{_named(found, method, setting)}, gets {texts['test']} of the test images right ({seeds} seeds)"
    ]
    told.append(_against_the_best(found, row, [method, setting] == found["best"]))
    if row["published"] is not None:
        lies = "the whole interval lies above it" if row["above"] else "not all of the interval lies above it"
        told.append(f"Published: {texts['published']}; {lies}")
    if row["diverged"]:
        told.append(f"Diverged, and counted as a guess: {row['diverged']} of {seeds} runs")
    if row["edge"]:
        told.append(f"Its rate is the {row['edge']} that was tried; a better one may lie beyond")
    return ". ".join(told) + "."


def _named(found: dict, method: str, setting: str) -> str:
    mine = found["methods"][method]
    at = "its chosen rate" if setting == CHOSEN else "torch's default rate"
    return f"{mine['title']} at {at}, {mine[setting]['lr']:g}"


def _against_the_best(found: dict, row: dict, best: bool) -> str:
    if best:
        return "No other row has a higher mean"
    difference, half = (_fixed(abs(value)) for value in row["to_best"])
    other = _named(found, *found["best"])
    if row["tied"]:
        return f"It is tied with the best, {other}: {difference} ± {half} behind"
    return f"It is {difference} ± {half} behind the best, {other}"


def _rate_story(found: dict, method: str, lr: float, texts: dict[str, str]) -> str:
    mine, epochs = found["methods"][method], found["epochs"]["tuning"]
    after = f"{epochs} epoch{'s' * (epochs != 1)}"
    (accuracy, diverged), chosen = mine["trials"][mine["rates"].index(lr)], mine[CHOSEN]["lr"]
    if diverged:
        return f"{mine['title']} at rate {texts['rate']} diverged. Its chosen rate is {chosen:g}."
    behind = _fixed(mine["trials"][mine["rates"].index(chosen)][0] - accuracy)
    return (
        f"{mine['title']} at rate {texts['rate']} gets {texts['validation']} of the validation images right "
        f"after {after}, {behind} behind its chosen rate {chosen:g}."
    )


def _tries_story(mine: dict, tries: int, texts: dict[str, str]) -> str:
    rates = len(mine["rates"])
    tried = f"only {tries} of the {rates} rates {'is' if tries == 1 else 'are'} tried, drawn at random"
    if tries == rates:
        tried = f"all {rates} rates are tried"
    return f"If {tried}, {mine['title']} is number {texts['place']}."


def _fixed(x: float) -> str:
    """To two digits behind the point, by way of twelve in all: the order of a sum leaves no trace."""
    text = f"{abs(float(f'{x:.12g}')):.2f}"
    return f"−{text}" if x < 0 and float(text) else text
