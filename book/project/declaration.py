"""What is declared before anything runs, as plain values that the result carries and as text."""

from dataclasses import asdict

from book.project.intervals import LEVEL
from book.project.methods import COMPARED, default_rate
from book.project.protocol import FIRST_FINAL_SEED, TUNED, VERSION, WARMUP, Plan, rates
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
        "level": LEVEL,
        "methods": {name: _method(name, plan.budget) for name in plan.methods},
    }


def describe(declared: dict) -> str:
    """A declaration as text, to be read before the run.

    Args:
        declared: by `declare`.

    Examples:
        >>> from book.project.tasks import splits
        >>> declared = declare(Plan("mlp", ("adam",), "tiny"), splits("mnist", "sample"))
        >>> print(describe(declared).splitlines()[0])
        Protocol 1, MLP on MNIST, budget tiny
    """
    images, epochs, methods = declared["images"], declared["epochs"], declared["methods"]
    seeds = {phase: len(chosen) for phase, chosen in declared["seeds"].items()}
    runs = (seeds["final"] + seeds["defaults"]) * len(methods)
    trials = seeds["tuning"] * sum(len(method["rates"]) for method in methods.values())
    lines = [
        f"Protocol {declared['version']}, {declared['title']}, budget {declared['budget']}",
        f"Data: {' '.join(declared['data'])}",
        f"Network: {declared['parameters']:,} parameters; batches of {declared['batch_size']}; "
        f"{_augmented(declared['augment'])}; {declared['precision']}.",
        f"Rate: up in a straight line over the first {declared['warmup']:.0%} of the steps, then straight "
        "down to 0, for every method.",
        f"Choice of the rate: {images['validation']:,} training images are held out. Each method trains with "
        f"each of its rates, {_times(seeds['tuning'], 'seed')}, {_times(epochs['tuning'], 'epoch')}: "
        f"{_times(trials, 'trial')}. The best validation accuracy after the last epoch wins.",
        f"Report: the chosen rate, {_times(seeds['final'], 'fresh seed')}, all {images['train']:,} training "
        f"images, {_times(epochs['final'], 'epoch')}; test accuracy after the last one, mean with its "
        f"{declared['level']:.0%} interval (Student). Beside it, {_times(seeds['defaults'], 'seed')}: "
        f"torch's defaults at a constant rate. {_times(runs, 'run')}.",
        f"Tied with the best: the {declared['level']:.0%} interval of the difference (Welch) contains 0.",
        "Methods:",
    ]
    return "\n".join(lines + [_line(method) for method in methods.values()])


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


def _times(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
