"""Schedule designer: expected losses against simulated runs and closed forms; what is refused."""

import inspect
import math

import numpy as np
import pytest
import torch
import traitlets

from book.explorers import ScheduleDesigner
from book.explorers.schedule_designer.readout import (
    CURVATURES,
    SETTINGS,
    SIGMA,
    START,
    arguments,
    defaults,
    expected,
    factors,
    readout,
)
from book.optim import schedules


def test_every_setting_is_an_argument_of_its_schedule_in_its_order():
    public = [name for name, f in vars(schedules).items() if inspect.isfunction(f) and name[0] != "_"]
    assert list(SETTINGS) == sorted(public, key=list(SETTINGS).index)
    for name, wanted in SETTINGS.items():
        signature = inspect.signature(getattr(schedules, name))
        assert list(arguments(name, defaults(name, 400), 400)) == list(signature.parameters)
        for key, (default, low, high) in wanted.items():
            assert low <= default <= high
            own = signature.parameters[key].default
            if key not in ("warmup",) and own is not inspect.Parameter.empty:
                assert own == default


@pytest.mark.parametrize("name", SETTINGS)
def test_the_line_of_python_gives_the_rates(name):
    """With `LambdaLR` and an optimizer, over a whole run."""
    shown = readout(name, defaults(name, 150), 150, 0.3, 77)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    scope = {**vars(schedules), "LambdaLR": torch.optim.lr_scheduler.LambdaLR, "optimizer": optimizer}
    scheduler, rates = eval(shown["code"], scope), []
    for _ in range(150):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert rates == pytest.approx([0.3 * factor for factor in factors(name, defaults(name, 150), 150)])
    assert float(shown["rate"].replace("−", "-")) == pytest.approx(rates[77], rel=1e-3)
    assert float(shown["way"]) == pytest.approx(sum(rates), rel=1e-3)
    assert float(shown["share"].removesuffix(" %")) == pytest.approx(100 * np.mean(rates) / 0.3, rel=1e-3)


@pytest.mark.parametrize("name", ["constant", "step", "warmup_cosine"])
def test_the_expected_loss_is_the_mean_of_many_runs(name):
    rates = [0.4 * factor for factor in factors(name, defaults(name, 120), 120)]
    draw, curvatures = np.random.default_rng(1), np.array(CURVATURES)
    x, wanted = np.full((20_000, 2), START), [sum(parts) for parts in expected(rates)]
    for t, rate in enumerate(rates):
        losses = (curvatures * x**2).sum(1) / 2
        assert losses.mean() == pytest.approx(wanted[t], abs=5 * losses.std() / math.sqrt(len(x)) + 1e-9)
        x = x - rate * (curvatures * x + SIGMA * draw.standard_normal(x.shape))


@pytest.mark.parametrize("rate", [0.01, 0.5, 1.0, 1.9])
def test_the_parts_of_a_constant_rate_have_closed_forms(rate):
    steps, found = 300, expected([rate] * 300)
    shrink = [(1 - rate * curvature) ** 2 for curvature in CURVATURES]
    start = sum(c * START**2 * k**steps / 2 for c, k in zip(CURVATURES, shrink, strict=True))
    noise = sum(
        c * (rate * SIGMA) ** 2 * (1 - k**steps) / (1 - k) / 2
        for c, k in zip(CURVATURES, shrink, strict=True)
    )
    assert found[-1] == pytest.approx((start, noise), rel=1e-9)
    assert len(found) == steps + 1


STORIES = [
    (("constant", [], 400, 0.5, 0), "At the constant rate the run ends at an expected loss of 0.2926. "),
    (
        ("cosine", [400, 0.0], 400, 0.5, 0),
        "a factor of 3.471 below the constant rate's 0.2926. What is left is",
    ),
    (("cosine", [400, 0.0], 400, 0.5, 0), "mostly noise that the steps have brought in."),
    (("step", [100, 0.1], 400, 0.1, 0), "above the constant rate's"),
    (("step", [100, 0.1], 400, 0.1, 0), "mostly the start, not yet forgotten"),
    (("cosine", [400, 1.0], 400, 0.5, 0), "0.2926, as at the constant rate to within 1 %."),
]


@pytest.mark.parametrize(("state", "sentence"), STORIES)
def test_the_story(state, sentence):
    assert sentence in readout(*state)["story"]


def test_what_is_too_small_to_matter_says_so():
    shown = readout("constant", [], 1000, 1.5, 0)
    assert shown["start"] == "< 1e−9"
    assert readout("cosine", [100, 0.0], 200, 0.5, 150)["rate"] == "0"


REFUSED = [
    ({"schedule": "linear"}, "The schedules are constant, step, .*; got 'linear'"),
    ({"schedule": "step", "parameters": [10]}, r"step takes step_size, gamma; got \[10\]"),
    ({"schedule": "step", "parameters": {"gama": 0.5}}, "step takes step_size, gamma; got gama"),
    ({"schedule": "constant", "parameters": [1]}, "constant takes no parameters"),
    (
        {"schedule": "step", "parameters": [10.5, 0.1]},
        "step_size must be a whole number from 1 to 1000; got 10.5",
    ),
    ({"schedule": "exponential", "parameters": [math.nan]}, "gamma must be a number from 0.9 to 1; got nan"),
    (
        {"schedule": "warmup_cosine", "parameters": {"warmup": 100}, "total_steps": 100},
        "warmup must be below total_steps, 100; got 100",
    ),
    ({"total_steps": 99}, "total_steps must be from 100 to 1000; got 99"),
    ({"lr": 2}, "The learning rate must be from 0.001 to 1.9; got 2"),
    ({"t": 400}, "The step t must be from 0 to 399; got 400"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        ScheduleDesigner(**options)


def test_settings_by_name_and_in_order_are_the_same():
    by_name = ScheduleDesigner("warmup_cosine", {"eta_min": 0.1, "warmup": 50})
    assert by_name.settings() == ScheduleDesigner("warmup_cosine", [50, 0.01, 0.1]).settings()
    assert ScheduleDesigner("cosine", total_steps=250).parameters == [250, 0.0]
    assert ScheduleDesigner("cosine", [400, 0.0], total_steps=250).parameters == [400, 0.0]


def test_a_setting_changed_alone_brings_the_others_along():
    widget = ScheduleDesigner(t=300)
    widget.schedule = "exponential"
    assert widget.parameters == [0.99]
    widget.schedule = "warmup_cosine"
    widget.parameters = [200, 0.0, 0.0]
    widget.total_steps = 150
    assert (widget.t, widget.parameters) == (149, [40, 0.01, 0.0])


def test_what_the_page_sends_is_taken():
    widget = ScheduleDesigner()
    sent = {
        "schedule": "step",
        "parameters": [50, 1],
        "total_steps": 200,
        "lr": 1,
        "t": 199,
        "log_axis": True,
    }
    widget.set_state(sent)
    assert widget.settings() == sent
