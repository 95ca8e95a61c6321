"""Race: its readout against hand-made numbers and other sources, its numbers as text, and what it refuses."""

import math

import pytest
import torch
import traitlets

from book.explorers import Race
from book.explorers.descent_on_a_surface.widget import RATES as DESCENT_RATES
from book.explorers.race.readout import GOALS, METHODS, NOISE, OWN, RATES, race, readout, settings_on
from book.explorers.shared.figures import plain, tidy
from book.surfaces import SURFACES

BOWL = "bowl, κ = 10"


def on(surface: str, *names: str) -> dict:
    return {name: settings_on(surface, name) for name in names}


def test_every_surface_in_two_dimensions_is_offered_the_noisy_one_as_noise():
    flat = {name for name, surface in SURFACES.items() if len(surface.start) == 2 and not surface.noise}
    assert set(RATES) == set(GOALS) == set(NOISE) == flat
    assert NOISE[BOWL] == SURFACES["noisy bowl, κ = 10"].noise
    assert all(RATES[name][0] == DESCENT_RATES[name] for name in RATES)


def test_the_first_steps_by_hand():
    """At (2, 1) on ½(x² + 10 y²), g = (2, 10): AdaGrad and Adam move entries by η, RMSProp by η/√(1−α)."""
    moves = {"SGD": (0.3, 1.5), "Momentum": (0.04, 0.2), "Nesterov": (0.114, 0.57), "AdaGrad": (1, 1)}
    moves |= {"RMSProp": (0.05 / 0.1**0.5,) * 2, "Adam": (0.2, 0.2), "AdamW": (0.204, 0.202)}
    moves["AdaDelta"] = tuple(5 * 1e-3 * g / (0.1 * g * g + 1e-6) ** 0.5 for g in (2, 10))
    paths = race(BOWL, (2, 1), on(BOWL, *METHODS), False, 0)
    for name, (dx, dy) in moves.items():
        assert paths[name][1].tolist() == pytest.approx([2 - dx, 1 - dy], abs=1e-8), name


@pytest.mark.parametrize("name", METHODS)
def test_settings_reach_the_method(name):
    """Every setting changes the path."""
    own = settings_on("Rosenbrock", name)
    path = race("Rosenbrock", (-1.2, 1), {name: own}, False, 0)[name]
    others = {"lr": own["lr"] / 2, "betas": (0.5, 0.99)} | dict.fromkeys(OWN[name].keys() - {"betas"}, 0.5)
    for setting in own:
        other = race("Rosenbrock", (-1.2, 1), {name: {**own, setting: others[setting]}}, False, 0)[name]
        assert (other[5] - path[5]).abs().max() > 1e-4, setting


def test_all_methods_meet_the_same_noise():
    """With a tiny rate the points stay, so what SGD and Momentum without memory take is the noise itself."""
    methods = {"SGD": {"lr": 1e-6}, "Momentum": {"lr": 1e-6, "momentum": 0.0}}
    paths = race(BOWL, (0, 0), methods, True, 5)
    assert torch.equal(paths["SGD"], paths["Momentum"])
    steps = paths["SGD"].diff(dim=0) / -1e-6
    assert abs(steps.std().item() - NOISE[BOWL]) < 0.1
    assert not torch.equal(race(BOWL, (0, 0), methods, True, 6)["SGD"], paths["SGD"])


def test_a_start_on_the_minimum_stays_there_and_has_reached_the_goal():
    shown = readout(BOWL, (0, 0), on(BOWL, *METHODS), False, 0, 200, 0.001)
    for name in METHODS:
        assert [shown[f"{part}_{name}"] for part in ("loss", "distance", "reached")] == [
            "<10^-9",
            "<10^-9",
            "0",
        ]


def test_the_distance_is_to_the_nearest_minimum():
    shown = readout("Himmelblau", (3.5, -1.0), on("Himmelblau", "SGD"), False, 0, 0, 0.01)
    assert shown["distance_SGD"] == tidy(math.hypot(3.5 - 3.584428340330492, -1 + 1.848126526964404), 3)
    assert readout("saddle", (1, 1), on("saddle", "SGD"), False, 0, 0, -1)["distance_SGD"] == "–"


def test_sgd_reaches_a_loss_when_the_slow_axis_says():
    """On the bowl with η = 0.1 the steep axis is gone at once and ½(2·0.9ᵏ)² ≤ 0.001 first at k = 37."""
    k = next(k for k in range(200) if 2 * 0.81**k <= 0.001)
    shown = readout(BOWL, (2, 1), {"SGD": {"lr": 0.1}}, False, 0, 10, 0.001)
    assert shown["reached_SGD"] == str(k)
    assert shown["story"] == f"After 10 steps SGD is at 0.243. At 0.001: SGD, in {k} steps."


def test_the_picture_at_first_shows_the_lesson():
    """SGD at nearly the largest rate it can bear needs several times the steps of momentum and Adam."""
    reached = {
        name: int(readout(**Race().settings())[f"reached_{name}"]) for name in ("SGD", "Momentum", "Adam")
    }
    assert reached["SGD"] > 2 * max(reached["Momentum"], reached["Adam"])


@pytest.mark.parametrize("surface", RATES)
def test_the_rates_at_first_suit_the_surface(surface):
    """No method diverges, every loss falls, and two methods or more reach the goal."""
    start = SURFACES[surface].start
    shown = readout(surface, start, on(surface, *METHODS), False, 0, 200, GOALS[surface])
    first = SURFACES[surface](SURFACES[surface].at_start()).item()
    assert sum(shown[f"reached_{name}"].isdigit() for name in METHODS) >= 2, shown
    for name in METHODS:
        assert "diverged" not in shown[f"reached_{name}"], name
        path = race(surface, start, on(surface, name), False, 0)[name]
        assert SURFACES[surface](path[-1]).item() < first, name


def test_what_is_as_good_as_zero_has_no_leader():
    shown = readout(
        BOWL, (2, 1), {"SGD": {"lr": 0.15}, "Nesterov": settings_on(BOWL, "Nesterov")}, False, 0, 200, 0.001
    )
    assert "After 200 steps SGD and Nesterov are lowest, at <10^-9." in shown["story"]


STORIES = [
    ({"steps": 0}, "All stand at the start, at a loss of 7."),
    ({"steps": 1}, "After 1 step "),
    ({"goal": -1}, "None reaches −1 in 200 steps."),
    ({"methods": on(BOWL, "SGD"), "goal": -1}, "It does not reach −1 in 200 steps."),
    ({"methods": {"SGD": {"lr": 0.5}}}, "SGD diverges: too large a rate here."),
    ({"methods": {"SGD": {"lr": 0.5}}, "steps": 200}, "After 200 steps none is left."),
    ({"methods": {"SGD": {"lr": 0.5}, "Momentum": {"lr": 1, "momentum": 0.9}}}, "SGD and Momentum diverge:"),
    ({"noise": True}, "Every method meets the same noise."),
    (
        {"methods": {"Adam": {"lr": 0.1}, "RMSProp": {"lr": 0.1, "alpha": 0.0}}, "goal": 6.0},
        "Adam and RMSProp, in 1 step.",
    ),
    ({"methods": on(BOWL, "Momentum"), "goal": 0.1}, "and above it again later."),
]


@pytest.mark.parametrize(("change", "sentence"), STORIES)
def test_the_story_says_who_is_where(change, sentence):
    state = {
        "start": (2, 1),
        "methods": on(BOWL, "SGD", "Adam"),
        "noise": False,
        "seed": 0,
        "steps": 5,
        "goal": 0.001,
    }
    assert sentence in readout(BOWL, **state | change)["story"]


def test_what_diverges_is_followed_to_ten_times_the_picture():
    path = race(BOWL, (2, 1), {"SGD": {"lr": 0.25}}, False, 0)["SGD"]
    sizes = path.abs().amax(-1) / 2.4
    assert sizes[-1] > 10 >= sizes[:-1].max()
    shown = readout(BOWL, (2, 1), {"SGD": {"lr": 0.25}}, False, 0, 200, 10)
    assert shown["reached_SGD"] == f"diverged at {len(path) - 1}"


TEXTS = [
    *((0.0, 4, "0.000"), (2.0625, 4, "2.063"), (-2.0625, 4, "−2.063"), (1.5, 1, "2"), (2.5, 1, "3")),
    *(
        (0.001, 4, "0.001000"),
        (0.0009996, 3, "0.00100"),
        (0.00099949, 3, "9.99·10^-4"),
        (999999.5, 4, "1.000·10^6"),
    ),
    *(
        (123456.7, 3, "123457"),
        (-1e300, 3, "−1.00·10^300"),
        (5e-324, 3, "4.94·10^-324"),
        (math.nan, 4, "undefined"),
    ),
    *((-math.inf, 4, "−∞"), (9.9996, 4, "10.00"), (-0.0, 3, "0.00")),
]


@pytest.mark.parametrize(("x", "digits", "text"), TEXTS)
def test_numbers_as_text(x, digits, text):
    assert tidy(x, digits) == text


def test_numbers_in_a_sentence_have_no_zeros_behind():
    assert [plain(x) for x in (100.0, 0.5, 2e7, 1.25e-9, 0.0)] == ["100", "0.5", "2·10^7", "1.25·10^-9", "0"]


REFUSED = [
    ({"surface": "noisy bowl, κ = 10"}, "expected any of"),
    ({"start": (9, 9)}, "choose x from -2.4 to 2.4 and y from -2.4 to 2.4"),
    ({"methods": []}, "A race needs a method; choose from SGD, Momentum"),
    ({"methods": ["Newton"]}, "Unknown method 'Newton'; choose from SGD, Momentum"),
    ({"methods": {"SGD": 0.1}}, 'SGD takes settings as {"lr": 0.1}; got 0.1.'),
    ({"methods": {"SGD": {"momentum": 0.9}}}, "SGD has no setting 'momentum' here; it has lr."),
    ({"methods": {"SGD": {"lr": 0}}}, "The lr of SGD must be from 1e-06 to 100; got 0."),
    ({"methods": {"SGD": {"lr": math.nan}}}, "must be from 1e-06 to 100"),
    ({"methods": {"SGD": {"lr": "fast"}}}, "must be from 1e-06 to 100; got 'fast'"),
    ({"methods": {"Momentum": {"momentum": 1}}}, "The momentum of Momentum must be from 0 to 0.9999; got 1."),
    ({"methods": {"Adam": {"betas": 0.9}}}, "The betas of Adam are two numbers"),
    ({"methods": {"Adam": {"betas": (0.9, 1.0)}}}, "The betas of Adam must be from 0 to 0.9999"),
    ({"methods": {"AdamW": {"weight_decay": 11}}}, "must be from 0 to 10; got 11"),
    ({"seed": -1}, "should not be less than 0"),
    ({"steps": 201}, "should not be greater than 200"),
    ({"goal": math.nan}, "The goal must be from -1e\\+06 to 1e\\+06"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
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
