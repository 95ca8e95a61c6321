"""The generalized Gauss–Newton matrix: the Hessian of a loss, with the network made linear."""

from torch import Tensor
from torch.func import grad, jvp, vjp

from book.calculus.matrix_free.network import Curvature, Parts


class GaussNewton(Curvature):
    """G v = Jᵀ (∇²L (J v)), with J the Jacobian of the outputs and ∇²L the Hessian of the loss in them.

    It is the Hessian without the curvature of the network itself, and never negative where the loss is convex
    in the outputs. J v rides on the forward pass, Jᵀ is the reverse pass of the same one.

    Args:
        model, loss, data, params, compile, seed: as for `Curvature`; any loss that torch differentiates
            twice. With reduction "mean", ∇²L holds the mean's factor: 1/N for cross-entropy, 1/(N C) for
            squared errors of C outputs.

    Source:
        Schraudolph, "Fast curvature matrix-vector products for second-order gradient descent", Neural
        Computation, 2002.

    Examples:
        >>> import torch
        >>> model = torch.nn.Linear(2, 1, bias=False)
        >>> X, y = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.zeros(2, 1)
        >>> GaussNewton(model, torch.nn.MSELoss(), (X, y)) @ torch.tensor([1.0, 0.0])
        tensor([10., 14.])
    """

    def product(self, θ: Parts, inputs: Tensor, targets: Tensor, v: Parts) -> Parts:
        """G v of one batch."""

        def moved(θ: Parts) -> tuple[Tensor, Tensor]:
            z, Jv = jvp(lambda θ: self.outputs(θ, inputs), (θ,), (v,))
            return z, Jv

        z, pull_back, Jv = vjp(moved, θ, has_aux=True)
        return pull_back(self.bend(z, targets, Jv))[0]

    def bend(self, z: Tensor, targets: Tensor, u: Tensor) -> Tensor:
        """∇²L u, in the shape of the outputs z."""
        return vjp(grad(lambda z: self.loss(z, targets)), z)[1](u)[0]
