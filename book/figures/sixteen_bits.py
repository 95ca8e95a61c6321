"""Figures of the chapter *Sixteen bits*: updates, gradients and products of many factors."""

import math

import torch
from matplotlib.figure import Figure

from book.figures.floating_point import colour
from book.figures.narrow import is_narrow
from book.figures.palette import LIGHT
from book.figures.style import axes, styled

# float16 in powers of two: its smallest subnormal, its smallest normal number, and what it stays below.
SMALLEST, NORMAL, LARGEST = -24, -14, 16


@styled
def gradient_histogram(plain: torch.Tensor, scaled: torch.Tensor, shift: int) -> Figure:
    """Draw how many gradients have which size, before and after scaling, over the range of float16.

    Args:
        plain, scaled: shape (n,), the sizes as powers of two, zeros left out.
        shift: the power of two of the scale.
    """
    figure, rows = axes(2, 1, size=(6.4, 4), sharex=True)
    edges = torch.arange(-48, 19, dtype=torch.float32)
    titles = ("as they are", f"the loss multiplied by $2^{{{shift}}}$ before the backward pass")
    for ax, sizes, title in zip(rows, (plain, scaled), titles, strict=True):
        shares = torch.histogram(sizes.float().clamp(-47.5, 18), edges).hist / len(sizes)
        lost = edges[:-1] < SMALLEST - 1
        ax.bar(
            edges[:-1] + 0.5, 100 * shares, width=0.85, color=[LIGHT["orange" if z else "blue"] for z in lost]
        )
        ax.axvspan(NORMAL, LARGEST, color=LIGHT["green"], alpha=0.14, lw=0, zorder=0)
        ax.axvspan(SMALLEST - 1, NORMAL, color=LIGHT["gold"], alpha=0.14, lw=0, zorder=0)
        ax.set_title(title, fontsize=9)
        ax.set(ylabel="share (%)", xlim=(-48, 18))
    top = (1.6 if is_narrow() else 1.3) * rows[0].get_ylim()[1]
    rows[0].set_ylim(0, top)
    zones = (
        (-36.5, "rounds to 0", "orange"),
        (-19.5, "subnormal", "gold"),
        (1, "normal in float16", "green"),
    )
    for x, text, series in zones:
        if is_narrow():
            text = {"rounds to 0": "rounds\nto 0", "subnormal": "\n\nsubnormal"}.get(text, "normal")
        rows[0].text(x, 0.96 * top, text, ha="center", va="top", fontsize=9, color=LIGHT[series])
    rows[1].set_xlabel("size of a gradient, as a power of two")
    return figure


@styled
def scale_sweep(powers: list[int], lost: list[float], errors: list[float], limit: int) -> Figure:
    """Draw, against the loss scale, the share of gradients lost and the error of the weights' gradient.

    Args:
        powers: the scales as powers of two.
        lost: the share of activation gradients that became 0, in percent.
        errors: the relative error of the weights' gradient; not drawn where it is not finite.
        limit: the largest power of two that was predicted to be safe.
    """
    figure, panels = axes(1, 2, size=(6.8, 3))
    finite = [k for k, e in zip(powers, errors, strict=True) if e < float("inf")]
    panels[0].plot(finite, lost[: len(finite)], "o-", markersize=3.5, color=LIGHT["orange"])
    panels[0].set(ylabel="gradients lost to 0 (%)", ylim=(-2, None))
    panels[1].semilogy(finite, errors[: len(finite)], "o-", markersize=3.5, color=LIGHT["blue"])
    low, high = (math.log10(side(errors[: len(finite)])) for side in (min, max))
    top = 10 ** math.ceil(high - 0.01)  # an error of 1 stays below the next decade, however it is rounded
    panels[1].set(ylabel="error of the gradient", ylim=(10 ** math.floor(low), 1.3 * top))
    for ax in panels:
        ax.axvspan(limit + 0.5, powers[-1] + 0.5, color=LIGHT["pink"], alpha=0.16, lw=0)
        ax.set(xlabel="loss scale, as a power of two", xlim=(-0.5, powers[-1] + 0.5))
    panels[1].text(
        limit + 0.9,
        0.5,
        "overflow",
        rotation=90,
        va="center",
        fontsize=9,
        color=LIGHT["pink"],
        transform=panels[1].get_xaxis_transform(),
    )
    return figure


@styled
def lost_updates(paths: dict[str, list[float]]) -> Figure:
    """Draw a weight against the number of updates, one line a format.

    Args:
        paths: by format name, the weight after every update.
    """
    figure, ax = axes()
    for name, path in paths.items():
        every = max(1, len(path) // 100)
        style = {"ls": "--"} if name == "float64" else {"lw": 3 if name == "float32" else 1.8}
        ax.plot(range(0, len(path), every), path[::every], color=colour(name), label=name, **style)
    ax.set(xlabel="updates", ylabel="the weight")
    ax.legend(loc="lower left")
    return figure


@styled
def vanishing(gradients: dict[str, list[float]], predicted: dict[str, int]) -> Figure:
    """Draw the gradient that reaches the input against the depth of the chain, one line a format.

    Args:
        gradients: by format name, the gradient at depth 1, 2, …, as a Python float; 0 ends the line.
        predicted: by format name, the depth at which it becomes 0.
    """
    figure, ax = axes(size=(6.4, 3.8))
    for name, values in gradients.items():
        alive = [value for value in values if value > 0]
        style = {"lw": 1} if name == "float64" else {"marker": ".", "markersize": 4, "lw": 0.8}
        ax.semilogy(range(1, len(alive) + 1), alive, color=colour(name), **style)
        if predicted[name] <= len(values):
            ax.semilogy(len(alive), alive[-1], "o", color=colour(name), markersize=7)
            ax.axvline(predicted[name], color=colour(name), ls=":", lw=1.2)
    for name, place, side in (("float16", 13, "left"), ("bfloat16", 62, "right"), ("float32", 71, "left")):
        height = 1e-9 if is_narrow() and name == "bfloat16" else 1
        ax.text(place, height, f"{name}: {predicted[name]}", ha=side, color=colour(name), fontsize=9)
    ax.text(81, 1e-48, "float64", color=colour("float64"), fontsize=9)
    ax.set(xlabel="layers between the loss and the input", ylabel="gradient", xlim=(0, len(values)))
    return figure


@styled
def by_chance(paths: torch.Tensor, nearest: list[float], exact: list[float]) -> Figure:
    """Draw a weight that is rounded by chance, every run of it, beside the one rounded to nearest.

    Args:
        paths: shape (runs, n), the weight of each run after each update.
        nearest, exact: shape (n,), the weight rounded to nearest, and not rounded.
    """
    figure, ax = axes()
    for run in paths:
        ax.plot(run, color=colour("bfloat16"), lw=0.7, alpha=0.35)
    ax.plot(
        paths.mean(0), color=colour("bfloat16"), lw=2.4, label="rounded by chance: each run, and their mean"
    )
    ax.plot(nearest, color=LIGHT["orange"], label="rounded to the nearest")
    ax.plot(exact, color=LIGHT["ink"], ls="--", lw=1.2, label="exact")
    ax.set(xlabel="updates", ylabel="the weight")
    ax.legend(loc="lower left")
    return figure
