"""AdaHessian: Adam's two averages, with an estimate of the Hessian's diagonal where Adam has the gradient."""

import hashlib
from collections.abc import Callable, Iterator
from typing import ClassVar

import torch
from torch import Tensor

from book.calculus.matrix_free import random_probes
from book.numerics.arguments import check_device
from book.numerics.number_types import whole
from book.optim.derivatives import check_followed, check_graph, check_loss, products
from book.optim.engine import power
from book.optim.gradients import check_closure, gradients_of
from book.optim.rule import Rule

Rows = list[tuple[Tensor, Tensor, dict]]  # a parameter, its gradient, its group


class AdaHessian(Rule):
    """m ← β₁ m + (1−β₁) g,  v ← β₂ v + (1−β₂) D²,  x ← x − η (m̂ / (√v̂ᵏ + ε) + λ x)

    with m̂ and v̂ corrected for their start as in Adam. D estimates the Hessian's diagonal: the mean of z ⊙ H z
    over `n_samples` probes z of random signs, averaged over neighbouring entries. The mean of D is the
    diagonal; that of D², which v averages, is larger: with one probe and no averaging over entries √v tends
    to the norm of the Hessian's row.

    A product H z differentiates the gradient once more, so the gradient needs its graph: call
    `loss.backward(create_graph=True)` before `step()`, or give `step` a closure that returns the loss. Such a
    closure need not call `backward`; one that does asks for `create_graph=True`. `step` lets go of the graph
    at its end. `curved` says whether the next step differentiates at all. Clipping changes g and not D.

    The probes of a step follow from `seed`, the parameter's place and the number of the step alone, so the
    same `state_dict` goes on with the same probes, and no other random number is drawn or changed.

    Args:
        params: real tensors, (name, tensor) pairs or groups of them.
        lr: the learning rate η, at least 0.
        betas: the shares (β₁, β₂) of m and v that are kept, each in [0, 1).
        eps: ε, at least 0, added to the root's power.
        weight_decay: λ; a weight loses the share ηλ a step, as in `AdamW`.
        hessian_power: k in [0, 1]: 1 divides by the curvature, 0 is momentum.
        spatial_average: which entries share the mean of their D. "kernel": those of one convolution kernel;
            "row": these, and in a matrix those of one row, all weights into one unit; a whole number b: every
            b entries that lie side by side, the last ones among themselves; 1: each entry is alone.
        absolute: average |D|, as the authors' code does. With False it is D, as in their formula; entries of
            both signs then cancel, and a block whose mean is near 0 takes long steps.
        n_samples: probes a step, at least 1; where groups differ, the largest is drawn for all.
        update_each: estimate D at each so many steps of a parameter, and keep it between them.
        seed: of the probes, a whole number.
        options: `maximize`, `engine` and `error_if_nonfinite`, as for `Rule`.

    Raises:
        ValueError: a hyperparameter is outside its range.
        TypeError: at a step, a parameter is complex, or the closure does not return the loss.
        RuntimeError: at a step, the gradients have no graph; nothing has changed.

    Source:
        Yao, Gholami, Shen, Mustafa, Keutzer and Mahoney, "ADAHESSIAN: An Adaptive Second Order Optimizer for
        Machine Learning", AAAI 2021, algorithm 1; first values from the authors' code.

    Variants:
        pytorch_optimizer.AdaHessian averages nothing over entries, has ε = 1e-16, and with an `update_period`
        leaves v alone between estimates while its correction goes on as if v had moved.

    Examples:
        >>> x = torch.nn.Parameter(torch.tensor([3.0, 0.5]))
        >>> optimizer = AdaHessian([x], lr=1.0, eps=0.0)
        >>> loss = optimizer.step(lambda: x[0] ** 2 + 50 * x[1] ** 2)
        >>> x.data
        tensor([0., 0.])
    """

    takes: ClassVar = "loss"
    memory: ClassVar = {"exp_avg": None, "exp_hessian_diag_sq": None, "hessian_diag": None}

    def __init__(
        self,
        params,
        lr: float | Tensor = 0.15,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-4,
        weight_decay: float = 0.0,
        hessian_power: float = 1.0,
        spatial_average: int | str = "row",
        absolute: bool = True,
        n_samples: int = 1,
        update_each: int = 1,
        seed: int = 0,
        **options,
    ):
        own = {"betas": betas, "eps": eps, "hessian_power": hessian_power, "absolute": absolute}
        probes = {"spatial_average": spatial_average, "n_samples": n_samples, "update_each": update_each}
        super().__init__(
            params, lr=lr, weight_decay=weight_decay, seed=whole("seed", seed), **own, **probes, **options
        )

    @staticmethod
    def update(x, g, m, v, D, *, t, lr, betas, eps, hessian_power, weight_decay):
        β1, β2 = betas
        m = β1 * m + (1 - β1) * g
        v = β2 * v + (1 - β2) * D**2
        m_hat, v_hat = m / (1 - power(β1, t)), v / (1 - power(β2, t))
        x = x - lr * (m_hat / (torch.sqrt(v_hat) ** hessian_power + eps) + weight_decay * x)
        return x, m, v, D

    @property
    def curved(self) -> bool:
        """Whether the next step estimates D for some parameter, and so needs gradients with a graph."""
        pairs = [(x, group) for group in self.param_groups for x in group["params"] if x.requires_grad]
        return any(self._due(x, group) for x, group in pairs)

    @torch.compiler.disable
    @torch.inference_mode(False)
    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:
        """Take one step with every parameter that has a gradient.

        Args:
            closure: returns the loss, computed anew; optional.

        Returns:
            What the closure returned.
        """
        before = [x.grad for x in self._parameters()]
        try:
            loss = None if closure is None else self._evaluate(closure)
            rows = self._rows()
            if rows and closure is None:
                check_graph([g for _, g, _ in rows])
            estimates = self._estimates(rows)
        except BaseException:
            for x, g in zip(self._parameters(), before, strict=True):
                x.grad = g
            raise
        for (x, _, _), D in zip(rows, estimates, strict=True):
            self.state[x]["hessian_diag"] = D
        for x in self._parameters():
            x.grad = None if x.grad is None else x.grad.detach()  # lets go of the graph
        super().step()
        return loss

    def _parameters(self) -> list[Tensor]:
        return [x for group in self.param_groups for x in group["params"]]

    def _due(self, x: Tensor, group: dict) -> bool:
        return self._age(x) % group["update_each"] == 0

    def _age(self, x: Tensor) -> int:
        return int(self.state.get(x, {}).get("step") or 0)

    def _evaluate(self, closure: Callable[[], Tensor]) -> Tensor:
        """The closure's loss; its gradients are left in `grad`, with their graph where D is due."""
        xs = [x for x in self._parameters() if x.requires_grad]
        for x in xs:
            x.grad = None
        check_closure(closure)
        with torch.enable_grad():
            loss = closure()
            check_loss(loss, "AdaHessian")
            found = [x.grad for x in xs if x.grad is not None]
            if not found:
                check_followed(loss, xs)
                gradients = torch.autograd.grad(
                    loss.reshape(()), xs, create_graph=self.curved, allow_unused=True
                )
                for x, g in zip(xs, gradients, strict=True):
                    x.grad = g
        if found and self.curved:
            check_graph(found)
        return loss

    def _rows(self) -> Rows:
        """The parameters whose D is due, each with its gradient and its group."""
        pairs = [(pair, group) for group in self.param_groups for pair in gradients_of(group, False)]
        for (x, _), _ in pairs[:1]:
            check_device(x.device, "AdaHessian")
        if any(x.is_complex() for (x, _), _ in pairs):
            raise TypeError("AdaHessian takes real parameters; give it view_as_real of the complex ones.")
        return [(x, g, group) for (x, g), group in pairs if self._due(x, group)]

    def _estimates(self, rows: Rows) -> list[Tensor]:
        """D of each parameter: z ⊙ H z, averaged over probes and over entries."""
        xs, gs = [x for x, _, _ in rows], [g for _, g, _ in rows]
        places = {x: place for place, x in enumerate(self._parameters())}
        draw = [probes(x, group["seed"], places[x], self._age(x)) for x, _, group in rows]
        n_samples = max((group["n_samples"] for _, _, group in rows), default=0)
        estimates = [torch.zeros_like(x, memory_format=torch.preserve_format) for x in xs]
        for _ in range(n_samples):
            zs = list(map(next, draw))
            for D, z, Hz in zip(estimates, zs, products(gs, xs, zs), strict=True):
                D += z * Hz / n_samples
        signed = [
            D.abs() if group["absolute"] else D for D, (_, _, group) in zip(estimates, rows, strict=True)
        ]
        return [averaged(D, group["spatial_average"]) for D, (_, _, group) in zip(signed, rows, strict=True)]


def probes(x: Tensor, seed: int, place: int, age: int) -> Iterator[Tensor]:
    """Tensors of random signs, without end; the same for the same numbers on the same kind of device.

    Args:
        x: whose shape, dtype and device they have.
        seed: of the optimizer.
        place: the parameter's number in it.
        age: how many steps it has taken.

    Examples:
        >>> first, again = (next(probes(torch.zeros(100), 0, 0, age)) for age in (0, 0))
        >>> first.abs().unique(), first.equal(again), first.equal(next(probes(torch.zeros(100), 0, 0, 1)))
        (tensor([1.]), True, False)
    """
    digest = hashlib.blake2b(f"{seed} {place} {age}".encode(), digest_size=7).digest()
    generator = torch.Generator(x.device).manual_seed(int.from_bytes(digest))
    while True:
        z = random_probes(x.numel(), 1, generator=generator, dtype=x.dtype, device=x.device)
        yield z.reshape(x.shape)


def averaged(D: Tensor, over: int | str) -> Tensor:
    """Each entry's block in place of the entry: its mean.

    Args:
        D: any shape; a convolution's axes after the second are its kernel's.
        over: as `spatial_average` of `AdaHessian`.

    Returns:
        D's shape.

    Examples:
        >>> D = torch.tensor([[1.0, 3.0], [5.0, 7.0]])
        >>> averaged(D, "row").tolist(), averaged(D, 3).tolist()
        ([[2.0, 2.0], [6.0, 6.0]], [[3.0, 3.0], [3.0, 7.0]])
    """
    if isinstance(over, str):
        axes = (1,) if over == "row" and D.ndim == 2 else tuple(range(2, D.ndim))
        return D.mean(axes, keepdim=True).expand_as(D).clone() if axes else D
    full = D.numel() // over * over
    blocks, rest = D.reshape(-1)[:full].reshape(-1, over), D.reshape(-1)[full:]
    means = blocks.mean(1, keepdim=True).expand_as(blocks).reshape(-1)
    return torch.cat([means, rest.mean().expand_as(rest)]).reshape(D.shape)
