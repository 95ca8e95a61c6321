"""Random-walk smoother: what is refused, what is taken."""

import math

import pytest
import traitlets

from book.explorers import Smoother

REFUSED = [
    ({"beta": 1.0}, "β must be from 0 to 0.999; got 1.0"),
    ({"beta": -0.1}, "got -0.1"),
    ({"beta": math.nan}, "got nan"),
    ({"seed": -1}, "The seed must be from 0 to 4294967295; got -1"),
    ({"seed": 2**32}, "got 4294967296"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        Smoother(**options)


def test_what_the_page_sends_is_taken():
    widget = Smoother()
    widget.set_state({"beta": 0, "seed": 5, "corrected": True})
    assert widget.settings() == {"beta": 0, "seed": 5, "corrected": True}
