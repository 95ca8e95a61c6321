"""What a step of K-FAC costs beside one of SGD, on the network for MNIST, and which part of it costs what."""

import importlib
import warnings
from collections.abc import Callable

import torch
from torch import Tensor, nn

from book.bench.harness import interleave, median, one_thread, paired_ratio, quartiles, record
from book.optim import KFAC, SGD, kronecker_factors
from book.training.data.load import load
from book.training.models import mlp

WIDTHS = (784, 1024, 1024, 10)
BATCHES = (128, 512, 2048)
PERIODS = (1, 10, 20, 100)  # steps from one look at the factors, and one inversion, to the next
PEER_BATCH = 512
ROUNDS = 21
NEVER = 10**9


@one_thread()
def run(store: bool) -> dict:
    """Time a step of each kind on one core, print what it comes to by period, store it if asked to.

    Four kinds are timed once a round: SGD's step; K-FAC's with the inverses that it has; with new factors as
    well; with new inverses too. With a period k, k steps take k times the second kind, once what new factors
    add, and once what new inverses add. All hold the model's pass forward and back. Labels are drawn from the
    model. Where curvlinops is installed, its factors of the same batch are timed beside the book's.

    Args:
        store: whether to write `assets/results/kfac.json`.
    """
    data = load("mnist", scale="full")[0]
    rows = [_row(data.inputs[:batch].clone(), data.labels[:batch]) for batch in BATCHES]
    for row in rows:
        print(
            f"batch {row['batch']:5d}: SGD {row['sgd_seconds']:.2e} s; in its steps, K-FAC by period: "
            f"{row['by_period']}, without refreshing {row['plain']}, factors add {row['factors']}, inverses "
            f"add {row['inverses']}"
        )
    peer = _peer(data.inputs[:PEER_BATCH].clone(), data.labels[:PEER_BATCH])
    print(f"factors beside curvlinops: {peer}")
    return record("kfac", {"network": "-".join(map(str, WIDTHS)), "rows": rows, "peer": peer}, store)


def contestants(x: Tensor, y: Tensor, widths: tuple[int, ...] = WIDTHS) -> dict[str, Callable[[], None]]:
    """One step of each kind, each on a network of its own; K-FAC has taken its three first steps.

    Examples:
        >>> calls = contestants(torch.zeros(2, 4), torch.tensor([1, 2]), widths=(4, 3))
        >>> list(calls)
        ['sgd', 'plain', 'factors', 'inverses']
    """
    periods = {"plain": (NEVER, NEVER), "factors": (1, NEVER), "inverses": (1, 1)}
    calls = {"sgd": _step(x, y, widths, lambda model: SGD(model.parameters(), lr=1e-3))}
    for kind, (factor_every, inverse_every) in periods.items():
        calls[kind] = _step(x, y, widths, lambda model, f=factor_every, i=inverse_every: _kfac(model, f, i))
        for _ in range(3):
            calls[kind]()
    return calls


def amortised(seconds: dict[str, list[float]], period: int) -> list[float]:
    """Round by round what one step takes where factors and inverses are renewed each `period` steps.

    Examples:
        >>> amortised({"plain": [2.0], "factors": [3.0], "inverses": [7.0]}, period=10)
        [2.5]
    """
    return [
        plain + (inverses - plain) / period
        for plain, inverses in zip(seconds["plain"], seconds["inverses"], strict=True)
    ]


def _kfac(model: nn.Module, factor_every: int, inverse_every: int) -> KFAC:
    options = {"factor_every": factor_every, "inverse_every": inverse_every}
    return KFAC(model, nn.CrossEntropyLoss(), lr=1e-3, momentum=0.0, **options)


def _step(
    x: Tensor, y: Tensor, widths: tuple[int, ...], make: Callable[[nn.Module], torch.optim.Optimizer]
) -> Callable[[], None]:
    model = mlp(*widths)
    optimizer = make(model)

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()

    return step


def _row(x: Tensor, y: Tensor) -> dict:
    seconds = interleave(contestants(x, y, WIDTHS), ROUNDS)
    sgd, by_period = seconds["sgd"], {period: amortised(seconds, period) for period in PERIODS}
    added = zip(seconds["plain"], seconds["factors"], seconds["inverses"], strict=True)
    factors, inverses = zip(*((f - p, i - f) for p, f, i in added), strict=True)
    return {
        "batch": len(x),
        "sgd_seconds": median(sgd),
        "by_period": {str(period): paired_ratio(ours, sgd) for period, ours in by_period.items()},
        "quartiles": {
            str(period): quartiles([a / b for a, b in zip(ours, sgd, strict=True)])
            for period, ours in by_period.items()
        },
        "plain": paired_ratio(seconds["plain"], sgd),
        "factors": paired_ratio(list(factors), sgd),
        "inverses": paired_ratio(list(inverses), sgd),
    }


def _peer(x: Tensor, y: Tensor) -> dict:
    """Sampled factors of one batch, ours and those of curvlinops."""
    kfac_of = importlib.import_module("curvlinops").KFACLinearOperator
    model, loss = mlp(*WIDTHS), nn.CrossEntropyLoss()

    def theirs() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            operator = kfac_of(
                model,
                loss,
                list(model.parameters()),
                [(x, y)],
                check_deterministic=False,
                separate_weight_and_bias=False,
                num_data=len(x),
                num_per_example_loss_terms=1,
            )
            operator.compute_kronecker_factors()

    calls = {"ours": lambda: kronecker_factors(model, loss, x, fisher="sampled"), "theirs": theirs}
    seconds = interleave(calls, ROUNDS)
    return {
        "batch": len(x),
        "seconds": {name: median(values) for name, values in seconds.items()},
        "ours in theirs": paired_ratio(seconds["ours"], seconds["theirs"]),
    }
