"""From the outcomes of all trials to the rows of the table, and the table as text."""

import statistics
from itertools import combinations, groupby

from book.project.failures import failed
from book.project.intervals import holm, mean_interval, paired_interval, paired_p
from book.project.methods import published


def rows(declared: dict, tuning: list[dict], final: list[dict]) -> list[dict]:
    """One row for each method at its chosen rate and one for its defaults, computed from the outcomes alone.

    Args:
        declared: by `declare`.
        tuning, final: trials together with their outcomes.

    Returns:
        Rows with `method`, `tuned`, `lr`; `edge`, "lowest" or "highest" where the chosen rate is the last one
        on that side of those tried; `accuracies`, `mean`, `half` (of the interval's width), all in per cent;
        `to_best`, the mean difference to the best chosen rate over equal seeds and half its interval, with
        the Bonferroni correction for all pairs of methods; `p` of that difference, by Holm over all pairs,
        and whether it is `tied`: `p` is above 1 − level; how many runs `failed`, as the rate was chosen and
        now; `steps` and mean `seconds` of a run; the `published` accuracy, and whether the whole interval
        lies `above` it. The rows of defaults are compared with the best one each for itself, uncorrected.
    """
    table = [
        _row(declared, list(runs), tuning)
        for _, runs in groupby(final, key=lambda run: (run["method"], run["tuned"]))
    ]
    chosen = {row["method"]: row["accuracies"] for row in table if row["tuned"]}
    best, adjusted = max(chosen, key=lambda name: statistics.mean(chosen[name])), pairwise_p(chosen)
    for row in table:
        row |= _to_best(declared["level"], row, chosen, best, adjusted)
    return table


def pairwise_p(accuracies: dict[str, list[float]]) -> dict[frozenset[str], float]:
    """For every pair of methods the p-value of their difference over equal seeds, by Holm over all pairs.

    The best method is picked by the same runs, so a correction for the comparisons with it alone errs too
    often: any of them may be picked.

    Args:
        accuracies: method → of its runs, in the order of the seeds.

    Examples:
        >>> found = pairwise_p({"a": [71.0, 72.0, 73.0], "b": [70.0, 71.5, 72.0], "c": [60.0, 61.0, 62.5]})
        >>> round(found[frozenset("ab")], 4)
        0.0377
    """
    pairs = [frozenset(pair) for pair in combinations(accuracies, 2)]
    return dict(
        zip(pairs, holm([paired_p(*(accuracies[name] for name in pair)) for pair in pairs]), strict=True)
    )


def _to_best(level: float, row: dict, chosen: dict, best: str, adjusted: dict) -> dict:
    if row["tuned"] and row["method"] == best:
        return {"to_best": [0.0, 0.0], "p": 1.0, "tied": True}
    shared = list(zip(row["accuracies"], chosen[best], strict=False))  # the defaults may have fewer seeds
    a, b = ([pair[side] for pair in shared] for side in (0, 1))
    if row["tuned"]:
        p, level_of_one = adjusted[frozenset((row["method"], best))], 1 - (1 - level) / len(adjusted)
    else:
        p, level_of_one = paired_p(a, b), level
    interval = [round(value, 3) for value in paired_interval(a, b, level_of_one)]
    return {"to_best": interval, "p": float(f"{p:.3g}"), "tied": p > 1 - level}


def describe_rows(declared: dict, table: list[dict]) -> str:
    """The table as text, best method first, with what a reader must know about it.

    Args:
        declared: by `declare`.
        table: by `rows`.
    """
    titles = {name: method["title"] for name, method in declared["methods"].items()}
    head = f"{'':11s}{'rate':>8s}  {'test accuracy, %':18s}{'published':>10s}{'failed':>10s}{'s a run':>9s}"
    lines = [head]
    for tuned, heading in ((True, "The chosen rate:"), (False, "torch's defaults, constant rate:")):
        chosen = sorted((row for row in table if row["tuned"] is tuned), key=lambda row: -row["mean"])
        lines += [heading, *(_line(titles[row["method"]], row) for row in chosen)]
    lines.append(
        "* the best, or not told from it. > the whole interval lies above the published figure; < not.\n"
        "Failed: of the trials that chose the rate + of these runs."
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
        "edge": _edge(lr, [trial["lr"] for trial in tried]) if tuned else None,
        "accuracies": accuracies,
        "mean": mean,
        "half": half,
        "failed": [
            sum(failed(run["diverged"], run["accuracy"], declared["images"][judged]) for run in some)
            for some, judged in ((tried, "validation"), (runs, "test"))
        ],
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
    lost = "" if not sum(row["failed"]) else " + ".join(map(str, row["failed"]))
    return f"  {title:9s}{row['lr']:8g}  {accuracy:18s}{figure:>10s}{lost:>10s}{row['seconds']:9.1f}"
