"""A stored comparison of optimizers: as much of it as the explorer draws."""

import statistics

from book.project.intervals import mean_interval

CHOSEN, DEFAULTS = SETTINGS = ("chosen", "defaults")
OF_A_ROW = ("lr", "edge", "mean", "half", "to_best", "tied", "published", "above")

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
