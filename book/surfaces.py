"""Test surfaces: functions with known minima, on which a method can be watched and measured."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from book.numerics.arguments import check_floating
from book.numerics.number_types import plain_numbers

Point = tuple[float, ...]


@dataclass(frozen=True)
class Surface:
    """A function to descend, with what is known about it.

    Args:
        name: as the literature calls it.
        f: takes shape (..., n), returns shape (...); made of torch operations.
        start: where a method commonly starts, n numbers.
        minima: the known local minima, n numbers each; empty where f is unbounded below.
        box: the low and the high end of each coordinate, for a picture.
        source: where it comes from.
        noise: the standard deviation of each entry of its gradient, for a loss seen through minibatches.

    Examples:
        >>> rosenbrock(torch.tensor([1.0, 1.0]))
        tensor(0.)
    """

    name: str
    f: Callable[[Tensor], Tensor]
    start: Point
    minima: tuple[Point, ...]
    box: tuple[tuple[float, float], ...]
    source: str
    noise: float = 0.0

    def __call__(self, p: Tensor) -> Tensor:
        """The heights at points, shape (..., n).

        Raises:
            TypeError: p is not a tensor.
            ValueError: its last axis does not hold n coordinates.
        """
        if not isinstance(p, Tensor):
            raise TypeError(f"{self.name} takes a tensor; got {type(p).__name__}. Wrap it: torch.tensor(p).")
        if p.ndim == 0 or p.shape[-1] != len(self.start):
            raise ValueError(
                f"{self.name} takes points of shape (..., {len(self.start)}) and got shape {tuple(p.shape)}."
            )
        return self.f(p)

    def at_start(self) -> Tensor:
        """The start as a float64 tensor of shape (n,)."""
        return torch.tensor(self.start, dtype=torch.float64)

    @plain_numbers
    def grid(self, points: int = 80) -> tuple[Tensor, Tensor, Tensor]:
        """The two coordinates and the height over the box of a surface with n = 2, each (points, points).

        Raises:
            ValueError: n is not 2, or points is below 1.

        Examples:
            >>> x, y, height = saddle.grid(3)
            >>> height[0].tolist()
            [0.0, -4.0, 0.0]
        """
        if len(self.box) != 2 or points < 1:
            raise ValueError(
                f"A grid has a point or more in each of two coordinates; got {points} in {len(self.box)}."
            )
        ends = [torch.linspace(*side, points, dtype=torch.float64) for side in self.box]
        x, y = torch.meshgrid(*ends, indexing="xy")
        return x, y, self.f(torch.stack([x, y], dim=-1))


def _rosenbrock(p: Tensor) -> Tensor:
    x, y = p.unbind(-1)
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def _beale(p: Tensor) -> Tensor:
    x, y = p.unbind(-1)
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def _himmelblau(p: Tensor) -> Tensor:
    x, y = p.unbind(-1)
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def _saddle(p: Tensor) -> Tensor:
    x, y = p.unbind(-1)
    return x**2 - y**2


def _monkey_saddle(p: Tensor) -> Tensor:
    x, y = p.unbind(-1)
    return x**3 - 3 * x * y**2


def _cubic(p: Tensor) -> Tensor:
    (x,) = p.unbind(-1)
    return -(x**3) + 3 * x


def _plateau(p: Tensor) -> Tensor:
    half = p.square().sum(-1) / 2
    # Near the minimum 1 − exp(−s) loses digits, far from it the derivative of expm1 does, expm1 + 1.
    return torch.where(half < 1, -(-half).expm1(), 1 - (-half).exp())


rosenbrock = Surface(
    name="Rosenbrock",
    f=_rosenbrock,
    start=(-1.2, 1.0),
    minima=((1.0, 1.0),),
    box=((-2.0, 2.0), (-1.0, 3.0)),
    source="Rosenbrock, An automatic method for finding the greatest or least value of a function, 1960",
)
beale = Surface(
    name="Beale",
    f=_beale,
    start=(1.0, 1.0),
    minima=((3.0, 0.5),),
    box=((-1.0, 4.5), (-1.5, 1.5)),
    source="Beale, On an iterative method for finding a local minimum of a function of more than one "
    "variable, Princeton University, 1958",
)
himmelblau = Surface(
    name="Himmelblau",
    f=_himmelblau,
    start=(0.0, 0.0),
    minima=(
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286170),
        (3.584428340330492, -1.848126526964404),
    ),
    box=((-5.0, 5.0), (-5.0, 5.0)),
    source="Himmelblau, Applied Nonlinear Programming, 1972",
)
saddle = Surface(
    name="saddle",
    f=_saddle,
    start=(1.5, 0.01),
    minima=(),
    box=((-2.0, 2.0), (-2.0, 2.0)),
    source="x² − y², the simplest critical point that is neither a minimum nor a maximum",
)
monkey_saddle = Surface(
    name="monkey saddle",
    f=_monkey_saddle,
    start=(1.2, 0.01),
    minima=(),
    box=((-1.5, 1.5), (-1.5, 1.5)),
    source="Hilbert and Cohn-Vossen, Anschauliche Geometrie, 1932",
)
cubic = Surface(
    name="cubic",
    f=_cubic,
    start=(0.5,),
    minima=((-1.0,),),
    box=((-2.6, 2.6),),
    source="−x³ + 3x: one minimum, one maximum, and unbounded below",
)
plateau = Surface(
    name="plateau",
    f=_plateau,
    start=(2.5, 2.0),
    minima=((0.0, 0.0),),
    box=((-4.0, 4.0), (-4.0, 4.0)),
    source="1 − exp(−‖p‖²/2): a bowl whose slope dies away from the minimum",
)


@plain_numbers
def quadratic(
    H: Tensor, start: Point, name: str = "quadratic", source: str = "", noise: float = 0.0
) -> Surface:
    """½ pᵀHp for a symmetric positive definite H: the minimum is the origin, the Hessian is H everywhere.

    Args:
        H: shape (n, n), n at least 1, one of the four float dtypes; it is copied.
        start: n numbers.
        name, source, noise: as for `Surface`.

    Raises:
        TypeError: H is not a tensor of a float dtype, or the noise no number.
        ValueError: H is not symmetric positive definite, the start has not n numbers, or the noise is
            negative or not finite.

    Examples:
        >>> quadratic(torch.eye(2, dtype=torch.float64), (3.0, 4.0)).at_start().norm()
        tensor(5., dtype=torch.float64)
    """
    check_floating(H, "quadratic", ndim=2)
    H = H.detach().clone()
    if not (H.numel() and torch.equal(H, H.mT) and torch.linalg.eigvalsh(H.double())[0] > 0):
        raise ValueError("H must be symmetric with eigenvalues above 0; average it with its transpose first.")
    if len(start) != len(H) or not 0 <= noise < math.inf:
        raise ValueError(
            f"A start has {len(H)} numbers here and noise is finite, from 0 on; got {len(start)} and {noise}."
        )
    start = tuple(map(float, start))

    def f(p: Tensor) -> Tensor:
        return (p * (p @ H.to(p.dtype))).sum(-1) / 2

    reach = 1.2 * max(abs(entry) for entry in start)
    origin, box = (0.0,) * len(H), ((-reach, reach),) * len(H)
    return Surface(name, f, start, (origin,), box, source or "½ pᵀHp", noise)


@plain_numbers
def bowl(kappa: float = 10.0, angle: float = 0.0, noise: float = 0.0) -> Surface:
    """A quadratic bowl in two dimensions with the curvatures 1 and κ, its long axis turned by an angle.

    Args:
        kappa: the condition number κ, above 0; of a turned bowl below 1e15, as rounding hides the 1 beyond.
        angle: in degrees, from the first axis, counter-clockwise.
        noise: the standard deviation of each entry of the gradient.

    Raises:
        TypeError: an argument is not a number.
        ValueError: κ is not above 0 and finite, or is too large to be turned; the angle is not finite, or the
            noise negative or not finite.

    Source:
        For the noise: Zhang et al., "Which algorithmic choices matter at which batch sizes? Insights from a
        noisy quadratic model", 2019.

    Examples:
        >>> bowl(kappa=4)(torch.tensor([1.0, 1.0]))
        tensor(2.5000)
    """
    if not 0 < kappa < (1e15 if angle % 90 else math.inf):
        raise ValueError(f"κ must be above 0 and finite, and below 1e15 in a turned bowl; got {kappa:g}.")
    if not math.isfinite(angle):
        raise ValueError(f"The angle must be finite, in degrees; got {angle}.")
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turn = torch.tensor([[c, -s], [s, c]], dtype=torch.float64)
    H = turn @ torch.diag(torch.tensor([1.0, kappa], dtype=torch.float64)) @ turn.T
    name = f"bowl, κ = {kappa:g}" + (f", turned by {angle:g}°" if angle else "")
    return quadratic((H + H.T) / 2, (2.0, 1.0), name if not noise else f"noisy {name}", noise=noise)


@plain_numbers
def random_quadratic(spectrum: Tensor, seed: int = 0) -> Surface:
    """A quadratic in n dimensions with these curvatures along randomly turned axes; the start has length √n.

    Args:
        spectrum: the eigenvalues of the Hessian, shape (n,), all above 0; κ below 1e15, as rounding hides the
            smallest beyond.
        seed: of the generator that turns the axes and draws the start.

    Raises:
        TypeError: the spectrum is not a tensor, or the seed no number.
        ValueError: there is no eigenvalue, one is not above 0 and finite, or κ is too large.

    Examples:
        >>> surface = random_quadratic(torch.tensor([1.0, 10.0, 100.0]))
        >>> f"{surface.at_start().norm() ** 2:.6f}"
        '3.000000'
    """
    _check_spectrum(spectrum)
    generator = torch.Generator().manual_seed(seed)
    n = len(spectrum)
    Q = torch.linalg.qr(torch.randn(n, n, dtype=torch.float64, generator=generator)).Q
    H = Q @ torch.diag(spectrum.double()) @ Q.T
    start = torch.randn(n, dtype=torch.float64, generator=generator)
    start = (n**0.5 * start / start.norm()).tolist()
    return quadratic((H + H.T) / 2, tuple(start), f"random quadratic, n = {n}")


def _check_spectrum(spectrum: Tensor) -> None:
    if not isinstance(spectrum, Tensor):
        raise TypeError(f"random_quadratic takes a tensor of eigenvalues; got {type(spectrum).__name__}.")
    if spectrum.ndim != 1 or len(spectrum) == 0:
        raise ValueError(f"The eigenvalues are a vector of shape (n,); got shape {tuple(spectrum.shape)}.")
    low, high = spectrum.double().aminmax()
    if not (low > 0 and high < math.inf and high < 1e15 * low):
        raise ValueError(
            "Eigenvalues must be above 0 and finite, the largest below 1e15 times the smallest; "
            f"got {low:g} to {high:g}."
        )


SURFACES = {
    surface.name: surface
    for surface in (
        *(bowl(10.0), bowl(50.0, angle=30.0), bowl(10.0, noise=1.0)),
        *(rosenbrock, beale, himmelblau, saddle, monkey_saddle, cubic, plateau),
    )
}
