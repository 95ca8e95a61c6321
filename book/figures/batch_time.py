"""Where the time of a training step goes."""

from matplotlib.figure import Figure

from book.figures.palette import LIGHT
from book.figures.style import axes, styled

PARTS = {"data": "orange", "forward": "blue", "backward": "sky", "optimizer": "purple"}


@styled
def parts(panels: dict[str, dict[str, dict[str, float]]]) -> Figure:
    """Draw the milliseconds of a step as a bar of four parts, one panel a network, one bar a way to train.

    Args:
        panels: title → way → part → milliseconds.
    """
    ratios = [len(ways) + 1 for ways in panels.values()]
    figure, every = axes(len(panels), 1, size=(7.2, 0.34 * sum(ratios) + 1), height_ratios=ratios)
    for ax, (title, ways) in zip(every, panels.items(), strict=True):
        starts = [0.0] * len(ways)
        for part, colour in PARTS.items():
            widths = [milliseconds[part] for milliseconds in ways.values()]
            ax.barh(list(ways), widths, 0.7, starts, color=LIGHT[colour], label=part)
            starts = [start + width for start, width in zip(starts, widths, strict=True)]
        ax.set(title=title, ylim=(len(ways) - 0.4, -0.6))
        ax.grid(visible=False, axis="y")
    every[-1].set_xlabel("milliseconds for a batch of 128 images")
    every[0].legend(ncols=4, loc="lower right", bbox_to_anchor=(1, 1))
    return figure
