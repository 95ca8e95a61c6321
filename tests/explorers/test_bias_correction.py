"""Bias correction: what is refused, what is taken."""

import math

import pytest
import traitlets

from book.explorers import BiasCorrection

REFUSED = [
    ({"betas": (1.0, 0.9)}, "β₁ must be from 0 to 0.999; got 1.0"),
    ({"betas": (0.9, 1.0)}, "β₂ must be from 0 to 0.9999; got 1.0"),
    ({"betas": (0.9, math.nan)}, "got nan"),
    ({"gradients": "growing"}, "Gradients are constant, noisy, alternating; got 'growing'"),
    ({"t": 0}, "The step t must be from 1 to 30; got 0"),
    ({"seed": -1}, "The seed must be from 0 to 4294967295; got -1"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        BiasCorrection(**options)


def test_what_the_page_sends_is_taken():
    widget = BiasCorrection()
    widget.set_state({"betas": [0, 0.5], "gradients": "noisy", "t": 9, "seed": 1})
    assert widget.settings() == {"betas": (0, 0.5), "gradients": "noisy", "t": 9, "seed": 1}
