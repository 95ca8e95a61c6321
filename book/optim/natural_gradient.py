"""Natural gradient: steepest descent where the distance is one between models, and not between weights."""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from book.numerics.arguments import check_system
from book.optim.flat import put
from book.optim.full_batch import Point
from book.optim.line_search.method import LineSearch
from book.optim.ranges import at_least_zero


class Dense(Protocol):
    """An operator that can be written out, as those of `book.calculus.matrix_free`."""

    def to_dense(self) -> Tensor: ...


class NaturalGradient(LineSearch):
    """d = −(F + λI)⁻¹ g, with the Fisher matrix F of the model at the parameters that it has now.

    Of all steps that change the model's predictions equally much, measured by the Kullback–Leibler divergence
    ½ dᵀF d, this is the one that lowers the loss most. It does not ask in which units or by which formula the
    parameters describe the model: to first order in the step, another description leads to the same model.
    λ does ask, since λI measures weights.

    Args:
        params, max_iter, tolerance_grad, tolerance_change, lr, c1, c2: as for `LineSearch`.
        fisher: without arguments, returns F at the parameters' present values: shape (n, n), entries in the
            order of `params`, each flattened, or an operator with `to_dense`. It is not in the `state_dict`;
            a copy gets it again, `optimizer.fisher = ...`.
        damping: λ, at least 0.
        line_search_fn: None, a step of `lr`, unless given.

    Raises:
        TypeError: `fisher` is no function, or at a step it returns no matrix.
        ValueError: a hyperparameter is outside its range; at a step, F has another shape.
        FloatingPointError: at a step, F is not finite.
        RuntimeError: at a step, F + λI is not positive definite, or a copy has no `fisher`.

    Source:
        Amari, "Natural gradient works efficiently in learning", Neural Computation, 1998.

    Examples:
        >>> x = torch.nn.Parameter(torch.tensor([2.0, 1.0]))  # mean and standard deviation of a Gaussian
        >>> optimizer = NaturalGradient([x], fisher=lambda: torch.diag(torch.tensor([1.0, 2.0]) / x[1] ** 2))
        >>> _ = optimizer.step(lambda: x[1].log() + (1 + x[0] ** 2) / (2 * x[1] ** 2))  # the data: mean 0, deviation 1
        >>> x.data
        tensor([0., 3.])
    """  # noqa: E501

    fisher: Callable[[], Tensor | Dense] | None = None

    def __init__(
        self,
        params,
        *,
        fisher: Callable[[], Tensor | Dense],
        damping: float = 0.0,
        line_search_fn: str | None = None,
        **options,
    ):
        if not callable(fisher):
            raise TypeError(
                "NaturalGradient takes a function that computes the Fisher matrix anew, as lambda: F for one "
                f"that stays; got {type(fisher).__name__}."
            )
        super().__init__(params, damping=damping, line_search_fn=line_search_fn, **options)
        self.fisher = fisher

    def direction(self, here: Point) -> Tensor:
        """−(F + λI)⁻¹ g."""
        if self.fisher is None:
            raise RuntimeError("This copy has no Fisher matrix; give it one: optimizer.fisher = ...")
        put(self.parameters, here.x)
        with torch.enable_grad():
            F = written_out(self.fisher())
        return natural_direction(F.to(here.gradient), here.gradient, self.options["damping"])


def written_out(F: object) -> Tensor:
    """A matrix as a tensor without its graph.

    Args:
        F: a tensor, or an operator with `to_dense`.

    Raises:
        TypeError: it is neither.

    Examples:
        >>> written_out([[1.0]])
        Traceback (most recent call last):
        TypeError: `fisher` returns a tensor, or an operator with `to_dense`; got list.
    """
    if not isinstance(F, Tensor) and hasattr(F, "to_dense"):
        F = F.to_dense()
    if not isinstance(F, Tensor):
        raise TypeError(f"`fisher` returns a tensor, or an operator with `to_dense`; got {type(F).__name__}.")
    if F.is_complex():
        raise TypeError(f"`fisher` returns a real matrix; got {F.dtype}.")
    return F.detach()


def natural_direction(F: Tensor, g: Tensor, damping: float = 0.0) -> Tensor:
    """−(F + λI)⁻¹ g.

    Args:
        F: shape (n, n), symmetric, positive semidefinite.
        g: shape (n,).
        damping: λ.

    Returns:
        Shape (n,).

    Raises:
        TypeError: F is not a tensor of float32 or float64, or not of g's dtype.
        ValueError: F does not fit g, or the damping is negative.
        FloatingPointError: F or g is not finite.
        RuntimeError: F + λI is not positive definite.

    Examples:
        >>> natural_direction(torch.diag(torch.tensor([1.0, 4.0])), torch.tensor([1.0, 1.0]))
        tensor([-1.0000, -0.2500])
    """
    check_system(F, g, "The Fisher matrix")
    damping = at_least_zero("damping", damping)
    factor, info = torch.linalg.cholesky_ex(F + damping * torch.eye(len(g), dtype=F.dtype, device=F.device))
    least, largest = factor.diagonal().aminmax()
    if info or not least > torch.finfo(F.dtype).eps ** 0.5 * largest:
        raise RuntimeError(
            "The Fisher matrix is singular here: some change of the parameters leaves every prediction as it "
            "is. Give damping, as 1e-3, or leave such parameters out."
        )
    return -torch.cholesky_solve(g[:, None], factor).squeeze(1)


def fisher_of_scores(scores: Tensor, weights: Tensor) -> Tensor:
    """F = Σ w s sᵀ, from the score vectors s = ∇ log p(y | x) and the weight of each.

    With the model's own probabilities as weights, one score for each class of each example, this is the
    Fisher matrix; with the observed classes alone it is the empirical Fisher, another matrix.

    Args:
        scores: shape (..., n).
        weights: shape (...), at least 0: for N examples p(y | x) / N.

    Returns:
        Shape (n, n).

    Examples:
        >>> p = torch.tensor(0.8)  # a coin whose logit is the parameter: d log p = 1 − p for heads, −p for tails
        >>> fisher_of_scores(torch.stack([1 - p, -p])[:, None], torch.stack([p, 1 - p]))
        tensor([[0.1600]])
    """  # noqa: E501
    S = scores.reshape(-1, scores.shape[-1])
    return S.T @ (weights.reshape(-1, 1) * S)
