"""Hutchinson's probes: what is refused, what is taken."""

import math

import pytest
import traitlets

from book.explorers import Hutchinson

REFUSED = [
    ({"coupling": 1.0}, "The coupling must be from 0 to 0.95; got 1.0"),
    ({"coupling": math.nan}, "got nan"),
    ({"probes": 0}, "The number of probes must be from 1 to 400; got 0"),
    ({"block": 3}, "block is one of 1, 2, 4, 8; got 3"),
    ({"kind": "cauchy"}, "kind is one of signs, normal; got 'cauchy'"),
    ({"seed": -1}, "The seed must be from 0"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        Hutchinson(**options)


def test_what_the_page_sends_is_taken():
    widget = Hutchinson()
    sent = {"coupling": 0.5, "kind": "normal", "block": 8, "probes": 400, "seed": 5}
    widget.set_state(sent)
    assert widget.settings() == sent
