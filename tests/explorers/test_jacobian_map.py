"""Jacobian as a map, the widget: what it refuses, and what a new map does to the point."""

import pytest
import traitlets

from book.explorers import JacobianMap
from book.explorers.jacobian_map.widget import MAPS


@pytest.mark.parametrize(
    "wrong",
    [
        {"map": "none"},
        {"point": (9, 9)},
        {"point": (0,)},
        {"side": 0},
        {"side": float("nan")},
        {"view": "small"},
    ],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(traitlets.TraitError):
        JacobianMap(**wrong)


def test_a_point_outside_is_refused_in_words():
    with pytest.raises(
        traitlets.TraitError, match="outside the picture of polar; choose x₁ from 0 to 3 and x₂"
    ):
        JacobianMap("polar", (1.0, 2.0))


@pytest.mark.parametrize("name", MAPS)
def test_each_map_starts_at_its_own_point(name):
    assert JacobianMap(name).point == MAPS[name]["start"]


def test_a_new_map_keeps_the_point_where_it_can():
    explorer = JacobianMap("swirl", (-1.0, -1.0))
    explorer.map = "square"
    assert explorer.point == [-1.0, -1.0]
    explorer.map = "polar"
    assert explorer.point == MAPS["polar"]["start"]
