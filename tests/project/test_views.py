"""A prediction is the mean over the views, each made by hand."""

from dataclasses import replace

import torch

from book.project.recipe import SMALL
from book.project.speed_network import speed_network
from book.project.views import predict
from book.training.data.load import load

TINY = replace(SMALL, widths=(4, 4, 4))


def test_the_views_of_a_test_image_are_averaged():
    network, images = speed_network(TINY).eval(), load("cifar10")[1][:20].inputs
    padded = torch.nn.functional.pad(images, (1, 1, 1, 1), mode="reflect")
    still, lower, upper = images, padded[:, :, :32, :32], padded[:, :, 2:, 2:]
    with torch.no_grad():
        both = [network(view) / 2 + network(view.flip(-1)) / 2 for view in (still, lower, upper)]
    views = {kind: predict(network, images, replace(TINY, views=kind)) for kind in ("none", "flip", "shift")}
    torch.testing.assert_close(views["none"], network(images).detach())
    torch.testing.assert_close(views["flip"], both[0])
    torch.testing.assert_close(views["shift"], both[0] / 2 + both[1] / 4 + both[2] / 4)
