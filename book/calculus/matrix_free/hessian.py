"""The Hessian of a network's loss, known by its products with vectors."""

from typing import Literal

import torch
from torch import Tensor
from torch.func import grad, jvp, vjp

from book.calculus.matrix_free.data import followed_forward
from book.calculus.matrix_free.network import Curvature, Parts

MODES = ("reverse over reverse", "forward over reverse")


class Hessian(Curvature):
    """H v, with H = ∇² of the loss, by differentiating the gradient along v.

    "reverse over reverse" is the gradient of gᵀv. With `keep_graph` the gradient's graph is kept from one
    product to the next, so that only its own reverse pass is left to pay: the cheapest for many products at
    one point, at the price of the memory that the graph holds. "forward over reverse" carries a derivative
    along v through the gradient's own computation; it needs the least memory, and on a processor the most
    time (`assets/results/hessian-products.json`). Where torch cannot follow a gradient forward, the other
    mode takes its place.

    Products of matrices tell what it costs: an inner layer has 3 in a gradient, 8 in H v, 6 where all is kept
    that does not depend on v, and 9 in "reverse over reverse", which computes the gradient too, unless
    `compile` leaves that out. The first layer, whose inputs stay, has 2, 3, 2 and 4. So for 784-1024-1024-10
    H v takes 2.3 gradients, and 1.66 with everything kept.

    Args:
        model, loss, data, params, compile, seed: as for `Curvature`.
        mode: one of the two.
        keep_graph: keep the gradient's graph; with "reverse over reverse", and neither compiled nor drawn.

    Raises:
        ValueError: the mode is unknown, or `keep_graph` does not go with the rest; else as for `Curvature`.

    Source:
        Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation, 1994.

    Examples:
        >>> model = torch.nn.Linear(2, 1, bias=False)
        >>> X, y = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.zeros(2, 1)
        >>> H = Hessian(model, torch.nn.MSELoss(), (X, y))
        >>> H @ torch.tensor([1.0, 0.0])
        tensor([10., 14.])
    """

    def __init__(
        self,
        model,
        loss,
        data,
        *,
        mode: Literal["reverse over reverse", "forward over reverse"] = "reverse over reverse",
        keep_graph: bool = False,
        compile: bool = False,
        **options,
    ):
        if mode not in MODES:
            raise ValueError(f"mode is {' or '.join(map(repr, MODES))}; got {mode!r}.")
        if keep_graph and (mode == MODES[1] or compile):
            raise ValueError(
                '`keep_graph` goes with the mode "reverse over reverse", and not with `compile`.'
            )
        self.mode, self.keep_graph, self._graphs = mode, keep_graph, []
        super().__init__(model, loss, data, compile=compile, **options)

    def product(self, θ: Parts, inputs: Tensor, targets: Tensor, v: Parts) -> Parts:
        """H v of one batch."""
        loss = followed_forward(self.loss)

        def gradient(θ: Parts) -> Parts:
            return grad(lambda θ: loss(self.outputs(θ, inputs), targets))(θ)

        if self.mode == "forward over reverse":
            try:
                return jvp(gradient, (θ,), (v,))[1]
            except RuntimeError:  # some gradients torch cannot follow forward
                pass
        return vjp(gradient, θ)[1](v)[0]

    def columns(self, V: Tensor) -> Tensor:
        """All columns in one pass over the network."""
        return self._by_kept_graphs(V) if self.keep_graph else super().columns(V)

    def _by_kept_graphs(self, V: Tensor) -> Tensor:
        if not self._graphs:
            self._graphs = [self._graph(batch.inputs, batch.targets) for batch in self.batches]
        total = torch.zeros_like(V)
        for (g, θ), batch in zip(self._graphs, self.batches, strict=True):
            if g.requires_grad:  # else the loss is linear
                total += batch.share * _pulled_back(g, θ, V)
        return total

    @torch.inference_mode(False)
    @torch.enable_grad()
    def _graph(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Parts]:
        inputs, targets = (part.clone() if part.is_inference() else part for part in (inputs, targets))
        θ = tuple(part.clone().requires_grad_() for part in self.θ)
        value = self.loss(self.outputs(θ, inputs), targets)
        parts = torch.autograd.grad(value, θ, create_graph=True, materialize_grads=True)
        return torch.cat([part.reshape(-1) for part in parts]), θ


def _pulled_back(g: Tensor, θ: Parts, V: Tensor) -> Tensor:
    """The Jacobian of g, transposed, times each column: one reverse pass, or one for all columns."""
    k = V.shape[1]
    found = torch.autograd.grad(
        g,
        θ,
        V[:, 0] if k == 1 else V.T,
        retain_graph=True,
        allow_unused=True,
        is_grads_batched=k > 1,
    )
    flat = [
        V.new_zeros(k, p.numel()) if part is None else part.reshape(k, -1)
        for part, p in zip(found, θ, strict=True)
    ]
    return torch.cat(flat, 1).T
