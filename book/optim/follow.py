"""Let an optimizer follow a schedule, one factor a step."""

import torch
from torch.optim.lr_scheduler import LambdaLR

from book.optim.schedules import Schedule


def follow(optimizer: torch.optim.Optimizer, schedule: Schedule) -> LambdaLR:
    """Multiply the learning rate of each group by `schedule(t)` at step t = 0, 1, 2, … of the optimizer.

    The scheduler moves on after every `optimizer.step()`, so a training loop that knows nothing of schedules
    follows one too. Do not call its `step` yourself.

    Args:
        optimizer: any torch optimizer; its present rates are what the factors multiply.
        schedule: from the number of the step, from 0 on, to a factor.

    Returns:
        The scheduler, whose `state_dict` tells how far it is.

    Examples:
        >>> from book.optim import SGD
        >>> from book.optim.schedules import exponential
        >>> x = torch.nn.Parameter(torch.ones(2))
        >>> optimizer = SGD([x], lr=0.8)
        >>> scheduler = follow(optimizer, exponential(0.5))
        >>> x.grad, rates = torch.zeros(2), []
        >>> for _ in range(3):
        ...     rates.append(optimizer.param_groups[0]["lr"])
        ...     optimizer.step()
        >>> rates
        [0.8, 0.4, 0.2]
    """
    scheduler = LambdaLR(optimizer, schedule)
    optimizer.register_step_post_hook(lambda *_: scheduler.step())
    return scheduler
