"""Rule, the base of every first-order method: a method writes its formula, Rule does the bookkeeping."""

import inspect
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from itertools import repeat
from typing import Any, ClassVar

import torch
from torch import Tensor

from book.optim.compiled import advance_compiled
from book.optim.engine import advance
from book.optim.gradients import advance_rows, gradients_of, loss_of, real_views
from book.optim.loading import Loading, check_memory, merged
from book.optim.ranges import check_fixed, check_written, checked

SHARED = {"maximize": False, "engine": "eager", "error_if_nonfinite": False}


class Rule(Loading):
    """A `torch.optim.Optimizer` whose update is one pure formula on tensors, entry by entry.

    A subclass names what it remembers of each parameter, in `memory`, and writes `update`. Everything that
    torch's optimizers do follows: parameter groups, closures, schedulers, `state_dict`, gradient scaling.
    Hyperparameters and state are named as torch names them, so a `state_dict` goes from one to the other;
    `book.optim.loading` says what is taken from one and what stays.

    With a `weight_decay` that the formula does not name, the rule sees the gradient of the loss plus
    ½ weight_decay ‖x‖².

    Args:
        params: tensors, (name, tensor) pairs or groups of them, as for `torch.optim.Optimizer`.
        maximize: climb instead of descending.
        engine: "eager" runs the formula as it is written; "compiled" hands it to the compiler of
            `torch.compile`, which takes seconds at the first step and then one pass over memory a step.
        error_if_nonfinite: stop before a step whose gradient holds nan or inf, with the parameter's name.
            Without it they go through the formula into the parameters, as in torch.
        defaults: the method's own hyperparameters.

    Raises:
        ValueError: a hyperparameter is outside its range, or nan at a step.
        TypeError: a hyperparameter is not a number, or the method has none of that name.
        FloatingPointError: at a step, a gradient is not finite and `error_if_nonfinite` is set.
        RuntimeError: at a step, a gradient is sparse and the method moves entries whose gradient is 0, or
            the closure calls no `backward`.

    Examples:
        >>> class SignDescent(Rule):
        ...     def __init__(self, params, lr=0.1, **options):
        ...         super().__init__(params, lr=lr, **options)
        ...
        ...     @staticmethod
        ...     def update(x, g, *, t, lr):
        ...         return (x - lr * torch.sign(g),)
        >>> x = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
        >>> x.grad = torch.tensor([30.0, -0.001])
        >>> SignDescent([x]).step()
        >>> x.data
        tensor([ 0.9000, -1.9000])
    """

    memory: ClassVar[dict[str, str | None]] = {}  # what is remembered: the option that asks for it
    rests_at_zero: ClassVar[bool] = False  # whether an entry whose gradient is 0 stays, with its memory
    fixed: ClassVar[dict[str, object]] = {}  # options of torch's method, and the value that this one has

    def __init__(
        self,
        params,
        *,
        maximize: bool = False,
        engine: str = "eager",
        error_if_nonfinite: bool = False,
        **defaults,
    ):
        if unknown := sorted(defaults.keys() - _options(type(self))):
            raise TypeError(f"{type(self).__name__} has no option {', '.join(unknown)}.")
        shared = {"maximize": maximize, "engine": engine, "error_if_nonfinite": error_if_nonfinite}
        super().__init__(params, checked(defaults | shared))

    @staticmethod
    def update(x: Tensor, g: Tensor, *memory: Tensor | float, t: float | Tensor, **hyper):
        """The formula: the new x and the new memory, from the old ones, the gradient and the step's number.

        Args:
            x, g: the parameter and its gradient, any shape.
            memory: of the same shape; 0.0 for what an option leaves out.
            t: the number of the step, from 1 on.
            hyper: what the formula names of the group's hyperparameters.

        Returns:
            (x, *memory), all new.
        """
        raise NotImplementedError("A rule writes its formula in `update`.")

    def start(self, x: Tensor, group: dict) -> Tensor:
        """What each memory of a parameter is before the first step: zeros, unless a rule says otherwise."""
        return torch.zeros_like(x, memory_format=torch.preserve_format)

    def add_param_group(self, param_group: dict) -> None:
        """Add a group with hyperparameters of its own, as in torch; the missing ones are the defaults."""
        if isinstance(param_group, dict):  # torch refuses what is none
            param_group.update(checked(self.defaults | param_group))
        super().add_param_group(param_group)

    def state_dict(self) -> dict:
        """State and hyperparameters, as in torch; torch's own method can load them."""
        saved = super().state_dict()
        for group in saved["param_groups"]:
            group.update(self.fixed)
        known = {index: state for index, state in saved["state"].items() if state}  # a look leaves {} there
        return saved | {"state": known}

    def __setstate__(self, state: dict) -> None:
        """What torch's `load_state_dict` and a pickle end in; `book.optim.loading` says what is taken."""
        groups, present = state["param_groups"], vars(self).get("param_groups")
        check_fixed(self.fixed, groups)
        if present is not None:
            check_memory(state["state"], self.memory)
        defaults = SHARED | (state.get("defaults") or self.defaults)  # an older pickle lacks some
        pairs = zip(groups, present or repeat({}, len(groups)), strict=True)
        super().__setstate__(state | {"param_groups": [merged(*pair, defaults) for pair in pairs]})

    @torch.compiler.disable  # inside a compiled function: it would compile anew at each number of the step
    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:
        """Take one step with every parameter that has a gradient.

        Args:
            closure: computes the loss and its gradients anew; optional.

        Returns:
            What the closure returned.
        """
        loss = loss_of(closure, self.param_groups)
        # All hyperparameters and gradients are looked at before anything moves.
        check_written(self.param_groups)
        pairs = [gradients_of(group, self.rests_at_zero) for group in self.param_groups]
        for group, with_gradient in zip(self.param_groups, pairs, strict=True):
            self._step_group(group, with_gradient)
        return loss

    def _step_group(self, group: dict, pairs: list[tuple[Tensor, Tensor]]) -> None:
        hyper = {name: _without_shape(group[name]) for name in _named(type(self).update)}
        coupled = group.get("weight_decay") and "weight_decay" not in hyper
        decay, maximize = _without_shape(group["weight_decay"]) if coupled else None, group["maximize"]
        run = advance_compiled if group["engine"] == "compiled" else advance
        for (t, sparse), rows in self._by_age(group, pairs).items():
            xs, gs, memories = map(list, zip(*rows, strict=True))
            step = advance_rows if sparse else run
            step(type(self).update, xs, gs, memories, float(t), hyper, decay, maximize)

    def _by_age(self, group: dict, pairs: list[tuple[Tensor, Tensor]]) -> dict[tuple[int, bool], list]:
        """Rows of x, g and memory, by the number of the step and whether g is sparse."""
        ages = defaultdict(list)
        for x, g in pairs:
            state = self.state[x]
            state["step"] = t = int(state.get("step") or 0) + 1
            row = x, g, self._recall(x, state, group)
            ages[t, g.is_sparse].append(real_views(*row) if x.is_complex() else row)
        return ages

    def _recall(self, x: Tensor, state: dict, group: dict) -> tuple[Tensor | float, ...]:
        """What the rule remembers of x, started where it is missing; 0.0 for what an option leaves out."""
        for name, option in self.memory.items():
            if state.get(name) is None and (option is None or group[option]):
                with torch.inference_mode(False):  # so that a step outside may write into it, too
                    state[name] = self.start(x, group)
        return tuple([0.0 if state.get(name) is None else state[name] for name in self.memory])


def _without_shape(value) -> Any:
    """A number in a tensor of any number of dimensions as one of none, which leaves the shape of x alone."""
    if isinstance(value, tuple | list):
        return tuple(map(_without_shape, value))
    return value.reshape(()) if isinstance(value, Tensor) else value


@cache
def _options(cls: type[Rule]) -> set[str]:
    """What a rule may be given by name: what its constructor and its formula name."""
    inits = [inspect.signature(base.__init__).parameters for base in cls.__mro__ if issubclass(base, Rule)]
    return {name for parameters in inits for name in parameters} | set(_named(cls.update))


@cache
def _named(update: Callable) -> tuple[str, ...]:
    """The hyperparameters that a formula names."""
    parameters = inspect.signature(update).parameters.values()
    return tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.name != "t")
