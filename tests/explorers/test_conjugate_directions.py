"""Conjugate directions: what is refused, what is taken."""

import math

import pytest
import traitlets

from book.explorers import ConjugateDirections

REFUSED = [
    ({"start": (3.5, 0)}, "outside the picture; choose x from -3 to 3 and y from -3 to 3"),
    ({"start": (0, math.nan)}, "outside the picture"),
    ({"angle": 181}, "The angle in degrees must be from -180 to 180; got 181"),
    ({"lengths": (2, 0.1)}, "Half an axis must be from 0.2 to 2.9; got 0.1"),
    ({"lengths": (math.inf, 1)}, "Half an axis must be from 0.2 to 2.9; got inf"),
    ({"steps": 41}, "The number of steps must be from 0 to 40; got 41"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        ConjugateDirections(**options)


def test_what_the_page_sends_is_taken():
    widget = ConjugateDirections()
    widget.set_state({"start": [1, -2], "angle": 90, "lengths": [0.5, 2], "steps": 3})
    assert widget.settings() == {"start": (1, -2), "angle": 90, "lengths": (0.5, 2), "steps": 3}
