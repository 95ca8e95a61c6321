"""Figures: one style, one palette; every function returns a matplotlib Figure."""

from book.figures.style import axes, styled

__all__ = ["axes", "styled"]
