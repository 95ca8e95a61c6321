"""Taylor: what is refused, what brings what along, what is taken."""

import math

import pytest
import traitlets

from book.explorers import Taylor

REFUSED = [
    ({"curve": "tangent"}, "expected any of"),
    ({"x": 3}, "choose x from -2.6 to 2.6"),
    ({"x": math.nan}, "is outside the picture"),
    ({"step": 6}, "choose one from -5.2 to 5.2"),
    ({"lr": -1}, "must be from 0 to 1000, or None; got -1"),
    ({"lr": math.nan}, "must be from 0 to 1000"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        Taylor(**options)


def test_another_curve_keeps_the_point_if_it_can():
    widget = Taylor("sine", 5, 4)
    widget.curve = "fourth power"
    assert (widget.x, widget.step) == (1, -0.5)
    widget.curve = "cubic"
    assert (widget.x, widget.step) == (1, -0.5)


def test_what_the_page_sends_is_taken():
    widget = Taylor("fourth power")
    widget.set_state({"curve": "sine", "x": 5, "step": -8, "lr": None})
    assert widget.settings() == {"curve": "sine", "x": 5, "step": -8, "lr": None}
