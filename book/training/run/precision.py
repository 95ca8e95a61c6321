"""Reduced precision: what passes through the network is rounded, what is learnt is not."""

import inspect
from collections.abc import Callable

import torch
from torch import Tensor

from book.errors import BookError

PRECISIONS = {"float32": None, "bfloat16": torch.bfloat16, "float16": torch.float16}


class Precision:
    """How a loss is computed and how a step is taken, in one of three precisions.

    float16 ends at 65,504 and at 6e-8, so the loss is scaled up before its gradients are taken; a step whose
    gradients overflow is left out and the scale halved.

    Args:
        name: "float32", "bfloat16" or "float16".
        device: that computes.

    Raises:
        ValueError: there is no such precision.
        BookError: the device does not have it.

    Source:
        Micikevicius et al., "Mixed Precision Training", ICLR 2018.

    Examples:
        >>> precision = Precision("bfloat16", torch.device("cpu"))
        >>> with precision.autocast():
        ...     (torch.ones(1, 2) @ torch.ones(2, 1)).dtype
        torch.bfloat16
    """

    def __init__(self, name: str, device: torch.device):
        if name not in PRECISIONS:
            raise ValueError(f"precision is one of {', '.join(map(repr, PRECISIONS))}; got {name!r}.")
        _check_device(name, device)
        self.name, self.device = name, device
        self.scaler = torch.amp.GradScaler(device.type) if name == "float16" else None
        self.scale = self.scaler.get_scale() if self.scaler else 1.0  # as the host knows it

    def autocast(self) -> torch.autocast:
        """The context in which the network and its loss are computed."""
        dtype = PRECISIONS[self.name]
        return torch.autocast(self.device.type, dtype or torch.bfloat16, enabled=dtype is not None)

    def backward(self, loss: Tensor) -> None:
        """Compute the gradients, of the scaled loss in float16."""
        (loss if self.scaler is None else self.scaler.scale(loss)).backward()

    def step(self, optimizer: torch.optim.Optimizer, closure: Callable[[], Tensor]) -> tuple[Tensor, bool]:
        """Take one step. In float16 the host waits for the device once, to know whether it was taken.

        Args:
            optimizer: over the parameters.
            closure: computes the loss, and its gradients by `backward`.

        Returns:
            The loss before the step, and whether the step was taken.
        """
        if self.scaler is None:
            # pyrefly: ignore[no-matching-overload]  torch's types ask for a float, its methods take a tensor
            return optimizer.step(closure), True
        loss, taken = closure(), []
        note = optimizer.register_step_post_hook(lambda *_: taken.append(True))
        self.scaler.step(optimizer)
        note.remove()
        self.scaler.update()
        before, self.scale = self.scale, self.scaler.get_scale() if _on_the_device(optimizer) else self.scale
        return loss, bool(taken) and self.scale >= before

    def load_state_dict(self, state: dict) -> None:
        """Go on with the scale of a state, which `scaler.state_dict()` gave."""
        if self.scaler is not None:
            self.scaler.load_state_dict(state)
            self.scale = state["scale"]

    def check(self, optimizer: torch.optim.Optimizer) -> None:
        """Refuse float16 for an optimizer that computes or differentiates the loss: a scaled one misleads it.

        Raises:
            BookError: it is one.
        """
        closure = inspect.signature(optimizer.step).parameters.get("closure")
        asks = closure is not None and closure.default is closure.empty
        if self.scaler is not None and (asks or hasattr(optimizer, "curved")):
            raise BookError(
                f"{type(optimizer).__name__} computes the loss several times in a step, or differentiates it "
                'twice, which float16 with its scaling does not allow. Use precision="bfloat16" or "float32".'
            )


def _on_the_device(optimizer: torch.optim.Optimizer) -> bool:
    """Whether the optimizer is always called, and leaves a step out by itself without telling the host."""
    return any(group.get("fused") for group in optimizer.param_groups)


def _check_device(name: str, device: torch.device) -> None:
    if name != "float32" and not torch.amp.is_autocast_available(device.type):
        raise BookError(f'There is no {name} on the device {device}. Use precision="float32".')
    native = device.type != "cuda" or torch.cuda.is_bf16_supported(including_emulation=False)
    if name == "bfloat16" and not native:
        raise BookError(
            f"{torch.cuda.get_device_name(device)} computes bfloat16 only by way of float32, slowly. "
            'Use precision="float16".'
        )
