"""What a run is given is looked at before its first step: one sentence, and nothing has moved."""

import copy
import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim import lr_scheduler
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from book.errors import BookError
from book.optim import SGD, GaussNewton
from book.optim.follow import follow
from book.optim.schedules import cosine
from book.training.data.batches import Batches
from book.training.data.load import Data, load
from book.training.models import mlp
from book.training.run.checkpoint import Keep, write_checkpoint
from book.training.run.fit import fit
from book.training.run.loop import evaluate, train
from tests.cases import each

DATA, TEST = (half[:64] for half in load("mnist"))
STEPS = 4  # of two epochs


class Setting:
    """All that a run needs, with a count of the steps that are taken."""

    def __init__(self, model: nn.Module | None = None):
        self.model = model or mlp(784, 10)
        self.optimizer = SGD(self.model.parameters(), lr=0.1)
        self.batches, self.steps = Batches(DATA, 32), 0
        self.optimizer.register_step_post_hook(self.count)

    def count(self, *_):
        self.steps += 1

    def fit(self, **other):
        given = {"model": self.model, "batches": self.batches, "optimizer": self.optimizer, "epochs": 2}
        return fit(**given | other)

    def train(self, **other):
        return train(**{"model": self.model, "data": DATA, "optimizer": self.optimizer, "epochs": 2} | other)

    def refuses(self, run, kind, words: str) -> None:
        """Before the first step, in one line, with the model as it was, its statistics and modes too."""
        before = copy.deepcopy(self.model.state_dict())
        modes = [part.training for part in self.model.modules()]
        with pytest.raises(kind, match=words) as error:
            run()
        assert "\n" not in str(error.value)
        assert self.steps == 0
        assert modes == [part.training for part in self.model.modules()]
        torch.testing.assert_close(self.model.state_dict(), before, rtol=0, atol=0)


def empty_model(setting):
    return {"model": nn.Flatten()}


WRONG = {  # what is given, the kind of the error, words of it
    "epochs 0": (lambda s: {"epochs": 0}, ValueError, "start at 1; got 0"),
    "epochs -1": (lambda s: {"epochs": -1}, ValueError, "start at 1; got -1"),
    "epochs 1.5": (lambda s: {"epochs": 1.5}, ValueError, "epochs must be a whole number; got 1.5"),
    "epochs nan": (lambda s: {"epochs": float("nan")}, ValueError, "must be a whole number; got nan"),
    "epochs '2'": (lambda s: {"epochs": "2"}, TypeError, "epochs must be a number; got '2'"),
    "epochs None": (lambda s: {"epochs": None}, TypeError, "epochs must be a number; got None"),
    "epochs True": (lambda s: {"epochs": True}, TypeError, "epochs must be a number; got True"),
    "a class": (lambda s: {"model": nn.Linear}, TypeError, "model is a Module"),
    "nothing to train": (empty_model, ValueError, "The model has no parameter"),
    "no optimizer": (lambda s: {"optimizer": SGD}, TypeError, "optimizer is an Optimizer, as SGD"),
    "another's": (lambda s: {"model": mlp(784, 10)}, ValueError, "moves none of the model's parameters"),
    "no test": (lambda s: {"test": TEST.images}, TypeError, "test is a Data, as load makes it"),
    "an empty test": (lambda s: {"test": TEST[:0]}, ValueError, "test holds no image"),
}
OF_FIT = {
    "no batches": (lambda s: {"batches": DATA}, TypeError, r"batches is a Batches, as Batches\(data\) makes"),
    "no precision": (lambda s: {"precision": "float64"}, ValueError, "precision is one of"),
    "a path": (lambda s: {"keep": "run.pt"}, TypeError, r'keep is a Keep, as Keep\("run.pt"\) makes it'),
    "meta batches": (lambda s: {"batches": on_meta()}, ValueError, "The model is on cpu and the batches"),
    "whole numbers": (lambda s: {"model": Ending(s.model, torch.Tensor.long)}, TypeError, "as real numbers"),
    "complex ones": (lambda s: {"model": Ending(s.model, lambda z: z + 0j)}, TypeError, "as real numbers"),
    "no graph": (lambda s: {"model": Ending(s.model, torch.detach)}, ValueError, "leave .detach"),
    "numpy": (
        lambda s: {"model": Ending(s.model, lambda z: torch.from_numpy(z.detach().numpy()))},
        ValueError,
        "depend on no parameter in a way that torch can follow",
    ),
    "few classes": (
        lambda s: {"batches": Batches(relabelled(10), 32)},
        ValueError,
        "labels go up to 10, and",
    ),
}
OF_TRAIN = {
    "batch size 0": (
        lambda s: {"batch_size": 0},
        ValueError,
        "epochs and batch_size start at 1; got 2 and 0",
    ),
    "batch size 2.5": (lambda s: {"batch_size": 2.5}, ValueError, "batch_size must be a whole number"),
    "seed": (lambda s: {"seed": 0.5}, ValueError, "seed must be a whole number; got 0.5"),
    "tensors": (lambda s: {"data": DATA.images}, TypeError, "data is a Data, as load makes it"),
    "no data": (lambda s: {"data": DATA[:0]}, ValueError, "data holds no image"),
    "few classes": (lambda s: {"data": relabelled(10)}, ValueError, "for the 10 classes from 0 to 9"),
}


class Ending(nn.Module):
    """A network with something done to its logits."""

    def __init__(self, network: nn.Module, end):
        super().__init__()
        self.network, self.end = network, end

    def forward(self, inputs):
        return self.end(self.network(inputs))


def relabelled(label: int) -> Data:
    """The last image of all has this label."""
    labels = DATA.labels.clone()
    labels[-1] = label
    return Data(DATA.images, labels, "", DATA.facts)


def on_meta() -> Batches:
    batches = Batches(DATA, 32)
    batches.labels = batches.labels.to("meta")
    return batches


@each("wrong", [*WRONG, *OF_FIT])
def test_fit_looks_before_its_first_step(wrong):
    make, kind, words = (WRONG | OF_FIT)[wrong]
    setting = Setting()
    setting.refuses(lambda: setting.fit(**make(setting)), kind, words)


@each("wrong", [*WRONG, *OF_TRAIN])
def test_train_looks_before_its_first_step(wrong):
    make, kind, words = (WRONG | OF_TRAIN)[wrong]
    setting = Setting()
    setting.refuses(lambda: setting.train(**make(setting)), kind, words)


@pytest.mark.parametrize("count", [2, 2.0, np.int64(2), torch.tensor(2)])
def test_a_count_may_be_of_any_type(count):
    assert len(Setting().fit(epochs=count).losses) == 4
    assert len(Setting().train(epochs=count, batch_size=count).losses) == 64
    assert len(Batches(DATA, count)) == 32
    assert type(Keep("run.pt", every=count).every) is int


BATCHES = [
    ({"batch_size": 0}, ValueError, "batch_size starts at 1; got 0"),
    ({"batch_size": "32"}, TypeError, "batch_size must be a number; got '32'"),
    ({"batch_size": 0.5}, ValueError, "batch_size must be a whole number"),
    ({"seed": -1}, ValueError, "Seeds start at 0; got -1"),
    ({"seed": None}, TypeError, "Seeds must be a number"),
    ({"augment": True}, TypeError, "augment is an Augment, as"),
    ({"dtype": torch.int64}, TypeError, "dtype is one of the float dtypes"),
    ({"dtype": "float32"}, TypeError, "dtype is one of the float dtypes"),
    ({"device": "gpu"}, ValueError, "There is no device 'gpu' here"),
    ({"device": "cuda:99"}, ValueError, "There is no device 'cuda:99' here"),
    ({"data": DATA[:0]}, ValueError, "data holds no image"),
    ({"data": DATA.images}, TypeError, "data is a Data, as load makes it; got a Tensor"),
]


@each(("wrong", "kind", "words"), BATCHES)
def test_batches_look_at_what_they_are_given(wrong, kind, words):
    with pytest.raises(kind, match=words):
        Batches(**{"data": DATA} | wrong)


IMAGES = [
    (DATA.images.float() / 255, DATA.labels, "images are uint8 of shape"),
    (DATA.images[:, 0], DATA.labels, "images are uint8 of shape"),
    (DATA.images, DATA.labels[:-1], "labels are int64, one to each of the 64 images"),
    (DATA.images, DATA.labels.float(), "labels are int64, one to each"),
    (DATA.images, DATA.labels[:, None], "labels are int64, one to each"),
    (DATA.images, DATA.labels - 1, "Labels start at 0; got -1"),
]


@pytest.mark.parametrize(("images", "labels", "words"), IMAGES)
def test_data_look_at_their_images_and_labels(images, labels, words):
    with pytest.raises(ValueError, match=words):
        Data(images, labels, "mine", DATA.facts)


def test_a_method_of_residuals_is_refused():
    setting = Setting()
    setting.optimizer = GaussNewton(setting.model.parameters())
    with pytest.raises(ValueError, match=r"GaussNewton takes residuals, and fit trains on a loss"):
        setting.fit()


def test_no_image_has_no_accuracy():
    with pytest.raises(ValueError, match="data holds no image"):
        evaluate(mlp(784, 10), DATA[:0])
    with pytest.raises(TypeError, match="data is a Data"):
        evaluate(mlp(784, 10), DATA.images)


def per_step() -> dict:
    """Each scheduler of torch's, made for a run of `STEPS` steps."""
    half = lambda t: 0.5**t  # noqa: E731
    return {
        "LambdaLR": lambda o: LambdaLR(o, half),
        "MultiplicativeLR": lambda o: lr_scheduler.MultiplicativeLR(o, half),
        "StepLR": lambda o: lr_scheduler.StepLR(o, 2),
        "MultiStepLR": lambda o: lr_scheduler.MultiStepLR(o, [1, 3]),
        "ConstantLR": lambda o: lr_scheduler.ConstantLR(o),
        "LinearLR": lambda o: lr_scheduler.LinearLR(o),
        "ExponentialLR": lambda o: lr_scheduler.ExponentialLR(o, 0.9),
        "PolynomialLR": lambda o: lr_scheduler.PolynomialLR(o, STEPS),
        "CosineAnnealingLR": lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS),
        "CosineAnnealingWarmRestarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 2),
        "CyclicLR": lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1, cycle_momentum=False),
        "OneCycleLR": lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=STEPS, cycle_momentum=False),
        "SequentialLR": lambda o: lr_scheduler.SequentialLR(
            o, [lr_scheduler.LinearLR(o), lr_scheduler.StepLR(o, 1)], [2]
        ),
        "ChainedScheduler": lambda o: lr_scheduler.ChainedScheduler([lr_scheduler.LinearLR(o)], o),
        "SWALR": lambda o: torch.optim.swa_utils.SWALR(o, 0.01),
    }


def test_every_scheduler_of_torchs_is_tried():
    kinds = {
        name
        for name, value in vars(lr_scheduler).items()
        if isinstance(value, type) and issubclass(value, LRScheduler) and not name.startswith("_")
    }
    assert kinds - {"LRScheduler", "ReduceLROnPlateau"} == per_step().keys() - {"SWALR"}


@each("name", per_step())
def test_every_scheduler_of_the_steps_number_is_taken(name):
    setting, rates = Setting(), []
    scheduler = per_step()[name](setting.optimizer)
    setting.optimizer.register_step_pre_hook(lambda o, *_: rates.append(o.param_groups[0]["lr"]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of its own SequentialLR
        setting.fit(scheduler=scheduler)
    lone = Setting().optimizer
    other, expected = per_step()[name](lone), []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(STEPS):
            expected.append(lone.param_groups[0]["lr"])
            lone.step()
            other.step()
    assert rates == expected


def grown(optimizer):
    scheduler = LambdaLR(optimizer, cosine(STEPS))
    optimizer.add_param_group({"params": [nn.Parameter(torch.ones(1))]})
    return scheduler


def short_cycle(optimizer):
    return lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=STEPS - 1, cycle_momentum=False)


def short_inside(optimizer):
    inner = lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=2, cycle_momentum=False)
    return lr_scheduler.SequentialLR(optimizer, [lr_scheduler.ConstantLR(optimizer), inner], [1])


SCHEDULERS = {
    "a plateau": (lr_scheduler.ReduceLROnPlateau, ValueError, "ReduceLROnPlateau waits for a metric"),
    "another's": (lambda o: LambdaLR(Setting().optimizer, cosine(4)), ValueError, "is of another optimizer"),
    "a function": (lambda o: cosine(4), TypeError, "scheduler is an LRScheduler, as"),
    "a class": (lambda o: LambdaLR, TypeError, "scheduler is an LRScheduler, as"),
    "followed": (lambda o: follow(o, cosine(4)), ValueError, "moves on by itself"),
    "a group too few": (grown, ValueError, "knows 1 parameter groups and the optimizer has 2"),
    "a cycle too short": (
        short_cycle,
        ValueError,
        "OneCycleLR serves 3 of the run's 4 steps and then raises",
    ),
    "a cycle too short inside": (short_inside, ValueError, "SequentialLR serves 3 of the run's 4 steps"),
    "a function that ends": (
        lambda o: LambdaLR(o, [1.0, 0.5].__getitem__),
        ValueError,
        "LambdaLR serves 1 of the run's 4 steps and then raises IndexError: list index out of range; make",
    ),
    "a rate of nan": (
        lambda o: LambdaLR(o, lambda t: 0 * float("inf")),
        ValueError,
        "sets the rate nan at step 0",
    ),
    "a rate below 0": (
        lambda o: LambdaLR(o, lambda t: 2.5 - t),
        ValueError,
        "sets the rate -0.05.* at step 3",
    ),
}


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_scheduler_that_cannot_serve_is_refused(name):
    make, kind, words = SCHEDULERS[name]
    setting = Setting()
    scheduler = make(setting.optimizer)
    setting.refuses(lambda: setting.fit(scheduler=scheduler), kind, words)


def flat_norm() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 8), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 10))


def wide_norm() -> nn.Module:
    return nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(784, 10))


@each("batch_size", [1, 3, 7, 9, 21, 63])
@each("which", ["fit", "train"])
def test_a_batch_of_one_image_is_refused_where_it_cannot_be_normalised(which, batch_size):
    setting = Setting(flat_norm().eval())
    assert 64 % batch_size == 1 or batch_size == 1
    given = {"batches": Batches(DATA, batch_size)} if which == "fit" else {"batch_size": batch_size}
    setting.refuses(
        lambda: getattr(setting, which)(**given), ValueError, "holds one image of the 64, and batch normal"
    )


@pytest.mark.parametrize(
    ("model", "batch_size"), [(wide_norm, 63), (flat_norm, 62), (flat_norm, 64), (mlp, 63)]
)
def test_other_batches_and_other_norms_are_taken(model, batch_size):
    setting = Setting(mlp(784, 10) if model is mlp else model())
    assert setting.fit(batches=Batches(DATA, batch_size)).losses
    assert setting.train(batch_size=batch_size).losses


def test_a_look_at_an_image_draws_nothing_and_counts_nothing():
    setting = Setting(wide_norm())
    before = torch.get_rng_state()
    setting.fit(batches=Batches(DATA, 63))
    assert setting.model[0].num_batches_tracked == STEPS
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("where", ["a folder", "below a file", "closed"])
def test_a_place_for_checkpoints_is_tried_before_the_first_step(tmp_path, where, monkeypatch):
    path = {"a folder": tmp_path, "below a file": tmp_path / "file" / "run.pt"}.get(
        where, tmp_path / "run.pt"
    )
    (tmp_path / "file").touch()
    if where == "closed":

        def refuse(path):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(type(tmp_path), "touch", refuse)
    setting = Setting()
    words = r"The checkpoint .* cannot be written \(.+\). Choose a file in a folder of your own"
    setting.refuses(lambda: setting.fit(keep=Keep(path)), BookError, words)


def test_a_look_at_a_folder_leaves_nothing_there(tmp_path):
    Setting().fit(keep=Keep(tmp_path / "new" / "run.pt"))
    assert not [file for file in (tmp_path / "new").iterdir() if "probe" in file.name]


CIFAR = load("cifar10")[1][:3]
BEYOND = Data(TEST.images, TEST.labels + 5, "none", TEST.facts)


@pytest.mark.parametrize(
    ("test", "words"), [(BEYOND, "labels go up to 14"), (CIFAR, "the model does not take")]
)
@pytest.mark.parametrize("way", ["fit", "train"])
def test_what_cannot_be_tested_is_refused_before_the_first_step(way, test, words):
    setting = Setting()
    setting.refuses(lambda: getattr(setting, way)(test=test), ValueError, words)


def test_images_of_another_size_are_tested_where_the_model_takes_them():
    model = nn.Sequential(nn.Conv2d(1, 10, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    small = Data(TEST.images[..., :20, :20], TEST.labels, "none", TEST.facts)
    assert len(Setting(model).fit(test=small).test_losses) == 2


def test_a_network_of_which_nothing_learns_is_refused():
    setting = Setting(mlp(784, 10).requires_grad_(False))
    setting.refuses(setting.fit, ValueError, "requires_grad_")


def test_what_no_checkpoint_could_hold_is_refused_before_the_first_step(tmp_path):
    setting = Setting()
    setting.optimizer = torch.optim.SGD(setting.model.parameters(), lr=np.float64(0.1))
    setting.optimizer.register_step_post_hook(setting.count)
    setting.refuses(lambda: setting.fit(keep=Keep(tmp_path / "run.pt")), BookError, "Python numbers")


@pytest.mark.parametrize("content", [{"a": 1}, [1]])
def test_a_checkpoint_that_is_of_no_run_is_refused(tmp_path, content):
    write_checkpoint(tmp_path / "run.pt", content)
    setting = Setting()
    setting.refuses(lambda: setting.fit(keep=Keep(tmp_path / "run.pt")), BookError, "of no run")
