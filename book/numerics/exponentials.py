"""Softmax and its relatives: every exponential takes a number that is at most 0, so none overflows."""

import torch
from torch import Tensor

from book.numerics.arguments import floating, floating_matrix


@floating
def naive_softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Softmax as its formula is written, exp(xᵢ) / Σⱼ exp(xⱼ): it breaks where the exponential does.

    One entry above 88.7 (float32) makes exp overflow and the quotient inf/inf = nan; a row whose entries are
    all below -104 gives 0/0 = nan.

    Args:
        x: logits, any shape, one of the four float dtypes.
        dim: the axis along which the result sums to 1.

    Raises:
        TypeError: x is not a tensor of a float dtype.

    Examples:
        >>> naive_softmax(torch.tensor([1000.0, 990.0, 980.0]))
        tensor([nan, nan, nan])
    """
    weights = x.exp()
    return weights / weights.sum(dim, keepdim=True)


@floating
def softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Softmax of shifted logits: the largest becomes 0, so the denominator lies between 1 and n.

    As torch: an entry of -inf gets probability 0; a row that holds +inf or nan, or only -inf, is all nan; an
    empty row stays empty. Unlike torch, which sums float16 in float32, the sum is in x's dtype: more than
    65504 float16 entries near the largest make it inf, and the probabilities 0.

    Args:
        x: logits, any shape, one of the four float dtypes.
        dim: the axis along which the result sums to 1.

    Returns:
        Probabilities, of x's shape and dtype.

    Raises:
        TypeError: x is not a tensor of a float dtype.

    Source:
        Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax functions", 2021.

    Examples:
        >>> softmax(torch.tensor([1000.0, 990.0, 980.0]))
        tensor([9.9995e-01, 4.5398e-05, 2.0611e-09])
    """
    weights = (x - largest(x, dim)).exp()
    return weights / weights.sum(dim, keepdim=True)


@floating
def logsumexp(x: Tensor, dim: int = -1) -> Tensor:
    """The logarithm of Σ exp(xᵢ), with the largest entry taken out before and put back after.

    As torch: a row of -inf and an empty row give -inf, a row with +inf gives inf, one with nan gives nan. The
    gradient is softmax(x), also for entries near 1e8 in float32, where torch's own, exp(x - result), is off
    by a factor of 2; it is nan where all of the row is -inf, or where an entry is +inf.

    Args:
        x: any shape, one of the four float dtypes.
        dim: the axis that the sum removes.

    Returns:
        A tensor of x's dtype and of its shape without `dim`.

    Raises:
        TypeError: x is not a tensor of a float dtype.

    Source:
        Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax functions", 2021.

    Examples:
        >>> logsumexp(torch.tensor([1000.0, 1000.0]))
        tensor(1000.6932)
    """
    shift = largest(x, dim)
    shift = torch.where(shift.isinf(), 0.0, shift)  # inf - inf would be nan
    return ((x - shift).exp().sum(dim, keepdim=True).log() + shift).squeeze(dim)


@floating
def log_softmax(x: Tensor, dim: int = -1) -> Tensor:
    """The logarithm of softmax, without ever forming the probability that could round to 0.

    As torch: an entry of -inf gives -inf; a row that holds +inf or nan, or only -inf, is all nan; an empty
    row stays empty. The sum is in x's dtype (see `softmax`).

    Args:
        x: logits, any shape, one of the four float dtypes.
        dim: the axis along which the probabilities sum to 1.

    Returns:
        Log-probabilities, at most 0, of x's shape and dtype.

    Raises:
        TypeError: x is not a tensor of a float dtype.

    Source:
        Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax functions", 2021.

    Examples:
        >>> log_softmax(torch.tensor([0.0, -200.0])), softmax(torch.tensor([0.0, -200.0])).log()
        (tensor([   0., -200.]), tensor([0., -inf]))
    """
    shifted = x - largest(x, dim)
    return shifted - shifted.exp().sum(dim, keepdim=True).log()


@floating_matrix
def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """The mean of -log p(target) over a batch, from logits; its gradient is (softmax - one-hot) / N.

    As torch: an empty batch gives nan, and a target whose logit is -inf gives inf.

    Args:
        logits: shape (N, C), one of the four float dtypes.
        target: shape (N,), int64, class indices from 0 to C - 1.

    Returns:
        A scalar of the logits' dtype, in nats.

    Raises:
        TypeError: the logits are not a tensor of a float dtype, or the target is not int64.
        ValueError: the shapes do not match, or a class index is out of range.

    Examples:
        >>> cross_entropy(torch.tensor([[1000.0, 990.0]]), torch.tensor([1]))
        tensor(10.0000)
    """
    _check_target(logits, target)
    log_probability = log_softmax(logits, dim=1)
    return -log_probability[torch.arange(len(target), device=target.device), target].mean()


@floating
def sigmoid(x: Tensor) -> Tensor:
    """The logistic function 1 / (1 + exp(-x)), from exp(-|x|), which is at most 1.

    As torch: sigmoid(-inf) is 0, sigmoid(inf) is 1, nan gives nan, an empty tensor stays empty.

    Args:
        x: any shape, one of the four float dtypes.

    Raises:
        TypeError: x is not a tensor of a float dtype.

    Examples:
        >>> sigmoid(torch.tensor([-100.0, 0.0, 100.0]))
        tensor([3.7835e-44, 5.0000e-01, 1.0000e+00])
    """
    z = minus_abs(x).exp()
    return torch.where(x < 0, z, 1.0) / (1 + z)


@floating
def softplus(x: Tensor) -> Tensor:
    """log(1 + exp(x)) as max(x, 0) + log1p(exp(-|x|)); its derivative is the sigmoid.

    softplus(-inf) is 0, softplus(inf) is inf, nan gives nan, an empty tensor stays empty.

    Args:
        x: any shape, one of the four float dtypes.

    Raises:
        TypeError: x is not a tensor of a float dtype.

    Examples:
        >>> softplus(torch.tensor([-10.0, 0.0, 100.0]))
        tensor([4.5399e-05, 6.9315e-01, 1.0000e+02])
    """
    return x.clamp(min=0) + minus_abs(x).exp().log1p()


def largest(x: Tensor, dim: int) -> Tensor:
    """The largest entry along `dim`, a constant to autograd; -inf where there is none."""
    if x.numel() == 0:
        return x.detach().sum(dim, keepdim=True) - torch.inf
    return x.detach().amax(dim, keepdim=True)


def minus_abs(x: Tensor) -> Tensor:
    """-|x|, with slope -1 at 0, so that autograd is right there too (the slope of `abs` at 0 is 0)."""
    return torch.where(x < 0, x, -x)


def _check_target(logits: Tensor, target: Tensor) -> None:
    if not isinstance(target, Tensor):
        raise TypeError(f"The target is a tensor of class indices; got {type(target).__name__}.")
    if target.dtype != torch.int64:
        raise TypeError(f"The target holds {target.dtype}; class indices are torch.int64.")
    if target.shape != logits.shape[:1]:
        raise ValueError(
            f"{len(logits)} rows of logits need as many targets; got shape {tuple(target.shape)}."
        )
    if target.numel() and not 0 <= target.min() <= target.max() < logits.shape[1]:
        raise ValueError(f"The target holds a class outside 0 to {logits.shape[1] - 1}.")
