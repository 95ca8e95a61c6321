"""What the outcome of a trial may hold: a stored one is read again only if each of its values can be one."""

KEYS = ("accuracy", "accuracies", "loss", "losses", "diverged", "failed", "steps", "seconds")
TOLD = ("device", "precision", "commit")


def odd(outcome: object) -> str | None:
    """What an outcome holds that none can hold, in a few words; None where all is well.

    Args:
        outcome: by `run_trial`, or a trial of a comparison's file, which may lack some keys.

    Examples:
        >>> odd({"accuracy": 250.0, "diverged": False}), odd({"accuracy": 71.5, "diverged": False})
        ('accuracy is 250.0', None)
    """
    if not isinstance(outcome, dict):
        return f"it is {_short(outcome)}"
    for name, can_be in FIELDS.items():
        if name in outcome and not can_be(outcome[name]):
            return f"{name} is {_short(outcome[name])}"
    if "loss" in outcome and (outcome["loss"] is None) != outcome.get("diverged", False):
        return f"loss is {outcome['loss']} and diverged {outcome.get('diverged', False)}"
    return None


def unfit(outcome: object, epochs: int, tested: bool) -> str | None:
    """As `odd`, where every key is asked for, and as many accuracies as epochs, unless the run diverged.

    Args:
        outcome: by `run_trial`.
        epochs: of its trial.
        tested: whether it was judged on the test images, and so holds predictions.

    Examples:
        >>> unfit({"accuracy": 71.5}, epochs=2, tested=False)
        'accuracies is missing'
    """
    if (words := odd(outcome)) or not isinstance(outcome, dict):
        return words
    for name in (*KEYS, *TOLD, *(["predictions"] if tested else [])):
        if name not in outcome:
            return f"{name} is missing"
    count = len(outcome["accuracies"])
    if count > epochs or (count < epochs and not outcome["diverged"]):
        return f"accuracies has {count} entries for {epochs} epochs"
    return None


def _number(value: object, least: float = 0.0, most: float = 1e300) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _percent(value: object) -> bool:
    return _number(value, most=100.0)


def _text(value: object) -> bool:
    return isinstance(value, str)


FIELDS = {
    "accuracy": _percent,
    "accuracies": lambda value: isinstance(value, list) and all(map(_percent, value)),
    "loss": lambda value: value is None or _number(value),
    "losses": lambda value: isinstance(value, list) and all(map(_number, value)),
    "diverged": lambda value: isinstance(value, bool),
    "failed": lambda value: isinstance(value, bool),
    "steps": lambda value: isinstance(value, int) and _number(value, least=1),
    "seconds": _number,
    "device": _text,
    "precision": _text,
    "commit": lambda value: value is None or _text(value),
    "predictions": _text,
}


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
