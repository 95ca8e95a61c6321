"""The sweep goes the faster way, says which and why, and its results are those of the solo runs either way.

How long a step takes is told to it here, so that it has to choose one way or the other.
"""

import pytest
import torch
from torch import nn

from book.errors import BookError
from book.optim import SGD, Adam
from book.training.sweep import solo, stacked, sweep
from tests.training.solo_runs import BATCH, DATA, EPOCHS, TEST, difference, in_double, run, smooth


def told(monkeypatch, **seconds):
    """Let the clock show, for each step of a `Solo` or a `Stack`, the seconds that are given."""
    clock = [0.0]
    monkeypatch.setattr(solo, "perf_counter", lambda: clock[0])
    for kind, of_kind in ((solo.Solo, seconds["solo"]), (stacked.Stack, seconds["stack"])):

        def steps(self, epoch, first, last, inner=kind.steps, of_kind=of_kind):
            clock[0] += of_kind * (last - first)
            return inner(self, epoch, first, last)

        monkeypatch.setattr(kind, "steps", steps)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        ({"solo": 1.0, "stack": 1.9}, "stacked: 950 ms a step and member stacked, 1e+03 ms alone"),
        ({"solo": 1.0, "stack": 2.1}, "one by one: 1.05e+03 ms a step and member stacked, 1e+03 ms alone"),
    ],
)
def test_the_faster_way_is_taken_and_changes_nothing(monkeypatch, capsys, seconds, words):
    told(monkeypatch, **seconds)
    configurations = [{"lr": lr, "seed": k} for k, lr in enumerate((1e-3, 2e-3, 3e-3))]
    members = sweep.sweep(in_double, DATA, Adam, configurations, EPOCHS, BATCH, TEST)
    assert capsys.readouterr().err == f"Sweep of 3, {words}.\n"
    assert max(difference(some, in_double, Adam) for some in members) < 1e-11
    after = seconds["stack"] / 3 if words.startswith("stacked") else seconds["solo"]
    assert [sum(some.history.seconds) for some in members] == pytest.approx(
        [5 * seconds["solo"] + 5 * after] + 2 * [5 * seconds["stack"] / 2 + 5 * after]
    )


def test_no_step_is_taken_twice_and_none_left_out(monkeypatch):
    told(monkeypatch, solo=1.0, stack=0.1)
    seen = []
    inner = solo.advance

    def advance(way, until):
        for some in way.members:
            seen.extend((some.seed, t) for t in range(some.taken, until))
        return inner(way, until)

    monkeypatch.setattr(sweep, "advance", advance)
    sweep.sweep(smooth, DATA, SGD, [{"seed": k} for k in range(3)], EPOCHS, BATCH)
    assert sorted(seen) == [(seed, t) for seed in range(3) for t in range(5 * EPOCHS)]


def test_other_work_on_the_machine_does_not_decide(monkeypatch, capsys):
    told(monkeypatch, solo=1.0, stack=0.1)
    slow = iter([30.0, 0.0, 30.0, 0.0, 0.0])
    inner = stacked.Stack.steps

    def steps(self, *where):
        solo.perf_counter.__closure__[0].cell_contents[0] += next(slow, 0.0)
        return inner(self, *where)

    monkeypatch.setattr(stacked.Stack, "steps", steps)
    sweep.sweep(smooth, DATA, SGD, [{}, {"lr": 0.1}], EPOCHS, BATCH)
    assert capsys.readouterr().err.startswith("Sweep of 2, stacked: 100 ms")


class Noisy(nn.Module):
    """With randomness of its own, which no layer's name gives away."""

    def __init__(self):
        super().__init__()
        self.inner = smooth(0)

    def forward(self, x):
        return self.inner(x + 0 * torch.rand_like(x))


def normalised(seed):
    return nn.Sequential(nn.Flatten(), nn.BatchNorm1d(784), *smooth(seed)[1:])


@pytest.mark.parametrize(
    ("make_model", "rule", "options", "words"),
    [
        (smooth, torch.optim.SGD, [{}, {"lr": 0.1}], "SGD has no formula that could be applied to a stack"),
        (normalised, SGD, [{}, {}], "the network has buffers, as batch normalisation has"),
        (smooth, Adam, [{"amsgrad": True}, {}], "amsgrad is not the same in all configurations"),
        (smooth, SGD, [{"maximize": True}, {}], "maximize is not the same in all configurations"),
        (smooth, SGD, [{}, {"error_if_nonfinite": True}], "error_if_nonfinite would stop all for one"),
        (lambda seed: Noisy(), SGD, [{}, {}], "torch cannot stack this network (vmap: called random"),
        (smooth, SGD, [{}], "too few steps to try both"),
    ],
)
def test_what_cannot_be_stacked_goes_one_by_one(capsys, make_model, rule, options, words):
    members = sweep.sweep(make_model, DATA, rule, options, EPOCHS, BATCH)
    assert capsys.readouterr().err.startswith(f"Sweep of {len(options)}, one by one: {words}")
    for some, configuration in zip(members, options, strict=True):
        model, _, history = run(make_model, rule, configuration)
        assert some.history.losses == history.losses
        assert all(map(torch.equal, some.model.state_dict().values(), model.state_dict().values()))


def test_an_error_after_the_first_steps_is_not_swallowed(monkeypatch):
    def step(self, *where):
        raise RuntimeError("out of luck")

    told(monkeypatch, solo=1.0, stack=0.1)
    inner = stacked.Stack._step
    monkeypatch.setattr(stacked.Stack, "_step", lambda self, batch, t: (step if t else inner)(self, batch, t))
    with pytest.raises(RuntimeError, match="out of luck"):
        sweep.sweep(smooth, DATA, SGD, [{}, {}], EPOCHS, BATCH)


def test_the_global_generator_stays_as_it_was():
    before = torch.get_rng_state()
    sweep.sweep(smooth, DATA, SGD, [{"lr": 0.1}, {"lr": 0.2}], EPOCHS, BATCH)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("error", "words", "wrong"),
    [
        (BookError, "A sweep needs configurations, as", {"configurations": []}),
        (ValueError, "epochs start at 1; got 0", {"epochs": 0}),
        (ValueError, "batch_size starts at 1; got 0", {"batch_size": 0}),
        (TypeError, "Adam has no option momentum", {"configurations": [{"momentum": 0.9}]}),
        (ValueError, "Invalid learning rate: -1", {"configurations": [{"lr": 0.1}, {"lr": -1}]}),
    ],
)
def test_bad_input(error, words, wrong):
    given = {"configurations": [{}, {}], "epochs": 1, "batch_size": BATCH} | wrong
    with pytest.raises(error, match=words):
        sweep.sweep(smooth, DATA, Adam, **given)
