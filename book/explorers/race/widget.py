"""Race: methods side by side on one surface, from one start, each with settings of its own."""

from collections.abc import Iterable, Mapping
from typing import Any

import traitlets
from torch import Tensor

from book.explorers.race.settings import ENTRANTS, GROUNDS, RACE, Settings, settings_on
from book.explorers.shared.constructing import plain
from book.explorers.shared.ground import DEFAULT, MOST_STEPS, OnASurface
from book.explorers.shared.limits import in_range
from book.explorers.shared.seed import SEEDS
from book.surfaces import SURFACES

AT_FIRST, STEPS = tuple(RACE["atFirst"]), 40
MOST_GOAL = 1e6


class Race(OnASurface):
    """Let methods race down a surface from one start; see their paths, their losses and who is first.

    Args:
        surface: a name of `book.surfaces.SURFACES`, of a surface in two dimensions. The noisy bowl is the bowl
            with the noise on.
        start: two numbers inside the picture; the surface's own start if left out.
        methods: their names, or name → settings as torch names them; settings that are left out suit the
            surface.
        noise: whether every gradient is blurred, the same for all methods.
        seed: of the noise.
        steps: how many are shown, at most 200.
        goal: the loss whose first step the table gives; one that suits the surface if left out.

    Raises:
        traitlets.TraitError: an unknown surface, method or setting, a start outside the picture, or a number
            outside its range.

    Examples:
        >>> Race("Beale", methods=["SGD"], steps=9)
        Race(surface='Beale', start=(1.0, 1.0), methods={'SGD': {'lr': 0.02}}, noise=False, seed=0, steps=9, goal=0.01)
    """  # noqa: E501

    tag = "descent-race"
    state = ("surface", "start", "methods", "noise", "seed", "steps", "goal")
    fallback = (
        "Race: an explorer in which first- and second-order methods run down a surface "
        "from one start, with their paths and losses. It runs on the book's page and in a live notebook."
    )
    surface = traitlets.Enum(tuple(GROUNDS), DEFAULT).tag(sync=True)
    methods = traitlets.Dict({name: settings_on(DEFAULT, name) for name in AT_FIRST}).tag(sync=True)
    noise = traitlets.Bool(False).tag(sync=True)
    seed = traitlets.Int(0, min=0, max=SEEDS - 1).tag(sync=True)
    steps = traitlets.Int(STEPS, min=0, max=MOST_STEPS).tag(sync=True)
    goal = traitlets.Float(float(GROUNDS[DEFAULT]["goal"])).tag(sync=True)

    def __init__(
        self,
        surface: str = DEFAULT,
        start=None,
        methods: Mapping[str, Settings] | Iterable[str] = AT_FIRST,
        noise: bool = False,
        seed: int = 0,
        steps: int = STEPS,
        goal=None,
        **options,
    ):
        known = surface if surface in GROUNDS else DEFAULT  # an unknown name is refused by its trait
        start = SURFACES[known].start if start is None else tuple(float(entry) for entry in start)
        goal = GROUNDS[known]["goal"] if goal is None else goal
        if not isinstance(methods, Iterable) or isinstance(methods, Tensor):
            raise traitlets.TraitError(f'methods are names, as ("SGD", "Adam"); got {methods!r}.')
        methods = methods if isinstance(methods, Mapping) else {name: {} for name in map(str, methods)}
        methods = {
            name: (
                {**settings_on(known, name), **own} if name in ENTRANTS and isinstance(own, Mapping) else own
            )
            for name, own in methods.items()
        }
        given = {"methods": methods, "noise": noise, "seed": seed, "steps": steps, "goal": float(goal)}
        super().__init__(surface=surface, start=start, **given, **options)

    @traitlets.validate("methods")
    def _known(self, proposal):
        given = proposal["value"]
        for name, own in given.items():
            if name not in ENTRANTS:
                raise traitlets.TraitError(f"Unknown method {name!r}; choose from {', '.join(ENTRANTS)}.")
            if not isinstance(own, Mapping):
                raise traitlets.TraitError(f'{name} takes settings as {{"lr": 0.1}}; got {own!r}.')
            for setting in own:
                if setting not in settings_on(self.surface, name):
                    names = ", ".join(settings_on(self.surface, name))
                    raise traitlets.TraitError(f"{name} has no setting {setting!r} here; it has {names}.")
        if not given:
            raise traitlets.TraitError(f"A race needs a method; choose from {', '.join(ENTRANTS)}.")
        return {name: _checked(self.surface, name, given[name]) for name in ENTRANTS if name in given}

    @traitlets.validate("goal")
    def _finite(self, proposal):
        if not abs(proposal["value"]) <= MOST_GOAL:
            raise traitlets.TraitError(
                f"The goal must be from {-MOST_GOAL:g} to {MOST_GOAL:g}; got {proposal['value']}."
            )
        return proposal["value"]


def _checked(surface: str, method: str, given: Settings) -> Settings:
    own: dict[str, Any] = {**settings_on(surface, method), **given}
    for name, value in own.items():
        low, high = RACE["limits"].get(name, RACE["shares"])
        values = value if name == "betas" else (value,)
        if name == "betas" and not (isinstance(value, tuple | list) and len(value) == 2):
            raise traitlets.TraitError(
                f"The betas of {method} are two numbers, as (0.9, 0.999); got {value!r}."
            )
        what = f"The {name} of {method}"
        numbers = [in_range(what, plain(what, entry, traitlets.Float()), (low, high)) for entry in values]
        own[name] = tuple(numbers) if name == "betas" else numbers[0]
    return own
