"""Race: its settings, the library's runs with them against hand-made numbers, and what it refuses."""

import math

import pytest
import torch
import traitlets

from book.explorers import Race
from book.explorers.descent_on_a_surface.widget import RATES as DESCENT_RATES
from book.explorers.race.settings import GROUNDS, settings_on
from book.explorers.shared.tables import RULES, SECOND
from book.surfaces import SURFACES
from tests.cases import each
from tests.explorers.race_paths import race

BOWL = "bowl, κ = 10"


def on(surface: str, *names: str) -> dict:
    return {name: settings_on(surface, name) for name in names}


def test_every_surface_in_two_dimensions_is_offered_the_noisy_one_as_noise():
    flat = {name for name, surface in SURFACES.items() if len(surface.start) == 2 and not surface.noise}
    assert set(GROUNDS) == flat
    assert GROUNDS[BOWL]["noise"] == SURFACES["noisy bowl, κ = 10"].noise
    assert all(ground["rates"]["SGD"] == DESCENT_RATES[name] for name, ground in GROUNDS.items())


def test_every_rule_has_a_rate_on_every_surface():
    assert all(set(ground["rates"]) == set(RULES) for ground in GROUNDS.values())


FIRST_MOVES = {  # from (2, 1) on ½(x² + 10 y²), where g = (2, 10): AdaGrad and Adam move entries by η
    "SGD": (0.3, 1.5),
    "Momentum": (0.04, 0.2),
    "Nesterov": (0.114, 0.57),
    "AdaGrad": (1, 1),
    "RMSProp": (0.05 / 0.1**0.5,) * 2,  # η/√(1−α)
    "AdaDelta": tuple(5 * 1e-3 * g / (0.1 * g * g + 1e-6) ** 0.5 for g in (2, 10)),
    "Adam": (0.2, 0.2),
    "AdamW": (0.204, 0.202),
    "Lion": (0.05, 0.05),
    "Newton": (2, 1),  # to the minimum
    "TrustRegion": tuple(g / 104**0.5 for g in (2, 10)),  # along −g to the edge, 1 away
}
FIRST_MOVES |= dict.fromkeys(("ConjugateGradient", "BFGS", "LBFGS"), FIRST_MOVES["TrustRegion"])


@pytest.mark.long
@pytest.mark.parametrize("name", [*RULES, *SECOND])
def test_the_first_steps_by_hand(name):
    dx, dy = FIRST_MOVES[name]
    path = race(BOWL, (2, 1), on(BOWL, name), False, 0, -1)[name].path
    assert path[1].tolist() == pytest.approx([2 - dx, 1 - dy], abs=1e-8)


@pytest.mark.long
@pytest.mark.parametrize("name", [*RULES, *SECOND])
def test_settings_reach_the_method(name):
    """Every setting changes the path."""
    own = settings_on("Rosenbrock", name)
    path = race("Rosenbrock", (-1.2, 1), {name: own}, False, 0, -1)[name].path
    others = dict.fromkeys(own, 0.5) | {"betas": (0.5, 0.95)}
    others |= {"lr": own["lr"] / 2} if "lr" in own else {}
    for setting in own:
        changed = {name: {**own, setting: others[setting]}}
        other = race("Rosenbrock", (-1.2, 1), changed, False, 0, -1)[name].path
        assert any(not torch.allclose(*points, atol=1e-4) for points in zip(other, path, strict=False)), (
            setting
        )


@pytest.mark.long
def test_all_methods_meet_the_same_noise():
    """With a tiny rate the points stay, so what SGD and Momentum without memory take is the noise itself."""
    methods = {"SGD": {"lr": 1e-6}, "Momentum": {"lr": 1e-6, "momentum": 0.0}}
    runs = race(BOWL, (0, 0), methods, True, 5, -1)
    assert torch.equal(runs["SGD"].path, runs["Momentum"].path)
    steps = runs["SGD"].path.diff(dim=0) / -1e-6
    assert abs(steps.std().item() - GROUNDS[BOWL]["noise"]) < 0.1
    assert not torch.equal(race(BOWL, (0, 0), methods, True, 6, -1)["SGD"].path, runs["SGD"].path)


def test_sgd_reaches_a_loss_when_the_slow_axis_says():
    """On the bowl with η = 0.1 the steep axis is gone at once and ½(2·0.9ᵏ)² ≤ 0.001 first at k = 37."""
    k = next(k for k in range(200) if 2 * 0.81**k <= 0.001)
    assert race(BOWL, (2, 1), {"SGD": {"lr": 0.1}}, False, 0, 0.001)["SGD"].first == k == 37


def test_the_picture_at_first_shows_the_lesson():
    """SGD at nearly the largest rate it can bear needs several times the steps of momentum and Adam."""
    settings = Race().settings()
    settings.pop("steps")
    reached = {name: run.first for name, run in race(**settings).items()}
    assert reached["SGD"] > 2 * max(reached["Momentum"], reached["Adam"])


@pytest.mark.long
@pytest.mark.parametrize("surface", GROUNDS)
def test_the_rates_at_first_suit_the_surface(surface):
    """No method diverges, every loss falls, and two methods or more reach the goal."""
    start, goal = SURFACES[surface].start, GROUNDS[surface]["goal"]
    runs = race(surface, start, on(surface, *RULES, *SECOND), False, 0, goal)
    assert sum(run.first is not None for run in runs.values()) >= 2
    for name, run in runs.items():
        assert run.gone is None, name
        assert run.losses[-1] < run.losses[0], name


def test_what_diverges_is_followed_to_ten_times_the_picture():
    run = race(BOWL, (2, 1), {"SGD": {"lr": 0.25}}, False, 0, 10)["SGD"]
    sizes = run.path.abs().amax(-1) / 2.4
    assert sizes[-1] > 10 >= sizes[:-1].max()
    assert run.gone == len(run.path) - 1


REFUSED = [
    ({"surface": "noisy bowl, κ = 10"}, "expected any of"),
    ({"start": (9, 9)}, "choose x from -2.4 to 2.4 and y from -2.4 to 2.4"),
    ({"methods": []}, "A race needs a method; choose from SGD, Momentum"),
    ({"methods": ["Muon"]}, "Unknown method 'Muon'; choose from SGD, Momentum.*, LBFGS"),
    ({"methods": {"Newton": {"radius": 1}}}, "Newton has no setting 'radius' here; it has lr."),
    ({"methods": {"TrustRegion": {"radius": 0}}}, "radius of TrustRegion must be from 1e-06 to 100; got 0."),
    ({"methods": {"SGD": 0.1}}, 'SGD takes settings as {"lr": 0.1}; got 0.1.'),
    ({"methods": {"SGD": {"momentum": 0.9}}}, "SGD has no setting 'momentum' here; it has lr."),
    ({"methods": {"SGD": {"lr": 0}}}, "The lr of SGD must be from 1e-06 to 100; got 0."),
    ({"methods": {"SGD": {"lr": math.nan}}}, "must be from 1e-06 to 100"),
    ({"methods": {"SGD": {"lr": "fast"}}}, "The lr of .* must be a number; got 'fast'"),
    ({"methods": {"Momentum": {"momentum": 1}}}, "The momentum of Momentum must be from 0 to 0.9999; got 1."),
    ({"methods": {"Adam": {"betas": 0.9}}}, "The betas of Adam are two numbers"),
    ({"methods": {"Adam": {"betas": (0.9, 1.0)}}}, "The betas of Adam must be from 0 to 0.9999"),
    ({"methods": {"AdamW": {"weight_decay": 11}}}, "must be from 0 to 10; got 11"),
    ({"seed": -1}, "should not be less than 0"),
    ({"steps": 201}, "should not be greater than 200"),
    ({"goal": math.nan}, "The goal must be from -1e\\+06 to 1e\\+06"),
]


@each(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        Race(**options)


def test_methods_are_put_in_their_order_and_what_is_left_out_is_filled_in():
    widget = Race("Beale", methods={"Adam": {"betas": [0.5, 0.9]}, "SGD": {}})
    assert list(widget.methods) == ["SGD", "Adam"]
    assert widget.methods["Adam"] == {"lr": 0.2, "betas": (0.5, 0.9)}


def test_another_surface_keeps_the_start_if_it_can():
    widget = Race("Himmelblau", (5, 5))
    widget.surface = "saddle"
    assert widget.start == SURFACES["saddle"].start


def test_what_the_page_sends_is_taken():
    widget = Race("saddle")
    sent = {"surface": "Himmelblau", "start": [4.5, -4.5], "methods": {"Adam": {"lr": 1, "betas": [0, 0.5]}}}
    widget.set_state({**sent, "noise": True, "seed": 3, "steps": 3, "goal": 1})
    assert widget.start == (4.5, -4.5)
    assert widget.methods == {"Adam": {"lr": 1.0, "betas": (0.0, 0.5)}}
