"""Comparison: the stored comparison of optimizers, by method, by rate, by epoch and by number of tries."""

from collections.abc import Mapping

import traitlets

from book.explorers.comparison.compact import CHOSEN, SETTINGS, Setting, compact
from book.explorers.shared.base import Explorer

TRIES = 4


class ComparisonExplorer(Explorer):
    """Look into stored comparisons: the trials at each rate, each epoch, and who wins at which budget.

    Args:
        records: task → by `book.project.comparison_file.load_comparison`.
        task: the first one, if left out.
        method: the record's first one, if left out.
        setting: "chosen", the rate that won; "defaults", torch's; or one of the method's tried rates.
        tries: how many of each method's first rates are tried; 4 or as many as there are, if left out.

    Raises:
        traitlets.TraitError: there is no record, or it has no such task, method, rate or number of rates.

    Examples:
        >>> ComparisonExplorer({})
        Traceback (most recent call last):
        traitlets.traitlets.TraitError: Give it stored comparisons: {task: load_comparison(task)}.
    """

    tag = "descent-comparison"
    state = ("task", "method", "setting", "tries")
    data = ("results",)
    fallback = (
        "Comparison: an explorer of the stored comparison of optimizers, with the trials at each learning "
        "rate and the error after each epoch. It runs on the book's page and in a live notebook."
    )
    results = traitlets.Dict().tag(sync=True)
    task = traitlets.Unicode().tag(sync=True)
    method = traitlets.Unicode().tag(sync=True)
    setting = traitlets.Union([traitlets.Float(), traitlets.Unicode()], default_value=CHOSEN).tag(sync=True)
    tries = traitlets.Int(TRIES).tag(sync=True)

    def __init__(
        self,
        records: Mapping[str, dict],
        task: str | None = None,
        method: str | None = None,
        setting: Setting = CHOSEN,
        tries: int | None = None,
        **options,
    ):
        if not records:
            raise traitlets.TraitError("Give it stored comparisons: {task: load_comparison(task)}.")
        results = {name: compact(record) for name, record in records.items()}
        task = next(iter(results)) if task is None else task
        methods = results[_known(results, task, "task")]["methods"]
        method = next(iter(methods)) if method is None else method
        most = len(methods[_known(methods, method, "method")]["first"])
        own = {"setting": setting, "tries": min(TRIES, most) if tries is None else tries}
        super().__init__(results=results, task=task, method=method, **own, **options)

    @property
    def _methods(self) -> dict:
        return self.results[_known(self.results, self.task, "task")]["methods"]

    @traitlets.validate("task")
    def _stored(self, proposal):
        return _known(self.results, proposal["value"], "task")

    @traitlets.validate("method")
    def _compared(self, proposal):
        return _known(self._methods, proposal["value"], "method")

    @traitlets.validate("setting")
    def _tried(self, proposal):
        setting, mine = proposal["value"], self._methods[_known(self._methods, self.method, "method")]
        if setting not in (*SETTINGS, *mine["rates"]):
            rates = ", ".join(f"{rate:g}" for rate in mine["rates"])
            raise traitlets.TraitError(
                f'The setting is "chosen", "defaults" or a rate that was tried: {rates}; got {setting!r}.'
            )
        return CHOSEN if setting == mine[CHOSEN]["lr"] else setting

    @traitlets.validate("tries")
    def _at_most_all(self, proposal):
        most = len(self._methods[_known(self._methods, self.method, "method")]["first"])
        if not 1 <= proposal["value"] <= most:
            raise traitlets.TraitError(f"The tries must be from 1 to {most}; got {proposal['value']}.")
        return proposal["value"]

    @traitlets.observe("task", "method")
    def _fit(self, change):
        """What the new task or method does not have gives way to what it has."""
        if self.method not in self._methods:
            self.method = next(iter(self._methods))
        mine = self._methods[self.method]
        if self.setting not in (*SETTINGS, *mine["rates"]) or self.setting == mine[CHOSEN]["lr"]:
            self.setting = CHOSEN
        self.tries = min(self.tries, len(mine["first"]))


def _known(choices: Mapping[str, object], name: str, what: str) -> str:
    if name not in choices:
        raise traitlets.TraitError(f"The {what}s are {', '.join(choices)}; got {name!r}.")
    return name
