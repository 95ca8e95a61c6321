"""A problem that counts what is asked of it, the same way for every solver."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from book.problems import Problem


@dataclass
class Run:
    """What a solver says of its own run."""

    iterations: int | None = None
    status: str = ""
    error: str = ""


class Watched:
    """f, its gradient, products with its Hessian, residuals and their Jacobian, counted.

    A solver that asks for f and for its gradient at one point, in two calls, is counted once, as one
    that asks for both at once: an evaluation is a new point.

    Args:
        entry: the problem.
    """

    def __init__(self, entry: Problem):
        self.entry, self.values = entry, []
        self.products = self.hessians = 0
        self._at = np.empty(0)
        self._g: Tensor | None = None
        self._x = self._f = torch.empty(0)

    @property
    def evaluations(self) -> int:
        """At how many points f was computed, one after the other."""
        return len(self.values)

    def loss(self, x: Tensor) -> Tensor:
        """f as torch can differentiate it; for solvers in torch, which keep what they have."""
        value = self.entry(x)
        self.values.append(value.item())
        return value

    def residuals(self, x: Tensor) -> Tensor:
        """r as torch can differentiate it."""
        r = self.entry.residuals(x)
        self.values.append(r.detach().square().sum().item())
        return r

    def f(self, x: np.ndarray) -> float:
        """f alone; its gradient is computed where it is asked for."""
        self._go(x)
        return self._f.item()

    def g(self, x: np.ndarray) -> np.ndarray:
        """The gradient."""
        self._go(x)
        if self._g is None:
            (self._g,) = torch.autograd.grad(self._f, self._x, create_graph=True)
        return self._g.detach().numpy()

    def product(self, x: np.ndarray, v: np.ndarray) -> np.ndarray:
        """H v."""
        self.products += 1
        self.g(x)
        return self._second(torch.from_numpy(np.array(v, dtype=float)), False).numpy()

    def hessian(self, x: np.ndarray) -> np.ndarray:
        """H, n products in one batch."""
        self.hessians += 1
        self.g(x)
        return self._second(torch.eye(len(x), dtype=torch.float64), True).numpy()

    def r(self, x: np.ndarray) -> np.ndarray:
        """The residuals."""
        return self.residuals(torch.tensor(x)).numpy()

    def jacobian(self, x: np.ndarray) -> np.ndarray:
        """Their Jacobian."""
        mode = (
            torch.func.jacrev if len(self.entry.residuals(torch.tensor(x))) <= len(x) else torch.func.jacfwd
        )
        return mode(self.entry.residuals)(torch.tensor(x)).numpy()

    def _go(self, x: np.ndarray) -> None:
        if not np.array_equal(x, self._at):
            self._at = np.array(x, dtype=float)
            self._x = torch.tensor(self._at, requires_grad=True)
            self._f, self._g = self.loss(self._x), None

    def _second(self, v: Tensor, batched: bool) -> Tensor:
        if self._g is None or not self._g.requires_grad:  # f is linear here
            return torch.zeros_like(v)
        (found,) = torch.autograd.grad(
            self._g, self._x, v, retain_graph=True, is_grads_batched=batched, materialize_grads=True
        )
        return found.detach()
