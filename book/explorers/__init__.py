"""Explorers: interactive figures, one custom element each, alive on the static page and in a notebook."""

from book.explorers.backpropagation import Backpropagation
from book.explorers.bundle import page_scripts
from book.explorers.descent_on_a_surface import DescentOnASurface
from book.explorers.float_bits import FloatBits
from book.explorers.jacobian_map import JacobianMap
from book.explorers.momentum_phases import MomentumPhases
from book.explorers.one_step import OneStep
from book.explorers.race import Race
from book.explorers.smoother import Smoother
from book.explorers.softmax_stress import SoftmaxStress
from book.explorers.taylor import Taylor

__all__ = [
    "Backpropagation",
    "DescentOnASurface",
    "FloatBits",
    "JacobianMap",
    "MomentumPhases",
    "OneStep",
    "Race",
    "Smoother",
    "SoftmaxStress",
    "Taylor",
    "page_scripts",
]
