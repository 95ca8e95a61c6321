"""Curvature, the base: a network's loss at the parameters that it has now, as a function of one vector."""

from collections.abc import Callable, Iterable
from functools import reduce

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from book.calculus.matrix_free.data import Batch, Loss, Pair, batches_of, one_number
from book.calculus.matrix_free.operator import LinearOperator
from book.numerics.arguments import check_device, check_floating
from book.numerics.compiling import compile_alone, warn_uncompiled
from book.numerics.number_types import whole

Parts = tuple[Tensor, ...]


class Curvature(LinearOperator):
    """A symmetric matrix of a network's parameters, at the values that they have when it is made.

    The vector's entries are those of the parameters in their order, each flattened; `names` and `split` tell
    which is whose. A tied weight counts once, a frozen one is no variable, and one that the loss does not
    reach has zeros. In training mode, dropout is that of one draw, the same in each product, and batch
    normalisation couples the examples of a batch; its running statistics stay as they were.

    Args:
        model: any module; it is not changed.
        loss: of (outputs, targets), shape (); its `reduction` says how batches add up, a mean without one.
        data: a pair (inputs, targets), or several.
        params: the variables, some of the model's parameters; all that require a gradient without it.
        compile: hand the product of a batch to `torch.compile`, which takes seconds at the first one. Where
            it cannot compile, one warning says so and the product runs as it is.
        seed: of the draw, where the model draws.

    Raises:
        ValueError: no parameter requires a gradient, one is not the model's or has no values, the loss is no
            single number or draws random numbers, or the model draws some and `compile` is set.
        TypeError: parameters are not of one float dtype, the model is no module, or the loss no function.
        FloatingPointError: the loss of the first batch is not finite.
    """

    def __init__(
        self,
        model: nn.Module,
        loss: Loss,
        data: Pair | Iterable[Pair],
        *,
        params: Iterable[Tensor] | None = None,
        compile: bool = False,
        seed: int = 0,
    ):
        if not isinstance(model, nn.Module) or not callable(loss) or isinstance(loss, type):
            raise TypeError(
                "A curvature takes a model and a loss of (outputs, targets), as nn.CrossEntropyLoss(); got "
                f"{type(model).__name__} and {loss!r}."
            )
        seed, named = whole("seed", seed), _variables(model, params)
        self.names = tuple(named)
        self.shapes = tuple(parameter.shape for parameter in named.values())
        self.θ = tuple(parameter.detach().clone() for parameter in named.values())
        n = sum(map(Tensor.numel, self.θ))
        super().__init__((n, n), self.θ[0].dtype, self.θ[0].device)
        self.model, self.loss, self.seed = model, loss, seed
        self.batches = batches_of(data, loss)
        self.draws = False
        self._try(self.batches[0], compile)
        self._product = self._compiled() if compile else self.product

    def product(self, θ: Parts, inputs: Tensor, targets: Tensor, v: Parts) -> Parts:
        """The matrix of one batch's loss times a vector, both in the parameters' shapes."""
        raise NotImplementedError("A curvature writes its product in `product`.")

    def outputs(self, θ: Parts, inputs: Tensor) -> Tensor:
        """The network's outputs, with θ in the place of its parameters; its buffers stay as they are."""
        if self.draws:
            with torch.random.fork_rng():
                torch.manual_seed(self.seed)
                return self._call(θ, inputs)
        return self._call(θ, inputs)

    def split(self, v: Tensor) -> dict[str, Tensor]:
        """A vector's entries by the names of the parameters, in their shapes.

        Args:
            v: shape (n,).
        """
        return dict(zip(self.names, self._parts(v), strict=True))

    def columns(self, V: Tensor) -> Tensor:
        """All columns in one pass over the network; where the product is compiled, one after the other."""
        if V.shape[1] == 1:
            return self._of_all(V[:, 0])[:, None]
        if self._product != self.product:  # compiled code does not run under vmap
            return torch.stack([self._of_all(v) for v in V.T], 1)
        return vmap(self._of_all, randomness="same")(V.T).T

    def _of_all(self, v: Tensor) -> Tensor:
        parts = self._parts(v)
        return reduce(torch.add, (self._of_one(batch, parts) for batch in self.batches))

    def _of_one(self, batch: Batch, v: Parts) -> Tensor:
        """A batch's part of the product. A small batch feels each pass over n numbers that is spared here."""
        found = self._product(self.θ, batch.inputs, batch.targets, v)
        flat = torch.cat([part.reshape(-1) for part in found])
        return flat if batch.share == 1 else batch.share * flat

    def _compiled(self) -> Callable[[Parts, Tensor, Tensor, Parts], Parts]:
        """The product through `torch.compile`; as it is, with one warning, from where that fails."""

        def product(θ: Parts, inputs: Tensor, targets: Tensor, v: Parts) -> Parts:
            return self.product(θ, inputs, targets, v)

        fast = compile_alone(product, dynamic=False)  # jvp does not compile for sizes left open

        def tried(*arguments) -> Parts:
            try:
                return fast(*arguments)
            except torch.OutOfMemoryError:
                raise
            except Exception as error:  # the compiler knows many
                found = self.product(*arguments)  # an error of the product's own is raised here
                warn_uncompiled("A curvature's product could not compile", error, "it runs uncompiled")
                self._product = self.product
                return found

        return tried

    def _parts(self, v: Tensor) -> Parts:
        pieces = v.split([shape.numel() for shape in self.shapes])
        return tuple(piece.reshape(shape) for piece, shape in zip(pieces, self.shapes, strict=True))

    def _call(self, θ: Parts, inputs: Tensor) -> Tensor:
        buffers = {name: buffer.clone() for name, buffer in self.model.named_buffers()}
        return functional_call(self.model, (dict(zip(self.names, θ, strict=True)), buffers), (inputs,))

    @torch.no_grad()
    def _try(self, batch: Batch, compile: bool) -> None:
        """See once whether the model draws, and whether the loss is a number."""
        with torch.random.fork_rng():
            torch.manual_seed(self.seed)
            before, outputs = _states(self.device), self._call(self.θ, batch.inputs)
            between, value = _states(self.device), self.loss(outputs, batch.targets)
            self.draws = not all(map(torch.equal, before, between))
            anew = not all(map(torch.equal, between, _states(self.device)))
        one_number(value)
        if anew:
            raise ValueError(
                "The loss draws random numbers, so that each product would be another matrix's; draw them "
                "once, before."
            )
        if self.draws and compile:
            raise ValueError(
                "The model draws random numbers, and a compiled product would draw anew each time; "
                "call model.eval() first, or leave `compile` away."
            )


def _variables(model: nn.Module, params: Iterable[Tensor] | None) -> dict[str, Tensor]:
    own = dict(model.named_parameters())
    named: dict[str, Tensor]
    if params is None:
        named = {name: parameter for name, parameter in own.items() if parameter.requires_grad}
    else:
        names = {id(parameter): name for name, parameter in own.items()}
        params = list(params)
        if any(id(parameter) not in names for parameter in params):
            raise ValueError("A tensor in `params` is not a parameter of the model.")
        named = {names[id(parameter)]: parameter for parameter in params}
    if not named:
        raise ValueError("No parameter requires a gradient, so there is nothing to differentiate by.")
    _check_one_kind(named)
    return named


def _check_one_kind(named: dict[str, Tensor]) -> None:
    for name, parameter in named.items():
        check_floating(parameter, name)
        check_device(parameter.device, name)
    kinds = sorted({str(parameter.dtype) for parameter in named.values()})
    if len(kinds) > 1:
        raise TypeError(f"A curvature takes parameters of one dtype; got {' and '.join(kinds)}.")


def _states(device: torch.device) -> list[Tensor]:
    states = [torch.random.get_rng_state()]
    return [*states, torch.cuda.get_rng_state(device)] if device.type == "cuda" else states
