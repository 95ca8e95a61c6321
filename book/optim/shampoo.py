"""Shampoo: AdaGrad's full matrix, shrunk to one small matrix for each axis of a parameter."""

from collections.abc import Callable

import torch
from torch import Tensor

from book.numerics.arguments import check_decomposable, check_device
from book.optim.gradients import gradients_of, loss_of
from book.optim.loading import Loading, without_none
from book.optim.precision import own_precision
from book.optim.ranges import check_written
from book.optim.shampoo_checks import check_gradient, check_memory, checked_group


class Shampoo(Loading):
    """Hᵢ ← Hᵢ + Gᵢ Gᵢᵀ for each axis i,  x ← x − η (g ×₁ H₁^(−1/2k) … ×ₖ Hₖ^(−1/2k))

    with k axes, Hᵢ = εI at first, Gᵢ the gradient with axis i as rows and all others as columns, and ×ᵢ the
    product along axis i. A matrix G of shape (m, n) gets L^(−1/4) G R^(−1/4) with L = εI + Σ GGᵀ of shape
    (m, m) and R = εI + Σ GᵀG of shape (n, n). A vector gets (εI + Σ ggᵀ)^(−1/2) g, which is AdaGrad with its
    full matrix; for a matrix that one would have (mn)² entries, where L and R have m² + n².

    The roots come from an eigendecomposition, some 10 n³ operations, at each `update_each` steps and at all
    of the first so many; between them the last ones serve. An old root magnifies what a gradient has in
    directions that are new since, up to ε^(−1/2k) times, and a run can end in that: then `graft` the length
    of AdaGrad's step, entry by entry, onto the direction, or raise ε.

    Coupled Newton, the way of large runs on accelerators, starts with X = cI and M = cᵖ H instead and repeats
    X ← X T, M ← Tᵖ M with T = ((p + 1) I − M) / p; when M is I, X is H^(−1/p). It only multiplies matrices,
    and needs many rounds where H is ill-conditioned.

    Args:
        params: real float32 or float64 tensors, (name, tensor) pairs or groups of them.
        lr: the learning rate η, at least 0. A step forgets the gradient's scale, as AdaGrad's.
        momentum: the share of the gradients' average that is kept, in [0, 1); the average is stepped along in
            place of the gradient, and the matrices see the gradient itself.
        eps: ε, above 0: what each Hᵢ starts with.
        weight_decay: λ; adds λx to the gradient.
        block_size: cut an axis that is longer into blocks, each with matrices of its own; None never cuts.
        update_each: compute the roots at each so many steps, and at all of the first so many.
        graft: give each parameter's step the length of AdaGrad's, and keep the direction.
        maximize: climb instead of descending.

    Raises:
        ValueError: a hyperparameter is outside its range.
        TypeError: at a step, a parameter is neither float32 nor float64.
        RuntimeError: at a step, a gradient is sparse, or the closure calls no `backward`.
        FloatingPointError: at a step, a gradient or its square is not finite; nothing has changed.

    Source:
        Gupta, Koren and Singer, "Shampoo: Preconditioned Stochastic Tensor Optimization", ICML 2018,
        algorithms 1 and 2; blocks, grafting and coupled Newton: Anil, Gupta, Koren, Regan and Singer,
        "Scalable Second Order Optimization for Deep Learning", 2020.

    Variants:
        pytorch_optimizer.Shampoo makes no step before the first of its roots, which it computes at the steps
        that its period divides; its momentum mixes the gradient with the last step, not with gradients.

    Examples:
        >>> x = torch.nn.Parameter(torch.zeros(2, 2))
        >>> x.grad = torch.tensor([[3.0, 0.0], [0.0, 0.01]])
        >>> Shampoo([x], lr=0.1, eps=1e-12).step()
        >>> x.data.round(decimals=4)
        tensor([[-0.1000,  0.0000],
                [ 0.0000, -0.1000]])
    """

    def __init__(
        self,
        params,
        lr: float | Tensor = 0.1,
        momentum: float = 0.0,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        block_size: int | None = None,
        update_each: int = 1,
        graft: bool = False,
        maximize: bool = False,
    ):
        own = {"lr": lr, "momentum": momentum, "eps": eps, "weight_decay": weight_decay, "graft": graft}
        others = {"block_size": block_size, "update_each": update_each, "maximize": maximize}
        super().__init__(params, checked_group(own | others))

    def add_param_group(self, param_group: dict) -> None:
        """Add a group with hyperparameters of its own, as in torch; the missing ones are the defaults."""
        if isinstance(param_group, dict):  # torch refuses what is none
            param_group.update(checked_group(self.defaults | param_group))
        super().add_param_group(param_group)

    def __setstate__(self, state: dict) -> None:
        """What torch's `load_state_dict` and a pickle end in; what does not fit the parameters is refused."""
        defaults = state.get("defaults") or self.defaults
        groups = [checked_group(defaults | group) for group in state["param_groups"]]
        known = without_none(state["state"])
        for group in groups:
            for x in group["params"]:
                shapes = [[(n, n) for n in block.shape] for block in cut(x, group["block_size"])]
                check_memory(known.get(x, {}), x, shapes)
        super().__setstate__(state | {"param_groups": groups, "state": known})

    @torch.compiler.disable
    @torch.inference_mode(False)
    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:
        """Take one step with every parameter that has a gradient.

        Args:
            closure: computes the loss and its gradients anew; optional.

        Returns:
            What the closure returned.
        """
        for x in (x for group in self.param_groups for x in group["params"]):
            check_device(x.device, "Shampoo")
        loss = loss_of(closure, self.param_groups)
        check_written(self.param_groups)
        pairs = [
            (pair, group)
            for group in self.param_groups
            for pair in gradients_of(group | {"error_if_nonfinite": True}, False)
        ]
        moves = [(x, _pull(x, g, group), group) for (x, g), group in pairs if x.numel()]
        for x, g, _ in moves:  # all are looked at before one moves
            check_gradient(x, g, self.state.get(x, {}))
        for x, g, group in moves:
            with own_precision(x.device):
                self._move(x, g, group)
        return loss

    def _move(self, x: Tensor, g: Tensor, group: dict) -> None:
        state, size = self._recall(x, group), group["block_size"]
        m = g
        if group["momentum"]:
            average = state.get("exp_avg", torch.zeros_like(g))
            state["exp_avg"] = m = group["momentum"] * average + (1 - group["momentum"]) * g
        self._learn(state, cut(g, size), group)
        steps = list(map(preconditioned, cut(m, size), state["roots"]))
        scale = group["lr"] * (_grafted(state, g, m, steps, group["eps"]) if group["graft"] else 1.0)
        for block, step in zip(cut(x, size), steps, strict=True):
            block -= scale * step
        state["step"] += 1

    def _learn(self, state: dict, blocks: list[Tensor], group: dict) -> None:
        """Add a gradient's blocks to their matrices, and compute the roots where it is time."""
        each = group["update_each"]
        anew = state["step"] < each or state["step"] % each == 0
        for number, (g, Hs) in enumerate(zip(blocks, state["preconditioners"], strict=True)):
            for axis, H in enumerate(Hs):
                H += gram(g, axis)
            if anew:
                state["roots"][number] = [inverse_root(H, 2 * len(Hs), group["eps"]) for H in Hs]

    def _recall(self, x: Tensor, group: dict) -> dict:
        """What is remembered of a parameter; at first εI for each axis of each block."""
        state = self.state[x]
        if "preconditioners" not in state:
            blocks = cut(x, group["block_size"])
            state["step"], state["roots"] = 0, [[] for _ in blocks]
            state["preconditioners"] = [
                [group["eps"] * torch.eye(n, dtype=x.dtype, device=x.device) for n in block.shape]
                for block in blocks
            ]
        return state


def _grafted(state: dict, g: Tensor, m: Tensor, steps: list[Tensor], eps: float) -> Tensor:
    """How long AdaGrad's own step along m is, in units of these."""
    state["sum"] = state.get("sum", torch.full_like(g, eps)) + g**2
    length = torch.stack([step.norm() for step in steps]).norm()
    return (m / state["sum"].sqrt()).norm() / length.clamp(min=torch.finfo(g.dtype).tiny)


def gram(g: Tensor, axis: int) -> Tensor:
    """G Gᵀ, with G the tensor with one axis as rows and all others as columns.

    Args:
        g: shape (n₁, …, nₖ).
        axis: from 0 on.

    Returns:
        Shape (n, n), with n the length of the axis.

    Examples:
        >>> gram(torch.tensor([[1.0, 2.0], [0.0, 1.0]]), 1)
        tensor([[1., 2.],
                [2., 5.]])
    """
    G = g.movedim(axis, 0).reshape(g.shape[axis], -1)
    return G @ G.T


def inverse_root(H: Tensor, p: int, eps: float = 0.0) -> Tensor:
    """H^(−1/p), from the eigenvalues and eigenvectors of H.

    Args:
        H: shape (n, n), symmetric, positive definite.
        p: from 1 on.
        eps: what no eigenvalue of H is below, so that one that rounding puts there is moved up to it.

    Returns:
        Shape (n, n), symmetric.

    Examples:
        >>> inverse_root(torch.diag(torch.tensor([16.0, 81.0])), 4)
        tensor([[0.5000, 0.0000],
                [0.0000, 0.3333]])
    """
    check_decomposable(H, "The preconditioner")
    values, vectors = torch.linalg.eigh(H)
    return (vectors * values.clamp(min=eps) ** (-1 / p)) @ vectors.T


def preconditioned(g: Tensor, roots: list[Tensor]) -> Tensor:
    """g ×₁ P₁ … ×ₖ Pₖ: along each axis a product with its matrix.

    Args:
        g: shape (n₁, …, nₖ).
        roots: Pᵢ, symmetric, of shape (nᵢ, nᵢ).

    Returns:
        g's shape.

    Examples:
        >>> preconditioned(torch.ones(2, 2), [torch.diag(torch.tensor([1.0, 2.0])), 3 * torch.eye(2)])
        tensor([[3., 3.],
                [6., 6.]])
    """
    for P in roots:  # takes the first axis away and puts its product last: after all k the order is back
        g = torch.tensordot(g, P, dims=([0], [0]))
    return g


def cut(x: Tensor, size: int | None) -> list[Tensor]:
    """Views of a tensor, cut along each axis into blocks of at most a size; a number counts as one axis.

    Examples:
        >>> [tuple(block.shape) for block in cut(torch.zeros(3, 2), 2)]
        [(2, 2), (1, 2)]
    """
    blocks = [x if x.ndim else x.view(1)]
    for axis in range(x.ndim if size else 0):
        blocks = [part for block in blocks for part in block.split(size, axis)]
    return blocks


def _pull(x: Tensor, g: Tensor, group: dict) -> Tensor:
    """The gradient of what is made small, the decay's share in it."""
    g = -g if group["maximize"] else g
    return g + group["weight_decay"] * x if group["weight_decay"] else g
