"""Schedule designer: choose a schedule of the learning rate; see its sum and where a noisy run ends."""

import json
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.limits import in_range

TABLE = json.loads(Path(__file__).with_name("schedule-designer.json").read_text("utf-8"))
DEFAULTS, LIMITS = TABLE["defaults"], TABLE["limits"]
SETTINGS = TABLE["settings"]  # of each schedule, in its own order: [default, lowest, highest, scale]
WHOLE = "whole"  # the scale of whole numbers


class ScheduleDesigner(Explorer):
    """Choose a schedule and its settings; see the rate, its sum, and the expected loss of a noisy run.

    Args:
        schedule: a function of `book.optim.schedules`.
        parameters: its arguments without `total_steps`, by name or in its own order; if left out, defaults.
        total_steps: the length of the run, from 100 to 1000.
        lr: the peak learning rate, from 0.001 to 1.9.
        t: the step whose numbers are read.
        log_axis: whether the rate is drawn on an axis of powers of ten.

    Raises:
        traitlets.TraitError: one of them is out of range.

    Examples:
        >>> ScheduleDesigner("exponential", {"gamma": 0.98}).settings()["parameters"]
        [0.98]
    """

    tag = "descent-schedule-designer"
    state = ("schedule", "parameters", "total_steps", "lr", "t", "log_axis")
    fallback = (
        "Schedule designer: an explorer that draws a schedule of the learning rate, and the expected loss of "
        "a noisy run under it and under the constant rate. It runs on the book's page and in a live notebook."
    )
    schedule = traitlets.Unicode(DEFAULTS["schedule"]).tag(sync=True)
    parameters = traitlets.List(default_value=DEFAULTS["parameters"]).tag(sync=True)
    total_steps = traitlets.Int(DEFAULTS["total_steps"]).tag(sync=True)
    lr = traitlets.Float(DEFAULTS["lr"]).tag(sync=True)
    t = traitlets.Int(DEFAULTS["t"]).tag(sync=True)
    log_axis = traitlets.Bool(DEFAULTS["log_axis"]).tag(sync=True)

    def __init__(
        self,
        schedule: str = DEFAULTS["schedule"],
        parameters: dict | list | None = None,
        total_steps: int = DEFAULTS["total_steps"],
        lr: float = DEFAULTS["lr"],
        t: int = DEFAULTS["t"],
        log_axis: bool = DEFAULTS["log_axis"],
        **options,
    ):
        own = {"total_steps": total_steps, "lr": float(lr), "t": t, "log_axis": log_axis}
        given = _in_order(schedule, parameters, total_steps)
        super().__init__(schedule=schedule, parameters=given, **own, **options)

    @traitlets.validate("schedule")
    def _known(self, proposal):
        return _known(proposal["value"])

    @traitlets.validate("parameters")
    def _fitting(self, proposal):
        if fault := _fault(_known(self.schedule), proposal["value"], self.total_steps):
            raise traitlets.TraitError(fault)
        scales = (scale for *_, scale in SETTINGS[self.schedule].values())
        return [
            int(value) if scale == WHOLE else float(value)
            for scale, value in zip(scales, proposal["value"], strict=True)
        ]

    @traitlets.validate("total_steps")
    def _long_enough(self, proposal):
        (low, high), value = LIMITS["total_steps"], proposal["value"]
        if not low <= value <= high:
            raise traitlets.TraitError(f"total_steps must be from {low} to {high}; got {value}.")
        return value

    @traitlets.validate("lr")
    def _stable(self, proposal):
        return in_range("The learning rate", proposal["value"], LIMITS["lr"])

    @traitlets.validate("t")
    def _in_the_run(self, proposal):
        if not 0 <= proposal["value"] < self.total_steps:
            last = self.total_steps - 1
            raise traitlets.TraitError(f"The step t must be from 0 to {last}; got {proposal['value']}.")
        return proposal["value"]

    @traitlets.observe("schedule", "total_steps")
    def _fit(self, change):
        """Parameters that another schedule or a shorter run does not take give way to its defaults."""
        self.t = min(self.t, self.total_steps - 1)
        if _fault(self.schedule, self.parameters, self.total_steps):
            self.parameters = defaults(self.schedule, self.total_steps)


def defaults(schedule: str, total_steps: int) -> list[float]:
    """Return the parameters to begin with: `T_max` is the whole run.

    Examples:
        >>> defaults("cosine", 250), defaults("exponential", 250)
        ([250, 0], [0.99])
    """
    return [total_steps if key == "T_max" else default for key, (default, *_) in SETTINGS[schedule].items()]


def _fault(schedule: str, parameters: list, total_steps: int) -> str | None:
    """Say in a sentence what is wrong with parameters."""
    wanted = SETTINGS[schedule]
    if len(parameters) != len(wanted):
        return f"{schedule} takes {_list(wanted)}; got {parameters}."
    for value, (name, (_, low, high, scale)) in zip(parameters, wanted.items(), strict=True):
        if not low <= value <= high or (scale == WHOLE and value != int(value)):
            kind = "a whole number" if scale == WHOLE else "a number"
            return f"{name} must be {kind} from {low:g} to {high:g}; got {value}."
    if schedule == "warmup_cosine" and parameters[0] >= total_steps:
        return f"warmup must be below total_steps, {total_steps}; got {parameters[0]}."
    return None


def _known(schedule: str) -> str:
    if schedule not in SETTINGS:
        raise traitlets.TraitError(f"The schedules are {', '.join(SETTINGS)}; got {schedule!r}.")
    return schedule


def _in_order(schedule: str, parameters: dict | list | None, total_steps: int) -> list:
    wanted = dict(zip(SETTINGS[_known(schedule)], defaults(schedule, total_steps), strict=True))
    if isinstance(parameters, dict):
        if unknown := parameters.keys() - wanted.keys():
            raise traitlets.TraitError(f"{schedule} takes {_list(wanted)}; got {', '.join(sorted(unknown))}.")
        return list((wanted | parameters).values())
    return list(wanted.values() if parameters is None else parameters)


def _list(names) -> str:
    return ", ".join(names) or "no parameters"
