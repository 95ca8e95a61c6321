"""What is declared before anything runs, as plain values that the result carries and as text."""

import hashlib
import json
from dataclasses import asdict

from book.project.failures import CHANCE, ERRORS
from book.project.intervals import LEVEL
from book.project.methods import COMPARED, default_rate
from book.project.protocol import FINALISTS, FIRST_FINAL_SEED, TUNED, VERSION, WARMUP, Plan
from book.project.rate_search import rates
from book.project.tasks import TASKS, Splits, device, precision


def declare(plan: Plan, data: Splits) -> dict:
    """All that the outcome depends on, except chance.

    Args:
        plan: the comparison.
        data: the task's.

    Examples:
        >>> from book.project.tasks import splits
        >>> declared = declare(Plan("mlp", ("adam",), "tiny"), splits("mnist", "sample"))
        >>> declared["images"], declared["methods"]["adam"]["rates"]
        ({'train': 1500, 'tuning': 1200, 'validation': 300, 'test': 500}, [0.001, 0.002])
    """
    task, budget = TASKS[plan.task], plan.means
    tuning, final = budget.epochs[plan.task]
    return {
        "version": VERSION,
        "task": plan.task,
        "title": task.title,
        "budget": plan.budget,
        "data": [data.train.source, data.test.source],
        "images": {name: len(part) for name, part in data._asdict().items()},
        "parameters": sum(parameter.numel() for parameter in task.network(0).parameters()),
        "batch_size": task.batch_size,
        "augment": task.augment and asdict(task.augment),
        "device": device(),
        "precision": precision(device()),
        "engine": budget.engine,
        "schedule": TUNED,
        "warmup": WARMUP,
        "epochs": {"tuning": tuning, "final": final},
        "seeds": {
            "tuning": list(range(budget.seeds[0])),
            "final": _fresh(budget.seeds[1]),
            "defaults": _fresh(budget.seeds[2]),
        },
        "finalists": FINALISTS,
        "wider": budget.wider,
        "chance": CHANCE,
        "errors_above_chance": ERRORS,
        "level": LEVEL,
        "methods": {name: _method(name, plan.budget) for name in plan.methods},
    }


def study(declared: dict) -> str:
    """The name under which trials are kept: a digest of all that is declared, the list of methods left out.

    Trials of one name may be mixed. A method more or less is the same study: what a trial depends on of its
    method stands in the trial itself.

    Args:
        declared: by `declare`.

    Examples:
        >>> declared = {"task": "mlp", "budget": "tiny", "version": 2, "epochs": 1, "methods": {}}
        >>> study(declared), study(declared | {"methods": {"adam": {}}}) == study(declared)
        ('compare-mlp-tiny-cc8a6464ba89', True)
        >>> study(declared | {"epochs": 2}) == study(declared)
        False
    """
    facts = {name: value for name, value in declared.items() if name != "methods"}
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return f"compare-{declared['task']}-{declared['budget']}-{digest[:12]}"


def describe(declared: dict) -> str:
    """A declaration as text, to be read before the run.

    Args:
        declared: by `declare`.

    Examples:
        >>> from book.project.tasks import splits
        >>> declared = declare(Plan("mlp", ("adam",), "tiny"), splits("mnist", "sample"))
        >>> print(describe(declared).splitlines()[0])
        Protocol 2, MLP on MNIST, budget tiny
    """
    images, epochs, methods = declared["images"], declared["epochs"], declared["methods"]
    seeds = {phase: len(chosen) for phase, chosen in declared["seeds"].items()}
    runs = (seeds["final"] + seeds["defaults"]) * len(methods)
    lines = [
        f"Protocol {declared['version']}, {declared['title']}, budget {declared['budget']}",
        f"Data: {' '.join(declared['data'])}",
        f"Network: {declared['parameters']:,} parameters; batches of {declared['batch_size']}; "
        f"{_augmented(declared['augment'])}; {declared['precision']} on {declared['device']}.",
        f"Rate: up in a straight line over the first {declared['warmup']:.0%} of the steps, then straight "
        "down to 0, for every method.",
        f"Choice of the rate: {images['validation']:,} training images are held out; all runs train on the "
        f"other {images['tuning']:,}. Each method trains with each of its rates for "
        f"{_times(epochs['tuning'], 'epoch')}. While its best validation accuracy lies at an edge, "
        f"the next rate beyond follows, at most {declared['wider']} of them. Its best "
        f"{declared['finalists']} rates run with {_times(seeds['tuning'], 'seed')}; the better mean wins. "
        f"{_counted(trial_counts(declared))}.",
        f"Report: the chosen rate, {_times(seeds['final'], 'fresh seed')}, "
        f"{_times(epochs['final'], 'epoch')}; the test images are looked at once, after the last epoch; mean "
        f"with its {declared['level']:.0%} interval (Student). Beside it, "
        f"{_times(seeds['defaults'], 'seed')}: torch's defaults at a constant rate. "
        f"{_times(runs, 'run')}.",
        f"Failed: a run whose loss is nan or inf, or whose accuracy is not more than "
        f"{declared['errors_above_chance']} standard errors above chance. It counts as a guess, "
        f"{declared['chance']:g} %.",
        f"Tied with the best: not told from it at {1 - declared['level']:.0%} by the t test on differences "
        "of equal seeds, with Holm's correction over all pairs of methods.",
        "Methods:",
    ]
    return "\n".join(lines + [_line(method) for method in methods.values()])


def trial_counts(declared: dict) -> tuple[int, int]:
    """How many trials choose the rates: at least, and at most if every search is widened to its limit.

    Args:
        declared: by `declare`.
    """
    methods, seeds = declared["methods"].values(), len(declared["seeds"]["tuning"])
    least = sum(len(method["rates"]) + (seeds - 1) * declared["finalists"] for method in methods)
    return least, least + declared["wider"] * len(methods)


def _fresh(count: int) -> list[int]:
    return list(range(FIRST_FINAL_SEED, FIRST_FINAL_SEED + count))


def _method(name: str, budget: str) -> dict:
    method = COMPARED[name]
    return {
        "title": method.title,
        "rates": rates(name, budget),
        "fixed": method.fixed,
        "default_rate": default_rate(name),
    }


def _line(method: dict) -> str:
    fixed = "".join(f", {name} {value:g}" for name, value in method["fixed"].items())
    tried = " ".join(f"{rate:g}" for rate in method["rates"])
    return f"  {method['title']:9s} rates {tried} (default {method['default_rate']:g}){fixed}"


def _augmented(augment: dict | None) -> str:
    if augment is None:
        return "images as they are"
    return f"crops out of a border of {augment['padding']}, mirrored or not"


def _counted(counts: tuple[int, int]) -> str:
    least, most = counts
    return f"{least} trials" if least == most else f"{least} to {most} trials"


def _times(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
