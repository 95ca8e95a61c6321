"""What an optimizer that follows a schedule ought to do, in Python numbers, by the method's own formula."""

import inspect
from dataclasses import dataclass, field

import torch

from book.optim import Rule

EPS = 0.25  # smooth, so that no last digit decides a sign


class Rate:
    """A rate that several groups may share, as they do one in a tensor."""

    def __init__(self, value: float):
        self.value = value


@dataclass
class Group:
    """One group with one number in it."""

    rate: Rate
    x: float
    t: int = 0
    base: float | None = None  # what the schedule multiplies
    memory: dict[str, float] = field(default_factory=dict)


class Model:
    """Groups of one number each, and the schedule that they follow.

    Args:
        method: whose formula is used.
        rate: of the groups that have none of their own.
        shared: whether they share it, as a tensor.
    """

    def __init__(self, method: type[Rule], rate: float, shared: bool):
        self.method, self.shared, self.default = method, shared, Rate(rate)
        self.groups, self.schedule, self.at = [], None, 0
        defaults = method([torch.ones(1)], **hyper_of(method)).defaults
        parameters = inspect.signature(method.update).parameters
        self.hyper = {name: defaults[name] for name in parameters if name in defaults and name != "lr"}

    def add(self, rate: float | None, x: float) -> None:
        """A group, with its own rate or the default."""
        own = self.default if self.shared else Rate(self.default.value)
        self.groups.append(Group(own if rate is None else Rate(rate), x))

    def follow(self, schedule) -> None:
        """From now on, at the present rates."""
        self.schedule, self.at = schedule, 0
        for group in self.groups:
            group.base = group.rate.value
        self.write(self.groups)

    def write(self, groups: list[Group]) -> None:
        """The schedule's rates."""
        for group in groups:
            group.rate.value = group.base * self.schedule(self.at)

    def step(self) -> None:
        """One step, and the schedule's."""
        if self.schedule:
            self.join()
        for group in self.groups:
            self.move(group)
        if self.schedule:
            self.at += 1
            self.write(self.groups)

    def join(self) -> None:
        """New groups follow from here on; one that shares an older one's rate has its base too."""
        bases = {group.rate: group.base for group in self.groups if group.base is not None}
        new = [group for group in self.groups if group.base is None]
        for group in new:
            group.base = bases.get(group.rate, group.rate.value)
        self.write(new)

    def move(self, group: Group) -> None:
        """One number takes one step by the formula."""
        group.t += 1
        memory = [group.memory.get(name, 0.0) for name in self.method.memory]
        numbers = [torch.tensor(v, dtype=torch.float64) for v in (group.x, slope(group.x), *memory)]
        x, *new = self.method.update(*numbers, t=float(group.t), lr=group.rate.value, **self.hyper)
        group.x = x.item()
        group.memory = {
            name: float(value)
            for (name, option), value in zip(self.method.memory.items(), new, strict=True)
            if option is None or self.hyper[option]
        }


def slope(x: float) -> float:
    """The gradient of x² + x / 2."""
    return 2 * x + 0.5


def hyper_of(method: type[Rule]) -> dict[str, float]:
    """What both are given beside the rate."""
    return {"eps": EPS} if "eps" in inspect.signature(method.__init__).parameters else {}
