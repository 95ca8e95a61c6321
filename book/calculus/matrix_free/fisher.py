"""The Fisher matrix of a network: exact, sampled, and the empirical one, which is another matrix."""

from typing import Literal

import torch
from torch import Tensor

from book.calculus.matrix_free.gauss_newton import GaussNewton
from book.calculus.matrix_free.likelihood import likelihood
from book.numerics.number_types import whole

KINDS = ("exact", "sampled", "empirical")


class Fisher(GaussNewton):
    """F v = c Σₙ Jₙᵀ Sₙ Jₙ v, where Sₙ is E[g gᵀ] over gradients g of term n in the outputs.

    - "exact": over targets y that the model itself expects. Sₙ is diag p − p pᵀ for cross-entropy and 2 I for
      squared errors: the same as `GaussNewton`;
    - "sampled": the mean over `samples` such targets, drawn once when the operator is made. It is unbiased;
    - "empirical": over the one target in the data. It is no estimate of the others, and shrinks to zero where
      the model fits the data.

    c is that of the loss, on the terms ℓ = −log p_y and ℓ = ‖z − y‖²: 1 for a sum; for a mean 1/N and
    1/(N C). So the "empirical" one is c Σ ∇ℓₙ ∇ℓₙᵀ.

    Args:
        model, data, params, compile, seed: as for `Curvature`; the seed draws the targets too.
        loss: `nn.CrossEntropyLoss` without weights and smoothing, or `nn.MSELoss`.
        kind: one of the three.
        samples: targets drawn for each term, at least 1.

    Raises:
        TypeError: the loss is another, or `samples` no number.
        ValueError: the kind is unknown, `samples` is below 1, or targets and outputs differ in shape; else as
            for `Curvature`.

    Source:
        Amari, "Natural gradient works efficiently in learning", Neural Computation, 1998; Kunstner, Hennig
        and Balles, "Limitations of the empirical Fisher approximation for natural gradient descent", NeurIPS,
        2019.

    Examples:
        >>> model = torch.nn.Linear(2, 1, bias=False)
        >>> X, y = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.zeros(2, 1)
        >>> Fisher(model, torch.nn.MSELoss(), (X, y)) @ torch.tensor([1.0, 0.0])
        tensor([10., 14.])
    """

    def __init__(
        self,
        model,
        loss,
        data,
        *,
        kind: Literal["exact", "sampled", "empirical"] = "exact",
        samples: int = 1,
        seed: int = 0,
        **options,
    ):
        if kind not in KINDS:
            raise ValueError(f"kind is {', '.join(map(repr, KINDS))}; got {kind!r}.")
        samples = whole("samples", samples)
        if samples < 1:
            raise ValueError(f"samples is at least 1; got {samples}.")
        self.kind, self.samples, self.likelihood = kind, samples, likelihood(loss)
        super().__init__(model, loss, data, seed=seed, **options)
        for batch in self.batches:
            self.likelihood.check(batch.targets)
        if kind != "exact":
            generator = torch.Generator(self.device).manual_seed(seed)
            self.batches = [
                batch._replace(targets=self._slopes(*batch[:2], generator)) for batch in self.batches
            ]

    def bend(self, z: Tensor, targets: Tensor, u: Tensor) -> Tensor:
        """c S u, in the shape of the outputs z; `targets` are slopes, unless the kind is "exact"."""
        density = self.likelihood
        rows, us = density.rows(z), density.rows(u)
        if self.kind == "exact":
            bent = density.bend(rows, us)
        else:
            bent = torch.einsum("mnc,mnd,nd->nc", targets, targets, us) / len(targets)
        c = 1 / density.divisor(z) if self.likelihood.loss.reduction == "mean" else 1.0
        return density.back(c * bent, z)

    @torch.no_grad()
    def _slopes(self, inputs: Tensor, targets: Tensor, generator: torch.Generator) -> Tensor:
        """The gradients of the terms in the outputs, shape (samples, terms, C)."""
        z = self.outputs(self.θ, inputs)
        rows = self.likelihood.rows(z)
        if self.kind == "sampled":
            return self.likelihood.sample(rows, self.samples, generator)
        if targets.is_floating_point() and targets.shape != z.shape:
            raise ValueError(
                f"The empirical Fisher takes targets of the outputs' shape {tuple(z.shape)}; got "
                f"{tuple(targets.shape)}."
            )
        return self.likelihood.slope(rows, targets)[None]
