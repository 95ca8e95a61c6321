"""Labels of logarithmic axes: a power of ten, or a plain number; nobody reads 6 × 10⁻¹ at a glance."""

from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter, LogLocator, MaxNLocator, NullFormatter


def plain_logarithms(figure: Figure) -> None:
    """Label no minor tick; where fewer than two powers of ten are in view, label 0.5, 1, 2, 5 and the like.

    Examples:
        >>> from book.figures import axes
        >>> figure, ax = axes()
        >>> _ = ax.set(yscale="log", ylim=(0.3, 6))
        >>> plain_logarithms(figure)
        >>> figure.draw_without_rendering()
        >>> [label.get_text() for label in ax.get_yticklabels() if 0.3 < label.get_position()[1] < 6]
        ['0.5', '1', '2', '5']
    """
    for ax in figure.axes:
        ax.autoscale_view()
        for axis in (ax.xaxis, ax.yaxis):
            if isinstance(axis.get_minor_formatter(), LogFormatter):
                axis.set_minor_formatter(NullFormatter())
                _label(axis)


def _label(axis: Axis) -> None:
    usual = isinstance(axis.get_major_locator(), LogLocator) and isinstance(
        axis.get_major_formatter(), LogFormatter
    )
    finer = iter((LogLocator(subs=(1, 2, 5)), MaxNLocator(4)))
    while usual and _in_view(axis) < 2:
        axis.set_major_locator(next(finer))
        axis.set_major_formatter(lambda value, _: f"{value:g}")


def _in_view(axis: Axis) -> int:
    low, high = sorted(axis.get_view_interval())
    return sum(low <= tick <= high for tick in axis.get_majorticklocs())
