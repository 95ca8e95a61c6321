"""Descent on a surface: its readout against hand-made numbers, its noise, and what it refuses."""

import math
import statistics
from itertools import islice

import pytest
import torch
import traitlets

from book.explorers import DescentOnASurface
from book.explorers.descent_on_a_surface.widget import RATES, noisy_path, readout
from book.explorers.shared.noise import normals
from book.optim import descend
from book.surfaces import SURFACES


def test_every_surface_in_two_dimensions_is_offered():
    assert set(RATES) == {name for name, surface in SURFACES.items() if len(surface.start) == 2}


def test_one_step_on_a_bowl_by_hand():
    """At (2, 1) on ½(x² + 10 y²): g = (2, 10), gᵀg = 104, gᵀHg = 1004."""
    shown = readout("bowl, κ = 10", (2, 1), lr=0.1, steps=0)
    assert shown["gradient"] == [2, 10]
    assert shown["best_rate"] == pytest.approx(104 / 1004)
    assert shown["linear"] == pytest.approx(10.4)
    assert shown["quadratic"] == pytest.approx(10.4 - 0.005 * 1004)
    assert shown["real"] == pytest.approx(7 - 1.8**2 / 2)
    assert shown["eigenvalues"] == pytest.approx([1, 10])


STORIES = [
    ("bowl, κ = 10", (2, 1), 0.15, 200, "minimum"),
    ("saddle", (1.5, 0), 0.25, 200, "saddle"),
    ("Himmelblau", (-0.27084459, -0.92303856), 0.01, 0, "maximum"),
    ("monkey saddle", (0, 0), 0.1, 3, "undecided"),
    ("plateau", (4, 4), 0.5, 10, "undecided"),
    ("saddle", (1.5, 0.01), 0.1, 60, "left"),
    ("bowl, κ = 10", (2, 1), 0.25, 0, "up"),
    ("bowl, κ = 10", (2, 1), 0.15, 0, "over"),
    ("bowl, κ = 10", (2, 1), 0.05, 0, "short"),
    ("saddle", (0.1, 1), 0.1, 0, "bends down"),
    ("noisy bowl, κ = 10", (0.5, 0.1), 0.1, 6, "uphill"),
]


@pytest.mark.parametrize(("surface", "start", "lr", "steps", "story"), STORIES)
def test_the_story_names_what_happens(surface, start, lr, steps, story):
    assert readout(surface, start, lr, steps)["story"] == story


def test_a_path_that_diverges_is_followed_to_ten_times_the_picture():
    shown = readout("bowl, κ = 10", (2, 1), lr=0.25, steps=200)
    sizes = [max(map(abs, point)) / 2.4 for point in shown["path"]]
    assert sizes[-1] > 10 >= max(sizes[:-1])
    assert sizes[shown["left"]] > 1 >= max(sizes[: shown["left"]])


def test_without_noise_the_path_is_that_of_descend():
    for name, surface in SURFACES.items():
        if not surface.noise:
            plain = descend(surface, surface.at_start(), 0.01, 20)
            assert torch.equal(noisy_path(surface, surface.start, 0.01, 20), plain), name


def test_the_noise_is_normal_and_its_seed_counts():
    draws = list(islice(normals(7), 20000))
    kurtosis = statistics.mean(x**4 for x in draws)
    assert abs(statistics.mean(draws)) < 0.03
    assert abs(statistics.variance(draws) - 1) < 0.03
    assert abs(kurtosis - 2.9) < 0.15  # of the sum of twelve uniform numbers: 3 − 6/(5·12)
    assert abs(statistics.correlation(draws[:-1], draws[1:])) < 0.03
    assert list(islice(normals(8), 3)) != draws[:3]


def test_noise_keeps_descent_away_from_the_minimum():
    path = noisy_path(SURFACES["noisy bowl, κ = 10"], (2.0, 1.0), 0.1, 200)[100:]
    assert 0.05 < path.square().sum(-1).sqrt().mean() < 1


REFUSED = [
    ({"surface": "bowl"}, "expected any of"),
    ({"surface": "cubic"}, "expected any of"),
    ({"start": (9, 9)}, "choose x from -2.4 to 2.4 and y from -2.4 to 2.4"),
    ({"start": (1,)}, "requires 2 elements"),
    ({"start": (math.nan, 0)}, "is outside the picture"),
    ({"lr": 0}, "must be from 1e-06 to 100; got 0"),
    ({"lr": math.nan}, "must be from 1e-06 to 100"),
    ({"steps": 201}, "should not be greater than 200"),
    ({"steps": -1}, "should not be less than 0"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        DescentOnASurface(**options)


def test_another_surface_keeps_the_start_if_it_can():
    widget = DescentOnASurface("Himmelblau", (5, 5))
    widget.surface = "saddle"
    assert widget.start == SURFACES["saddle"].start
    widget.start = (1, 1)
    widget.surface = "Beale"
    assert widget.start == (1, 1)


def test_what_the_page_sends_is_taken():
    """A message sets several traits at once, some of which fit only each other; a start comes as a list."""
    widget = DescentOnASurface("saddle")
    widget.set_state({"surface": "Himmelblau", "start": [4.5, -4.5], "lr": 0.01, "steps": 3})
    assert widget.settings() == {"surface": "Himmelblau", "start": (4.5, -4.5), "lr": 0.01, "steps": 3}
