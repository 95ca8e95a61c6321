"""Figures in two themes: legible in both, and never a colour that only one of them knows."""

import re

import pytest

from book.errors import BookError
from book.figures import axes, styled
from book.figures.palette import DARK, LIGHT, SERIES
from book.figures.svg import to_svg
from book.site.pictures import light_and_dark, size
from tests.cases import each

LEAST_CONTRAST = 3.0
DRAWN = [name for name in LIGHT if name not in ("paper", "wash", "rule")]


def luminance(colour: str) -> float:
    """Return the relative luminance of "#rrggbb" (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_and_white_is_known():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@each("palette", [LIGHT, DARK])
@each("name", DRAWN)
def test_every_colour_that_draws_is_seen_on_its_paper(palette, name):
    assert contrast(palette[name], palette["paper"]) >= LEAST_CONTRAST


@styled
def seven_lines():
    figure, ax = axes()
    for number in range(len(SERIES)):
        ax.plot([0, number], label="a line")
    ax.legend()
    return figure


def test_a_drawn_figure_changes_every_colour():
    light, dark = light_and_dark(to_svg(seven_lines()))
    colours = set(re.findall(r"#[0-9a-f]{6}\b", dark))
    assert colours <= set(DARK.values())
    assert len(colours) == len(set(re.findall(r"#[0-9a-f]{6}\b", light)))


def test_a_colour_outside_the_palette_is_refused():
    with pytest.raises(BookError, match=r"#000000.*palette"):
        light_and_dark('<svg viewBox="0 0 1 1"><path style="fill: #000000"/></svg>')


def test_the_size_is_known_before_the_picture_is_loaded():
    figure, _ = axes(size=(6, 3))
    assert size(to_svg(figure)) == (576, 288)
