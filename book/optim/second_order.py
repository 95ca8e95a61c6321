"""The table of second-order methods: one entry each, read by tests and by the chapter that compares them.

They stand apart from `METHODS`, because what reads that table takes one step from the gradient that lies in
`grad`, at any rate of a row: the project, Race, its mutants. A method here is given a closure or a model,
most find the length of a step themselves, and what tells them apart is what they ask of the loss.
"""

from dataclasses import dataclass

import torch

from book.optim.adahessian import AdaHessian
from book.optim.bfgs import BFGS
from book.optim.gauss_newton import GaussNewton
from book.optim.kfac import KFAC
from book.optim.lbfgs import LBFGS
from book.optim.levenberg_marquardt import LevenbergMarquardt
from book.optim.methods import ROOT
from book.optim.natural_gradient import NaturalGradient
from book.optim.newton import Newton
from book.optim.newton_cg import NewtonCG
from book.optim.nonlinear_cg import ConjugateGradient
from book.optim.shampoo import Shampoo
from book.optim.trust_region import TrustRegion

ASKS = {
    "gradients": "the loss and its gradient",
    "products": "the Hessian times a vector",
    "Hessian": "the Hessian, n by n",
    "residuals": "the residuals and their Jacobian",
    "Fisher": "the Fisher matrix, n by n",
    "layers": "each layer's inputs, and the gradients of its outputs",
}


@dataclass(frozen=True)
class SecondOrder:
    """A method: where it comes from, what it asks for, and what it is held against.

    Args:
        make: its class, which has the same name as the entry.
        year: of the first paper in its docstring.
        parents: names of other entries, here or in `METHODS`, or `ROOT`.
        adds: what it adds to them, in a few words.
        asks: what it asks of the loss, a key of `ASKS`.
        reference: the package that its test holds it against.
        chapter: the chapter that teaches it, as in `_toc.yml`; None until it is written.
    """

    make: type[torch.optim.Optimizer]
    year: int
    parents: tuple[str, ...]
    adds: str
    asks: str
    reference: str
    chapter: str | None = None

    @property
    def title(self) -> str:
        """Its name as in a table.

        Examples:
            >>> [SECOND_ORDER[name].title for name in ("Newton", "LBFGS")]
            ['Newton', 'LBFGS']
        """
        return self.make.__name__


ALL = (
    SecondOrder(
        Newton,
        year=1669,
        parents=(ROOT,),
        adds="divide by the curvature",
        asks="Hessian",
        reference="scipy",
        chapter="4-second-order/newton",
    ),
    SecondOrder(
        TrustRegion,
        year=1983,
        parents=("Newton",),
        adds="how far to believe",
        asks="products",
        reference="scipy",
        chapter="4-second-order/trust-regions-and-gauss-newton",
    ),
    SecondOrder(
        ConjugateGradient,
        year=1964,
        parents=(ROOT,),
        adds="keep directions apart",
        asks="gradients",
        reference="scipy",
        chapter="4-second-order/conjugate-gradient",
    ),
    SecondOrder(
        NewtonCG,
        year=1982,
        parents=("Newton", "ConjugateGradient"),
        adds="solve by products",
        asks="products",
        reference="scipy",
        chapter="4-second-order/conjugate-gradient",
    ),
    SecondOrder(
        GaussNewton,
        year=1809,
        parents=("Newton",),
        adds="JᵀJ for the Hessian",
        asks="residuals",
        reference="scipy",
        chapter="4-second-order/trust-regions-and-gauss-newton",
    ),
    SecondOrder(
        LevenbergMarquardt,
        year=1944,
        parents=("GaussNewton", "TrustRegion"),
        adds="damp to a length",
        asks="residuals",
        reference="scipy",
        chapter="4-second-order/trust-regions-and-gauss-newton",
    ),
    SecondOrder(
        BFGS,
        year=1970,
        parents=("Newton",),
        adds="learn the inverse",
        asks="gradients",
        reference="scipy",
        chapter="4-second-order/quasi-newton",
    ),
    SecondOrder(
        LBFGS,
        year=1980,
        parents=("BFGS",),
        adds="forget all but m pairs",
        asks="gradients",
        reference="scipy",
        chapter="4-second-order/quasi-newton",
    ),
    SecondOrder(
        NaturalGradient,
        year=1998,
        parents=("GaussNewton",),
        adds="measure in the model",
        asks="Fisher",
        reference="torch.distributions",
        chapter="4-second-order/natural-gradient",
    ),
    SecondOrder(
        KFAC,
        year=2015,
        parents=("NaturalGradient",),
        adds="a Kronecker product a layer",
        asks="layers",
        reference="curvlinops",
        chapter="4-second-order/kfac",
    ),
    SecondOrder(
        AdaHessian,
        year=2021,
        parents=("Newton", "Adam"),
        adds="the diagonal alone",
        asks="products",
        reference="pytorch_optimizer",
        chapter="4-second-order/adahessian",
    ),
    SecondOrder(
        Shampoo,
        year=2018,
        parents=("AdaGrad",),
        adds="a matrix for each axis",
        asks="gradients",
        reference="pytorch_optimizer",
        chapter="4-second-order/kfac",
    ),
)
SECOND_ORDER = {method.title: method for method in ALL}
