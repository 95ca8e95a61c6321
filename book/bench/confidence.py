"""What carries a test loss: how sure trained networks are of what they get wrong."""

import statistics

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from book import results
from book.bench.harness import one_thread, record, significant
from book.bench.in_practice import StepPlan
from book.bench.in_practice_runs import trained
from book.project.in_practice_methods import ENTRANTS
from book.project.in_practice_tasks import PROBLEMS, Material, Part
from book.project.protocol import FIRST_FINAL_SEED, TUNED, trial_of
from book.project.tasks import splits

PROBLEM = "mlp"
DIVISORS = torch.logspace(-1, 2, 301).tolist()


@one_thread()
def run(store: bool) -> dict:
    """Train as for `in-practice-mlp` at equal steps, take each loss apart, store what is found if asked to.

    Args:
        store: whether to write `assets/results/confidence.json`.
    """
    plan = StepPlan(PROBLEM, tuple(ENTRANTS), PROBLEM)
    chosen = results.load(f"in-practice-{PROBLEM}")["results"]["chosen"]
    data = PROBLEMS[PROBLEM].material(splits(PROBLEMS[PROBLEM].data, plan.means.scale))
    rows = {name: _row(plan, name, chosen[name], data) for name in plan.methods}
    for name, row in rows.items():
        print(f"{name:12s}", *(f"{key} {statistics.fmean(values):.4g}" for key, values in row.items()))
    return record("confidence", {"problem": PROBLEM, "rows": rows}, store)


def _row(plan: StepPlan, name: str, value: float, data: Material) -> dict[str, list[float]]:
    seeds = [FIRST_FINAL_SEED + number for number in range(plan.means.seeds[1])]
    models = [trained(trial_of(plan, name, value, TUNED, seed, "test"), data).model for seed in seeds]
    found = [
        taken_apart(outputs(model, data.validation), outputs(model, data.test), data) for model in models
    ]
    return {key: [significant(some[key]) for some in found] for key in found[0]}


@torch.no_grad()
def outputs(model: torch.nn.Module, part: Part) -> Tensor:
    """The logits of a part's images, shape (N, 10)."""
    return torch.cat([model(some) for some in part.inputs.split(1000)])


def taken_apart(held_out: Tensor, z: Tensor, data: Material) -> dict[str, float]:
    """A network's mean test loss, and what carries it.

    Args:
        held_out: logits of the validation images, which choose the number that logits are divided by.
        z: logits of the test images.
        data: with the labels of both.

    Returns:
        `loss`; `accuracy`; `wrong`, the share of the loss that images have which the network gets wrong;
        `sure`, the median probability that it gives to its own wrong answer; `divisor`, the number with which
        the validation loss is least when logits are divided by it, and `divided`, the test loss then.
    """
    labels = data.test.targets
    losses, missed = cross_entropy(z, labels, reduction="none"), z.argmax(dim=1) != labels
    divisor = min(DIVISORS, key=lambda by: float(cross_entropy(held_out / by, data.validation.targets)))
    return {
        "loss": float(losses.mean()),
        "accuracy": float((~missed).double().mean()),
        "wrong": float(losses[missed].sum() / losses.sum()),
        "sure": float(z.softmax(dim=1).amax(dim=1)[missed].median()),
        "divisor": divisor,
        "divided": float(cross_entropy(z / divisor, labels)),
    }
