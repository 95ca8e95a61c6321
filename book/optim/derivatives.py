"""First and second derivatives of a closure's loss, for methods that move all parameters as one vector."""

from collections.abc import Sequence

import torch
from torch import Tensor

from book.optim.flat import flatten, split


def gradients(loss: Tensor, parameters: Sequence[Tensor], again: bool = False) -> tuple[Tensor, ...]:
    """The gradient of a loss, taken from `grad` where `backward` has been called, else computed here.

    Args:
        loss: shape ().
        parameters: leaves; those that the loss does not depend on, or that need no gradient, get zeros.
        again: whether the gradient is to be differentiated once more.

    Returns:
        A tensor for each parameter, of its shape.

    Raises:
        RuntimeError: the loss has no graph, no parameter requires a gradient, or `backward` has used up the
            graph that is needed once more.

    Examples:
        >>> x = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> gradients(x.square().sum(), [x])
        (tensor([2., 4.]),)
    """
    given = [parameter.grad for parameter in parameters]
    if any(g is not None for g in given):
        if again and loss.requires_grad:
            check_graph([g for g in given if g is not None])
        return tuple(torch.zeros_like(p) if g is None else g for p, g in zip(parameters, given, strict=True))
    check_followed(loss, parameters)
    return _derivatives(
        [loss], parameters, None, [torch.zeros_like(p) for p in parameters], create_graph=again
    )


def check_loss(loss: object, name: str) -> None:
    """Refuse what is no loss: anything but one real number in a tensor.

    Args:
        loss: what a closure returned.
        name: of the method.

    Raises:
        TypeError: it is something else.

    Examples:
        >>> check_loss(0.5, "BFGS")
        Traceback (most recent call last):
        TypeError: BFGS takes a closure that returns the loss, one number in a tensor; got float.
    """
    if not isinstance(loss, Tensor) or loss.numel() != 1 or loss.is_complex() or loss.is_meta:
        got = (
            f"{loss.dtype}, shape {tuple(loss.shape)} on {loss.device}"
            if isinstance(loss, Tensor)
            else type(loss).__name__
        )
        raise TypeError(f"{name} takes a closure that returns the loss, one number in a tensor; got {got}.")


def check_followed(value: Tensor, parameters: Sequence[Tensor], name: str = "loss does") -> None:
    """Refuse a value that torch cannot differentiate by some of the parameters.

    Args:
        value: what a closure returned.
        parameters: leaves.
        name: what the message calls it, with its verb.

    Raises:
        RuntimeError: no parameter requires a gradient, or the value has no graph.

    Examples:
        >>> check_followed(torch.tensor(1.0), [torch.nn.Parameter(torch.ones(2))])
        Traceback (most recent call last):
        RuntimeError: The loss does not depend on the parameters in a way that torch can follow.
        >>> check_followed(torch.tensor(1.0), [torch.ones(2)])
        Traceback (most recent call last):
        RuntimeError: No parameter requires a gradient, so nothing can move; call requires_grad_() on one.
    """
    if not any(parameter.requires_grad for parameter in parameters):
        raise RuntimeError(
            "No parameter requires a gradient, so nothing can move; call requires_grad_() on one."
        )
    if not value.requires_grad:
        raise RuntimeError(f"The {name} not depend on the parameters in a way that torch can follow.")


def check_graph(given: Sequence[Tensor]) -> None:
    """Refuse gradients of which torch can differentiate none, as `backward` leaves them.

    Examples:
        >>> check_graph([torch.ones(2)])
        Traceback (most recent call last):
        RuntimeError: The gradient is to be differentiated, and its graph has been used up; call backward(create_graph=True), or leave `backward` away in a closure.
    """  # noqa: E501
    if not any(g.requires_grad for g in given):
        raise RuntimeError(
            "The gradient is to be differentiated, and its graph has been used up; call "
            "backward(create_graph=True), or leave `backward` away in a closure."
        )


def hessian_products(graph: Sequence[Tensor], parameters: Sequence[Tensor], v: Tensor) -> Tensor:
    """H v for one vector, or for each row of a matrix in one batch, without H.

    Args:
        graph: the gradient, as `gradients` gives it with `again`.
        parameters: n entries in all.
        v: shape (n,) or (k, n).

    Returns:
        The shape of v.

    Examples:
        >>> x = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> hessian_products(gradients(x.prod() ** 2, [x], again=True), [x], torch.tensor([1.0, 0.0]))
        tensor([8., 8.])
    """
    rows = products(graph, parameters, split(v, parameters), batched=v.dim() == 2)
    return torch.cat([row.reshape(*v.shape[:-1], -1) for row in rows], dim=-1)


def products(
    graph: Sequence[Tensor], parameters: Sequence[Tensor], parts: Sequence[Tensor], batched: bool = False
) -> tuple[Tensor, ...]:
    """H v in the shapes of the parameters, which may differ in dtype and device; the graph stays.

    Args:
        graph, parameters: as for `hessian_products`.
        parts: v in the parameters' shapes; with `batched` an axis of its own is in front.
        batched: whether v has that axis.

    Returns:
        In the shapes of `parts`.

    Raises:
        RuntimeError: what the graph was made of has been freed.

    Examples:
        >>> x = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> products(gradients(x.prod() ** 2, [x], again=True), [x], [torch.tensor([1.0, 0.0])])
        (tensor([8., 8.]),)
    """
    zeros = [torch.zeros_like(part) for part in parts]
    pairs = [(g, part) for g, part in zip(graph, parts, strict=True) if g.requires_grad]
    if not pairs:  # the loss is linear
        return tuple(zeros)
    outputs, directions = zip(*pairs, strict=True)
    options = {"retain_graph": True, "is_grads_batched": batched}
    try:
        rows = _derivatives(outputs, parameters, directions, zeros, **options)
    except RuntimeError as error:
        if "second time" not in str(error):
            raise
        raise RuntimeError(
            "The gradient's graph has been freed; leave retain_graph out of backward(create_graph=True)."
        ) from error
    return tuple(row.detach() for row in rows)


def jacobian(r: Tensor, parameters: Sequence[Tensor]) -> Tensor:
    """J with Jᵢⱼ = ∂rᵢ/∂xⱼ: its rows in one batch where there are fewer of them, else its columns.

    A row is a product uᵀJ, one pass backward. A column is a pass backward through u ↦ uᵀJ, which is linear in
    u: so m residuals never cost more passes than there are parameters.

    Args:
        r: shape (m,), with its graph.
        parameters: n entries in all.

    Returns:
        Shape (m, n).

    Examples:
        >>> x = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> jacobian(torch.stack([x[0] * x[1], x[0], x[1] ** 2]), [x])
        tensor([[2., 1.],
                [1., 0.],
                [0., 4.]])
    """
    with torch.enable_grad():
        return (_rows if len(r) <= sum(p.numel() for p in parameters) else _columns)(r, parameters)


def _rows(r: Tensor, parameters: Sequence[Tensor]) -> Tensor:
    zeros = [p.new_zeros(len(r), *p.shape) for p in parameters]
    rows = _derivatives(
        r,
        parameters,
        torch.eye(len(r), dtype=r.dtype, device=r.device),
        zeros,
        retain_graph=True,
        is_grads_batched=True,
    )
    return torch.cat([row.reshape(len(r), -1) for row in rows], dim=1)


def _columns(r: Tensor, parameters: Sequence[Tensor]) -> Tensor:
    u = torch.zeros_like(r, requires_grad=True)
    zeros = [torch.zeros_like(p) for p in parameters]
    product = flatten(_derivatives(r, parameters, u, zeros, create_graph=True))
    identity = torch.eye(len(product), dtype=r.dtype, device=r.device)
    (columns,) = torch.autograd.grad(product, u, identity, is_grads_batched=True)
    return columns.T


def _derivatives(outputs, parameters, weights, zeros, **options) -> tuple[Tensor, ...]:
    """`torch.autograd.grad`, with zeros for a parameter that needs no gradient or is not reached."""
    wanted = [p for p in parameters if p.requires_grad]
    found = iter(torch.autograd.grad(outputs, wanted, weights, allow_unused=True, **options))
    taken = [next(found) if p.requires_grad else None for p in parameters]
    return tuple(zero if g is None else g for g, zero in zip(taken, zeros, strict=True))
