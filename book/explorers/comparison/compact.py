"""A stored comparison of optimizers: as much of it as the explorer draws."""

import statistics

from book.project.failures import failed
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
        trial and a final run have, on which images the final runs were `watched`, the `best` row as [method,
        setting], and `methods`: name → `title`, all tried `rates`, the `trials` of these as [validation
        accuracy, whether it failed], `first`, the accuracies of the rates that every method tries, which are
        equally many, and the rows "chosen" and "defaults". A row has the stored one's values; how many of its
        runs `failed`; `accuracies`, of each seed after each epoch; and `epochs`, their [mean, half the
        interval's width] after each.

    Examples:
        >>> from book.project.summary import rows
        >>> adam = {"title": "Adam", "rates": [0.001, 0.002]}
        >>> epochs = {"tuning": 1, "final": 2}
        >>> protocol = {"task": "mlp", "title": "MLP", "level": 0.95, "epochs": epochs, "methods": {"adam": adam}}
        >>> protocol |= {"version": 2, "images": {"validation": 5000, "test": 10000}}
        >>> trial = {"method": "adam", "lr": 0.001, "seed": 0, "diverged": False, "steps": 10, "seconds": 1.0}
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
    best = max((row for row in stored["rows"] if row["tuned"]), key=lambda row: row["mean"])
    methods = {
        name: {"title": method["title"]} | _tried(stored["tuning"], name, method["rates"], declared)
        for name, method in declared["methods"].items()
    }
    for row in stored["rows"]:
        runs = [run for run in stored["final"] if _key(run) == _key(row)]
        methods[row["method"]][_key(row)[1]] = _row(row, runs, declared)
    shown = {name: declared[name] for name in ("title", "level", "epochs")}
    shown["watched"] = "test" if declared["version"] == 1 else "validation"
    return shown | {"best": list(_key(best)), "methods": methods}


def _key(row: dict) -> tuple[str, str]:
    return row["method"], CHOSEN if row["tuned"] else DEFAULTS


def _tried(tuning: list[dict], method: str, first: list[float], declared: dict) -> dict:
    """Of several seeds the mean, as the choice of the rate takes it; of the first rates the first seed."""
    mine = [trial for trial in tuning if trial["method"] == method]
    rates, images = sorted({trial["lr"] for trial in mine}), declared["images"]["validation"]
    found = {lr: [trial for trial in mine if trial["lr"] == lr] for lr in rates}
    lost = {
        lr: any(failed(trial["diverged"], trial["accuracy"], images) for trial in trials)
        for lr, trials in found.items()
    }
    means = {lr: statistics.mean(trial["accuracy"] for trial in trials) for lr, trials in found.items()}
    return {
        "rates": rates,
        "trials": [[means[lr], lost[lr]] for lr in rates],
        "first": [min(found[lr], key=lambda trial: trial["seed"])["accuracy"] for lr in first],
    }


def _row(row: dict, runs: list[dict], declared: dict) -> dict:
    epochs = declared["epochs"]["final"]
    accuracies = [_after_each_epoch(run, epochs) for run in runs]
    intervals = (mean_interval(list(after), declared["level"]) for after in zip(*accuracies, strict=True))
    return {name: row[name] for name in OF_A_ROW} | {
        "failed": row["failed"][1],
        "accuracies": accuracies,
        "epochs": [[round(value, 3) for value in interval] for interval in intervals],
    }


def _after_each_epoch(run: dict, epochs: int) -> list[float]:
    """A run that diverged ended there: from then on it has what it counts as."""
    after = [*run["accuracies"], *[run["accuracy"]] * epochs][:epochs]
    return [*after[:-1], run["accuracy"]] if run["diverged"] else after
