"""One step's widget: what it begins with, and what it refuses."""

import pytest
import traitlets

from book.explorers import OneStep


def test_a_method_that_is_unknown_and_numbers_that_are_none_are_refused():
    for wrong in ({"rule": "Adem"}, {"lr": -1}, {"g": (1, 2)}, {"g": (1, 2, float("nan"))}, {"t": -1}):
        with pytest.raises(traitlets.TraitError):
            OneStep(**wrong)
    assert OneStep("RMSProp").lr == 0.01
