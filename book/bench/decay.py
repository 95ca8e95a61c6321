"""The test loss of Adam by learning rate and weight decay: the decay in the gradient, and kept out of it."""

from statistics import fmean

import torch

from book.bench.harness import one_thread, record, significant
from book.training.data.load import Data, load
from book.training.models import mlp
from book.training.run.loop import evaluate, train

IMAGES = 1_000
WIDTHS = (784, 32, 10)
SEEDS = (0, 1, 2)
EPOCHS, BATCH = 50, 100
RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
DECAYS_TRIED = {  # the optimizer and its decays, half a decade apart, after no decay at all
    "Adam": (torch.optim.Adam, (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)),
    "AdamW": (torch.optim.AdamW, (0.0, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0, 10.0, 30.0)),
}


@one_thread()
def run(store: bool) -> dict:
    """Train 784-32-10 on the first 1,000 images of full MNIST and test it on all 10,000; print, store if asked.

    Every weight and bias decays; the rate is constant. The optimizers are torch's, fused, which are ours to the
    last digits; the seed draws the initial weights and the order of the images.

    Args:
        store: whether to write `assets/results/decay.json`.
    """  # noqa: E501
    data, test = load("mnist", scale="full")
    some = data[:IMAGES]
    methods = {}
    for name, (make, decays) in DECAYS_TRIED.items():
        ends = [[_ends(make, lr, decay, some, test) for decay in decays] for lr in RATES]
        losses = [[[loss for loss, _ in seeds] for seeds in row] for row in ends]
        accuracies = [[[accuracy for _, accuracy in seeds] for seeds in row] for row in ends]
        for lr, row in zip(RATES, losses, strict=True):
            print(f"{name:6s} {lr:g}:", *(f"{fmean(seeds):.3f}" for seeds in row), flush=True)
        methods[name] = {"decays": list(decays), "test_loss": losses, "test_accuracy": accuracies}
    settings = {
        "images": IMAGES,
        "widths": list(WIDTHS),
        "seeds": list(SEEDS),
        "epochs": EPOCHS,
        "batch_size": BATCH,
    }
    return record("decay", {**settings, "rates": list(RATES), "methods": methods}, store)


def _ends(make: type, lr: float, decay: float, data: Data, test: Data) -> list[tuple[float, float]]:
    """Test loss and test accuracy at the end, from each seed."""
    ends = []
    for seed in SEEDS:
        model = mlp(*WIDTHS, seed=seed)
        optimizer = make(model.parameters(), lr=lr, weight_decay=decay, fused=True)
        train(model, data, optimizer, EPOCHS, BATCH, seed)
        loss, accuracy = evaluate(model, test)
        ends.append((significant(loss), significant(accuracy)))
    return ends
