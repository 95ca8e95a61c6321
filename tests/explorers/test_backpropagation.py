"""Backpropagation, the widget: what it refuses."""

import pytest
import traitlets

from book.explorers import Backpropagation
from book.explorers.backpropagation.widget import LAST, LIMIT


@pytest.mark.parametrize(
    "wrong",
    [{"x": LIMIT + 1}, {"x": -101}, {"y": float("nan")}, {"y": 1e9}, {"moment": LAST + 1}, {"moment": -1}],
)
def test_what_cannot_be_drawn_is_refused(wrong):
    with pytest.raises(traitlets.TraitError):
        Backpropagation(**wrong)
