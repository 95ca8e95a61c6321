"""Momentum phase diagram: what is refused, what is taken."""

import math

import pytest
import traitlets

from book.explorers import MomentumPhases

REFUSED = [
    ({"lr": -0.1}, "The learning rate times the curvature must be from 0 to 4.4; got -0.1"),
    ({"lr": 5}, "must be from 0 to 4.4; got 5"),
    ({"momentum": 2}, "The momentum must be from 0 to 1.1; got 2"),
    ({"momentum": math.nan}, "got nan"),
    ({"kappa": 0.5}, "The condition number must be from 1 to 100; got 0.5"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        MomentumPhases(**options)


def test_what_the_page_sends_is_taken():
    widget = MomentumPhases()
    widget.set_state({"lr": 2, "momentum": 0, "kappa": 9})
    assert widget.settings() == {"lr": 2, "momentum": 0, "kappa": 9}
