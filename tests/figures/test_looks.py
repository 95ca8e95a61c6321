"""Methods are told apart in figures, also by readers who see no difference of hue."""

from itertools import combinations

from matplotlib.markers import MarkerStyle

from book.explorers.shared.tables import SECOND
from book.figures.looks import DASHES, HUES, LOOKS, SHAPES, differences, unused
from book.figures.palette import DARK, LIGHT
from book.optim.methods import METHODS


def test_every_method_has_a_look_and_no_look_is_of_none():
    assert LOOKS.keys() == METHODS.keys() | set(SECOND)


def test_twenty_methods_can_be_told_apart_two_ways():
    every = [*LOOKS.values(), *unused()]
    assert len(every) >= 20
    assert all(differences(a, b) >= 2 for a, b in combinations(every, 2))


def test_without_hue_no_two_looks_are_the_same():
    every = [(look.shape, look.dash) for look in (*LOOKS.values(), *unused())]
    assert len(set(every)) == len(every)


def test_a_look_is_made_of_what_both_themes_and_matplotlib_know():
    assert set(HUES) <= LIGHT.keys() & DARK.keys()
    for look in LOOKS.values():
        assert look.hue in HUES
        assert look.dash in DASHES
        assert MarkerStyle(SHAPES[look.shape]).get_path().vertices.size
        assert look.line["color"] == LIGHT[look.hue]
