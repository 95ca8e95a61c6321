"""Descent on a surface: what it offers, what it refuses, what brings what along."""

import math

import pytest
import traitlets

from book.explorers import DescentOnASurface
from book.explorers.descent_on_a_surface.widget import RATES
from book.surfaces import SURFACES
from tests.cases import each


def test_every_surface_in_two_dimensions_is_offered():
    assert set(RATES) == {name for name, surface in SURFACES.items() if len(surface.start) == 2}


REFUSED = [
    ({"surface": "bowl"}, "expected any of"),
    ({"surface": "cubic"}, "expected any of"),
    ({"start": (9, 9)}, "choose x from -2.4 to 2.4 and y from -2.4 to 2.4"),
    ({"start": (1,)}, "requires 2 elements"),
    ({"start": (math.nan, 0)}, "is outside the picture"),
    ({"lr": 0}, "must be from 1e-06 to 100; got 0"),
    ({"lr": math.nan}, "must be from 1e-06 to 100"),
    ({"steps": 201}, "should not be greater than 200"),
    ({"steps": -1}, "should not be less than 0"),
]


@each(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        DescentOnASurface(**options)


def test_another_surface_keeps_the_start_if_it_can():
    widget = DescentOnASurface("Himmelblau", (5, 5))
    widget.surface = "saddle"
    assert widget.start == SURFACES["saddle"].start
    widget.start = (1, 1)
    widget.surface = "Beale"
    assert widget.start == (1, 1)


def test_what_the_page_sends_is_taken():
    """A message sets several traits at once, some of which fit only each other; a start comes as a list."""
    widget = DescentOnASurface("saddle")
    widget.set_state({"surface": "Himmelblau", "start": [4.5, -4.5], "lr": 0.01, "steps": 3})
    assert widget.settings() == {"surface": "Himmelblau", "start": (4.5, -4.5), "lr": 0.01, "steps": 3}
