"""FullBatch, the base of methods that see one function of one long vector, and may ask for it anew."""

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import torch
from torch import Tensor

from book.optim.derivatives import check_loss, gradients, hessian_products
from book.optim.flat import check_kept, check_memory, check_one_kind, flatten, put, split
from book.optim.loading import Loading, without_none
from book.optim.precision import autocast_as, own_precision
from book.optim.ranges import check_written, checked

Closure = Callable[[], Tensor]


@dataclass(frozen=True, eq=False)
class Point:
    """Where a method stands: all parameters as one vector, the loss there, and its gradient.

    Args:
        x: shape (n,).
        value: the loss.
        gradient: shape (n,).
    """

    x: Tensor
    value: float
    gradient: Tensor

    @property
    def finite(self) -> bool:
        """Whether the loss and its whole gradient are."""
        return math.isfinite(self.value) and bool(self.gradient.isfinite().all())


class FullBatch(Loading):
    """A `torch.optim.Optimizer` that computes the loss as often as it needs, through a closure.

    The closure returns the loss. It need not call `backward`; one that does, as torch's LBFGS asks for, works
    too, and a method that uses curvature asks it for `backward(create_graph=True)`. During one `step` the
    closure must be one function: the same examples, no fresh dropout. From step to step it may change. That
    is believed, as by torch's LBFGS: values of two functions are compared without a word, and a search may
    take luck for a drop. `minimize`, which has the function itself, tries it twice at the start and refuses.

    A step takes up to `max_iter` iterations, and computes nothing twice between them; `status` says why it
    ended: "gradient" (no entry above `tolerance_grad`), "change" (no parameter moved by more than
    `tolerance_change`), "precision" (no step lowers the loss any more) or "max_iter". What is remembered lies
    in `memory`, and so in `state_dict`, with the counts: `step`, the iterations; `evaluations` of loss and
    gradient; `products` of the Hessian with a vector. A step that raises leaves parameters, gradients and
    memory as they were; for that, a method replaces what it remembers and never writes into it.

    A subclass writes `advance`, names its `remembered` tensors, and names each option in its constructor.

    Args:
        params: tensors of one float dtype on one device, in one group.
        max_iter: iterations a step, at least 1.
        tolerance_grad: ends where no entry of the gradient is larger.
        tolerance_change: ends where no parameter moved by more.
        own: the method's hyperparameters.

    Raises:
        TypeError: a parameter is not of a float dtype, or they differ; a hyperparameter is not a number, or
            the method has none of that name; at a step, the closure does not return one number.
        ValueError: there is a second group; a hyperparameter is outside its range.
        FloatingPointError: at a step, the loss or its gradient is not finite where the step starts, or the
            Hessian somewhere on the way.
        RuntimeError: at a step, the closure has no graph left and the method needs one, or the parameters are
            of another dtype than those that are remembered.
    """

    takes: ClassVar[str] = "loss"  # what the closure returns, for the method to differentiate
    curved: ClassVar[bool] = False  # whether the method asks for products with the Hessian
    remembered: ClassVar[tuple[str, ...]] = ()  # tensors, and lists of them, beside the counts
    together: ClassVar[tuple[str, ...]] = ()  # what is remembered all or not at all
    choices: ClassVar[dict[str, tuple]] = {}  # options that take one of a few values

    def __init__(
        self,
        params,
        *,
        max_iter: int = 1,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        **own,
    ):
        if unknown := sorted(own.keys() - _options(type(self))):
            raise TypeError(f"{type(self).__name__} has no option {', '.join(unknown)}.")
        general = {
            "max_iter": max_iter,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
        }
        self.status = ""
        self._closure: Any = None
        self._latest: Any = None
        super().__init__(params, self.check(general | own))

    @property
    def parameters(self) -> list[Tensor]:
        """The tensors that are moved."""
        return self.param_groups[0]["params"]

    @property
    def options(self) -> dict[str, Any]:
        """The hyperparameters."""
        return self.param_groups[0]

    @property
    def memory(self) -> dict[str, Any]:
        """What is remembered from one step to the next; it lies in `state` under the first parameter."""
        return self.state[self.parameters[0]]

    def advance(self, here: Point) -> Point:
        """One iteration: from a point to the next, or to the same where none is lower."""
        raise NotImplementedError("A method writes its iteration in `advance`.")

    def check(self, options: dict) -> dict:
        """Refuse hyperparameters that do not fit; the others come back as plain numbers."""
        for name, values in self.choices.items():
            if not isinstance(options[name], str | bool | None) or options[name] not in values:
                raise ValueError(f"{name} is {', '.join(map(repr, values))}; got {options[name]!r}.")
        return checked(options)

    def add_param_group(self, param_group: dict) -> None:
        """Take the one group of parameters, with its hyperparameters; torch calls this when it begins."""
        name = type(self).__name__
        if self.param_groups:
            raise ValueError(f"{name} moves all parameters as one vector, so it takes them in one group.")
        super().add_param_group(param_group | self.check(self.defaults | param_group))
        try:
            check_one_kind(self.parameters, name)
        except Exception:
            self.param_groups.clear()
            raise

    def __setstate__(self, state: dict) -> None:
        """What torch's `load_state_dict` and a pickle end in: nothing is taken that does not fit."""
        defaults = state.get("defaults") or self.defaults
        groups = [self.check(defaults | group) for group in state["param_groups"]]
        known = without_none(state["state"])
        check_memory(known, groups[0]["params"], self.remembered, self.together)
        self.status = ""
        super().__setstate__(state | {"param_groups": groups, "state": known})

    @torch.compiler.disable
    @torch.inference_mode(False)
    @torch.no_grad()
    def step(self, closure: Closure | None = None) -> Tensor:
        """Take up to `max_iter` iterations.

        Args:
            closure: returns the loss, shape ().

        Returns:
            The loss where the step started.
        """
        if not callable(closure):
            raise TypeError(f"{type(self).__name__} computes the loss anew: step takes a closure of it.")
        check_written(self.param_groups)
        x, memory, grads = flatten(self.parameters), dict(self.memory), [p.grad for p in self.parameters]
        check_kept(memory, self.remembered, x)
        self._closure, self._autocast = closure, torch.is_autocast_enabled(x.device.type)
        try:
            with own_precision(x.device):
                return self._iterate(x)
        except BaseException:
            put(self.parameters, x)
            self.state[self.parameters[0]] = memory
            for parameter, grad in zip(self.parameters, grads, strict=True):
                parameter.grad = grad
            raise
        finally:
            self._closure = self._latest = None

    def evaluate(self, x: Tensor) -> Point:
        """Loss and gradient at a vector of all parameters."""
        loss = self.call(x)
        check_loss(loss, type(self).__name__)
        with torch.enable_grad():
            graph = gradients(loss.reshape(()), self.parameters, again=self.curved)
        point = Point(x, float(loss), flatten([g.detach() for g in graph]))
        self._latest = (point, graph)
        return point

    def call(self, x: Tensor) -> Any:
        """What the closure returns at a vector of all parameters, as torch can differentiate it.

        A method whose closure returns something else than the loss writes its own `evaluate` upon it.
        """
        put(self.parameters, x)
        for parameter in self.parameters:
            parameter.grad = None
        self.count("evaluations")
        with torch.enable_grad(), autocast_as(self._autocast, x.device):
            return self._closure()

    def graph(self, here: Point) -> tuple[Tensor, ...]:
        """The gradient at a point as torch can differentiate it, anew if another point came since."""
        if self._latest[0] is not here:
            self.evaluate(here.x)
            self._latest = (here, self._latest[1])
        return self._latest[1]

    def product(self, here: Point, v: Tensor) -> Tensor:
        """H v, the Hessian at a point times a vector of shape (n,), without the matrix."""
        self.count("products")
        return _finite(hessian_products(self.graph(here), self.parameters, v))

    def hessian(self, here: Point) -> Tensor:
        """H at a point, shape (n, n): n products in one batch."""
        n = len(here.x)
        self.count("products", n)
        identity = torch.eye(n, dtype=here.x.dtype, device=here.x.device)
        matrix = _finite(hessian_products(self.graph(here), self.parameters, identity))
        return (matrix + matrix.T) / 2

    def count(self, name: str, times: int = 1) -> None:
        """Add to one of the counts in the memory."""
        self.memory[name] = self.memory.get(name, 0) + times

    def _iterate(self, x: Tensor) -> Tensor:
        start = here = self.evaluate(x)
        if not here.finite:
            raise FloatingPointError(
                f"{type(self).__name__} starts where the loss and its gradient are finite; the loss is "
                f"{here.value} here."
            )
        self.status = ""
        for _ in range(self.options["max_iter"]):
            if self._settled("gradient", here.gradient, "tolerance_grad"):
                break
            there = self.advance(here)
            if there is here:
                self.status = "precision"
                break
            self.count("step")
            moved, here = there.x - here.x, there
            if self._settled("change", moved, "tolerance_change"):
                break
        else:
            self._settled("gradient", here.gradient, "tolerance_grad")
        self.status = self.status or "max_iter"
        self._leave(here)
        return here.gradient.new_tensor(start.value)

    def _settled(self, status: str, entries: Tensor, tolerance: str) -> bool:
        settled = bool(entries.abs().max() <= self.options[tolerance])
        if settled:
            self.status = status
        return settled

    def _leave(self, here: Point) -> None:
        """Leave the parameters and their gradients as they are at a point."""
        put(self.parameters, here.x)
        for parameter, g in zip(self.parameters, split(here.gradient, self.parameters), strict=True):
            parameter.grad = g.clone() if parameter.requires_grad else None


def _finite(products: Tensor) -> Tensor:
    """Products with the Hessian, refused where they are not finite."""
    if not products.isfinite().all():
        raise FloatingPointError(
            "The loss and its gradient are finite here and its second derivative is not; start elsewhere, or "
            "take a method without curvature, as BFGS."
        )
    return products


@cache
def _options(cls: type[FullBatch]) -> set[str]:
    """What a method may be given by name."""
    inits = [inspect.signature(c.__init__).parameters for c in cls.__mro__ if issubclass(c, FullBatch)]
    named = {p.name for init in inits for p in init.values() if p.kind is not p.VAR_KEYWORD}
    return named - {"self", "params"}
