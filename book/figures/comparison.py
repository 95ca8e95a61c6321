"""Figures of the chapter *The comparison*."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator
from torch import Tensor

from book.figures.images import mosaic
from book.figures.looks import LOOKS
from book.figures.palette import LIGHT
from book.figures.style import axes, styled
from book.project.intervals import mean_interval

PER_CENT = FuncFormatter(lambda value, _: f"{value:g}")
LOOK_OF = {name.lower(): look for name, look in LOOKS.items()}  # by the names that stored results use


@styled
def by_rate(tuning: list[dict], chosen: dict[str, float], titles: dict[str, str]) -> Figure:
    """Draw the validation error of each trial against its rate, one panel a method.

    Args:
        tuning: trials with `method`, `lr`, `seed`, `accuracy` (in per cent) and `failed`; seed 0 is drawn.
        chosen: for each method the rate that won, which is marked.
        titles: of the methods, in the order of the panels.
    """
    figure, panels = axes(2, -(-len(titles) // 2), size=(7.2, 4.0), sharey=True)
    best = min(_error(trial) for trial in tuning)
    for ax, (name, title) in zip(panels.flat, titles.items(), strict=False):
        mine = [t for t in tuning if t["method"] == name and t["seed"] == 0]
        trials = sorted(mine, key=lambda t: t["lr"])
        ax.plot([t["lr"] for t in trials], [_error(t) for t in trials], "o-", color=LIGHT["blue"], ms=3.5)
        won = next(t for t in trials if t["lr"] == chosen[name])
        ax.plot(won["lr"], _error(won), "o", mfc="none", mec=LIGHT["orange"], mew=1.8, ms=10)
        lost = [t for t in trials if t["failed"]]
        ax.plot([t["lr"] for t in lost], [_error(t) for t in lost], "x", color=LIGHT["ink"], ms=7)
        ax.axhline(best, color=LIGHT["muted"], lw=1, ls="--")
        ax.set(xscale="log", yscale="log", title=title, ylim=(best / 1.3, 110))
        _plain(ax)
    for ax in list(panels.flat)[len(titles) :]:
        ax.set_visible(False)
    for ax in panels[-1]:
        ax.set_xlabel("peak rate")
    for ax in panels[:, 0]:
        ax.set_ylabel("validation error, %")
    return figure


@styled
def ranking(rows: list[dict], titles: dict[str, str]) -> Figure:
    """Draw the test error of each method with its interval, best on top, beside defaults and published.

    Args:
        rows: of a comparison, with `method`, `tuned`, `mean`, `half` and `published`, in per cent.
        titles: of the methods.
    """
    tuned = sorted((row for row in rows if row["tuned"]), key=lambda row: row["mean"])
    height = {row["method"]: place for place, row in enumerate(tuned)}
    figure, ax = axes(size=(6.4, 3.8))
    for kind, label, look in (
        (True, "chosen rate", {"fmt": "o", "color": LIGHT["blue"]}),
        (False, "torch's defaults", {"fmt": "s", "color": LIGHT["orange"], "mfc": LIGHT["paper"]}),
    ):
        some = [row for row in rows if row["tuned"] is kind]
        ax.errorbar(
            [100 - row["mean"] for row in some],
            [height[row["method"]] - 0.18 * (not kind) for row in some],
            xerr=[row["half"] for row in some],
            capsize=3,
            label=label,
            **look,
        )
    known = [row for row in tuned if row["published"] is not None]
    places = [height[row["method"]] for row in known]
    ax.plot([100 - row["published"] for row in known], places, "x", color=LIGHT["ink"], label="published")
    ax.set(xscale="log", xlabel="test error, %", yticks=range(len(tuned)))
    ax.set_yticklabels([titles[row["method"]] for row in tuned])
    _plain(ax)
    ax.legend()
    return figure


@styled
def by_effective_rate(tuning: list[dict], momenta: dict[str, float], titles: dict[str, str]) -> Figure:
    """Draw the validation error of each trial twice: against its rate η, and against η / (1 − μ).

    Args:
        tuning: as for `by_rate`.
        momenta: μ of the methods that are drawn.
        titles: of the methods.
    """
    figure, panels = axes(1, 2, size=(7.2, 3.2), sharey=True)
    for ax, effective in zip(panels, (False, True), strict=True):
        for name, momentum in momenta.items():
            trials = sorted((t for t in tuning if t["method"] == name), key=lambda t: t["lr"])
            kept = [t for t in trials if not t["failed"]]
            rates = [t["lr"] / (1 - momentum if effective else 1) for t in kept]
            ax.plot(rates, [_error(t) for t in kept], **LOOK_OF[name].line, ms=4, label=titles[name])
        ax.set(xscale="log", yscale="log")
        _plain(ax)
    panels[0].set(xlabel="peak rate η", ylabel="validation error, %")
    panels[1].set_xlabel("effective peak rate η / (1 − μ)")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


@styled
def by_tries(panels: dict[str, dict[str, list[float]]], titles: dict[str, str]) -> Figure:
    """Draw the expected validation error of the best of m rates against m, one panel a task.

    Args:
        panels: title of the task → method → accuracy in per cent for m = 1, 2, …
        titles: of the methods.
    """
    figure, every = axes(1, len(panels), size=(7.2, 3.4), squeeze=False)
    for ax, (title, methods) in zip(every.flat, panels.items(), strict=True):
        for name, best in methods.items():
            errors = [100 - accuracy for accuracy in best]
            ax.plot(range(1, len(best) + 1), errors, **LOOK_OF[name].line, ms=4, label=titles[name])
        ax.set(yscale="log", xlabel="rates tried, m", title=title)
        _plain(ax)
    every[0, 0].set_ylabel("expected validation error, %")
    every[0, -1].legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


@styled
def finalists(tuning: list[dict], chosen: dict[str, float], titles: dict[str, str]) -> Figure:
    """Draw each seed's validation error of each method's best two rates; the mean that won is ringed.

    Args:
        tuning: trials of a search whose best rates ran with several seeds.
        chosen: for each method the rate that won.
        titles: of the methods, from top to bottom.
    """
    figure, ax = axes(size=(6.4, 0.6 + 0.42 * len(titles)))
    for place, name in enumerate(reversed(titles)):
        mine = [t for t in tuning if t["method"] == name]
        rates = sorted({t["lr"] for t in mine if t["seed"] > 0})
        for height, lr, hue in zip((place + 0.14, place - 0.14), rates, ("blue", "orange"), strict=True):
            errors = [_error(t) for t in mine if t["lr"] == lr]
            first = next(_error(t) for t in mine if t["lr"] == lr and t["seed"] == 0)
            mean = sum(errors) / len(errors)
            ax.plot(errors, [height] * len(errors), "|", color=LIGHT[hue], ms=9, mew=1.6)
            ax.plot(first, height, "s", mfc="none", mec=LIGHT[hue], ms=7)
            ax.plot(mean, height, "o", color=LIGHT[hue], ms=5)
            if lr == chosen[name]:
                ax.plot(mean, height, "o", mfc="none", mec=LIGHT["ink"], mew=1.5, ms=11)
            ax.annotate(
                f"{lr:g}", (max(errors), height), (8, 0), textcoords="offset points", va="center", size=8
            )
    ax.set(xlabel="validation error, %", yticks=range(len(titles)), ylim=(-0.5, len(titles) - 0.5))
    ax.set_yticklabels(list(reversed(titles.values())))
    ax.set_xscale("log")
    ax.margins(x=0.12)
    _plain(ax)
    return figure


@styled
def mistakes(shares: np.ndarray, names: list[str]) -> Figure:
    """Draw a confusion matrix without its diagonal.

    Args:
        shares: by `confusion`, in per cent.
        names: of the classes.
    """
    figure, ax = axes(size=(5.2, 4.4))
    wrong, places = np.where(np.eye(len(names), dtype=bool), 0.0, shares), range(len(names))
    for i, j in zip(*np.nonzero(wrong >= wrong.max() / 10), strict=True):
        strength = 0.45 * wrong[i, j] / wrong.max()
        ax.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, color=LIGHT["blue"], alpha=strength, lw=0))
        ax.annotate(f"{wrong[i, j]:.1f}", (j, i), ha="center", va="center", size=7, color=LIGHT["ink"])
    edge = (-0.5, len(names) - 0.5)
    ax.set(xticks=places, yticks=places, xlim=edge, ylim=edge[::-1], xlabel="called", ylabel="right class")
    ax.set_xticklabels(names)
    ax.set_yticklabels(names)
    return figure


@styled
def missed(images: Tensor, captions: list[str]) -> Figure:
    """Draw images side by side, each under its caption.

    Args:
        images: uint8, shape (N, C, H, W).
        captions: one each.
    """
    figure, places = axes(1, len(captions), size=(6.4, 1.5), squeeze=False)
    for ax, image, caption in zip(places.flat, images, captions, strict=True):
        ax.imshow(mosaic(image[None, None]), interpolation="none")
        ax.set(xticks=[], yticks=[], title=caption)
        ax.title.set_fontsize(8)
        ax.spines[:].set_visible(False)
        ax.grid(visible=False)
    return figure


@styled
def learning(
    curves: dict[str, list[list[float]]], steps: int, level: float, titles: dict[str, str]
) -> Figure:
    """Draw training losses against the step: the mean over seeds, and its interval as a band.

    Args:
        curves: method → of each run, mean losses of equal parts of it.
        steps: of a run.
        level: of the interval.
        titles: of the methods.
    """
    figure, ax = axes(size=(6.4, 3.8))
    for name, runs in curves.items():
        found = [mean_interval(list(part), level) for part in zip(*runs, strict=True)]
        at = [(part + 1) * steps / len(found) for part in range(len(found))]
        look = LOOK_OF[name].line
        ax.plot(at, [mean for mean, _ in found], **look | {"marker": "none"}, label=titles[name])
        low, high = ([max(mean + sign * half, 1e-3) for mean, half in found] for sign in (-1, 1))
        ax.fill_between(at, low, high, color=look["color"], alpha=0.2, lw=0)
    ax.set(yscale="log", xlabel="step", ylabel="training loss")
    _plain(ax)
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _error(trial: dict) -> float:
    return 100 - trial["accuracy"]


def _plain(ax: Axes) -> None:
    error = ax.yaxis if ax.get_yscale() == "log" else ax.xaxis
    low, high = error.get_view_interval()
    error.set_major_locator(LogLocator(subs=(1, 2, 5) if high > 30 * low else (1, 1.5, 2, 3, 4, 5, 7)))
    error.set_major_formatter(PER_CENT)
