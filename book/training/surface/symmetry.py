"""Changes of a network's weights that change no output: units in another order, a unit's scale moved on."""

from copy import deepcopy

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn

TIE = 1e-9  # a gain below this share of the largest entry, in float64, is rounding


def permute_units(model: nn.Sequential, layer: int, order: Tensor) -> nn.Sequential:
    """A copy of the model with the units of one hidden layer in another order: the same function.

    The rows of the layer's weights and its biases go along, and so do the columns of the next layer.

    Args:
        model: linear layers with something elementwise between them, `book.training.mlp` for one.
        layer: which hidden layer, from 0.
        order: shape (units,): new unit i is the old unit order[i].

    Raises:
        ValueError: there is no such hidden layer, or `order` does not name each unit once.

    Source:
        Hecht-Nielsen, "On the Algebraic Structure of Feedforward Network Weight Spaces", 1990.

    Examples:
        >>> from book.training.models import mlp
        >>> model, x = mlp(3, 4, 2), torch.ones(1, 3)
        >>> turned = permute_units(model, 0, torch.tensor([3, 2, 1, 0]))
        >>> torch.allclose(turned(x), model(x))
        True
    """
    changed = deepcopy(model)
    into, out = _around(changed, layer)
    if sorted(order.tolist()) != list(range(into.out_features)):
        raise ValueError(f"The order must name each of the {into.out_features} units once.")
    with torch.no_grad():
        into.weight.copy_(into.weight[order])
        into.bias.copy_(into.bias[order])
        out.weight.copy_(out.weight[:, order])
    return changed


def rescale_units(
    model: nn.Sequential, layer: int, k: float, units: int | slice = slice(None)
) -> nn.Sequential:
    """A copy with k on the way into some units and 1/k on the way out: for ReLU the same function if k > 0.

    Args:
        model: as for `permute_units`.
        layer: which hidden layer, from 0.
        k: not 0.
        units: which of the layer's units; by default all.

    Raises:
        ValueError: there is no such hidden layer, or k is 0.

    Source:
        Dinh, Pascanu, Bengio and Bengio, "Sharp Minima Can Generalize For Deep Nets", ICML, 2017.

    Examples:
        >>> from book.training.models import mlp
        >>> model, x = mlp(3, 4, 2), torch.ones(1, 3)
        >>> torch.allclose(rescale_units(model, 0, 2.0)(x), model(x))
        True
    """
    if k == 0:
        raise ValueError("k = 0 cannot be undone by 1/k; choose any other number.")
    changed = deepcopy(model)
    into, out = _around(changed, layer)
    with torch.no_grad():
        into.weight[units] *= k
        into.bias[units] *= k
        out.weight[:, units] /= k
    return changed


def match_units(target: nn.Sequential, model: nn.Sequential) -> nn.Sequential:
    """A copy of the model with its hidden units in the order in which its weights agree best with another's.

    Layer by layer it solves the assignment problem that makes the inner product of the two networks' weights
    largest while all other layers stand still, and starts over until nothing changes.

    Args:
        target, model: two networks of the same widths.

    Raises:
        ValueError: the widths differ, or a weight is not finite.

    Source:
        Ainsworth, Hayase and Srinivasa, "Git Re-Basin: Merging Models modulo Permutation Symmetries", ICLR,
        2023, algorithm 1 (there the layers take their turns in random order).

    Examples:
        >>> from book.training.surface.flat import flat_parameters
        >>> from book.training.models import mlp
        >>> model = mlp(3, 4, 2)
        >>> turned = permute_units(model, 0, torch.tensor([3, 2, 1, 0]))
        >>> torch.equal(flat_parameters(match_units(model, turned)), flat_parameters(model))
        True
    """
    shapes = [[parameter.shape for parameter in network.parameters()] for network in (target, model)]
    if shapes[0] != shapes[1]:
        raise ValueError("Only networks of the same widths can be matched unit by unit.")
    settled = False
    while not settled:
        settled = True
        for layer in range(len(_linears(model)) - 1):
            gain = _similarity(target, model, layer)
            _, columns = linear_sum_assignment(gain.cpu(), maximize=True)
            order = torch.from_numpy(columns)
            if gain[range(len(order)), order].sum() - gain.trace() > TIE * gain.abs().max():
                model, settled = permute_units(model, layer, order), False
    return model


@torch.no_grad()
def _similarity(target: nn.Sequential, model: nn.Sequential, layer: int) -> Tensor:
    """Entry (i, j): what the inner product gains if unit j of the model stands at the target's place i."""
    (into, out), (into2, out2) = _around(target, layer), _around(model, layer)
    ways_in = [torch.cat([linear.weight, linear.bias[:, None]], dim=1).double() for linear in (into, into2)]
    return ways_in[0] @ ways_in[1].T + out.weight.double().T @ out2.weight.double()


def _linears(model: nn.Sequential) -> list[nn.Linear]:
    return [module for module in model if isinstance(module, nn.Linear)]


def _around(model: nn.Sequential, layer: int) -> tuple[nn.Linear, nn.Linear]:
    """The linear layers before and after the units of a hidden layer."""
    linears = _linears(model)
    if not 0 <= layer < len(linears) - 1:
        raise ValueError(f"The model has {len(linears) - 1} hidden layers, counted from 0; got {layer}.")
    return linears[layer], linears[layer + 1]
