"""Methods that torch does not have, as their papers write them: a loop over the entries in Python floats."""

from typing import ClassVar

import torch


class Loop(torch.optim.Optimizer):
    """An optimizer for float64 that works entry by entry; a subclass writes `entry`.

    State and options have the names that ours have, so that a `state_dict` goes from one to the other.
    """

    memory: ClassVar[tuple[str, ...]] = ()

    def __init__(self, params, foreach: bool = False, maximize: bool = False, **options):
        self.own = options.keys()  # what `entry` takes
        super().__init__(params, options | {"maximize": maximize})

    @staticmethod
    def entry(x: float, g: float, *memory: float, t: int, **options) -> tuple[float, ...]:
        """The new entry and its new memory."""
        raise NotImplementedError

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._move(p, -p.grad if group["maximize"] else p.grad, group)
        return loss

    def _move(self, p: torch.Tensor, g: torch.Tensor, group: dict) -> None:
        state = self.state[p]
        state["step"] = t = int(state.get("step", 0)) + 1
        memories = [state.setdefault(name, torch.zeros_like(p)) for name in self.memory]
        p, g, *memories = [torch.view_as_real(x) if x.is_complex() else x for x in (p, g, *memories)]
        options = {name: plain(value) for name, value in group.items() if name in self.own}
        tensors = (p, *memories)
        columns = [tensor.flatten().tolist() for tensor in (p, g, *memories)]
        new = [self.entry(*entries, t=t, **options) for entries in zip(*columns, strict=True)]
        for tensor, values in zip(tensors, zip(*new, strict=True), strict=True):
            tensor.copy_(torch.tensor(values, dtype=torch.float64).reshape(tensor.shape))


def plain(value):
    """Numbers as Python's own."""
    return tuple(map(float, value)) if isinstance(value, tuple | list) else float(value)


class Lion(Loop):
    """Chen et al., "Symbolic Discovery of Optimization Algorithms", NeurIPS 2023, algorithm 2."""

    memory = ("exp_avg",)

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0, **options):
        super().__init__(params, lr=lr, betas=betas, weight_decay=weight_decay, **options)

    @staticmethod
    def entry(x, g, m, *, t, lr, betas, weight_decay):
        interpolated = betas[0] * m + (1 - betas[0]) * g
        direction = (interpolated > 0) - (interpolated < 0)
        return x - lr * (direction + weight_decay * x), betas[1] * m + (1 - betas[1]) * g


LOOPS: dict[str, type[Loop]] = {"Lion": Lion}
