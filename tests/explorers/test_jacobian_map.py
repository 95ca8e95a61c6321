"""The numbers of *Jacobian as a map* against what is known on paper, and the widget's refusals."""

import math

import pytest
import traitlets

from book.explorers import JacobianMap
from book.explorers.jacobian_map.widget import MAPS, readout


@pytest.mark.parametrize("r", [0.3, 1.0, 2.5])
def test_polar_has_the_determinant_r_and_the_stretches_1_and_r(r):
    shown = readout("polar", (r, 0.7), 0.1)
    assert shown["det"] == pytest.approx(r)
    assert [shown["shortest"], shown["longest"]] == pytest.approx(sorted([1, r]))
    assert shown["jacobian"] == [
        pytest.approx(row)
        for row in ([math.cos(0.7), -r * math.sin(0.7)], [math.sin(0.7), r * math.cos(0.7)])
    ]


def test_the_complex_square_stretches_alike_in_all_directions_by_twice_the_modulus():
    shown = readout("square", (0.8, -0.6), 0.05)
    assert [shown["longest"], shown["shortest"]] == pytest.approx([2.0, 2.0])
    assert shown["gap"] == pytest.approx(0.05**2 / 2)  # |h|² for the corner h of the square


@pytest.mark.parametrize("name", ["swirl", "shear"])
def test_these_maps_keep_areas(name):
    shown = readout(name, (0.7, -1.1), 0.2)
    assert shown["det"] == pytest.approx(1)
    assert shown["area"] == pytest.approx(1, rel=1e-3)


def test_the_pleat_turns_over_inside_its_parabola():
    assert readout("pleat", (0.9, 0.1), 0.05)["story"] == "mirrored"
    assert readout("pleat", (0.75, 0.5), 0.05)["story"] == "lost"
    assert readout("pleat", (-0.5, 0.5), 0.05)["story"] == "close"


@pytest.mark.parametrize("name", MAPS)
def test_the_distance_falls_as_the_square_of_the_side(name):
    shown = readout(name, MAPS[name].start, 0.02)
    assert shown["gap"] / shown["half"] == pytest.approx(4, rel=0.02)


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


def test_a_new_map_keeps_the_point_where_it_can():
    explorer = JacobianMap("swirl", (-1.0, -1.0))
    explorer.map = "square"
    assert explorer.point == [-1.0, -1.0]
    explorer.map = "polar"
    assert explorer.point == list(MAPS["polar"].start)
