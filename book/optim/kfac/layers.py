"""The layers that K-FAC knows, and what goes into and comes back to the weights of each."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from book.numerics.arguments import check_device, check_materialized
from book.optim.flat import share_places
from book.optim.ranges import one_of

LAYERS = (nn.Linear, nn.Conv2d)
NORMALISATIONS = (
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.BatchNorm3d,
    nn.SyncBatchNorm,
    nn.GroupNorm,
    nn.LayerNorm,
    nn.RMSNorm,
    nn.InstanceNorm1d,
    nn.InstanceNorm2d,
    nn.InstanceNorm3d,
)


def sorted_layers(
    model: nn.Module, unknown: str = "error"
) -> tuple[dict[str, nn.Module], list[nn.Parameter]]:
    """The layers of a model with a Kronecker product each, and the parameters that have none.

    Parameters of normalisations have none; so have those of other modules, if `unknown` allows it. Frozen
    parameters are in neither.

    Args:
        model: any module.
        unknown: "error" refuses a module that K-FAC does not know; "gradient" lists its parameters.

    Returns:
        The layers by name, and a list of parameters.

    Raises:
        TypeError: the model is no module.
        ValueError: a parameter belongs to two modules, shares memory with another, has no entries, or belongs
            to a module that K-FAC does not know; or none is left.

    Examples:
        >>> layers, rest = sorted_layers(nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)))
        >>> list(layers), [tuple(parameter.shape) for parameter in rest]
        (['0'], [(3,), (3,)])
    """
    one_of("unknown", unknown, ("error", "gradient"))
    if not isinstance(model, nn.Module):
        raise TypeError(
            "K-FAC takes the model itself, an nn.Module whose layers it can look into; got "
            f"{type(model).__name__}."
        )
    _refuse_tied(model)
    layers, rest, strange = {}, [], []
    for name, module in model.named_modules():
        own = trained(module)
        if own and is_known(module):
            check_device(module.get_parameter("weight").device, "K-FAC")
            _refuse_empty(name, module)
            layers[name] = module
        elif own:
            rest += own
            if not isinstance(module, NORMALISATIONS):
                strange.append(f"{name or 'the model'} ({type(module).__name__})")
    if strange and unknown == "error":
        raise ValueError(
            f"K-FAC knows Linear and Conv2d without groups; it does not know {', '.join(strange)}. Freeze "
            'these parameters, or give unknown="gradient", which moves them along the plain gradient.'
        )
    if not layers:
        raise ValueError("The model has no Linear or Conv2d that is trained, so there is nothing for K-FAC.")
    return layers, rest


def called(name: str) -> str:
    """What a message calls a module of this name.

    Examples:
        >>> called("features.0"), called("")
        ('layer features.0', 'the model')
    """
    return f"layer {name}" if name else "the model"


def is_known(module: nn.Module) -> bool:
    """Whether a module is a linear or a convolution layer, computed as torch computes it.

    Examples:
        >>> is_known(nn.Linear(2, 3)), is_known(nn.Conv2d(4, 4, 1, groups=2)), is_known(nn.Embedding(2, 3))
        (True, False, False)
    """
    plain = any(isinstance(module, kind) and type(module).forward is kind.forward for kind in LAYERS)
    names = {name for name, _ in module.named_parameters(recurse=False)}
    whole = not isinstance(module, nn.Conv2d) or module.groups == 1
    return plain and whole and names <= {"weight", "bias"} and "weight" in names


def trained(module: nn.Module) -> list[nn.Parameter]:
    """The module's own parameters that are not frozen.

    Examples:
        >>> [tuple(parameter.shape) for parameter in trained(nn.Linear(2, 3))]
        [(3, 2), (3,)]
    """
    return [parameter for parameter in module.parameters(recurse=False) if parameter.requires_grad]


def has_gradient(name: str, layer: nn.Module) -> bool:
    """Whether a layer's trained parameters have gradients.

    Raises:
        RuntimeError: some have and some have not.

    Examples:
        >>> has_gradient("head", nn.Linear(2, 3))
        False
    """
    found = {parameter.grad is not None for parameter in trained(layer)}
    if len(found) == 2:
        raise RuntimeError(
            f"One parameter of {called(name)} has a gradient and another has none; K-FAC moves both "
            "together. Freeze one with requires_grad_(False) and build the optimizer anew."
        )
    return True in found


def inputs_of(layer: nn.Module, x: Tensor, approximation: str = "expand") -> Tensor:
    """What the layer's weights are multiplied by: one row an example, or an example's place.

    A convolution sees patches. The bias is a weight of an input that is always 1, the last entry.

    Args:
        layer: one that is known.
        x: what goes into the layer, the batch first.
        approximation: "expand" takes each place as a row, "reduce" an example's mean over its places.

    Returns:
        Shape (N · places, inputs + 1) or (N, inputs + 1); without the last column where there is no bias.

    Examples:
        >>> inputs_of(nn.Linear(2, 3), torch.tensor([[5.0, 6.0]]))
        tensor([[5., 6., 1.]])
    """
    places = _patches(layer, x) if isinstance(layer, nn.Conv2d) else x.reshape(len(x), -1, x.shape[-1])
    parts = [places] if layer.weight.requires_grad else []
    if layer.bias is not None and layer.bias.requires_grad:
        parts.append(torch.ones_like(places[..., :1]))
    places = torch.cat(parts, dim=-1)
    return places.mean(dim=1) if approximation == "reduce" else places.flatten(end_dim=1)


def slopes_of(layer: nn.Module, g: Tensor, approximation: str = "expand") -> Tensor:
    """The gradient at a layer's outputs: one row an example, or an example's place.

    Args:
        layer: one that is known.
        g: of the shape of the layer's output, the batch first.
        approximation: "expand" takes each place as a row, "reduce" an example's sum over its places.

    Returns:
        Shape (N · places, outputs) or (N, outputs).

    Examples:
        >>> slopes_of(nn.Conv2d(1, 2, 3), torch.ones(1, 2, 4, 4), "reduce")
        tensor([[16., 16.]])
    """
    g = g.movedim(1, -1) if isinstance(layer, nn.Conv2d) else g
    places = g.reshape(len(g), -1, g.shape[-1])
    return places.sum(dim=1) if approximation == "reduce" else places.flatten(end_dim=1)


def as_matrix(layer: nn.Module, tensors: Mapping[Tensor, Tensor]) -> Tensor:
    """A weight's tensor and its bias's as one matrix, in the order of `inputs_of`.

    Args:
        layer: one that is known.
        tensors: for each trained parameter one of its shape.

    Returns:
        Shape (outputs, inputs + 1), or without the last column.

    Examples:
        >>> layer = nn.Linear(2, 1)
        >>> as_matrix(layer, {layer.weight: torch.tensor([[1.0, 2.0]]), layer.bias: torch.tensor([3.0])})
        tensor([[1., 2., 3.]])
    """
    return torch.cat([tensors[parameter].reshape(len(parameter), -1) for parameter in trained(layer)], dim=1)


def as_tensors(layer: nn.Module, matrix: Tensor) -> dict[Tensor, Tensor]:
    """The way back from `as_matrix`.

    Examples:
        >>> layer = nn.Linear(2, 1)
        >>> as_tensors(layer, torch.tensor([[1.0, 2.0, 3.0]]))[layer.bias]
        tensor([3.])
    """
    own = trained(layer)
    parts = matrix.split([parameter[0].numel() for parameter in own], dim=1)
    return {parameter: part.reshape(parameter.shape) for parameter, part in zip(own, parts, strict=True)}


def _patches(layer: nn.Conv2d, x: Tensor) -> Tensor:
    """What each place of a convolution's output sees, shape (N, places, inputs · kernel)."""
    mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
    x = nn.functional.pad(x, _padding(layer), mode=mode)
    return nn.functional.unfold(x, layer.kernel_size, dilation=layer.dilation, stride=layer.stride).movedim(
        1, -1
    )


def _padding(layer: nn.Conv2d) -> list[int]:
    """Left, right, top and bottom, as `pad` takes them; "same" gives an odd one to the end."""
    if layer.padding == "valid":
        return [0, 0, 0, 0]
    if layer.padding == "same":
        totals = [d * (k - 1) for d, k in zip(layer.dilation, layer.kernel_size, strict=True)]
        return [side for total in reversed(totals) for side in (total // 2, total - total // 2)]
    return [int(side) for side in reversed(layer.padding) for _ in range(2)]


def _refuse_empty(name: str, layer: nn.Module) -> None:
    weight = layer.get_parameter("weight")
    if not weight.numel():
        raise ValueError(
            f"In {called(name)} the weight has shape {tuple(weight.shape)}, so there is nothing for "
            "K-FAC to invert; take the layer out, or freeze it."
        )


def _refuse_tied(model: nn.Module) -> None:
    seen: dict[nn.Parameter, str] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        check_materialized(parameter, "K-FAC")
        if parameter in seen:
            raise ValueError(
                f"{seen[parameter]} and {name} are one tensor. K-FAC's product holds for a weight with one "
                "use; untie the two, or train them with another optimizer."
            )
        seen[parameter] = name
    if share_places(seen):
        raise ValueError(
            "Two parameters of the model are views of one tensor. K-FAC's product holds for a weight with "
            "one use; clone() the views, or train with another optimizer."
        )
