"""The table of methods: one entry each, read by tests, explorers, figures, benches and the project."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from book.optim.adadelta import AdaDelta
from book.optim.adagrad import AdaGrad
from book.optim.adam import Adam
from book.optim.adamw import AdamW
from book.optim.lion import Lion
from book.optim.momentum import Momentum
from book.optim.nesterov import Nesterov
from book.optim.rmsprop import RMSProp
from book.optim.rule import Rule
from book.optim.sgd import SGD

ROOT = "gradient descent"  # what all methods come from; it has a chapter of its own and no class


@dataclass(frozen=True)
class Method:
    """A method: where it comes from, what it has beside a rate, and what it is held against.

    Ranges of hyperparameters are one for all methods, in `book.optim.ranges`; whether a formula may be given
    sparse gradients is its class's `rests_at_zero`; its look in figures is in `book.figures.looks`.

    Args:
        make: its class, which has the same name as the entry.
        year: of the paper in its docstring.
        parents: names of other entries, or `ROOT`.
        adds: what it adds to them, in a few words.
        rates: the learning rates that a search tries, from the smallest on, a factor of 2 or 2.5 apart.
        hyper: the hyperparameters beside the rate that one would set, by torch's names.
        twin: makes torch's optimizer of the same formula; None where torch has none.
        reference: "package.Name" of an independent implementation, where torch has none.
        chapter: the chapter that teaches it, as in `_toc.yml`; None until it is written.
    """

    make: type[Rule]
    year: int
    parents: tuple[str, ...]
    adds: str
    rates: tuple[float, ...]
    hyper: tuple[str, ...] = ()
    twin: Callable[..., torch.optim.Optimizer] | None = None
    reference: str | None = None
    chapter: str | None = None

    @property
    def title(self) -> str:
        """Its name as in a table."""
        return self.make.__name__

    @property
    def defaults(self) -> dict[str, Any]:
        """The rate, the hyperparameters of `hyper` and ε, as far as it has one, where the user sets none.

        Examples:
            >>> METHODS["RMSProp"].defaults
            {'lr': 0.01, 'alpha': 0.99, 'eps': 1e-08}
        """
        parameters = inspect.signature(self.make).parameters
        return {name: parameters[name].default for name in ("lr", *self.hyper, "eps") if name in parameters}

    @property
    def fixed(self) -> dict[str, float]:
        """What torch's class must be given to be this method, and ours has by itself.

        Examples:
            >>> METHODS["Nesterov"].fixed, METHODS["Adam"].fixed
            ({'momentum': 0.9}, {})
        """
        given = self.twin.keywords if isinstance(self.twin, partial) else {}
        return {name: value for name, value in given.items() if name in self.hyper}


BALL = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
ADAM = (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2)
ALL = (
    Method(
        SGD,
        year=1951,
        parents=(ROOT,),
        adds="g from a few examples",
        rates=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0),
        twin=torch.optim.SGD,
        chapter="3-first-order/sgd",
    ),
    Method(
        Momentum,
        year=1964,
        parents=(ROOT,),
        adds="average the gradients",
        rates=BALL,
        hyper=("momentum",),
        twin=partial(torch.optim.SGD, momentum=0.9),
        chapter="3-first-order/momentum",
    ),
    Method(
        Nesterov,
        year=1983,
        parents=("Momentum",),
        adds="look ahead",
        rates=BALL,
        hyper=("momentum",),
        twin=partial(torch.optim.SGD, momentum=0.9, nesterov=True),
        chapter="3-first-order/nesterov",
    ),
    Method(
        AdaGrad,
        year=2011,
        parents=("SGD",),
        adds="divide by √Σg²",
        rates=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2),
        twin=torch.optim.Adagrad,
        chapter="3-first-order/adagrad",
    ),
    Method(
        RMSProp,
        year=2012,
        parents=("AdaGrad",),
        adds="forget",
        rates=(5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2),
        hyper=("alpha",),
        twin=torch.optim.RMSprop,
        chapter="3-first-order/rmsprop",
    ),
    Method(
        AdaDelta,
        year=2012,
        parents=("AdaGrad",),
        adds="restore the unit",
        rates=(0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
        hyper=("rho",),
        twin=torch.optim.Adadelta,
        chapter="3-first-order/adadelta",
    ),
    Method(
        Adam,
        year=2014,
        parents=("Momentum", "RMSProp"),
        adds="both averages",
        rates=ADAM,
        hyper=("betas",),
        twin=torch.optim.Adam,
        chapter="3-first-order/adam",
    ),
    Method(
        AdamW,
        year=2017,
        parents=("Adam",),
        adds="decay apart",
        rates=ADAM,
        hyper=("betas", "weight_decay"),
        twin=torch.optim.AdamW,
        chapter="3-first-order/adamw",
    ),
    Method(
        Lion,
        year=2023,
        parents=("AdamW",),
        adds="only the sign",
        rates=(1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3),
        hyper=("betas", "weight_decay"),
        reference="pytorch_optimizer.Lion",
    ),
)
METHODS = {method.title: method for method in ALL}
