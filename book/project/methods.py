"""The methods that are compared, by their names in commands and results, and what was published of them."""

from book.optim.methods import METHODS, Method

# Test accuracy in per cent, of a table whose settings were never stated.
PUBLISHED = {
    "sgd": {"mlp": 91.82, "cnn": 50.64, "vgg13": 52.68},
    "momentum": {"mlp": 97.64, "cnn": 73.00, "vgg13": 65.75},
    "nesterov": {"mlp": 97.62, "cnn": 72.91, "vgg13": 66.02},
    "adagrad": {"mlp": 97.77, "cnn": 69.98, "vgg13": 68.11},
    "rmsprop": {"mlp": 98.29, "cnn": 68.65, "vgg13": 73.61},
    "adam": {"mlp": 98.32, "cnn": 70.15, "vgg13": 74.61},
}


# The methods that a chapter teaches, by the names that commands and stored results use.
COMPARED: dict[str, Method] = {name.lower(): method for name, method in METHODS.items() if method.chapter}


def default_rate(name: str) -> float:
    """The rate of a method where its user sets none: torch's.

    Args:
        name: of the method.

    Examples:
        >>> default_rate("sgd"), default_rate("adadelta")
        (0.001, 1.0)
    """
    return COMPARED[name].defaults["lr"]


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
