"""Hooks that collect the Kronecker factors of each layer's Fisher matrix while the model runs."""

import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn

from book.optim.kfac.layers import called, inputs_of, slopes_of, trained
from book.optim.kfac.losses import check_loss, exact_vectors, loss_scale, sampled_vector
from book.optim.kfac.rows import Rows, pays
from book.optim.precision import own_precision
from book.optim.ranges import one_of

FISHERS = ("exact", "sampled", "empirical")
APPROXIMATIONS = ("expand", "reduce")


class Factors(NamedTuple):
    """A layer's Fisher matrix as B ⊗ A, with the entries of its weight in torch's order.

    Args:
        A: the mean of a aᵀ over what goes into the weights, shape (inputs + 1, inputs + 1).
        B: the sum of g gᵀ over the gradients at the outputs, in the loss's scale, shape (outputs, outputs).
    """

    A: Tensor
    B: Tensor


@dataclass(frozen=True)
class Request:
    """What is wanted of one pass through the model.

    Args:
        fisher: "exact", "sampled" or "empirical".
        approximation: "expand" or "reduce".
        seed: for the labels that are drawn.
    """

    fisher: str = "exact"
    approximation: str = "expand"
    seed: int = 0

    def __post_init__(self):
        one_of("fisher", self.fisher, FISHERS)
        one_of("approximation", self.approximation, APPROXIMATIONS)


@dataclass
class _Pass:
    """One pass through the model: the factors that are wanted of it, if any, and what it has given."""

    request: Request | None
    edges: dict[str, torch.autograd.graph.GradientEdge] = field(default_factory=dict)
    A: dict[str, Tensor] = field(default_factory=dict)
    B: dict[str, Tensor] = field(default_factory=dict)
    inputs: dict[str, Tensor] = field(default_factory=dict)
    slopes: dict[str, Tensor] = field(default_factory=dict)
    scale: float = 0.0


class FactorHooks:
    """Hooks on a model and its layers that collect factors in each pass for which there is a request.

    A layer's forward hook takes A. When the model returns its output, vectors that make up the Fisher matrix
    are sent back to the layers' outputs, and give B; the weights get no gradient by it. The empirical Fisher
    takes B from the gradients of the caller's own backward pass, which must be that of the loss itself.
    Where a layer's rows are few, they are kept too until they are dropped.

    A pass without gradients, under `torch.no_grad`, is not looked at, and none with other weights in the
    place of the model's, as `functional_call` makes it. Of several passes the last counts. A copy of the
    model has no working hooks, and they end with this object.

    Args:
        model: the module that is called; returns one tensor, the batch first.
        layers: those of its modules that are known, by name.
        loss: of `LOSSES`; the one that is made small.
        request: called at the start of a pass; returns a `Request`, or None where no factors are wanted.

    Raises:
        RuntimeError: in a pass, a layer is called twice.
        TypeError, ValueError: in a pass, the output is not one tensor, or an input has no batch in front.
        FloatingPointError: in a pass, the output is not finite.
    """

    def __init__(
        self,
        model: nn.Module,
        layers: dict[str, nn.Module],
        loss: nn.Module,
        request: Callable[[], Request | None],
    ):
        self.layers, self.loss, self.request = layers, check_loss(loss), request
        self._weights = [(layer, layer.weight) for layer in layers.values()]
        self._now: _Pass | None = None
        self._last: _Pass | None = None
        self._handles = [model.register_forward_pre_hook(_Watch(self, "_begin"))]
        for name, layer in layers.items():
            self._handles.append(layer.register_forward_hook(_Watch(self, "_see", name), with_kwargs=True))
        self._handles.append(model.register_forward_hook(_Watch(self, "_end")))

    @property
    def found(self) -> dict[str, Factors]:
        """What the last pass has given, layer by layer."""
        last = self._last
        return {name: Factors(last.A[name], B) for name, B in last.B.items()} if last else {}

    def rows(self, name: str) -> Rows | None:
        """What the last pass and the last backward pass through it give of a layer, if its rows are few."""
        last, layer = self._last, self.layers[name]
        if last is None or name not in last.slopes:
            return None
        return Rows(inputs_of(layer, last.inputs[name]), slopes_of(layer, last.slopes[name]))

    def forget(self) -> None:
        """Drop what has been found."""
        self._last = None

    def remove(self) -> None:
        """Take the hooks off the model."""
        for handle in self._handles:
            handle.remove()

    def _begin(self, model: nn.Module, args: tuple) -> None:
        own = all(
            layer.weight is weight for layer, weight in self._weights
        )  # else `functional_call` is at work
        self._now = _Pass(self.request()) if own and torch.is_grad_enabled() else None

    def _see(
        self, name: str, layer: nn.Module, args: tuple, named: dict[str, Tensor], output: Tensor
    ) -> None:
        if (now := self._now) is None or not trained(layer):  # frozen since
            return
        (x,) = args or named.values()
        self._now = None  # after a refusal the pass is over
        _check_call(name, layer, x, now)
        self._now = now
        _hold(now, name, layer, x, output)
        if now.request is not None:
            with own_precision(x.device):
                self._take(name, layer, x, output, now, now.request)

    def _take(
        self, name: str, layer: nn.Module, x: Tensor, output: Tensor, now: _Pass, request: Request
    ) -> None:
        """A of a layer, and what B will come from."""
        a = inputs_of(layer, x.to(trained(layer)[0].dtype), request.approximation).detach()
        now.A[name] = a.T @ a / len(a)
        if request.fisher == "empirical":
            outer = partial(self._outer, request, name, a.dtype)
            output.register_hook(lambda g: now.B.update({name: outer(g) / now.scale}))
        else:  # the edge leads here even if an activation overwrites the output in place
            now.edges[name] = torch.autograd.graph.get_gradient_edge(output)

    def _end(self, model: nn.Module, args: tuple, output: Tensor) -> None:
        now, self._now = self._now, None
        if now is None:
            return
        if now.request is not None and now.A:
            with own_precision(next(iter(now.A.values())).device):
                self._send_back(now, now.request, output)
        self._last = now

    def _send_back(self, now: _Pass, request: Request, output: Tensor) -> None:
        """B of all layers, unless the caller's backward pass gives them."""
        _check_output(self.loss, output)
        now.scale = loss_scale(self.loss, output)
        edges, now.edges = now.edges, {}
        for name in edges:
            outputs = len(trained(self.layers[name])[0])
            now.B[name] = now.A[name].new_zeros(outputs, outputs)
        for v in self._vectors(request, output.detach()):
            slopes = torch.autograd.grad(
                output, list(edges.values()), v, retain_graph=True, allow_unused=True
            )
            for name, g in zip(edges, slopes, strict=True):
                if g is not None:
                    now.B[name] += now.scale * self._outer(request, name, now.A[name].dtype, g)

    def _vectors(self, request: Request, output: Tensor) -> Iterable[Tensor]:
        if request.fisher == "exact":
            return exact_vectors(self.loss, output)
        if request.fisher == "sampled":
            generator = Generator(output.device).manual_seed(request.seed)
            return [sampled_vector(self.loss, output, generator)]
        return []

    def _outer(self, request: Request, name: str, dtype: torch.dtype, g: Tensor) -> Tensor:
        rows = slopes_of(self.layers[name], g.detach().to(dtype), request.approximation)
        with own_precision(g.device):  # the caller's backward pass may come here
            return rows.T @ rows


def _hold(now: _Pass, name: str, layer: nn.Module, x: Tensor, output: Tensor) -> None:
    """Keep a layer's inputs, and its slopes when they come, where `Rows` of them are a gain."""
    own = trained(layer)
    outputs, inputs = len(own[0]), sum(parameter[0].numel() for parameter in own)
    if pays(output.numel() // outputs, inputs, outputs):
        now.inputs[name] = x.detach()
        output.register_hook(lambda g: now.slopes.update({name: g.detach()}))


class _Watch:
    """A hook that holds its owner weakly, and whose copy does nothing."""

    def __init__(self, owner: FactorHooks, method: str, *args):
        self.owner, self.method, self.args = weakref.ref(owner), method, args

    def __call__(self, *call) -> None:
        if (owner := self.owner()) is not None:
            getattr(owner, self.method)(*self.args, *call)

    def __reduce__(self):
        return _idle, ()


def _idle() -> Callable[..., None]:
    return nothing


def nothing(*call) -> None:
    """What is left of a hook in a copy of the model."""


def _check_call(name: str, layer: nn.Module, x: Tensor, now: _Pass) -> None:
    if name in now.A:
        raise RuntimeError(
            f"In one pass {called(name)} is called twice, so its weight is shared; K-FAC's product "
            "holds for a weight with one use. Give each use a layer of its own, or another optimizer."
        )
    if not x.numel():
        raise ValueError(
            f"K-FAC takes batches of one example or more; {called(name)} got shape {tuple(x.shape)}. Leave "
            "the empty batch out."
        )
    if x.ndim < (4 if isinstance(layer, nn.Conv2d) else 2):
        raise ValueError(
            f"K-FAC takes batches; {called(name)} got shape {tuple(x.shape)}. Put the batch in front: "
            "x.unsqueeze(0)."
        )


def _check_output(loss: nn.Module, output: object) -> None:
    if not isinstance(output, Tensor):
        raise TypeError(f"K-FAC takes a model that returns one tensor; got {type(output).__name__}.")
    if not output.isfinite().all():
        raise FloatingPointError("The model's output is not finite; look for nan or inf in data and weights.")
    if isinstance(loss, nn.CrossEntropyLoss) and output.ndim < 2:
        raise ValueError(f"Cross-entropy takes outputs of shape (N, C) here; got {tuple(output.shape)}.")
