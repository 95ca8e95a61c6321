"""Random symmetric matrices of the Gaussian orthogonal ensemble, and how seldom one curves upward only."""

import math

import torch
from torch import Tensor

from book.numerics.number_types import plain_numbers

NODES = 40
LARGEST = 12  # beyond it float64 loses the first digits of the determinant


@plain_numbers
def random_symmetric(count: int, d: int, generator: torch.Generator) -> Tensor:
    """(G + Gᵀ)/2 with G of independent N(0, 1) entries: turning the axes leaves the distribution as it is.

    Args:
        count, d: how many matrices, from 0 on, and of what size, from 1 on.
        generator: where the random numbers come from.

    Returns:
        Shape (count, d, d), float64: variance 1 on the diagonal and ½ beside it.

    Raises:
        ValueError: count or d is below its range.

    Source:
        Mehta, Random Matrices, 3rd edition, 2004, chapter 2.

    Examples:
        >>> M = random_symmetric(3, 2, torch.Generator().manual_seed(0))
        >>> M.shape, torch.equal(M, M.mT)
        (torch.Size([3, 2, 2]), True)
    """
    if count < 0 or d < 1:
        raise ValueError(f"random_symmetric takes count from 0 and d from 1 on; got {count} and {d}.")
    G = torch.randn(count, d, d, dtype=torch.float64, generator=generator)
    return (G + G.mT) / 2


@plain_numbers
def chance_of_definite(d: int) -> float:
    """The probability that all d eigenvalues of such a matrix are above 0, without sampling.

    The eigenvalues have the density Π|λᵢ − λⱼ| Π exp(−λᵢ²/2), up to a constant that Mehta's integral gives.
    Integrated over λᵢ > 0 it is d! times a Pfaffian, whose square is a determinant: an antisymmetric matrix
    of double integrals, which fall into a radius and an angle. Symmetry makes the chance of "all below 0" the
    same.

    Args:
        d: from 1 to 12.

    Raises:
        ValueError: d is not in that range.

    Source:
        De Bruijn, "On some multiple integrals involving determinants", Journal of the Indian Mathematical
        Society, 1955; for large d: Dean and Majumdar, "Large deviations of extreme eigenvalues of random
        matrices", Physical Review Letters, 2006.

    Examples:
        >>> [round(chance_of_definite(d), 6) for d in (1, 2, 3)]
        [0.5, 0.146447, 0.024921]
    """
    if not 1 <= d <= LARGEST:
        raise ValueError(f"The dimension must be from 1 to {LARGEST}; got {d}.")
    upper = torch.zeros(d + d % 2, d + d % 2, dtype=torch.float64)
    for i in range(d):
        for j in range(i + 1, d):
            upper[i, j] = _wedge(i, j) - _wedge(j, i)
        if d % 2:  # an odd Pfaffian takes one more column, of single integrals
            upper[i, d] = 2 ** ((i - 1) / 2) * math.gamma((i + 1) / 2)
    scale = (upper - upper.T).abs().amax(dim=0).sqrt()
    pfaffian = torch.linalg.det((upper - upper.T) / torch.outer(scale, scale)).sqrt() * scale.prod()
    return math.factorial(d) * pfaffian.item() / _mehta(d)


def _wedge(i: int, j: int) -> float:
    """∫∫ xⁱ yʲ exp(−(x² + y²)/2) over 0 < x < y: in polar coordinates the angle runs from π/4 to π/2."""
    angles, weights = _gauss_legendre(math.pi / 4, math.pi / 2)
    angular = (angles.cos() ** i * angles.sin() ** j) @ weights
    return 2 ** ((i + j) / 2) * math.gamma((i + j) / 2 + 1) * angular.item()


def _mehta(d: int) -> float:
    """∫ Π|λᵢ − λⱼ| Π exp(−λᵢ²/2) over all λ."""
    return (2 * math.pi) ** (d / 2) * math.prod(
        math.gamma(1 + k / 2) / math.gamma(1.5) for k in range(1, d + 1)
    )


def _gauss_legendre(low: float, high: float) -> tuple[Tensor, Tensor]:
    """The nodes are the eigenvalues of a tridiagonal matrix, the weights its first components squared."""
    k = torch.arange(1, NODES, dtype=torch.float64)
    beside = torch.diag(k / (4 * k.square() - 1).sqrt(), 1)
    nodes, vectors = torch.linalg.eigh(beside + beside.T)
    half = (high - low) / 2
    return low + half * (1 + nodes), half * 2 * vectors[0].square()
