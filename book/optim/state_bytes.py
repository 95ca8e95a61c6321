"""What an optimizer remembers, in bytes."""

import torch

from book.optim.trajectory import Make


def state_bytes(optimizer: torch.optim.Optimizer) -> float:
    """The bytes of the optimizer's state for each number in its parameters, measured after its first step.

    Numbers that a parameter tensor has once, such as the count of its steps, are left out.

    Args:
        optimizer: any torch optimizer that has taken a step.

    Raises:
        ValueError: no parameter has a gradient, and it remembers nothing yet.

    Examples:
        >>> from book.optim.adam import Adam
        >>> x = torch.nn.Parameter(torch.ones(10))
        >>> x.grad = torch.ones(10)
        >>> optimizer = Adam([x])
        >>> optimizer.step()
        >>> state_bytes(optimizer)
        8.0
    """
    if not any(optimizer.state.values()):  # torch's SGD without momentum keeps none after a step either
        if all(x.grad is None for group in optimizer.param_groups for x in group["params"]):
            raise ValueError("The optimizer remembers nothing yet; take a step first.")
        return 0.0
    parameters, memories = 0, 0
    for x, state in optimizer.state.items():
        parameters += x.numel()
        memories += sum(
            m.nbytes for m in state.values() if isinstance(m, torch.Tensor) and m.shape == x.shape
        )
    return memories / parameters


def state_bytes_of(make: Make) -> float:
    """The bytes of state for each number of a float32 parameter, measured on a new optimizer after one step.

    Args:
        make: from the list of parameters to the optimizer over them, a method's class for one.

    Examples:
        >>> from book.optim.adam import Adam
        >>> state_bytes_of(Adam), state_bytes_of(lambda params: Adam(params, amsgrad=True))
        (8.0, 12.0)
    """
    x = torch.nn.Parameter(torch.ones(10, dtype=torch.float32))
    x.grad = torch.ones_like(x)
    optimizer = make([x])
    optimizer.step()
    return state_bytes(optimizer)
