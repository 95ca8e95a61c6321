"""Explorers: interactive figures, one custom element each, alive on the static page and in a notebook."""

from book.explorers.backpropagation import Backpropagation
from book.explorers.bias_correction import BiasCorrection
from book.explorers.bundle import page_scripts
from book.explorers.comparison import ComparisonExplorer
from book.explorers.descent_on_a_surface import DescentOnASurface
from book.explorers.float_bits import FloatBits
from book.explorers.jacobian_map import JacobianMap
from book.explorers.momentum_phases import MomentumPhases
from book.explorers.one_step import OneStep
from book.explorers.race import Race
from book.explorers.schedule_designer import ScheduleDesigner
from book.explorers.smoother import Smoother
from book.explorers.softmax_stress import SoftmaxStress
from book.explorers.taylor import Taylor

__all__ = [
    "Backpropagation",
    "BiasCorrection",
    "ComparisonExplorer",
    "DescentOnASurface",
    "FloatBits",
    "JacobianMap",
    "MomentumPhases",
    "OneStep",
    "Race",
    "ScheduleDesigner",
    "Smoother",
    "SoftmaxStress",
    "Taylor",
    "page_scripts",
]
