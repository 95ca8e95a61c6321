"""A schedule is rehearsed on a copy: what would fail at a late step is refused, and nothing has moved."""

import copy
import warnings

import pytest
import torch
from torch.optim import lr_scheduler
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from book.training.run.rehearsal import check_lasts

pytestmark = pytest.mark.filterwarnings("ignore:Detected call of:UserWarning")


def an_optimizer(lr=0.1, kind=torch.optim.SGD):
    groups = [
        {"params": [torch.nn.Parameter(torch.ones(2))]},
        {"params": [torch.nn.Parameter(torch.ones(1))]},
    ]
    return kind(groups, lr=lr)


def sequence(optimizer, last: int) -> LRScheduler:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of its own SequentialLR
        first = lr_scheduler.LinearLR(optimizer, total_iters=3)
        cycle = lr_scheduler.OneCycleLR(optimizer, 0.2, total_steps=last)
        return lr_scheduler.SequentialLR(optimizer, [first, cycle], [3])


MAKES = {
    "lambda": lambda o: LambdaLR(o, lambda t: 0.9**t),
    "linear to 0": lambda o: lr_scheduler.LinearLR(o, 1.0, 0.0, total_iters=7),
    "polynomial": lambda o: lr_scheduler.PolynomialLR(o, 5, power=0.5),
    "restarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 2, 2),
    "one cycle": lambda o: lr_scheduler.OneCycleLR(o, 0.3, total_steps=40),
    "cyclic": lambda o: lr_scheduler.CyclicLR(o, 0.0, 0.1, 3, mode="triangular2", cycle_momentum=False),
    "steps": lambda o: lr_scheduler.MultiStepLR(o, [2, 5]),
    "sequence": lambda o: sequence(o, 37),
    "chained": lambda o: lr_scheduler.ChainedScheduler([sequence(o, 37), lr_scheduler.ExponentialLR(o, 0.9)]),
    "swa": lambda o: torch.optim.swa_utils.SWALR(o, 0.05, anneal_epochs=3),
}


@pytest.mark.long
@pytest.mark.parametrize("lr", [0.1, torch.tensor(0.1)], ids=["number", "tensor"])
@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adam])
@pytest.mark.parametrize("name", MAKES)
def test_a_rehearsal_moves_nothing(name, kind, lr):
    if isinstance(lr, torch.Tensor) and name in ("one cycle", "sequence", "chained", "swa", "cyclic"):
        lr = 0.1  # which torch's own cycles would fill, and SWALR replaces
    played, rehearsed = (an_optimizer(copy.deepcopy(lr), kind) for _ in range(2))
    schedulers = [MAKES[name](optimizer) for optimizer in (played, rehearsed)]
    for _ in range(40):
        check_lasts(schedulers[1], 1)
        assert schedulers[0].get_last_lr() == schedulers[1].get_last_lr()
        for scheduler in schedulers:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                scheduler.step()
        assert [group["lr"] for group in played.param_groups] == [
            group["lr"] for group in rehearsed.param_groups
        ]


@pytest.mark.parametrize("taken", [0, 2, 4])
def test_what_is_left_counts(taken):
    scheduler = sequence(an_optimizer(), 5)  # good for 8 steps: 3 and 5
    for _ in range(taken):
        scheduler.step()
    check_lasts(scheduler, 8 - taken)
    with pytest.raises(
        ValueError, match=f"serves {8 - taken} of the run's {9 - taken} steps and then raises"
    ):
        check_lasts(scheduler, 9 - taken)


def test_the_rate_after_the_last_step_is_nobodys():
    scheduler = LambdaLR(an_optimizer(), lambda t: 3 - t)
    check_lasts(scheduler, 4)
    with pytest.raises(
        ValueError, match=r"LambdaLR sets the rate -0.1 at step 4 of the run; a rate is a finite"
    ):
        check_lasts(scheduler, 5)


def test_a_scheduler_of_ones_own_is_left_alone():
    class Own(LRScheduler):
        def get_lr(self):
            if self.last_epoch > 2:
                raise RuntimeError("over")
            return [1.0 for _ in self.base_lrs]

    optimizer = an_optimizer()
    check_lasts(Own(optimizer), 9)
    check_lasts(lr_scheduler.ChainedScheduler([Own(optimizer)]), 9)


def test_a_rehearsal_ends(monkeypatch):
    asked = []
    monkeypatch.setattr("book.training.run.rehearsal.MOST", 7)
    check_lasts(LambdaLR(an_optimizer(), lambda t: asked.append(t) or 1.0), 10**20)
    assert max(asked) == 7
