"""A ball in a valley: what is refused, what is taken."""

import math

import pytest
import traitlets

from book.explorers import Valley

REFUSED = [
    ({"start": (3, 0)}, "outside the picture; choose x from -2.35 to 1.75 and y from -0.95 to 0.95"),
    ({"start": (0, math.nan)}, "outside the picture"),
    ({"lr": 0.081}, "The learning rate must be from 0 to 0.08; got 0.081"),
    ({"momentum": 1}, "The momentum must be from 0 to 0.99; got 1"),
    ({"momentum": math.nan}, "The momentum must be from 0 to 0.99; got nan"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        Valley(**options)


def test_what_the_page_sends_is_taken():
    widget = Valley()
    widget.set_state({"start": [1, -0.5], "lr": 0.05, "momentum": 0})
    assert widget.settings() == {"lr": 0.05, "momentum": 0, "start": (1, -0.5)}
