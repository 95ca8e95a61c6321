"""A recipe refuses what it does not know; what each trick changes is in `test_speedrun.py`."""

from dataclasses import replace

import pytest

from book.project.recipe import FULL


@pytest.mark.parametrize("field", ["flip", "views", "precision"])
def test_an_unknown_setting_is_refused(field):
    with pytest.raises(ValueError, match=f"{field} is one of"):
        replace(FULL, **{field: "sideways"})
