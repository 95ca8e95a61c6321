"""Slowness: what is refused, what is taken, and which bytes it hands on."""

import base64

import numpy as np
import pytest
import torch
import traitlets

from book.explorers import Slowness
from tests.explorers.invented_picture import noisy_picture

REFUSED = [
    (noisy_picture().double(), "uint8, of shape (3, 32, 32); got (torch.float64, (3, 32, 32))."),
    (noisy_picture()[:1], "uint8, of shape (3, 32, 32); got (torch.uint8, (1, 32, 32))."),
    (noisy_picture().numpy(), "The picture is a tensor, uint8, of shape (3, 32, 32); got ndarray."),
]


@pytest.mark.parametrize(("picture", "sentence"), REFUSED)
def test_another_picture_is_refused_in_words(picture, sentence):
    with pytest.raises(traitlets.TraitError) as refused:
        Slowness(picture)
    assert str(refused.value).endswith(sentence)


@pytest.mark.parametrize("steps", [-1, 301])
def test_steps_out_of_range_are_refused_in_words(steps):
    with pytest.raises(traitlets.TraitError, match=f"The steps must be from 0 to 300; got {steps}"):
        Slowness(noisy_picture(), steps)


def test_what_the_page_sends_is_taken():
    widget = Slowness(noisy_picture())
    widget.set_state({"steps": 300})
    assert widget.settings() == {"steps": 300}


def test_the_bytes_are_the_pictures_channel_by_channel():
    picture = noisy_picture().transpose(1, 2)  # as memory has it, another one
    sent = np.frombuffer(base64.b64decode(Slowness(picture).pixels), np.uint8)
    assert torch.equal(torch.from_numpy(sent.copy()).view(3, 32, 32), picture)
