"""Secant learning as a widget: its state, what it refuses, and that it learns what the chapter says."""

import pytest
import traitlets

from book.explorers import SecantLearning
from tests.explorers.secant_states import after


def test_it_takes_the_surfaces_own_start():
    assert SecantLearning("Beale").settings() == {"surface": "Beale", "start": (1.0, 1.0), "steps": 0}
    assert SecantLearning("Rosenbrock", (0, 0), 7).settings()["start"] == (0.0, 0.0)


@pytest.mark.parametrize(
    "given",
    [("saddle",), ("cubic",), ("Beale", (9.0, 0.0)), ("Beale", (1.0, 1.0), -1), ("Beale", (1.0, 1.0), 61)],
)
def test_what_it_refuses(given):
    with pytest.raises(traitlets.TraitError):
        SecantLearning(*given)


def test_another_surface_brings_a_start_of_its_own_where_the_old_one_lies_outside():
    explorer = SecantLearning("Himmelblau", (-4.0, -4.0))
    explorer.surface = "Beale"
    assert explorer.start == (1.0, 1.0)


@pytest.mark.parametrize("surface", ["bowl, κ = 10", "bowl, κ = 50, turned by 30°", "Rosenbrock", "Beale"])
def test_at_the_end_the_ellipse_is_the_hessians(surface):
    """To a tenth: BFGS stops learning where it stops walking."""
    last = after(SecantLearning(surface).settings() | {"steps": 60})
    assert last["shares"] == pytest.approx([1, 1], abs=0.1)
