"""Natural step: what is refused, what is taken."""

import math

import pytest
import traitlets

from book.explorers import NaturalStep

REFUSED = [
    ({"parameters": "variance"}, "parameters"),
    ({"model": (3.5, 1)}, "outside the picture; choose μ from -3 to 3 and σ from 0.6 to 2.6"),
    ({"model": (0, 0)}, "outside the picture"),
    ({"model": (math.nan, 1)}, "outside the picture"),
    ({"divergence": 0.3}, "The divergence δ must be from 0.001 to 0.2; got 0.3"),
    ({"divergence": math.nan}, "The divergence δ must be from 0.001 to 0.2; got nan"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        NaturalStep(**options)


def test_what_the_page_sends_is_taken():
    widget = NaturalStep()
    widget.set_state({"parameters": "precision", "model": [1, 2], "divergence": 0.1})
    assert widget.settings() == {"parameters": "precision", "model": (1, 2), "divergence": 0.1}
