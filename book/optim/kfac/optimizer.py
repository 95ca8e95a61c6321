"""KFAC: the natural gradient, with each layer's Fisher matrix taken for a Kronecker product."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from book.optim.gradients import loss_of
from book.optim.kfac.damping import natural
from book.optim.kfac.hooks import FactorHooks, Factors, Request
from book.optim.kfac.layers import as_matrix, as_tensors, has_gradient, sorted_layers, trained
from book.optim.kfac.memory import (
    NAMES,
    Memory,
    check_finite,
    check_memory,
    checked_options,
    inverses,
    learned,
)
from book.optim.loading import Loading, check_names, without_none
from book.optim.precision import own_precision
from book.optim.ranges import check_written

EAGER = 3  # in so many first steps everything is refreshed


class KFAC(Loading):
    """W ← W − η B⁻¹ G A⁻¹ for each layer, G the gradient, A and B the factors of its Fisher matrix.

    A is the mean of a aᵀ over what goes into a layer, the bias a weight of an input 1; B the mean of g gᵀ
    over the gradients at its outputs, for labels from the model itself. Then B ⊗ A stands for the layer's
    Fisher matrix, and its inverse costs that of two small matrices. Hooks on the model collect both while it
    runs; call the model, the loss, `backward` and `step` as ever.

    Averages of A and B forget by `stat_decay`, beginning with a plain mean. The inverses are damped by π, as
    `book.optim.kfac.damping` says, with `damping` + `weight_decay` as λ, and are kept for `inverse_every`
    steps; in the first three steps everything is new.

    A layer's gradient is gᵀ a, with N rows each, from one backward pass. Where they are few beside the n
    inputs and m outputs, the step is (g B⁻¹)ᵀ (a A⁻¹), in N (n² + m² + n m) multiplications, not n m (n + m).
    A gradient that was clipped or summed over several passes takes the longer way, and so does weight decay.

    Scales and shifts of normalisations have no such product: they go along the plain gradient, as a second
    parameter group, whose `lr` may be set apart.

    Args:
        model: what is trained; its Linear and Conv2d layers have a product each.
        loss: `CrossEntropyLoss`, `MSELoss` or `BCEWithLogitsLoss` of torch.nn, the one that is made small.
        lr: the learning rate η, at least 0.
        momentum: the share of the last step that is kept, as in torch's SGD; at least 0.
        weight_decay: adds this times x to the gradient of each parameter, and to the damping.
        damping: λ, at least 0, in units of the loss's curvature.
        stat_decay: the share of the averages that is kept, in [0, 1].
        fisher: "sampled" draws one label an example from the model, "exact" sums over all classes, with a
            backward pass each, "empirical" takes the labels of the data, from the caller's backward pass.
        approximation: for a weight that is used at several places of an example, a convolution's for one:
            "expand" takes the places for examples of their own, "reduce" adds them up first.
        factor_every: steps from one look at A and B to the next.
        inverse_every: steps from one pair of inverses to the next.
        kl_clip: δ; shortens a step d for which ½ η² dᵀg would be above it. With a loss of reduction "mean"
            that is about the distance, as KL, between the model before and after a step without momentum, in
            K-FAC's own measure. Momentum is added afterwards: with 0.9 a step may go a hundred times as far.
            None never shortens, and then a first step along small slopes can throw a network out.
        unknown: "error" refuses a module that K-FAC does not know; "gradient" moves its parameters along the
            plain gradient.
        seed: of the labels that are drawn.

    Raises:
        ValueError: a weight belongs to two modules, or a module is not known; a hyperparameter is outside its
            range; the loss has class weights, or no one number as its value.
        TypeError: the loss is none of the three; a hyperparameter is not a number.
        RuntimeError: at a step, a layer has a gradient and was never seen in a pass, a factor is singular, or
            the closure calls no `backward`; in a pass, a layer is called twice.
        FloatingPointError: at a step, a gradient or a factor is not finite, or in a pass the model's output.
            As after each refusal, nothing has moved.

    Source:
        Martens and Grosse, "Optimizing Neural Networks with Kronecker-factored Approximate Curvature", ICML
        2015; Grosse and Martens, "A Kronecker-factored approximate Fisher matrix for convolution layers",
        ICML 2016; Eschenhagen and others, "Kronecker-Factored Approximate Curvature for Modern Neural Network
        Architectures", NeurIPS 2023. For `kl_clip`: Wu and others, "Scalable trust-region method for deep
        reinforcement learning using Kronecker-factored approximation", NeurIPS 2017, section 3.2.

    Variants:
        The paper chooses λ, η and the momentum anew from time to time by the quadratic model; here they stay.

    Examples:
        >>> model, loss = nn.Linear(1, 1, bias=False).double(), nn.MSELoss()
        >>> optimizer = KFAC(model, loss, lr=1.0, damping=0.0, fisher="exact", kl_clip=None)
        >>> x = torch.tensor([[1.0], [3.0]]).double()
        >>> loss(model(x), 7 * x).backward()
        >>> optimizer.step()
        >>> model.weight.data.round(decimals=9)
        tensor([[7.]], dtype=torch.float64)
    """

    def __init__(
        self,
        model: nn.Module,
        loss: nn.Module,
        *,
        lr: float | Tensor = 0.1,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        damping: float = 1e-2,
        stat_decay: float = 0.95,
        fisher: str = "sampled",
        approximation: str = "expand",
        factor_every: int = 1,
        inverse_every: int = 10,
        kl_clip: float | None = 1e-3,
        unknown: str = "error",
        seed: int = 0,
    ):
        Request(fisher, approximation, seed)  # refuses what is none
        self.layers, rest = sorted_layers(model, unknown)
        groups = [{"params": [p for layer in self.layers.values() for p in trained(layer)]}]
        groups += [{"params": rest}] if rest else []
        options = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "damping": damping}
        options |= {"stat_decay": stat_decay, "fisher": fisher, "approximation": approximation, "seed": seed}
        options |= {"factor_every": factor_every, "inverse_every": inverse_every, "kl_clip": kl_clip}
        super().__init__(groups, checked_options(options))
        self.hooks = FactorHooks(model, self.layers, loss, self._request)

    @property
    def options(self) -> dict[str, Any]:
        """The hyperparameters of the layers."""
        return self.param_groups[0]

    @property
    def steps(self) -> int:
        """How many steps have been taken."""
        return self.state.get(self.options["params"][0], {}).get("step", 0)

    def add_param_group(self, param_group: dict) -> None:
        """Only the model's own: K-FAC is built from a whole model."""
        if hasattr(self, "hooks"):
            raise ValueError(
                "K-FAC takes its parameters from the model; build a new one from the larger model."
            )
        super().add_param_group(param_group)

    def __getstate__(self) -> dict:
        raise TypeError(
            "K-FAC is tied to its model by hooks, and is not copied or pickled. Build one from the other "
            "model, and hand it this one's state_dict()."
        )

    def __setstate__(self, state: dict) -> None:
        """What torch's `load_state_dict` ends in; what does not fit these layers is refused."""
        groups = [group | checked_options(self.defaults | group) for group in state["param_groups"]]
        known = without_none(state["state"])
        for memory in known.values():
            check_names(memory, NAMES)
        for name, layer in self.layers.items():
            check_memory(name, layer, known)
        super().__setstate__(state | {"param_groups": groups, "state": known})

    def remove_hooks(self) -> None:
        """Take the hooks off the model, when the optimizer has done its work."""
        self.hooks.remove()

    @torch.compiler.disable
    @torch.inference_mode(False)
    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:
        """Take one step with every parameter that has a gradient.

        Args:
            closure: calls the model and `backward` anew, and returns the loss; optional.

        Returns:
            What the closure returned.
        """
        loss = loss_of(closure, self.param_groups)
        check_written(self.param_groups)
        with own_precision(self.options["params"][0].device):
            self._step()
        return loss

    def _step(self) -> None:
        """The step from the gradients and factors that are there; all is looked at before one changes."""
        layers = {name: layer for name, layer in self.layers.items() if has_gradient(name, layer)}
        fresh, gradients = self.hooks.found, self._gradients()
        memories = {name: self._learned(name, layer, fresh.get(name)) for name, layer in layers.items()}
        steps = self._natural_steps(layers, memories, gradients)
        check_finite(steps.values())
        self._keep(layers, memories)
        self._move(steps)

    def _request(self) -> Request | None:
        if not self._due("factor_every"):
            return None
        options = self.options
        return Request(options["fisher"], options["approximation"], options["seed"] + self.steps)

    def _due(self, every: str) -> bool:
        return self.steps < EAGER or self.steps % self.options[every] == 0

    def _gradients(self) -> dict[Tensor, Tensor]:
        """The gradient of the loss plus ½ weight_decay ‖x‖²."""
        return {
            x: x.grad.add(x, alpha=group["weight_decay"]) if group["weight_decay"] else x.grad
            for group in self.param_groups
            for x in group["params"]
            if x.grad is not None
        }

    def _learned(self, name: str, layer: nn.Module, fresh: Factors | None) -> Memory:
        """A layer's memory with the new factors in it; the old one is left as it is."""
        memory = learned(name, self.state.get(trained(layer)[0], {}), fresh, self.options["stat_decay"])
        if self._due("inverse_every") or "A_inverse" not in memory:
            damping = self.options["damping"] + self.options["weight_decay"]
            memory |= inverses(name, memory, damping)
        return memory

    def _natural_steps(
        self, layers: dict[str, nn.Module], memories: dict[str, Memory], gradients: dict[Tensor, Tensor]
    ) -> dict[Tensor, Tensor]:
        """For each parameter what its gradient becomes."""
        found, agreement = {}, 0.0
        for name, layer in layers.items():
            gradient = as_matrix(layer, gradients)
            rows, inverses = self.hooks.rows(name), (memories[name]["A_inverse"], memories[name]["B_inverse"])
            cheap = rows is not None and not self.options["weight_decay"] and rows.give(gradient)
            d = rows.natural(*inverses) if cheap else natural(gradient, *inverses)
            found |= as_tensors(layer, d)
            agreement += (d * gradient).sum() if self.options["kl_clip"] is not None else 0.0
        share = self._share(agreement)
        return gradients | {x: d.mul_(share) if share < 1 else d for x, d in found.items()}

    def _share(self, agreement: float | Tensor) -> float:
        """By what a step is shortened, from dᵀg: ½ η² dᵀg is to be at most δ."""
        if self.options["kl_clip"] is None:
            return 1.0
        distance = 0.5 * float(self.options["lr"]) ** 2 * float(agreement)
        return (self.options["kl_clip"] / distance) ** 0.5 if distance > self.options["kl_clip"] else 1.0

    def _keep(self, layers: dict[str, nn.Module], memories: dict[str, Memory]) -> None:
        for name, layer in layers.items():
            self.state[trained(layer)[0]].update(memories[name])
        self.state[self.options["params"][0]]["step"] = self.steps + 1
        self.hooks.forget()

    def _move(self, steps: dict[Tensor, Tensor]) -> None:
        for group in self.param_groups:
            for x in group["params"]:
                if x not in steps:
                    continue
                d, state = steps[x], self.state[x]
                if group["momentum"]:
                    old = state.get("momentum_buffer")
                    d = d.clone() if old is None else d.add(old, alpha=group["momentum"])
                    state["momentum_buffer"] = d
                x.sub_(d, alpha=float(group["lr"]))
