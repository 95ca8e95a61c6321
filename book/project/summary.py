"""From the outcomes of all trials to the rows of the table, and the table as text."""

import statistics
from itertools import groupby

from book.project.intervals import difference_interval, mean_interval, tied
from book.project.methods import published


def rows(declared: dict, tuning: list[dict], final: list[dict]) -> list[dict]:
    """One row for each method at its chosen rate and one for its defaults, computed from the outcomes alone.

    Args:
        declared: by `declare`.
        tuning, final: trials together with their outcomes.

    Returns:
        Rows with `method`, `tuned`, `lr`; `edge`, "lowest" or "highest" where the chosen rate is the last one
        on that side of the search space; `accuracies`, `mean`, `half` (of the interval's width), all in per
        cent; `to_best`, the difference to the best row and half its interval, and `tied` with it; how many
        runs `diverged`, when the rate was chosen and now; `steps` and mean `seconds` of a run; the
        `published` accuracy, and whether the whole interval lies `above` it.
    """
    table = [
        _row(declared, list(runs), tuning)
        for _, runs in groupby(final, key=lambda run: (run["method"], run["tuned"]))
    ]
    best = max(table, key=lambda row: row["mean"])["accuracies"]
    for row in table:
        row["to_best"] = [round(value, 3) for value in difference_interval(row["accuracies"], best)]
        row["tied"] = tied(row["accuracies"], best, declared["level"])
    return table


def describe_rows(declared: dict, table: list[dict]) -> str:
    """The table as text, best method first, with what a reader must know about it.

    Args:
        declared: by `declare`.
        table: by `rows`.
    """
    titles = {name: method["title"] for name, method in declared["methods"].items()}
    head = f"{'':11s}{'rate':>8s}  {'test accuracy, %':18s}{'published':>10s}{'diverged':>10s}{'s a run':>9s}"
    lines = [head]
    for tuned, heading in ((True, "The chosen rate:"), (False, "torch's defaults, constant rate:")):
        chosen = sorted((row for row in table if row["tuned"] is tuned), key=lambda row: -row["mean"])
        lines += [heading, *(_line(titles[row["method"]], row) for row in chosen)]
    lines.append(
        "* the best, or tied with it. > the whole interval lies above the published figure; < it does not.\n"
        "Diverged: of the trials that chose the rate + of these runs."
    )
    for row in table:
        if row["edge"]:
            lines.append(
                f"{titles[row['method']]}: the best rate, {row['lr']:g}, is the {row['edge']} "
                "that was tried; a better one may lie beyond."
            )
    return "\n".join(lines)


def _row(declared: dict, runs: list[dict], tuning: list[dict]) -> dict:
    method, lr, tuned = runs[0]["method"], runs[0]["lr"], runs[0]["tuned"]
    tried = [trial for trial in tuning if trial["method"] == method] if tuned else []
    accuracies = [run["accuracy"] for run in runs]
    mean, half = (round(value, 3) for value in mean_interval(accuracies, declared["level"]))
    figure = published(method, declared["task"])
    return {
        "method": method,
        "tuned": tuned,
        "lr": lr,
        "edge": _edge(lr, declared["methods"][method]["rates"]) if tuned else None,
        "accuracies": accuracies,
        "mean": mean,
        "half": half,
        "diverged": [sum(trial["diverged"] for trial in some) for some in (tried, runs)],
        "steps": max(run["steps"] for run in runs),
        "seconds": round(statistics.mean(run["seconds"] for run in runs), 1),
        "published": figure,
        "above": None if figure is None else mean - half > figure,
    }


def _edge(lr: float, tried: list[float]) -> str | None:
    return {min(tried): "lowest", max(tried): "highest"}.get(lr)


def _line(title: str, row: dict) -> str:
    accuracy = f"{row['mean']:.2f} ± {row['half']:.2f}{' *' * row['tied']}"
    figure = "" if row["published"] is None else f"{'<>'[row['above']]} {row['published']:.2f}"
    diverged = "" if not sum(row["diverged"]) else " + ".join(map(str, row["diverged"]))
    return f"  {title:9s}{row['lr']:8g}  {accuracy:18s}{figure:>10s}{diverged:>10s}{row['seconds']:9.1f}"
