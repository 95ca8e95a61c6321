"""The picture of the front page: descent in a narrow valley, at three rates."""

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from book.figures.palette import LIGHT
from book.figures.style import axes, styled

CURVATURE = np.array([1.0, 12.0])
START = np.array([-9.0, 2.1])
RATES = {"blue": 0.03, "green": 2 / CURVATURE.sum(), "orange": 0.163}
STEPS = 40
LEVELS = np.array([0, 0.3, 1.6, 4.2, 8.2, 13.6, 20.5, 29, 39, 51, 65, 82, 95])


def path(lr: float, steps: int = STEPS) -> np.ndarray:
    """Return the points of gradient descent on f(x) = ½ Σ λ x², from the start, shape (steps + 1, 2).

    Examples:
        >>> bool(abs(path(RATES["green"], 200)[-1]).max() < 1e-6)
        True
    """
    return START * (1 - lr * CURVATURE) ** np.arange(steps + 1)[:, None]


@styled
def valley() -> Figure:
    """Return the valley, the darker the lower, with the three paths."""
    figure, ax = axes(size=(9.6, 3.6))
    x, y = np.linspace(-10.4, 3.4, 160), np.linspace(-2.6, 2.6, 100)
    height = 0.5 * (CURVATURE[0] * x[None, :] ** 2 + CURVATURE[1] * y[:, None] ** 2)
    shades = [to_rgba(LIGHT["accent"], alpha) for alpha in np.linspace(0.3, 0.02, len(LEVELS) - 1)]
    ax.contourf(x, y, height, levels=LEVELS, colors=shades)
    ax.contour(x, y, height, levels=LEVELS, colors=LIGHT["accent"], linewidths=0.6, alpha=0.35)
    for colour, lr in RATES.items():
        ax.plot(*path(lr).T, color=LIGHT[colour], lw=1.5, marker="o", ms=3.6, label=f"rate {lr:.3f}")
    ax.plot(*START, "o", color=LIGHT["ink"], ms=8)
    ax.plot(0, 0, "+", color=LIGHT["ink"], ms=11, mew=1.8)
    ax.legend(loc="lower right", fontsize=10)
    ax.axis("off")
    return figure
