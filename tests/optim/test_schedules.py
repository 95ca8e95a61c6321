"""The schedules against torch's schedulers, and by formula where torch has none."""

import math

import pytest
import torch
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    OneCycleLR,
    SequentialLR,
    StepLR,
)

from book.optim import schedules
from tests.cases import each

BASE = 0.3  # the optimizer's own rate


def rates(make, steps: int) -> list[float]:
    """The rate at each step under a scheduler."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=BASE)
    scheduler = make(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def warm(warmup, total, start, end):
    def make(optimizer):
        rise = LinearLR(optimizer, start_factor=start, total_iters=warmup)
        fall = CosineAnnealingLR(optimizer, T_max=total - warmup, eta_min=end * BASE)
        return SequentialLR(optimizer, [rise, fall], milestones=[warmup])

    return make


def one_cycle(total, **options):
    return lambda o: OneCycleLR(o, max_lr=BASE, total_steps=total, cycle_momentum=False, **options)


def cases() -> list:
    """Ours, torch's, and for how many steps."""
    return [
        (schedules.constant(), lambda o: ConstantLR(o, factor=1.0), 300),
        *(
            (schedules.step(n, γ), lambda o, n=n, γ=γ: StepLR(o, n, γ), 300)
            for n, γ in ((1, 0.9), (7, 0.5), (50, 1.5))
        ),
        (schedules.step(40), lambda o: StepLR(o, 40), 300),
        *((schedules.exponential(γ), lambda o, γ=γ: ExponentialLR(o, γ), 300) for γ in (0.97, 1.0, 1.01)),
        *(
            (schedules.cosine(n, end), lambda o, n=n, end=end: CosineAnnealingLR(o, n, end * BASE), n)
            for n, end in ((1, 0.0), (10, 0.0), (300, 0.1), (300, 1.0))
        ),
        (schedules.cosine(50), lambda o: CosineAnnealingLR(o, 50), 50),
        *(
            (schedules.warmup_cosine(*case), warm(*case), case[1])
            for case in ((1, 2, 0.5, 0.0), (5, 6, 0.1, 0.2), (20, 300, 0.01, 0.0), (100, 300, 1.0, 0.5))
        ),
        *(
            (schedules.one_cycle(n, pct_start=p), one_cycle(n, pct_start=p), n)
            for n, p in ((2, 0.3), (10, 0.05), (10, 0.4), (300, 0.3), (300, 0.99), (7, 0.5))
        ),
        (schedules.warmup_cosine(20, 300), warm(20, 300, 0.01, 0.0), 300),
        (schedules.one_cycle(100), one_cycle(100), 100),
        (schedules.one_cycle(9, div_factor=1), one_cycle(9, div_factor=1), 9),
        (
            schedules.one_cycle(100, div_factor=3, final_div_factor=7),
            one_cycle(100, div_factor=3, final_div_factor=7),
            100,
        ),
    ]


@pytest.mark.parametrize(("ours", "theirs", "steps"), cases())
def test_the_rates_are_torchs(ours, theirs, steps):
    found = rates(lambda o: LambdaLR(o, ours), steps)
    assert found == pytest.approx(rates(theirs, steps), rel=1e-12, abs=1e-16 * BASE)


@pytest.mark.parametrize("warmup", [1, 10, 4000])
def test_inverse_sqrt_is_equation_3_scaled_to_1_at_its_top(warmup):
    # Attention Is All You Need: min(step^−½, step · warmup^−1.5), with step from 1 on.
    factor = schedules.inverse_sqrt(warmup)
    for t in range(0, 9000, 7):
        s = t + 1
        assert factor(t) == pytest.approx(min(s**-0.5, s * warmup**-1.5) * warmup**0.5, rel=1e-12)
    assert factor(warmup - 1) == 1
    assert schedules.inverse_sqrt()(0) == 1


def test_a_cycle_whose_rise_is_one_step_long_starts_at_the_top():
    """pct_start · total_steps = 1 divides by zero in torch's OneCycleLR."""
    factor = schedules.one_cycle(10, pct_start=0.1)
    assert [factor(0), factor(9)] == pytest.approx([1.0, 1 / 25e4])
    assert all(factor(t) > factor(t + 1) for t in range(9))
    with pytest.raises(ZeroDivisionError):
        rates(one_cycle(10, pct_start=0.1), 1)


def ended() -> list:
    """Schedules that end before step 10, and the factor there."""
    return [
        (schedules.cosine(10, 0.25), 0.25),
        (schedules.warmup_cosine(3, 10, eta_min=0.25), 0.25),
        (schedules.one_cycle(10), 1 / 25e4),
    ]


@pytest.mark.parametrize(("factor", "last"), ended())
def test_after_its_end_a_schedule_stays(factor, last):
    assert [factor(t) for t in (10, 11, 25, 1000)] == pytest.approx([last] * 4, rel=1e-12)


WRONG = [
    lambda: schedules.step(0),
    lambda: schedules.step(3, 0.0),
    lambda: schedules.exponential(-0.5),
    lambda: schedules.exponential(math.nan),
    lambda: schedules.inverse_sqrt(0),
    lambda: schedules.cosine(0),
    lambda: schedules.cosine(5, -0.1),
    lambda: schedules.cosine(5, 1.1),
    lambda: schedules.warmup_cosine(0, 5),
    lambda: schedules.warmup_cosine(5, 5),
    lambda: schedules.warmup_cosine(2, 5, start_factor=1.1),
    lambda: schedules.warmup_cosine(2, 5, eta_min=-0.1),
    lambda: schedules.one_cycle(1),
    lambda: schedules.one_cycle(9, pct_start=0.0),
    lambda: schedules.one_cycle(9, pct_start=1.0),
    lambda: schedules.one_cycle(9, div_factor=0.9),
    lambda: schedules.one_cycle(9, final_div_factor=0.9),
]


@each("wrong", WRONG)
def test_what_makes_no_schedule_is_refused(wrong):
    with pytest.raises(ValueError, match=r"must be|is a factor from 0 to 1|takes total_steps from 2 on"):
        wrong()


@pytest.mark.parametrize("grow", [schedules.exponential(2), schedules.exponential(1.5), schedules.step(1, 2)])
def test_a_factor_beyond_the_largest_float_is_inf(grow):
    assert grow(5000) == math.inf
    assert type(grow(3)) is float
