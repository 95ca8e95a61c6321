"""The explorer of constraints, the widget: what it refuses, and in which words."""

import pytest
import traitlets

from book.explorers import Constraint


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "none"},
        {"center": (9, 9)},
        {"place": (0,)},
        {"x": (float("nan"), 0)},
        {"angle": 200},
        {"radius": 0},
        {"radius": float("nan")},
    ],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(traitlets.TraitError):
        Constraint(**wrong)


def test_a_point_outside_is_refused_in_words():
    with pytest.raises(
        traitlets.TraitError, match=r"The point x \[3.0, 0.0\] is outside the picture; choose x₁"
    ):
        Constraint(x=(3, 0))
    with pytest.raises(traitlets.TraitError, match=r"The radius must be from 0.4 to 2; got 3.0"):
        Constraint(radius=3)


def test_a_refused_change_leaves_the_state():
    explorer = Constraint("disc")
    with pytest.raises(traitlets.TraitError):
        explorer.angle = 999.0
    assert explorer.angle == 20
