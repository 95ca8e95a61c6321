"""Many tensors as one vector, and back."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from book.numerics.arguments import check_device, check_floating, check_materialized, check_values
from book.optim.loading import check_names


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
        TypeError: one is not of a float dtype, or sparse, or two differ in dtype.
        ValueError: one is of a lazy layer and not there yet, or on "meta"; two are on different devices, one
            is there twice, none has an entry, or two entries share their place in memory, as those of
            `expand` or of overlapping views.

    Examples:
        >>> check_one_kind([torch.zeros(1), torch.zeros(1, dtype=torch.float64)], "Newton")
        Traceback (most recent call last):
        TypeError: Newton takes parameters of one dtype; got torch.float32 and torch.float64.
    """
    for parameter in parameters:
        check_materialized(parameter, name)
        check_floating(parameter, name)
    for what, error in (("dtype", TypeError), ("device", ValueError)):
        kinds = sorted({str(getattr(parameter, what)) for parameter in parameters})
        if len(kinds) > 1:
            raise error(f"{name} takes parameters of one {what}; got {' and '.join(kinds)}.")
    for parameter in parameters[:1]:
        check_device(parameter.device, name)
    for parameter in parameters:
        check_values(parameter, name)
    if len({id(parameter) for parameter in parameters}) < len(parameters):
        raise ValueError(f"{name} takes each parameter once, and one is there twice; list it once.")
    if not any(parameter.numel() for parameter in parameters):
        raise ValueError(f"{name} takes parameters with an entry or more, and these have none.")
    if share_places(parameters):
        raise ValueError(f"{name} takes entries with a place each, and some share one; clone() first.")


def share_places(tensors: Iterable[Tensor]) -> bool:
    """Whether two entries, of one tensor or of two, lie at the same place in memory.

    Args:
        tensors: those without memory, as on the device "meta", share none.

    Examples:
        >>> x = torch.zeros(3)
        >>> share_places([x[:2], x[2:]]), share_places([x[:2], x[1:]])
        (False, True)
    """
    together = defaultdict(list)
    for tensor in tensors:
        if tensor.layout == torch.strided and (address := tensor.untyped_storage().data_ptr()):
            together[address].append(tensor)
    return any(_overlap(views) for views in together.values())


def _overlap(views: Sequence[Tensor]) -> bool:
    """Whether two entries of views of one storage lie at one place, by marking each."""
    if len(views) == 1 and views[0].is_contiguous():
        return False
    places = torch.arange(views[0].untyped_storage().nbytes() // views[0].element_size())
    taken = [places.as_strided(v.shape, v.stride(), v.storage_offset()).reshape(-1) for v in views]
    return bool(torch.cat(taken).bincount(minlength=1).max() > 1)


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
        ValueError: as for `check_names`, or a tensor's last dimension is not n.

    Examples:
        >>> x = torch.ones(3)
        >>> check_memory({x: {"step": 4, "inverse": torch.eye(2)}}, [x], ["inverse"])
        Traceback (most recent call last):
        ValueError: This state_dict has inverse for 2 parameters, and there are 3; load it into its own method.
    """  # noqa: E501  (the message is one line)
    n = sum(parameter.numel() for parameter in parameters)
    for memory in state.values():
        kept = {name: _tensors(value) for name, value in memory.items()}
        begun = memory.keys() & set(together)
        found = begun | {name for name, tensors in kept.items() if tensors}
        check_names(found, dict.fromkeys((*names, *together)), together if begun else ())
        for name, tensors in kept.items():
            for tensor in tensors:
                if tensor.dim() and tensor.shape[-1] != n:
                    raise ValueError(
                        f"This state_dict has {name} for {tensor.shape[-1]} parameters, and there are {n}; "
                        "load it into its own method."
                    )


def check_kept(memory: dict, names: Sequence[str], x: Tensor) -> None:
    """Refuse a memory of other parameters than there are, as `model.double()` leaves it between two steps.

    Args:
        memory: of a method.
        names: of the tensors in it, alone or in a list.
        x: the parameters as one vector, shape (n,).

    Raises:
        RuntimeError: a tensor has another dtype or device, or its last dimension is not n.

    Examples:
        >>> check_kept({"inverse": torch.eye(2)}, ["inverse"], torch.ones(2).double())
        Traceback (most recent call last):
        RuntimeError: The parameters are 2 of torch.float64 on cpu, and inverse remembers 2 of torch.float32 on cpu; build the optimizer anew.
    """  # noqa: E501  (the message is one line)
    now = f"{len(x)} of {x.dtype} on {x.device}"
    for name in names:
        for kept in _tensors(memory.get(name)):
            before = f"{kept.shape[-1]} of {kept.dtype} on {kept.device}" if kept.dim() else now
            if before != now:
                raise RuntimeError(
                    f"The parameters are {now}, and {name} remembers {before}; build the optimizer anew."
                )


def _tensors(value: object) -> list[Tensor]:
    """A tensor, or those of a list; none where it is a number."""
    values = value if isinstance(value, list | tuple) else [value]
    return [tensor for tensor in values if isinstance(tensor, Tensor)]
