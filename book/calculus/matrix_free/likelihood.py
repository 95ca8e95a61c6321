"""What a loss says about the targets: −log of a probability, which a Fisher matrix needs.

Both losses are sums of terms, one a row z of the outputs. A mean divides by what torch divides by: the rows
for cross-entropy, the entries for squared errors.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Categorical:
    """Cross-entropy: class y has the probability p_y, with p = softmax(z).

    Args:
        loss: without class weights and label smoothing.

    Raises:
        ValueError: it has some.
    """

    loss: nn.CrossEntropyLoss

    def __post_init__(self):
        if self.loss.weight is not None or self.loss.label_smoothing:
            raise ValueError(
                "With class weights or label smoothing, cross-entropy is not −log of a probability, so it "
                "has no Fisher; take GaussNewton."
            )

    def check(self, targets: Tensor) -> None:
        """Refuse targets that do not count, as a mean does not divide by them."""
        if not targets.is_floating_point() and (targets == self.loss.ignore_index).any():
            raise ValueError("A Fisher takes data whose targets all count; leave the ignored ones out.")

    def rows(self, outputs: Tensor) -> Tensor:
        """Logits of shape (N, C, ...) as rows, shape (terms, C)."""
        return outputs.movedim(1, -1).reshape(-1, outputs.shape[1])

    def back(self, rows: Tensor, outputs: Tensor) -> Tensor:
        """Rows in the shape of the outputs."""
        return rows.reshape(outputs.movedim(1, -1).shape).movedim(-1, 1)

    def divisor(self, outputs: Tensor) -> int:
        """What a mean divides by: the terms."""
        return outputs.numel() // outputs.shape[1]

    def bend(self, z: Tensor, u: Tensor) -> Tensor:
        """(diag p − p pᵀ) u, row by row."""
        p = z.softmax(1)
        return p * (u - (p * u).sum(1, keepdim=True))

    def slope(self, z: Tensor, targets: Tensor) -> Tensor:
        """p − e_y, the gradient of each term."""
        if targets.is_floating_point():
            return z.softmax(1) - self.rows(targets)
        return z.softmax(1) - F.one_hot(targets.reshape(-1), z.shape[1]).to(z.dtype)

    def sample(self, z: Tensor, count: int, generator: torch.Generator) -> Tensor:
        """The gradients p − e_y for classes y drawn from p, shape (count, terms, C)."""
        drawn = z.softmax(1).multinomial(count, replacement=True, generator=generator).T
        return z.softmax(1) - F.one_hot(drawn, z.shape[1]).to(z.dtype)


@dataclass(frozen=True)
class Gaussian:
    """Squared errors: y has the normal density of mean z and variance ½, so that −log is ‖z − y‖², and more.

    Args:
        loss: the mean or the sum of the squares.
    """

    loss: nn.MSELoss

    def check(self, targets: Tensor) -> None:
        """All numbers may be targets."""

    def rows(self, outputs: Tensor) -> Tensor:
        """Outputs of shape (N, ..., C) as rows, shape (terms, C); those of shape (N,) as one output each."""
        return outputs.reshape(-1, outputs.shape[-1] if outputs.ndim > 1 else 1)

    def back(self, rows: Tensor, outputs: Tensor) -> Tensor:
        """Rows in the shape of the outputs."""
        return rows.reshape(outputs.shape)

    def divisor(self, outputs: Tensor) -> int:
        """What a mean divides by: all entries."""
        return outputs.numel()

    def bend(self, z: Tensor, u: Tensor) -> Tensor:
        """2 u."""
        return 2 * u

    def slope(self, z: Tensor, targets: Tensor) -> Tensor:
        """2 (z − y), the gradient of each term."""
        return 2 * (z - self.rows(targets))

    def sample(self, z: Tensor, count: int, generator: torch.Generator) -> Tensor:
        """The gradients 2 (z − y) for targets y drawn around z, shape (count, terms, C)."""
        noise = torch.randn(count, *z.shape, dtype=z.dtype, device=z.device, generator=generator)
        return 2 * 0.5**0.5 * noise


def likelihood(loss: object) -> Categorical | Gaussian:
    """The density of which a loss is −log.

    Raises:
        TypeError: the loss is neither `nn.CrossEntropyLoss` nor `nn.MSELoss`.
        ValueError: it is cross-entropy with class weights or label smoothing.

    Examples:
        >>> type(likelihood(nn.MSELoss())).__name__
        'Gaussian'
    """
    if isinstance(loss, nn.CrossEntropyLoss):
        return Categorical(loss)
    if isinstance(loss, nn.MSELoss):
        return Gaussian(loss)
    raise TypeError(
        f"A Fisher takes nn.CrossEntropyLoss() or nn.MSELoss(), whose densities are known; got {loss!r}. "
        "GaussNewton takes any loss."
    )
