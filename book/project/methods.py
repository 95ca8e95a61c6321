"""The optimizers that are compared: each with its search space, and what was published of it."""

import inspect
from dataclasses import dataclass, field

from book import optim

# Test accuracy in per cent, of a table whose settings were never stated.
PUBLISHED = {
    "sgd": {"mlp": 91.82, "cnn": 50.64, "vgg13": 52.68},
    "momentum": {"mlp": 97.64, "cnn": 73.00, "vgg13": 65.75},
    "nesterov": {"mlp": 97.62, "cnn": 72.91, "vgg13": 66.02},
    "adagrad": {"mlp": 97.77, "cnn": 69.98, "vgg13": 68.11},
    "rmsprop": {"mlp": 98.29, "cnn": 68.65, "vgg13": 73.61},
    "adam": {"mlp": 98.32, "cnn": 70.15, "vgg13": 74.61},
}


@dataclass(frozen=True)
class Method:
    """An optimizer and the rates that are tried; all else stays at its default, which is torch's.

    Args:
        title: as in the table.
        make: the class.
        rates: the search space, from the smallest on, a factor of 2 or 2.5 apart.
        fixed: hyperparameters that are set and not searched.
    """

    title: str
    make: type[optim.Rule]
    rates: tuple[float, ...]
    fixed: dict[str, float] = field(default_factory=dict)


METHODS = {
    "sgd": Method("SGD", optim.SGD, (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)),
    "momentum": Method(
        "Momentum", optim.Momentum, (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5), {"momentum": 0.9}
    ),
    "nesterov": Method(
        "Nesterov", optim.Nesterov, (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5), {"momentum": 0.9}
    ),
    "adagrad": Method("AdaGrad", optim.AdaGrad, (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)),
    "rmsprop": Method("RMSProp", optim.RMSProp, (5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2)),
    "adadelta": Method("AdaDelta", optim.AdaDelta, (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)),
    "adam": Method("Adam", optim.Adam, (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2)),
    "adamw": Method("AdamW", optim.AdamW, (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2)),
}


def default_rate(name: str) -> float:
    """The rate of a method where its user sets none: torch's.

    Args:
        name: of the method.

    Examples:
        >>> default_rate("sgd"), default_rate("adadelta")
        (0.001, 1.0)
    """
    return inspect.signature(METHODS[name].make).parameters["lr"].default


def published(method: str, task: str) -> float | None:
    """The published test accuracy in per cent; None where there is none.

    Whether the published VGG13 had batch normalisation was not stated; one figure stands beside both.

    Args:
        method, task: their names.

    Examples:
        >>> published("adam", "vgg13-plain"), published("adamw", "cnn")
        (74.61, None)
    """
    return PUBLISHED.get(method, {}).get(task.removesuffix("-plain"))
