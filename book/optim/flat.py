"""Many tensors as one vector, and back."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from book.numerics.arguments import check_floating


def flatten(tensors: Iterable[Tensor]) -> Tensor:
    """The entries of all tensors in one vector, a copy.

    Args:
        tensors: of one dtype.

    Returns:
        Shape (n,).

    Examples:
        >>> flatten([torch.tensor([[1.0, 2.0]]), torch.tensor(3.0)])
        tensor([1., 2., 3.])
    """
    dense = [tensor.to_dense() if tensor.is_sparse else tensor for tensor in tensors]
    return torch.cat([tensor.reshape(-1) for tensor in dense])


def split(vector: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
    """The vector's entries in the shapes of some tensors; an axis before the last stays in front.

    Args:
        vector: shape (n,) or (k, n).
        like: tensors with n entries in all.

    Examples:
        >>> split(torch.arange(3.0), [torch.zeros(1, 2), torch.zeros(())])
        [tensor([[0., 1.]]), tensor(2.)]
    """
    front = vector.shape[:-1]
    parts = vector.split([tensor.numel() for tensor in like], dim=-1)
    return [part.reshape(front + tensor.shape) for part, tensor in zip(parts, like, strict=True)]


@torch.no_grad()
def put(parameters: Sequence[Tensor], vector: Tensor) -> None:
    """Write a vector's entries into the parameters.

    Args:
        parameters: tensors with n entries in all.
        vector: shape (n,).

    Examples:
        >>> x = torch.nn.Parameter(torch.zeros(2))
        >>> put([x], torch.tensor([1.0, 2.0]))
        >>> x.data
        tensor([1., 2.])
    """
    for parameter, part in zip(parameters, split(vector, parameters), strict=True):
        parameter.copy_(part)


def check_one_kind(parameters: Sequence[Tensor], name: str) -> None:
    """Refuse parameters that do not fit into one vector.

    Raises:
        TypeError: one is not of a float dtype, or two differ in dtype.
        ValueError: two are on different devices, one is there twice, none has an entry, or entries of one
            share their place in memory, as `expand` makes them.

    Examples:
        >>> check_one_kind([torch.zeros(1), torch.zeros(1, dtype=torch.float64)], "Newton")
        Traceback (most recent call last):
        TypeError: Newton takes parameters of one dtype; got torch.float32 and torch.float64.
    """
    for parameter in parameters:
        check_floating(parameter, name)
    for what, error in (("dtype", TypeError), ("device", ValueError)):
        kinds = sorted({str(getattr(parameter, what)) for parameter in parameters})
        if len(kinds) > 1:
            raise error(f"{name} takes parameters of one {what}; got {' and '.join(kinds)}.")
    if len({id(parameter) for parameter in parameters}) < len(parameters):
        raise ValueError(f"{name} takes each parameter once, and one is there twice; list it once.")
    if not any(parameter.numel() for parameter in parameters):
        raise ValueError(f"{name} takes parameters with an entry or more, and these have none.")
    for parameter in parameters:
        axes = zip(parameter.shape, parameter.stride(), strict=True)
        if any(size > 1 and step == 0 for size, step in axes):
            raise ValueError(f"{name} takes entries with a place each, and some share one; clone() first.")


def check_memory(
    state: dict, parameters: Sequence[Tensor], names: Sequence[str], together: Sequence[str] = ()
) -> None:
    """Refuse a state that another method, or one over other parameters, has left.

    Args:
        state: as in `Optimizer.state`; only the first parameter has any.
        parameters: n entries in all.
        names: of the tensors that the method remembers, alone or in a list.
        together: what it remembers all or nothing of, tensors or numbers.

    Raises:
        ValueError: a tensor has another name, or its last dimension is not n; of what belongs together a part
            is missing.

    Examples:
        >>> x = torch.ones(3)
        >>> check_memory({x: {"step": 4, "inverse": torch.eye(2)}}, [x], ["inverse"])
        Traceback (most recent call last):
        ValueError: This state_dict has inverse for 2 parameters, and there are 3; load it into its own method.
    """  # noqa: E501  (the message is one line)
    n = sum(parameter.numel() for parameter in parameters)
    for memory in state.values():
        found = [name for name in together if name in memory]
        if 0 < len(found) < len(together):
            missing = ", ".join(name for name in together if name not in memory)
            raise ValueError(
                f"This state_dict remembers {', '.join(found)} and not {missing}; load it into its own "
                "method."
            )
        for name, kept in memory.items():
            tensors = kept if isinstance(kept, list | tuple) else [kept]
            tensors = [tensor for tensor in tensors if isinstance(tensor, Tensor)]
            if tensors and name not in names:
                raise ValueError(
                    f"This state_dict remembers {name}, and this method {', '.join(names) or 'nothing'}; "
                    "load it into its own method."
                )
            for tensor in tensors:
                if tensor.dim() and tensor.shape[-1] != n:
                    raise ValueError(
                        f"This state_dict has {name} for {tensor.shape[-1]} parameters, and there are {n}; "
                        "load it into its own method."
                    )
