"""Any sequence of steps, saves, loads, copies, schedules, rates and new groups, beside a plain model."""

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from book.optim.follow import follow
from tests.optim.plain_model import Model, Rate, hyper_of, slope
from tests.optim.references import HELD

SCHEDULES = (lambda t: 1.0, lambda t: 0.5**t, lambda t: 1 / (1 + t), lambda t: float(t % 3))
RATES = st.sampled_from([0.0, 0.01, 0.125, 0.3])
NUMBERS = st.integers(0, 3)  # of a group, of a schedule
EVENTS = st.one_of(
    st.just(("step",)),
    st.just(("step",)),
    st.tuples(st.just("follow"), NUMBERS),
    st.tuples(st.just("rate"), NUMBERS, RATES),
    st.tuples(st.just("add"), st.none() | RATES),
    st.just(("save",)),
    st.tuples(st.just("load"), RATES, st.booleans(), st.booleans()),
    st.just(("copy",)),
    st.tuples(st.just("look"), NUMBERS),
    st.tuples(st.just("forget"), NUMBERS),
)


class Pair:
    """An optimizer of ours and its model, to which the same happens."""

    def __init__(self, method, rate: float, shared: bool):
        self.method, self.shared = method, shared
        self.model = Model(method, rate, shared)
        self.model.add(None, 1.0)
        self.start(rate, "eager")
        self.saved = None
        self.save()

    def start(self, rate: float, engine: str) -> None:
        """A new optimizer, over as many groups as the model has."""
        xs = [torch.nn.Parameter(torch.tensor([g.x], dtype=torch.float64)) for g in self.model.groups]
        lr = torch.tensor(rate, dtype=torch.float64) if self.shared else rate
        self.optimizer = self.method(
            [{"params": [x]} for x in xs], lr=lr, engine=engine, **hyper_of(self.method)
        )
        self.scheduler = None

    @property
    def xs(self) -> list[torch.nn.Parameter]:
        return [group["params"][0] for group in self.optimizer.param_groups]

    def step(self) -> None:
        for x in self.xs:
            x.grad = torch.tensor([slope(x.item())], dtype=torch.float64)
        self.optimizer.step()
        self.model.step()

    def follow(self, which: int) -> None:
        self.scheduler = follow(self.optimizer, SCHEDULES[which])
        self.model.follow(SCHEDULES[which])

    def rate(self, which: int, value: float) -> None:
        which %= len(self.xs)
        self.optimizer.param_groups[which]["lr"] = value
        self.model.groups[which].rate = Rate(value)

    def add(self, rate: float | None) -> None:
        x = torch.nn.Parameter(torch.ones(1, dtype=torch.float64))
        self.optimizer.add_param_group({"params": [x]} | ({} if rate is None else {"lr": rate}))
        self.model.add(rate, 1.0)

    def save(self) -> None:
        scheduler = self.scheduler and self.scheduler.state_dict()
        self.saved = copy.deepcopy((self.optimizer.state_dict(), scheduler, self.model))

    def load(self, rate: float, schedule_first: bool, compiled: bool) -> None:
        """Into a new optimizer with another rate and engine; the schedule's state before it or after."""
        optimizer, scheduler, self.model = copy.deepcopy(self.saved)
        engine = "compiled" if compiled else "eager"
        self.start(rate, engine)
        self.model.default = Rate(rate)
        if scheduler and schedule_first:
            self.scheduler = follow(self.optimizer, self.model.schedule)
            self.scheduler.load_state_dict(scheduler)
        self.optimizer.load_state_dict(optimizer)
        if scheduler and not schedule_first:
            self.scheduler = follow(self.optimizer, self.model.schedule)
            self.scheduler.load_state_dict(scheduler)
        for group in self.optimizer.param_groups:
            assert group["engine"] == engine
            group["engine"] = "eager"  # compiling takes seconds
        self.check()

    def copy(self) -> None:
        """Of a copy nobody moves the schedule on."""
        self.optimizer, self.scheduler, self.model.schedule = copy.deepcopy(self.optimizer), None, None
        for group in self.model.groups:
            group.base = None

    def look(self, which: int) -> None:
        assert self.optimizer.state[self.xs[which % len(self.xs)]] is not None

    def forget(self, which: int) -> None:
        """A memory that a state_dict has as None starts anew."""
        which %= len(self.xs)
        saved = copy.deepcopy(self.optimizer.state_dict())
        for name in self.method.memory:
            saved["state"].setdefault(which, {})[name] = None
        self.optimizer.load_state_dict(saved)
        self.model.groups[which].memory = {}

    def check(self) -> None:
        for group, x, plain in zip(self.optimizer.param_groups, self.xs, self.model.groups, strict=True):
            assert float(group["lr"]) == pytest.approx(plain.rate.value, rel=1e-12, abs=1e-300)
            assert x.item() == pytest.approx(plain.x, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", HELD)
@pytest.mark.long
@settings(max_examples=40)
@given(rate=RATES, shared=st.booleans(), events=st.lists(EVENTS, min_size=3, max_size=14))
def test_whatever_happens_each_step_is_the_methods_at_the_rate_that_is_due(name, rate, shared, events):
    pair = Pair(HELD[name].ours, rate, shared)
    for event, *arguments in events:
        getattr(pair, event)(*arguments)
        pair.check()
