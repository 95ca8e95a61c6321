"""Figures of the chapter *AdaDelta*."""

import torch
from matplotlib.figure import Figure

from book.figures.palette import LIGHT, SERIES
from book.figures.style import axes, styled

MARKERS = "os^Dv"
DASHES = ("-", "--", "-.", ":", "-")


@styled
def in_two_units(runs: dict[str, dict[str, torch.Tensor]]) -> Figure:
    """Draw the distance to the minimum step by step: one panel a method, one line a unit.

    Args:
        runs: method → unit → distances in metres, shape (steps + 1,).
    """
    figure, panels = axes(1, len(runs), size=(7.4, 3.0), sharey=True)
    for ax, (method, lines) in zip(panels, runs.items(), strict=True):
        for i, (unit, distance) in enumerate(lines.items()):
            style = {"color": LIGHT[SERIES[i]], "ls": DASHES[i], "marker": MARKERS[i]}
            ax.semilogy(distance.clamp(min=1e-4), **style, markersize=4, markevery=15, label=unit)
        ax.set(title=method, xlabel="step")
    panels[0].set(ylabel="distance to the minimum (m)", ylim=(5e-4, 3))
    panels[0].legend(fontsize=8)
    return figure


@styled
def travel(distances: dict[float, torch.Tensor], forecast: dict[float, torch.Tensor]) -> Figure:
    """Draw how far a parameter has come under a constant gradient, and the forecast as a thin line.

    Args:
        distances: ε → shape (steps,), after step 1, 2, …
        forecast: the same from the formula.
    """
    figure, ax = axes(size=(6.4, 3.8))
    for i, (eps, distance) in enumerate(distances.items()):
        steps = torch.arange(1, len(distance) + 1)
        places = [0, 3, 9, 30, 99, 300, 999]
        style = {"color": LIGHT[SERIES[i]], "marker": MARKERS[i], "markersize": 4.5}
        ax.loglog(steps, distance, **style, markevery=places, lw=1.6, label=f"ε = {eps:.0e}")
        ax.loglog(steps, forecast[eps], color=LIGHT["ink"], ls=":", lw=1.1)
    ax.plot([], [], color=LIGHT["ink"], ls=":", lw=1.1, label="forecast")
    ax.set(xlabel="step", ylabel="distance travelled")
    ax.legend()
    return figure


@styled
def bands(
    panels: dict[str, tuple[list[float], dict[str, list[list[float]]]]], defaults: dict[str, float]
) -> Figure:
    """Draw the loss after training against a setting: the median of the seeds, and their range.

    Args:
        panels: axis label → the settings, and label → losses, a list of seeds for each setting.
        defaults: axis label → the setting that the library ships, marked by a line.
    """
    figure, drawn = axes(1, len(panels), size=(7.4, 3.3), sharey=True)
    for ax, (label, (settings, curves)) in zip(drawn, panels.items(), strict=True):
        for i, (name, losses) in enumerate(curves.items()):
            values = torch.tensor(losses)
            colour = LIGHT[SERIES[i]]
            ax.fill_between(settings, values.amin(1), values.amax(1), color=colour, alpha=0.2, lw=0)
            style = {"color": colour, "ls": DASHES[i], "marker": MARKERS[i], "markersize": 4}
            ax.loglog(settings, values.median(1).values, **style, label=name)
        ax.axvline(defaults[label], color=LIGHT["muted"], ls=":", lw=1.2)
        ax.set(xlabel=label)
        ax.legend(fontsize=8)
    drawn[0].set(ylabel="training loss")
    return figure
