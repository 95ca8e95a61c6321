"""A matrix that is known by what it does to a vector."""

import torch
from torch import Tensor


class LinearOperator:
    """A matrix that is never formed: `A @ v` computes the product.

    A subclass says its shape, dtype and device, and writes `columns`, the product with several vectors.

    Args:
        shape: rows and columns.
        dtype: of the entries.
        device: where products are computed.

    Examples:
        >>> class Twice(LinearOperator):
        ...     def columns(self, V):
        ...         return 2 * V
        >>> A = Twice((2, 2), torch.float32, "cpu")
        >>> A @ torch.tensor([1.0, 3.0]), A.to_dense()
        (tensor([2., 6.]), tensor([[2., 0.],
                [0., 2.]]))
    """

    def __init__(self, shape: tuple[int, int], dtype: torch.dtype, device: torch.device | str):
        self.shape = torch.Size(shape)
        self.dtype = dtype
        self.device = torch.device(device)

    def columns(self, V: Tensor) -> Tensor:
        """A V.

        Args:
            V: shape (n, k), the vectors as columns.

        Returns:
            Shape (m, k).
        """
        raise NotImplementedError("An operator writes its product in `columns`.")

    def __matmul__(self, v: Tensor) -> Tensor:
        """A v for a vector of shape (n,), or for each column of a matrix of shape (n, k)."""
        self._check(v)
        if v.ndim == 2 and not v.shape[1]:
            return v.new_zeros(self.shape[0], 0)
        return self.columns(v) if v.ndim == 2 else self.columns(v[:, None]).squeeze(1)

    def to_dense(self) -> Tensor:
        """The matrix itself, shape (m, n): for tests and small cases.

        Returns:
            Shape (m, n).
        """
        return self @ torch.eye(self.shape[1], dtype=self.dtype, device=self.device)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(shape={tuple(self.shape)}, dtype={self.dtype})"

    def _check(self, v: Tensor) -> None:
        if not isinstance(v, Tensor):
            raise TypeError(f"{type(self).__name__} multiplies tensors; got {type(v).__name__}.")
        if v.dtype != self.dtype:
            raise TypeError(
                f"{type(self).__name__} holds {self.dtype} and got {v.dtype}; convert: v.to(A.dtype)."
            )
        n = self.shape[1]
        if v.ndim not in (1, 2) or len(v) != n:
            raise ValueError(
                f"{type(self).__name__} multiplies vectors of shape ({n},), or matrices of shape ({n}, k); "
                f"got {tuple(v.shape)}."
            )
