"""How far K-FAC's product is from a layer's own Fisher matrix, and what of a step is left by it."""

import statistics

import torch
from torch import nn

from book.bench.harness import one_thread, record, significant
from book.optim import Adam, kronecker_factors
from book.training.data.load import Data, load
from book.training.fisher_gap import (
    ACTIVATIONS,
    WIDTHS,
    directions,
    fisher_by_layers,
    gaps,
    loss_and_targets,
    shares,
    small_network,
)

LOSSES = ("squared errors", "cross-entropy")
SEEDS = (0, 1, 2, 3, 4)
EPOCHS = (0, 2, 20)
IMAGES = 500
DAMPING = 1e-3
LR = 3e-3


@one_thread()
def run(store: bool) -> dict:
    """Build the whole Fisher matrix of small networks, compare, print the medians, store all if asked to.

    The images are averaged to 7 × 7. The networks are float64, 49-16-16-10; the matrix has 1,242 rows. It is
    taken before training and after 2 and 20 epochs of Adam on the 1,500 images that the book carries.

    Args:
        store: whether to write `assets/results/kfac-gap.json`.
    """
    data = load("mnist")[0]
    rows = [
        {"loss": loss, "activation": activation, "seed": seed} | measured
        for loss in LOSSES
        for activation in ACTIVATIONS
        for seed in SEEDS
        for measured in _over_training(loss, activation, seed, data)
    ]
    for loss in LOSSES:
        for activation in ACTIVATIONS:
            for epochs in EPOCHS:
                ours = [
                    r for r in rows if (r["loss"], r["activation"], r["epochs"]) == (loss, activation, epochs)
                ]
                print(f"{loss}, {activation}, {epochs} epochs: {_medians(ours)}")
    results = {"widths": WIDTHS, "images": IMAGES, "damping": DAMPING, "lr": LR, "rows": rows}
    return record("kfac-gap", results, store)


def _over_training(loss: str, activation: str, seed: int, data: Data) -> list[dict]:
    model = small_network(activation, seed)
    function, _ = loss_and_targets(loss, data.labels)
    optimizer, rows = Adam(model.parameters(), lr=LR), []
    order = torch.Generator().manual_seed(seed)
    for epoch in range(max(EPOCHS) + 1):
        if epoch in EPOCHS:
            rows.append({"epochs": epoch} | _measured(model, loss, data[:IMAGES]))
        for batch in torch.randperm(len(data), generator=order).split(100):
            x, y = data.inputs[batch].double(), loss_and_targets(loss, data.labels[batch])[1]
            optimizer.zero_grad()
            function(model(x), y).backward()
            optimizer.step()
    return rows


def _measured(model: nn.Module, loss: str, data: Data) -> dict:
    function, y = loss_and_targets(loss, data.labels)
    x = data.inputs.double()
    F, g, slices = fisher_by_layers(model, function, x, y)
    factors = kronecker_factors(model, function, x)
    found = directions(F, g, slices, factors, DAMPING)
    return {
        "value": significant(float(function(model(x), y).detach())),
        "gaps": {name: significant(gap) for name, gap in gaps(F, slices, factors).items()},
        "shares": {name: significant(share) for name, share in shares(F, g, found, DAMPING).items()},
    }


def _medians(rows: list[dict]) -> str:
    found = {}
    for key in ("gaps", "shares"):
        for name in rows[0][key]:
            found[f"{name}"] = statistics.median(row[key][name] for row in rows)
    return ", ".join(f"{name} {value:.3g}" for name, value in found.items())
