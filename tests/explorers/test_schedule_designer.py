"""Schedule designer: what is refused, what is taken, what brings what along."""

import math

import pytest
import traitlets

from book.explorers import ScheduleDesigner
from tests.cases import each

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


@each(("options", "sentence"), REFUSED)
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
