"""Trains some small networks, alone or in a team, and writes what came out: `team_run.py FOLDER`."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from book.errors import BookError
from book.optim import Adam, Momentum
from book.optim.schedules import warmup_cosine
from book.training.data.augment import Augment
from book.training.data.batches import Batches
from book.training.data.load import Data, load
from book.training.models import cifar_cnn, mlp, vgg13
from book.training.run.agreement import any_of_us, from_all, from_first, is_team
from book.training.run.checkpoint import Keep
from book.training.run.distributed import Member, is_first, team
from book.training.run.fit import fit

EPOCHS = 3


def cnn(member: Member) -> dict:
    """Batches of 15, 15 and 1: one member has more images than the other, and once none at all."""
    return run(member, cifar_cnn().double(), cifar(31), 15, lambda p: Adam(p, lr=1e-3), torch.float64)


def perceptron(member: Member) -> dict:
    """Batches of 32 and 9, in float32."""
    network = mlp(3072, 16, 10, seed=member.rank)  # the first one's parameters count
    return run(member, network, cifar(41), 32, lambda p: Momentum(p, lr=0.01), torch.float32)


def diverging(member: Member) -> dict:
    """One image, which one member alone sees, makes the first loss nan."""
    data = cifar(8)
    network = nn.Sequential(nn.Flatten(), nn.Linear(3072, 10)).double()
    batches = Batches(data, 8, dtype=torch.float64)
    batches.inputs[3] = torch.nan
    history = fit(member.spread(network), batches, torch.optim.SGD(network.parameters(), lr=0.1), 1)
    return {"losses": history.losses}


RUNS = {"cnn": cnn, "perceptron": perceptron, "diverging": diverging}


def cifar(count: int) -> Data:
    return load("cifar10")[0][:count]


def run(
    member: Member, network: nn.Module, data: Data, batch_size: int, make: Callable, dtype: torch.dtype
) -> dict:
    model = member.spread(network)
    batches = Batches(data, batch_size, Augment(padding=2, flip=True), seed=1, dtype=dtype)
    optimizer = make(model.parameters())
    scheduler = LambdaLR(optimizer, warmup_cosine(2, EPOCHS * len(batches)))
    history = fit(model, batches, optimizer, EPOCHS, scheduler=scheduler)
    model.eval()
    with torch.no_grad():
        logits = model(batches.inputs[:7])
    return {
        "losses": history.losses,
        "logits": logits.tolist(),
        "names": list(model.state_dict()),
        "parameters": [parameter.tolist()[:1] for parameter in network.parameters()],
    }


def kept(member: Member, file: Path) -> list[float]:
    """Two epochs, with a new start from the file after the first one."""
    for epochs in (1, 2):
        network = mlp(3072, 16, 10)
        model, optimizer = member.spread(network), Adam(network.parameters(), lr=1e-3)
        history = fit(model, Batches(cifar(41), 32), optimizer, epochs, keep=Keep(file), progress=True)
    return history.losses


def agreed(member: Member) -> dict:
    """What the members settle together, with an error of the first, of the second, and of both."""
    found = {
        "first": from_first(lambda: [member.rank, torch.tensor([1.0, 2.0]).tolist()]),
        "all": from_all(lambda: member.rank),
        "any": [any_of_us(member.rank == 1), any_of_us(False)],
        "team": is_team(),
    }
    for name, guilty in {"of the first": [0], "of the second": [1], "of both": [0, 1]}.items():
        try:
            from_all(lambda guilty=guilty: fail(member.rank) if member.rank in guilty else None)
        except BookError as error:
            found[name] = str(error)
    try:
        from_first(lambda: fail(member.rank))
    except BookError as error:
        found["of its disk"] = str(error)
    return found


def fail(rank: int) -> None:
    raise BookError(f"Member {rank} failed.")


def refused(member: Member) -> str:
    try:
        member.spread(vgg13())
    except BookError as error:
        return str(error)
    return ""


def main(folder: Path) -> dict:
    with team() as member:
        print(f"printed by member {member.rank} of {member.size}")
        found = {name: run(member) for name, run in RUNS.items()}
        found |= {"refused": refused(member), "first": is_first(), "agreed": agreed(member)}
        found |= {"kept": kept(member, folder / "kept.pt")}
        (folder / f"{member.rank}.json").write_text(json.dumps(found))
    return found


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]))
