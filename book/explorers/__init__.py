"""Explorers: interactive figures, one custom element each, alive on the static page and in a notebook."""

from book.explorers.bundle import page_scripts
from book.explorers.descent_on_a_surface import DescentOnASurface
from book.explorers.float_bits import FloatBits
from book.explorers.softmax_stress import SoftmaxStress

__all__ = ["DescentOnASurface", "FloatBits", "SoftmaxStress", "page_scripts"]
