"""A checkpoint of another run is refused, with one sentence that says what differs."""

from functools import partial
from pathlib import Path

import pytest
import torch
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, OneCycleLR

from book.errors import BookError
from book.optim import Nesterov
from book.training.data.augment import Augment
from tests.optim.compiler import need_compiler
from tests.training.small_run import TEST, SmallRun, network, sgd, stopped

OTHERS = {
    "batch size is 32 there and 60 here": lambda: SmallRun(batch_size=60),
    "the batches' seed is 3 there and 4 here": lambda: SmallRun(seed=4),
    "augmentation is Augment(padding=2, flip=True, cutout=0) there and Augment(padding=2, flip=False, "
    "cutout=0) here": lambda: SmallRun(augment=Augment(padding=2)),
    "number of batches is 4 there and 3 here": lambda: SmallRun(data=TEST[:90]),
    "the images of the first batch are others": lambda: SmallRun(data=TEST),
    "optimizer is SGD there and Adam here": lambda: SmallRun(lambda p: torch.optim.Adam(p, lr=1e-2)),
    "lr of parameter group 0 is 0.1 there and 0.2 here": lambda: SmallRun(lambda p: sgd(p, lr=0.2)),
    "the schedule's factor 0 at step 1 is 0.5 there and 0.25 here": lambda: SmallRun(
        factor=lambda t: 1 / (1 + t) ** 2
    ),
    "1.weight is (12, 784) torch.float32 there and (13, 784) torch.float32 here": lambda: SmallRun(
        model=network(hidden=13)
    ),
    "model is (4): Dropout(p=0.4, inplace=False) there and (4): Dropout(p=0.5, inplace=False) here": (
        lambda: SmallRun(model=network(dropout=0.5))
    ),
    "the model does not start with the same parameters": lambda: SmallRun(model=network(seed=1)),
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("kept") / "run"
    stopped(path, 6)
    return path


@pytest.mark.parametrize("sentence", OTHERS)
def test_another_run_is_refused(kept, sentence):
    before, run = kept.read_bytes(), OTHERS[sentence]()
    parameters = [parameter.detach().clone() for parameter in run.model.parameters()]
    with pytest.raises(BookError) as caught:
        run.fit(kept)
    assert str(caught.value).startswith(f"The checkpoint {kept} is of another run: {sentence}")
    assert str(caught.value).endswith("Choose another path, or delete it to start anew.")
    assert kept.read_bytes() == before
    assert all(map(torch.equal, parameters, run.model.parameters()))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"precision": "bfloat16"}, "precision is float32 there and bfloat16 here"),
        ({"compiled": True}, "compiled is False there and True here"),
        ({"test": None}, "number of test images is 120 there and 0 here"),
    ],
)
def test_other_options_are_refused(kept, options, sentence):
    with pytest.raises(BookError, match=sentence):
        SmallRun().fit(kept, **options)


@pytest.mark.long
@pytest.mark.parametrize(
    ("ours", "theirs", "sentence"),
    [
        (
            lambda o: CosineAnnealingLR(o, 9),
            lambda o: CosineAnnealingLR(o, 12),
            "T_max is 12 there and 9 here",
        ),
        (
            lambda o: OneCycleLR(o, 0.3, 20),
            lambda o: OneCycleLR(o, 0.3, 30),
            "total_steps is 30 there and 20",
        ),
        (
            ConstantLR,
            lambda o: CosineAnnealingLR(o, 12),
            "scheduler is CosineAnnealingLR there and ConstantLR",
        ),
    ],
)
def test_another_schedule_is_refused(tmp_path, ours, theirs, sentence):
    def run(scheduler):
        run = SmallRun()
        run.optimizer = sgd(run.model.parameters())
        run.scheduler = scheduler(run.optimizer)
        return run

    stopped(tmp_path / "run", 6, lambda: run(theirs))
    with pytest.raises(BookError, match=sentence):
        run(ours).fit(tmp_path / "run")
    run(theirs).fit(tmp_path / "run")


@pytest.mark.long
def test_the_engine_and_the_watch_are_the_callers_as_a_run_goes_on(tmp_path):
    """A computer without a compiler may go on with what one with it began."""
    need_compiler()
    whole, path = SmallRun(partial(Nesterov, lr=0.1)), tmp_path / "run.pt"
    expected = whole.fit()
    stopped(path, 6, make=lambda: SmallRun(partial(Nesterov, lr=0.1)))
    other = SmallRun(partial(Nesterov, lr=0.1, engine="compiled", error_if_nonfinite=True))
    found = other.fit(path, epochs=3)
    assert other.optimizer.param_groups[0]["engine"] == "compiled"
    assert other.optimizer.param_groups[0]["error_if_nonfinite"] is True
    assert found.losses == pytest.approx(expected.losses, rel=1e-3)
