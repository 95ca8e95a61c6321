"""Explorers: interactive figures, one custom element each, alive on the static page and in a notebook."""

from book.explorers.backpropagation.widget import Backpropagation
from book.explorers.bias_correction.widget import BiasCorrection
from book.explorers.comparison.widget import ComparisonExplorer
from book.explorers.conjugate_directions.widget import ConjugateDirections
from book.explorers.constraint.widget import Constraint
from book.explorers.descent_on_a_surface.widget import DescentOnASurface
from book.explorers.error_by_eigenvalue.widget import ErrorByEigenvalue
from book.explorers.float_bits.widget import FloatBits
from book.explorers.hutchinson.widget import Hutchinson
from book.explorers.jacobian_map.widget import JacobianMap
from book.explorers.momentum_phases.widget import MomentumPhases
from book.explorers.natural_step.widget import NaturalStep
from book.explorers.one_step.widget import OneStep
from book.explorers.race.widget import Race
from book.explorers.schedule_designer.widget import ScheduleDesigner
from book.explorers.secant_learning.widget import SecantLearning
from book.explorers.shared.bundle import page_scripts
from book.explorers.slowness.widget import Slowness
from book.explorers.smoother.widget import Smoother
from book.explorers.softmax_stress.widget import SoftmaxStress
from book.explorers.taylor.widget import Taylor
from book.explorers.trust_region.widget import TrustRegionExplorer
from book.explorers.valley.widget import Valley

__all__ = [
    "Backpropagation",
    "BiasCorrection",
    "ComparisonExplorer",
    "ConjugateDirections",
    "Constraint",
    "DescentOnASurface",
    "ErrorByEigenvalue",
    "FloatBits",
    "Hutchinson",
    "JacobianMap",
    "MomentumPhases",
    "NaturalStep",
    "OneStep",
    "Race",
    "ScheduleDesigner",
    "SecantLearning",
    "Slowness",
    "Smoother",
    "SoftmaxStress",
    "Taylor",
    "TrustRegionExplorer",
    "Valley",
    "page_scripts",
]
