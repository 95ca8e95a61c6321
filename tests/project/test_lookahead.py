"""Lookahead's average, written by hand."""

import torch

from book.project.lookahead import Lookahead


def test_lookahead_is_the_average_written_by_hand():
    network = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    lookahead, average = Lookahead(network), [x.clone() for x in network.state_dict().values()]
    for decay in (0.1, 0.7, 1.0):
        with torch.no_grad():
            for x in network.state_dict().values():
                x.add_(1 if x.dtype == torch.int64 else torch.rand_like(x))
        now = [x.clone() for x in network.state_dict().values()]
        lookahead.step(decay)
        average = [decay * a + (1 - decay) * x for a, x in zip(average, now, strict=True)]
        for x, a, before in zip(network.state_dict().values(), average, now, strict=True):
            torch.testing.assert_close(x, before if x.dtype == torch.int64 else a)
