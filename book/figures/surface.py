"""A surface as level lines, with paths of descent on it; and a function along a line."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from book.figures.palette import LIGHT, SERIES
from book.figures.style import axes, styled
from book.surfaces import Surface

LEVELS = 11


def draw_levels(
    ax: Axes, x: torch.Tensor, y: torch.Tensor, height: torch.Tensor, levels: int = LEVELS
) -> None:
    """Draw level lines, the ground the darker the lower; the levels are quantiles, so that all show.

    Args:
        ax: where to draw.
        x, y, height: shape (rows, columns) each, as `Surface.grid` gives them.
        levels: how many.
    """
    edges = spread_levels(height, levels)
    shades = [to_rgba(LIGHT["accent"], alpha) for alpha in np.linspace(0.28, 0.02, len(edges) - 1)]
    ax.contourf(x, y, height, levels=edges, colors=shades)
    look = {"colors": LIGHT["accent"], "linewidths": 0.6, "linestyles": "solid", "alpha": 0.4}
    ax.contour(x, y, height, levels=edges[1:-1], **look)
    ax.grid(visible=False)


def spread_levels(height: torch.Tensor, levels: int) -> np.ndarray:
    """Heights between which equally many grid points lie, from below the lowest to above the highest.

    Each stands a little off the quantile, which can be the height of a grid point: whether a line passes
    left or right of that point would hang on the last bit of the height, and differ between machines.

    Examples:
        >>> spread_levels(torch.arange(5.0), 2).round(2).tolist()
        [-0.02, 2.02, 4.02]
    """
    quantiles = np.quantile(height.numpy(), np.linspace(0, 1, levels + 1))
    wide = quantiles[np.append(True, np.diff(quantiles) > 1e-6 * np.ptp(quantiles))]
    off = 0.0117 * np.diff(wide, append=2 * wide[-1] - wide[-2])
    off[0] *= -1
    return wide + off


@styled
def paths_on(surface: Surface, paths: dict[str, torch.Tensor], points: int = 50) -> Figure:
    """Draw paths of descent on the level lines of a surface in two dimensions.

    Args:
        surface: with n = 2; its minima are marked by stars.
        paths: label → shape (steps + 1, 2); a path that leaves the box is cut off there.
        points: grid points a side.
    """
    figure, ax = axes(size=(6.4, 4.4))
    draw_levels(ax, *surface.grid(points))
    for (label, path), name, marker in zip(paths.items(), SERIES[1:], "os^Dv", strict=False):
        ax.plot(*path.T, marker + "-", color=LIGHT[name], markersize=3.5, lw=1.3, label=label)
    for minimum in surface.minima:
        ax.plot(*minimum, "*", color=LIGHT["ink"], markersize=11)
    ax.set(xlabel="$x$", ylabel="$y$", xlim=surface.box[0], ylim=surface.box[1])
    ax.legend(loc="best", framealpha=0.8, frameon=True, facecolor=LIGHT["paper"], edgecolor=LIGHT["rule"])
    return figure
