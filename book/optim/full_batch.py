"""FullBatch, the base of methods that see one function of one long vector, and may ask for it anew."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from book.optim.flat import check_one_kind, flatten, put, split
from book.optim.ranges import checked

Closure = Callable[[], Tensor]


@dataclass(frozen=True, eq=False)
class Point:
    """Where a method stands: all parameters as one vector, the loss there, and its gradient.

    Args:
        x: shape (n,).
        value: the loss.
        gradient: shape (n,).
        graph: the gradient as torch can differentiate it, for methods that ask for curvature.
    """

    x: Tensor
    value: float
    gradient: Tensor
    graph: tuple[Tensor, ...] = field(default=(), repr=False)

    @property
    def finite(self) -> bool:
        """Whether the loss and its whole gradient are."""
        return bool(torch.tensor(self.value).isfinite() and self.gradient.isfinite().all())


class FullBatch(torch.optim.Optimizer):
    """A `torch.optim.Optimizer` that computes the loss as often as it needs, through a closure.

    The closure returns the loss. It need not call `backward`; one that does, as torch's LBFGS asks for, works
    too, and a method that uses curvature asks it for `backward(create_graph=True)`. During one `step` the
    closure must be one function: the same examples, no fresh dropout. From step to step it may change.

    A step takes up to `max_iter` iterations, and computes nothing twice between them. What is remembered is
    in `state_dict`; so are the counts: `step`, the iterations; `evaluations` of loss and gradient;
    `products` of the Hessian with a vector; and `status`, why the last step ended: "gradient" (below
    `tolerance_grad`), "change" (no parameter moved by more than `tolerance_change`), "precision" (no step
    lowers the loss any more) or "max_iter".

    Args:
        params: tensors of one float dtype on one device, in one group.
        max_iter: iterations a step, at least 1.
        tolerance_grad: ends where no entry of the gradient is larger.
        tolerance_change: ends where no parameter moved by more.
        own: the method's hyperparameters.

    Raises:
        TypeError: a parameter is not of a float dtype, or they differ; a hyperparameter is not a number.
        ValueError: more than one group; a hyperparameter is outside its range.
        FloatingPointError: at a step, the loss or its gradient is not finite where the step starts.
        RuntimeError: at a step, the closure has no graph left and the method needs one.
    """

    curved = False  # whether the method asks for products with the Hessian

    def __init__(
        self,
        params,
        *,
        max_iter: int = 1,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        **own,
    ):
        general = {
            "max_iter": max_iter,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
        }
        super().__init__(params, checked(general | own))
        if len(self.param_groups) != 1:
            raise ValueError(f"{type(self).__name__} takes its parameters in one group.")
        check_one_kind(self.parameters, type(self).__name__)

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

    @torch.no_grad()
    def step(self, closure: Closure) -> Tensor:
        """Take up to `max_iter` iterations.

        Args:
            closure: returns the loss, shape ().

        Returns:
            The loss where the step started.
        """
        self._closure = closure
        start = here = self.evaluate(flatten(self.parameters))
        if not here.finite:
            raise FloatingPointError(
                f"{type(self).__name__} starts where the loss and its gradient are finite; the loss is "
                f"{here.value} here."
            )
        for _ in range(self.options["max_iter"]):
            if self._settled("gradient", here.gradient, "tolerance_grad"):
                break
            there = self.advance(here)
            if there is here:
                self.memory["status"] = "precision"
                break
            self.count("step")
            moved, here = there.x - here.x, there
            if self._settled("change", moved, "tolerance_change"):
                break
        else:
            if not self._settled("gradient", here.gradient, "tolerance_grad"):
                self.memory["status"] = "max_iter"
        self._leave(here)
        return here.gradient.new_tensor(start.value)

    def evaluate(self, x: Tensor) -> Point:
        """Loss and gradient at a vector of all parameters."""
        put(self.parameters, x)
        for parameter in self.parameters:
            parameter.grad = None
        with torch.enable_grad():
            loss = self._loss()
            gradients = self._gradients(loss)
        self.count("evaluations")
        graph = gradients if self.curved else ()
        return Point(x, float(loss), flatten([g.detach() for g in gradients]), graph)

    def product(self, here: Point, v: Tensor) -> Tensor:
        """H v, the Hessian at a point times a vector of shape (n,), without the matrix."""
        self.count("products")
        return flatten(self._second(here, split(v, self.parameters), batched=False))

    def hessian(self, here: Point) -> Tensor:
        """H at a point, shape (n, n): n products in one batch."""
        n = len(here.x)
        self.count("products", n)
        rows = self._second(here, split(torch.eye(n).to(here.x), self.parameters), batched=True)
        matrix = torch.cat([row.reshape(n, -1) for row in rows], dim=1)
        return (matrix + matrix.T) / 2

    def count(self, name: str, times: int = 1) -> None:
        """Add to one of the counts in the memory."""
        self.memory[name] = self.memory.get(name, 0) + times

    def _settled(self, status: str, entries: Tensor, tolerance: str) -> bool:
        settled = bool(entries.abs().max() <= self.options[tolerance])
        if settled:
            self.memory["status"] = status
        return settled

    def _leave(self, here: Point) -> None:
        """Leave the parameters and their gradients as they are at a point."""
        put(self.parameters, here.x)
        for parameter, g in zip(self.parameters, split(here.gradient, self.parameters), strict=True):
            parameter.grad = g.clone()

    def _loss(self) -> Tensor:
        loss = self._closure()
        if not isinstance(loss, Tensor) or loss.numel() != 1:
            raise TypeError(f"{type(self).__name__} takes a closure that returns the loss, one number.")
        return loss.reshape(())

    def _gradients(self, loss: Tensor) -> tuple[Tensor, ...]:
        found = [parameter.grad for parameter in self.parameters]
        if any(g is not None for g in found):
            gradients = tuple(
                torch.zeros_like(p) if g is None else g for p, g in zip(self.parameters, found, strict=True)
            )
            if self.curved and not any(g.requires_grad for g in gradients):
                raise RuntimeError(
                    f"{type(self).__name__} differentiates the gradient, and this closure has used its graph "
                    "up; leave `backward` away, or call backward(create_graph=True)."
                )
            return gradients
        if not loss.requires_grad:
            raise RuntimeError("The loss does not depend on the parameters in a way that torch can follow.")
        return torch.autograd.grad(
            loss, self.parameters, create_graph=self.curved, allow_unused=True, materialize_grads=True
        )

    def _second(self, here: Point, v: list[Tensor], batched: bool) -> tuple[Tensor, ...]:
        pairs = [(g, part) for g, part in zip(here.graph, v, strict=True) if g.requires_grad]
        if not pairs:  # the loss is linear
            return tuple(torch.zeros_like(part) for part in v)
        outputs, directions = zip(*pairs, strict=True)
        return torch.autograd.grad(
            outputs,
            self.parameters,
            directions,
            retain_graph=True,
            allow_unused=True,
            materialize_grads=True,
            is_grads_batched=batched,
        )
