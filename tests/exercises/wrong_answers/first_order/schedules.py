"""Plausible wrong answers to the exercises of *Learning-rate schedules*."""


def without_floor(total_steps, warmup, cooldown):
    return lambda t: min(1.0, (t + 1) / warmup, (total_steps - t) / cooldown)


def starts_at_zero(total_steps, warmup, cooldown):
    return lambda t: max(0.0, min(1.0, t / warmup, (total_steps - t) / cooldown))


def never_falls(total_steps, warmup, cooldown):
    return lambda t: min(1.0, (t + 1) / warmup)


def ends_a_step_early(total_steps, warmup, cooldown):
    return lambda t: max(0.0, min(1.0, (t + 1) / warmup, (total_steps - t - 1) / cooldown))


def ramps_multiply(total_steps, warmup, cooldown):
    return lambda t: min(1.0, (t + 1) / warmup) * max(0.0, min(1.0, (total_steps - t) / cooldown))


def a_number(total_steps, warmup, cooldown):
    return 1.0


WRONG_ANSWERS = {
    "3-first-order/best-first-rate": [0.5, 0.75, 0.6, 0.1875, 1.0],
    "3-first-order/which-schedule": ["b", "c", "d"],
    "3-first-order/trapezoid": [
        without_floor,
        starts_at_zero,
        never_falls,
        ends_a_step_early,
        ramps_multiply,
        a_number,
    ],
}
