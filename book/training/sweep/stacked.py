"""Many configurations of a small network in one step: every tensor with one more axis, its first."""

import inspect
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.functional import cross_entropy
from torch.utils._pytree import tree_map

from book.training.sweep.solo import Feed, Member

AT_ONCE = 8_000  # images that pass through all networks together in a test


def obstacle(members: list[Member]) -> str | None:
    """Why these members cannot be stacked, as the end of a sentence; None where nothing known hinders it.

    Args:
        members: of one sweep.
    """
    rule, model = type(members[0].optimizer), members[0].model
    if not (hasattr(rule, "update") and hasattr(rule, "memory")):
        return f"{rule.__name__} has no formula that could be applied to a stack"
    if next(model.buffers(), None) is not None:
        return "the network has buffers, as batch normalisation has, and a stack would mix them"
    groups = [some.optimizer.param_groups[0] for some in members]
    if any(group.get("error_if_nonfinite") for group in groups):
        return "error_if_nonfinite would stop all for one"
    for name, value in groups[0].items():
        if isinstance(value, bool | str) and any(group[name] != value for group in groups):
            return f"{name} is not the same in all configurations"
    return None


class Stack:
    """Members as one: each parameter, and each memory of the rule, is stacked along a new first axis.

    `torch.func.vmap` applies the network and the rule's own formula to all entries of that axis at once, each
    with its own hyperparameters. A number that the members do not share is a tensor of shape (K,) in float64:
    of no dimension inside `vmap`, it counts there as a plain number does.

    Args:
        members: K of them, all at the same step.
        feed: what they train on.
    """

    def __init__(self, members: list[Member], feed: Feed):
        self.members, self.feed, self.model = members, feed, members[0].model
        self.rule: Any = type(members[0].optimizer)  # a Rule, or what has `update` and `memory` as one has
        self.groups = [some.optimizer.param_groups[0] for some in members]
        self.parameters, _ = stack_module_state([some.model.train() for some in members])
        self.memory = {name: self._recall(index) for index, name in enumerate(self.parameters)}

    def steps(self, epoch: int, first: int, last: int) -> Tensor:
        """Take the steps `first` to `last` - 1 of an epoch; their losses, shape (K, last - first)."""
        batches = self.feed.batches(tuple(some.seed for some in self.members), epoch)[first:last]
        losses = [self._step(batch, t) for t, batch in enumerate(batches, self.members[0].taken)]
        return torch.stack(losses, dim=1)

    @torch.no_grad()
    def evaluate(self, inputs: Tensor, labels: Tensor) -> list[tuple[float, float]]:
        """Loss and accuracy of each member."""
        self.model.eval()
        parts = inputs.split(max(1, AT_ONCE // len(self.members)))
        logits = torch.cat([vmap(self._logits, (0, None))(self.parameters, some) for some in parts], dim=1)
        self.model.train()
        losses = vmap(cross_entropy, (0, None))(logits, labels)
        right = (logits.argmax(dim=-1) == labels).double().mean(dim=-1)
        return list(zip(losses.tolist(), right.tolist(), strict=True))

    @torch.no_grad()
    def write_back(self) -> None:
        """Give each member its parameters, and its optimizer what the rule remembers."""
        for index, (name, stacked) in enumerate(self.parameters.items()):
            for k, (some, group) in enumerate(zip(self.members, self.groups, strict=True)):
                x = group["params"][index]
                x.copy_(stacked[k])
                own = {of: value[k].clone() for of, value in self.memory[name].items()}
                some.optimizer.state[x].update(own, step=some.taken)

    def _step(self, batch: Tensor, t: int) -> Tensor:
        """Step t of all members, on the images numbered (B,) for all or (K, B) for each; the losses, (K,)."""
        inputs = self.feed.inputs.index_select(0, batch.flatten()).unflatten(0, batch.shape)
        axis = 0 if batch.ndim == 2 else None
        losses = vmap(self._loss, (0, axis, axis))(self.parameters, inputs, self.feed.labels[batch])
        # No loss depends on another's parameters, so the gradient of the sum holds the K gradients.
        gradients = torch.autograd.grad(losses.sum(), list(self.parameters.values()))
        hyper = self._hyper_at(t)
        for name, g in zip(self.parameters, gradients, strict=True):
            self._update(name, g, float(t + 1), hyper)
        return losses.detach()

    @torch.no_grad()
    def _update(self, name: str, g: Tensor, t: float, hyper: dict) -> None:
        maximize, remembered = self.groups[0]["maximize"], self.rule.memory

        def one(x, g, memory, hyper, decay):
            g = -g if maximize else g
            g = g if decay is None else g + decay * x
            x, *new = self.rule.update(x, g, *[memory.get(of, 0.0) for of in remembered], t=t, **hyper)
            return x, {of: value for of, value in zip(remembered, new, strict=True) if of in memory}

        of_one = self.parameters[name], g, self.memory[name], hyper, self.decay
        axes = tree_map(lambda value: 0 if isinstance(value, Tensor) else None, of_one)
        x, self.memory[name] = vmap(one, axes)(*of_one)
        self.parameters[name] = x.requires_grad_()

    @cached_property
    def hyper(self) -> dict:
        """What the formula names of the hyperparameters."""
        parameters = inspect.signature(self.rule.update).parameters.values()
        named = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.name != "t"]
        return {name: self._number([group[name] for group in self.groups]) for name in named}

    @cached_property
    def decay(self) -> float | Tensor | None:
        """The λ whose λx is added to the gradient; None where the formula names λ, or all are 0."""
        decays = [group.get("weight_decay", 0.0) for group in self.groups]
        return self._number(decays) if any(decays) and "weight_decay" not in self.hyper else None

    def _hyper_at(self, t: int) -> dict:
        if any("schedule" in some.configuration for some in self.members):
            return self.hyper | {"lr": self._number([some.rate(t) for some in self.members])}
        return self.hyper

    def _number(self, values: Sequence) -> Any:
        if isinstance(values[0], tuple | list):
            return tuple(map(self._number, zip(*values, strict=True)))
        if all(value == values[0] for value in values):
            return values[0]
        return torch.tensor(values, dtype=torch.float64, device=self.feed.labels.device)

    def _recall(self, index: int) -> dict[str, Tensor]:
        """What the rule remembers of one parameter, by name, started where it is missing."""
        memory = {}
        for name, option in self.rule.memory.items():
            if option is None or any(group[option] for group in self.groups):
                memory[name] = torch.stack([_remembered(some, index, name) for some in self.members])
        return memory

    def _logits(self, parameters: dict, inputs: Tensor) -> Tensor:
        return functional_call(self.model, parameters, (inputs,))

    def _loss(self, parameters: dict, inputs: Tensor, labels: Tensor) -> Tensor:
        # (B, classes) goes as (1, classes, B): torch's softmax is several times slower along the last axis.
        return cross_entropy(self._logits(parameters, inputs).T[None], labels[None])


def _remembered(some: Member, index: int, name: str) -> Tensor:
    rule: Any = some.optimizer
    group = rule.param_groups[0]
    x = group["params"][index]
    return (rule.state[x][name] if name in rule.state[x] else rule.start(x, group)).detach()
