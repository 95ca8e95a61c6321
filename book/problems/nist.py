"""Two of NIST's reference sets for non-linear regression, with the answers that NIST certifies."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

MODELS: dict[str, Callable] = {
    "Misra1a": lambda b, x: b[0] * (1 - torch.exp(-b[1] * x)),
    "MGH10": lambda b, x: b[0] * torch.exp(b[1] / (x + b[2])),
}


@dataclass(frozen=True, eq=False)
class Reference:
    """Data, a curve with a few parameters, and the parameters that fit best.

    Args:
        name: as NIST calls the set.
        about: what was measured.
        x, y: shape (m,).
        starts: NIST's two starts, the far one first, n numbers each.
        certified: the parameters of the least sum of squares, n numbers of 11 digits.
        deviations: their standard deviations.
        sum_of_squares: the least sum of squared residuals.

    Source:
        National Institute of Standards and Technology, Statistical Reference Datasets, non-linear regression,
        https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml; a work of the United States government, which
        is in the public domain.

    Examples:
        >>> misra = reference("Misra1a")
        >>> best = torch.tensor(misra.certified, dtype=torch.float64)
        >>> round(misra.residuals(best).square().sum().item(), 10)
        0.1245513889
    """

    name: str
    about: str
    x: Tensor
    y: Tensor
    starts: tuple[tuple[float, ...], ...]
    certified: tuple[float, ...]
    deviations: tuple[float, ...]
    sum_of_squares: float

    def curve(self, b: Sequence[Tensor] | Tensor, x: Tensor | None = None) -> Tensor:
        """The model's y at some x, or at those of the data; a parameter may be a tensor that broadcasts."""
        return MODELS[self.name](b, self.x if x is None else x)

    def residuals(self, b: Tensor) -> Tensor:
        """Model minus data at each point, shape (m,)."""
        return self.curve(b) - self.y


def reference(name: str) -> Reference:
    """One of the sets: "Misra1a", of the lower level of difficulty, or "MGH10", of the higher.

    Raises:
        ValueError: there is no set of that name here.

    Examples:
        >>> reference("MGH10").starts[1]
        (0.02, 4000.0, 250.0)
    """
    table = json.loads(Path(__file__).with_name("nist.json").read_text("utf-8"))
    if name not in table:
        raise ValueError(f"The sets here are {' and '.join(table)}; got {name!r}.")
    data = table[name]
    return Reference(
        name=name,
        about=data["about"],
        x=torch.tensor(data["x"], dtype=torch.float64),
        y=torch.tensor(data["y"], dtype=torch.float64),
        starts=tuple(tuple(map(float, start)) for start in data["starts"]),
        certified=tuple(data["certified"]),
        deviations=tuple(data["deviations"]),
        sum_of_squares=data["sum_of_squares"],
    )
