"""Lookahead with a growing memory: the parameters are set back to their moving average, again and again."""

import torch
from torch import nn


class Lookahead:
    """a ← ρ a + (1 − ρ) x,  x ← a,  over all parameters and running statistics x of a network.

    Args:
        network: whose tensors are averaged and set.

    Source:
        Zhang, Lucas, Hinton and Ba, "Lookahead Optimizer: k steps forward, 1 step back", NeurIPS 2019; with a
        growing ρ: Balsam, hlb-CIFAR10, 2023.

    Examples:
        >>> layer = nn.Linear(1, 1, bias=False)
        >>> _ = nn.init.constant_(layer.weight, 1.0)
        >>> lookahead = Lookahead(layer)
        >>> _ = nn.init.constant_(layer.weight, 5.0)
        >>> lookahead.step(0.75)
        >>> layer.weight.item()
        2.0
    """

    def __init__(self, network: nn.Module):
        self.tensors = [x for x in network.state_dict().values() if x.is_floating_point()]
        self.averages = [x.clone() for x in self.tensors]

    @torch.no_grad()
    def step(self, decay: float) -> None:
        """Average, and set the network to the average.

        Args:
            decay: ρ, from 0 (the average jumps to the network) to 1 (the network jumps to the average).
        """
        for average, tensor in zip(self.averages, self.tensors, strict=True):
            average.lerp_(tensor, 1 - decay)
            tensor.copy_(average)


def lookahead_decay(share: float) -> float:
    """ρ = 0.95⁵ s³: hardly any memory at first, so that training moves fast, and a long one at the end.

    Args:
        share: s, of the steps that are done, from 0 to 1.

    Examples:
        >>> round(lookahead_decay(0.5), 4), round(lookahead_decay(1.0), 4)
        (0.0967, 0.7738)
    """
    return 0.95**5 * share**3
