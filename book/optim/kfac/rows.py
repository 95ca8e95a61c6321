"""A layer's gradient as gᵀ a, a row an example: where the rows are few, the cheaper way to a step."""

from typing import NamedTuple

import torch
from torch import Tensor

ROUNDING = 100  # times ε


class Rows(NamedTuple):
    """Of one backward pass, a row for each example, or for each of its places: the gradient is gᵀ a.

    Args:
        a: what went into a layer's weights, shape (N, inputs + 1).
        g: the gradient at its outputs, shape (N, outputs).
    """

    a: Tensor
    g: Tensor

    def give(self, gradient: Tensor, seed: int = 0) -> bool:
        """Whether a gradient is gᵀ a up to rounding: seen on one random vector, in (m + N) n multiplications.

        It is not, if it was clipped or summed over several passes, or if weight decay was added.

        Args:
            gradient: shape (outputs, inputs + 1).
            seed: of the vector.

        Examples:
            >>> rows = Rows(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0]]))
            >>> rows.give(torch.tensor([[3.0, 6.0]])), rows.give(torch.tensor([[3.0, 5.0]]))
            (True, False)
        """
        if self.a.dtype != gradient.dtype or self.g.dtype != gradient.dtype:
            return False
        generator = torch.Generator(gradient.device).manual_seed(seed)
        v = torch.randn(gradient.shape[1], generator=generator, dtype=gradient.dtype, device=gradient.device)
        av = self.a @ v
        apart = torch.linalg.vector_norm(self.g.T @ av - gradient @ v)
        whole = torch.linalg.matrix_norm(self.g) * torch.linalg.vector_norm(av)
        return bool(apart <= ROUNDING * torch.finfo(gradient.dtype).eps * whole)

    def natural(self, A_inverse: Tensor, B_inverse: Tensor) -> Tensor:
        """B⁻¹ gᵀ a A⁻¹, from the outside in.

        Args:
            A_inverse: shape (inputs + 1, inputs + 1).
            B_inverse: shape (outputs, outputs).

        Returns:
            Shape (outputs, inputs + 1).

        Examples:
            >>> rows = Rows(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0]]))
            >>> rows.natural(torch.eye(2) / 2, torch.eye(1))
            tensor([[1.5000, 3.0000]])
        """
        return (self.g @ B_inverse).T @ (self.a @ A_inverse)


def pays(count: int, inputs: int, outputs: int) -> bool:
    """Whether so many rows take fewer multiplications than B⁻¹ G A⁻¹, from what G itself has.

    Examples:
        >>> [pays(count, 1025, 1024) for count in (128, 512, 2048)], pays(128, 1025, 10)
        ([True, True, False], False)
    """
    return count * (inputs**2 + outputs**2 + inputs * outputs) < inputs * outputs * (inputs + outputs)
