"""Trust region: what it offers, what it refuses, what brings what along."""

import math

import pytest
import traitlets

from book.explorers import TrustRegionExplorer
from book.explorers.trust_region.widget import RADII
from book.surfaces import SURFACES

REFUSED = [
    ({"surface": "cubic"}, "expected any of"),
    ({"start": (9, 9)}, "choose x from -2 to 2 and y from -1 to 3"),
    ({"start": (math.nan, 0)}, "is outside the picture"),
    ({"radius": 0}, "must be from 0.01 to 8; got 0"),
    ({"radius": math.nan}, "must be from 0.01 to 8"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        TrustRegionExplorer(**options)


def test_each_surface_has_a_radius_of_its_own():
    for name, radius in RADII.items():
        widget = TrustRegionExplorer(name)
        assert (widget.start, widget.radius) == (SURFACES[name].start, radius)


def test_another_surface_keeps_the_point_if_it_can():
    widget = TrustRegionExplorer("Himmelblau", (5, 5))
    widget.surface = "saddle"
    assert widget.start == SURFACES["saddle"].start
    widget.set_state({"surface": "Himmelblau", "start": [4.5, -4.5], "radius": 2})
    assert widget.settings() == {"surface": "Himmelblau", "start": (4.5, -4.5), "radius": 2}
