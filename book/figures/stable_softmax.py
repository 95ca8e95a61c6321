"""Figures of the chapter *Stable softmax*."""

import math

import torch
from matplotlib.figure import Figure
from torch import Tensor

from book.figures.palette import LIGHT
from book.figures.style import axes, styled

HEIGHT = 2.7
NEAR, EDGE = 1.2e3, 1e40


@styled
def exponentials(logits: list[float], dtypes: list[torch.dtype]) -> Figure:
    """Draw the decimal exponent of exp(x) as a bar for each logit, and each dtype's largest float as a line.

    Args:
        logits: the scores x.
        dtypes: the formats whose ceilings are drawn.
    """
    figure, ax = axes(size=(6.4, 2.4))
    digits = [x / math.log(10) for x in logits]
    ax.barh([f"exp({x:g})" for x in logits], digits, color=LIGHT["orange"], alpha=0.55, height=0.5)
    for dtype in dtypes:
        ceiling, name = math.log10(torch.finfo(dtype).max), str(dtype).removeprefix("torch.")
        ax.axvline(ceiling, color=LIGHT["blue"], lw=1.8)
        ax.text(ceiling + 4, -0.62, f"largest {name}", color=LIGHT["blue"], fontsize=9, va="center")
    ax.invert_yaxis()
    ax.set(xlabel="number of decimal digits before the point", xlim=(0, 470), ylim=(len(logits) - 0.5, -0.9))
    ax.grid(axis="y", visible=False)
    return figure


@styled
def corridor(shifts: Tensor, errors: Tensor, largest: float, floor: float) -> Figure:
    """Draw the error of softmax against the constant subtracted; nan and an error of 1 as shaded zones.

    Args:
        shifts, errors: shape (n,), the constants and the largest relative error of a probability with each.
        largest: the largest logit, which is marked.
        floor: errors below it are drawn on it.
    """
    figure, ax = axes(size=(6.4, 2.9))
    works = errors < 1
    low, high = shifts[works].min().item(), shifts[works].max().item()
    last = shifts[errors.isfinite()].max().item()
    ax.semilogy(shifts[works], errors[works].clamp(min=floor), color=LIGHT["green"])
    for start, end, height, alpha, text in (
        (shifts[0].item(), low, 1e-4, 0.16, "overflow:\ninf / inf"),
        (high, last, 1e-2, 0.08, "error 1"),
        (last, shifts[-1].item(), 1e-4, 0.16, "underflow:\n0 / 0"),
    ):
        ax.axvspan(start, end, color=LIGHT["orange"], alpha=alpha, lw=0)
        ax.text((start + end) / 2, height, text, ha="center", va="center", color=LIGHT["orange"], fontsize=9)
    ax.axvline(largest, color=LIGHT["blue"], ls="--", lw=1.3)
    ax.text(largest + 2, 0.05, "the largest logit", color=LIGHT["blue"], fontsize=9)
    ax.set(xlabel="constant $c$ subtracted from every logit", ylabel="relative error", ylim=(floor / 3, 2))
    ax.set_xlim(shifts[0].item(), shifts[-1].item())
    return figure


@styled
def soft_maximum(x: Tensor, curves: dict[int, Tensor]) -> Figure:
    """Draw log-sum-exp of x and n - 1 zeros against x, above the maximum of the two that it smooths.

    Args:
        x: shape (k,).
        curves: n → values of shape (k,).
    """
    figure, ax = axes(size=(6.4, HEIGHT))
    for n, values in curves.items():
        ax.plot(x, values, label=f"log-sum-exp, $n = {n}$")
    ax.plot(x, x.clamp(min=0), color=LIGHT["muted"], ls="--", lw=1.3, label="maximum")
    ax.set(xlabel="$x$, beside $n-1$ zeros", ylabel="value")
    ax.legend()
    return figure


@styled
def underflow(gaps: Tensor, probability: Tensor, losses: dict[str, Tensor]) -> Figure:
    """Draw the losing probability and the loss against the gap, where float32 runs out of numbers.

    Args:
        gaps: shape (k,).
        probability: shape (k,), as computed; its zeros are left out of the logarithmic axis.
        losses: label → shape (k,); inf leaves a gap.
    """
    figure, (left, right) = axes(1, 2, size=(7.0, HEIGHT + 0.2))
    alive = probability > 0
    left.semilogy(gaps, torch.exp(-gaps.double()), color=LIGHT["muted"], ls="--", lw=1.2, label="exact")
    left.semilogy(gaps[alive], probability[alive], color=LIGHT["blue"], label="float32")
    left.semilogy(gaps[alive][-1], probability[alive][-1], "X", color=LIGHT["blue"], markersize=8)
    left.set(xlabel="gap", title="probability of the loser")
    for label, values in losses.items():
        right.plot(gaps, values.where(values.isfinite(), math.nan), label=label)
    last = gaps[alive][-1].item()
    right.axvline(last, color=LIGHT["orange"], lw=1, ls=":")
    right.text(last + 0.15, gaps[0].item(), "from here: inf", color=LIGHT["orange"], fontsize=9, va="bottom")
    right.set(xlabel="gap", title="loss: −log of it")
    left.legend(loc="lower left")
    right.legend(loc="upper left")
    return figure


@styled
def pushes(gaps: Tensor, losses: dict[str, Tensor], gradients: dict[str, Tensor]) -> Figure:
    """Draw losses and the size of their gradients against the gap by which the right class loses.

    Args:
        gaps: shape (k,).
        losses, gradients: label → shape (k,); what is not finite leaves a gap, ended by a cross.
    """
    figure, panels = axes(1, 2, size=(7.0, HEIGHT + 0.3))
    styles = ("-", "--", "-.")
    for ax, curves in zip(panels, (losses, gradients), strict=True):
        for i, (label, values) in enumerate(curves.items()):
            alive = values.isfinite()
            (line,) = ax.plot(gaps[alive], values[alive], styles[i], lw=2.6 - 0.6 * i, label=label)
            if not alive.all():
                ax.plot(
                    gaps[alive][-1],
                    values[alive][-1],
                    "X",
                    color=line.get_color(),
                    markersize=8,
                    clip_on=False,
                )
        ax.set(xlabel="gap", xlim=(0, gaps[-1].item()))
    panels[0].set(title="loss")
    panels[1].set(title="pull on the winning logit", ylim=(-0.08, 1.18))
    panels[0].legend()
    return figure


@styled
def survival(names: list[str], gaps: dict[str, list[tuple[float, float]]]) -> Figure:
    """Draw, per dtype, the largest gap with a finite loss (disc) and with a finite gradient (ring), log axes.

    Args:
        names: the losses, top to bottom.
        gaps: dtype name → one (loss, gradient) pair for each name; what is beyond 1e40 is drawn as an arrow.
    """
    figure, panels = axes(1, 2, size=(7.2, 4.6), sharey=True, width_ratios=(2.2, 1))
    for i, (dtype, pairs) in enumerate(gaps.items()):
        colour = LIGHT[("blue", "orange", "green", "purple")[i]]
        for row, (loss, gradient) in enumerate(pairs):
            ax, y = panels[int(loss > NEAR)], row + 0.22 * (i - 1.5)
            ax.plot((min(gradient, EDGE), min(loss, EDGE)), (y, y), color=colour, lw=1.4)
            ax.plot(min(loss, EDGE), y, "o" if loss < EDGE else ">", color=colour, markersize=4.5)
            if loss < EDGE:
                ax.plot(gradient, y, "o", mfc="none", mec=colour, markersize=8, mew=1.1)
        panels[0].plot([], [], "o", color=colour, markersize=4.5, label=dtype)
    panels[0].set_yticks(range(len(names)), names)
    panels[0].invert_yaxis()
    panels[0].set(xscale="log", xlim=(9, NEAR))
    panels[0].set_xticks([10, 20, 50, 100, 200, 500, 1000], ["10", "20", "50", "100", "200", "500", "1000"])
    panels[0].minorticks_off()
    panels[1].set(xscale="log", xlim=(NEAR, 1e42), xticks=[1e4, 1e20, 1e40])
    panels[1].minorticks_off()
    figure.supxlabel("largest gap (disc: the loss is finite; ring: so is its gradient)", fontsize=10)
    figure.legend(ncols=4, loc="outside upper right")
    return figure


@styled
def training(losses: dict[str, list[float]]) -> Figure:
    """Draw the loss at every step; a run that ends in nan stops at a cross.

    Args:
        losses: label → the losses, of which the last may be nan.
    """
    figure, ax = axes(size=(6.4, HEIGHT + 0.1))
    for i, (label, values) in enumerate(losses.items()):
        alive = [value for value in values if math.isfinite(value)]
        (line,) = ax.plot(alive, ("-", "--", "-")[i], lw=(4.6, 2.4, 1.4)[i], label=label)
        if len(alive) < len(values):
            end = {"markersize": (14, 8)[i], "zorder": 4 + i}
            ax.plot(len(alive) - 1, alive[-1], "X", color=line.get_color(), **end)
    ax.set(xlabel="training step", ylabel="loss", ylim=(0, None))
    ax.legend()
    return figure


@styled
def temperature(logits: Tensor, temperatures: list[float], probabilities: Tensor) -> Figure:
    """Draw the same logits as bars of probability, one panel a temperature.

    Args:
        logits: shape (n,).
        temperatures: k of them.
        probabilities: shape (k, n).
    """
    figure, panels = axes(1, len(temperatures), size=(7.0, 2.3), sharey=True)
    for ax, value, p in zip(panels, temperatures, probabilities, strict=True):
        ax.bar([f"{x:g}" for x in logits], p, color=LIGHT["blue"], width=0.7)
        ax.set(title=f"$T = {value:g}$", ylim=(0, 1.02))
        ax.grid(axis="x", visible=False)
    panels[0].set(ylabel="probability")
    figure.supxlabel("logit", fontsize=10, color=LIGHT["ink"])
    return figure


@styled
def tails(x: Tensor, errors: dict[str, dict[str, Tensor]], floor: float) -> Figure:
    """Draw the relative error of each way to write a function, one panel a function.

    Args:
        x: shape (k,).
        errors: title → label → relative errors of shape (k,); inf and nan are drawn on the upper edge.
        floor: what is below it is drawn on it.
    """
    figure, panels = axes(1, len(errors), size=(7.0, HEIGHT + 0.3), sharey=True)
    for ax, (title, curves) in zip(panels, errors.items(), strict=True):
        for (label, error), colour in zip(curves.items(), ("orange", "gold", "blue"), strict=False):
            shown = error.nan_to_num(nan=1e3, posinf=1e3).clamp(floor, 1e3)
            ax.semilogy(x, shown, color=LIGHT[colour], label=label, lw=2.6 if colour == "blue" else 1.6)
        ax.axhline(1, color=LIGHT["muted"], lw=1, ls=":")
        ax.set(xlabel="$x$", title=title, ylim=(floor / 4, 4e3))
        ax.legend(loc="center", bbox_to_anchor=(0.46, 0.8))
    panels[0].set(ylabel="relative error")
    return figure


@styled
def attention(weights: Tensor) -> Figure:
    """Draw attention weights as a matrix of shaded squares with their numbers; a row of nan is hatched.

    Args:
        weights: shape (queries, keys), each row summing to 1 or all nan.
    """
    figure, ax = axes(size=(3.6, 3.0))
    for (query, key), weight in zip(
        torch.cartesian_prod(*map(torch.arange, weights.shape)).tolist(), weights.flatten(), strict=True
    ):
        value = weight.item()
        broken = math.isnan(value)
        face = {
            "color": LIGHT["orange" if broken else "blue"],
            "alpha": 0.25 if broken else 0.6 * value,
            "lw": 0,
        }
        ax.fill([key, key + 1, key + 1, key], [query, query, query + 1, query + 1], **face)
        ax.text(key + 0.5, query + 0.5, f"{value:.2f}", ha="center", va="center", fontsize=9)
    ax.set(xlim=(0, weights.shape[1]), ylim=(weights.shape[0], 0), xlabel="key", ylabel="query")
    ax.set_xticks([key + 0.5 for key in range(weights.shape[1])], range(weights.shape[1]))
    ax.set_yticks([query + 0.5 for query in range(weights.shape[0])], range(weights.shape[0]))
    ax.tick_params(length=0)
    ax.grid(visible=False)
    return figure
