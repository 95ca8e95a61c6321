"""Every update rule in the browser walks the path of the library's own optimizer, on every surface.

The rates are such that a path is not chaotic: beside each runs a twin from a start moved by 1e-10, and the
two never come further apart than ten thousand times that. Rounding errors, of 1e-16 a step, then stay below
1e-9.
"""

from itertools import islice

import pytest
import torch

from book.calculus import gradient
from book.explorers import Race
from book.explorers.shared.tables import RULES
from book.optim import trajectory
from book.surfaces import SURFACES
from tests.browser.agreement import points_in
from tests.explorers.noise import normals

pytestmark = pytest.mark.browser

STEPS, SEED = 200, 7
MOVED, GROWTH = 1e-10, 1e4
STARTS = 3
FAR = 10  # times the box: what is further out is not compared
PLAIN = (
    "SGD",
    "Momentum",
    "Nesterov",
)  # their rate multiplies the gradient, so it has a unit on each surface
UNITS = {"Rosenbrock": 2**-7, "Beale": 2**-3, "Himmelblau": 2**-3, "bowl, κ = 50, turned by 30°": 2**-2}
BASE = {"AdaGrad": 0.3, "RMSProp": 0.01, "AdaDelta": 1.0, "Adam": 0.1, "AdamW": 0.1, "Lion": 0.01}
CASES = {  # times the base rate: torch's defaults at two or three rates, and other options
    "SGD": [(0.1, {}), (0.3, {}), (1.0, {})],
    "Momentum": [(0.1, {}), (1.0, {}), (1.0, {"momentum": 0.5}), (0.3, {"momentum": 0.95})],
    "Nesterov": [(0.1, {}), (1.0, {}), (1.0, {"momentum": 0.5}), (0.3, {"momentum": 0.95})],
    "AdaGrad": [(0.1, {}), (1.0, {}), (0.3, {"eps": 0.1})],
    "RMSProp": [
        *((0.1, {}), (1.0, {})),
        *((0.3, {"alpha": 0.5, "eps": 1.0}), (0.1, {"alpha": 0.9, "eps": 0.5})),
    ],
    "AdaDelta": [(0.1, {}), (1.0, {}), (0.3, {"rho": 0.99, "eps": 1e-4})],
    "Adam": [
        *((0.1, {}), (1.0, {})),
        *((0.1, {"betas": (0.5, 0.99)}), (0.3, {"betas": (0.95, 0.99), "eps": 0.1})),
    ],
    "AdamW": [
        *((0.1, {}), (1.0, {})),
        *((0.3, {"weight_decay": 0.5}), (0.1, {"betas": (0.8, 0.99), "eps": 0.01, "weight_decay": 0.1})),
    ],
}
CASES["Lion"] = [(0.1, {}), (1.0, {"betas": (0.5, 0.9), "weight_decay": 0.1})]
DIVERGING = 32.0
DIVERGE = ("bowl, κ = 10", "bowl, κ = 50, turned by 30°", "Rosenbrock", "Himmelblau")


def rate(method: str, name: str, times: float) -> float:
    return times * (0.03 * UNITS.get(name, 1.0) if method in PLAIN else BASE[method])


def starts(name: str) -> torch.Tensor:
    """The surface's own start and random ones in its box, shape (STARTS, n)."""
    surface = SURFACES[name]
    random = points_in(surface, STARTS - 1, seed=5)
    return torch.cat([surface.at_start()[None], random])


def reach(name: str) -> float:
    return FAR * max(abs(end) for side in SURFACES[name].box for end in side)


def beginning() -> torch.Tensor:
    """Every start of every surface, then its twin, one after the other."""
    return torch.cat([torch.cat([starts(name), starts(name) + MOVED]).flatten() for name in SURFACES])


def by_surface(x: torch.Tensor) -> dict[str, torch.Tensor]:
    """The points in rows of `beginning`: {name: (..., 2 STARTS, n)}."""
    sizes = [(2 * STARTS, len(SURFACES[name].start)) for name in SURFACES]
    parts = x.split([count * n for count, n in sizes], dim=-1)
    return {name: part.unflatten(-1, size) for name, part, size in zip(SURFACES, parts, sizes, strict=True)}


def losses(x: torch.Tensor, weights: dict[str, torch.Tensor]) -> torch.Tensor:
    """The sum of all losses.

    A point beyond the reach of its surface feels no gradient any more, and so cannot stop the others with
    an inf.
    """
    total = torch.zeros((), dtype=x.dtype)
    for name, points in by_surface(x).items():
        near = (points.abs() <= reach(name)).all(-1, keepdim=True)
        total = total + weights[name] @ SURFACES[name](torch.where(near, points, 0.0)).sum(-1)
    return total


def errors(weights: dict[str, torch.Tensor]):
    """What a step adds to the gradients, shape (methods, all entries): the same numbers for every method."""
    draws = {name: normals(SEED) for name in SURFACES}
    while True:
        rows = []
        for name, surface in SURFACES.items():
            z = torch.zeros(len(surface.start), dtype=torch.float64)
            if surface.noise:
                z = surface.noise * torch.tensor(list(islice(draws[name], len(z))), dtype=torch.float64)
            rows.append(torch.outer(weights[name], z.repeat(2 * STARTS)))
        yield torch.cat(rows, dim=-1)


def walked(cases: list[tuple[str, float, dict]], steps: int) -> list[dict[str, torch.Tensor]]:
    """For each method the library's path from every start and its twin: {name: (steps + 1, 2 STARTS, n)}.

    The rules work entry by entry, so one optimizer over all the points walks all the paths, and the gradients
    of all the methods are asked for at once. Of the plain methods, whose rate has a unit, each surface gets
    its own by a power of two before its f: the same step to the last bit.
    """
    xs = [torch.nn.Parameter(beginning()) for _ in cases]
    lrs = [rate(method, "bowl, κ = 10", times) for method, times, _ in cases]
    optimizers = [
        RULES[method].make([x], lr=lr, **options)
        for x, lr, (method, _, options) in zip(xs, lrs, cases, strict=True)
    ]
    weights = {
        name: torch.tensor(
            [UNITS.get(name, 1.0) if method in PLAIN else 1.0 for method, *_ in cases], dtype=torch.float64
        )
        for name in SURFACES
    }
    path = [torch.stack([x.detach() for x in xs])]
    for error in islice(errors(weights), steps):
        now = path[-1].clone().requires_grad_()
        gradients = torch.autograd.grad(losses(now, weights), now)[0] + error
        assert gradients.isfinite().all()
        for x, g, optimizer in zip(xs, gradients, optimizers, strict=True):
            x.grad = g
            optimizer.step()
        path.append(torch.stack([x.detach() for x in xs]))
    return [by_surface(one) for one in torch.stack(path, dim=1)]


@pytest.fixture(scope="module")
def paths() -> dict[str, list[dict[str, torch.Tensor]]]:
    """For each method what `walked` returns for its `CASES`."""
    cases = [(method, *case) for method in RULES for case in CASES[method]]
    found = iter(walked(cases, STEPS))
    return {method: list(islice(found, len(CASES[method]))) for method in RULES}


def in_the_browser(run, asked: list, steps: int) -> list[torch.Tensor]:
    script = "given.map(([rule, name, start, settings]) => trajectory(SURFACES[name], start, settings, "
    paths = run(Race.tag, f"{script}{steps}, {{ rule, seed: {SEED} }}))", asked)
    return [torch.tensor(path, dtype=torch.float64) for path in paths]


def kept(path: torch.Tensor, name: str) -> int:
    """How many points of a path there are up to the first one beyond reach."""
    far = ~(path.abs().amax(-1) <= reach(name))
    return int(far.nonzero()[0]) + 1 if far.any() else len(path)


def apart(mine: torch.Tensor, theirs: torch.Tensor) -> float:
    """The largest distance of two paths, relative to what is large in them."""
    return ((mine - theirs).abs() / mine.abs().amax(-1, keepdim=True).clamp(min=1)).max().item()


def compared(run, method: str, cases: list[tuple[float, dict]], paths: list[dict], steps: int = STEPS):
    """Yield (case, points compared, growth of the twin, distance of the browser's path) for every path."""
    mine, asked = [], []
    for (times, options), path in zip(cases, paths, strict=True):
        for name in SURFACES:
            for i, start in enumerate(starts(name).tolist()):
                mine.append((path[name][:, i], path[name][:, STARTS + i]))
                asked.append([method, name, start, {"lr": rate(method, name, times), **options}])
    for case, (here, twin), there in zip(asked, mine, in_the_browser(run, asked, steps), strict=True):
        count = kept(here, case[1])
        yield case, count, apart(here[:count], twin[:count]) / MOVED, apart(here[:count], there[:count])


def level(name: str, start: list[float]) -> bool:
    """Whether an entry of the gradient is exactly 0 at a start, as at Beale's own.

    A method that divides by the gradient's size leaves that entry alone, and moves it by a whole step at a
    twin: there the twin tells nothing. Both languages find the exact 0.
    """
    return not gradient(SURFACES[name], torch.tensor(start, dtype=torch.float64)).all()


@pytest.mark.parametrize("method", RULES)
def test_every_rule_walks_the_librarys_path_on_every_surface(run, paths, method):
    """200 steps, or until a path that falls for ever is ten times the box away."""
    seen = set()
    for case, count, growth, distance in compared(run, method, CASES[method], paths[method]):
        _, name, start, _ = case
        assert distance <= 1e-9, case
        assert growth <= GROWTH or level(name, start), case
        assert count == STEPS + 1 or not SURFACES[name].minima or name == "cubic", (case, count)
        seen.add(name)
    assert seen == set(SURFACES)


@pytest.mark.parametrize("method", PLAIN)
def test_paths_that_diverge_do_so_alike(run, method):
    """At 32 times the base rate, until they are ten times the box away, which is soon."""
    paths = walked([(method, DIVERGING, {})], 20)
    for case, count, growth, distance in compared(run, method, [(DIVERGING, {})], paths, 20):
        _, name, start, _ = case
        if name in DIVERGE:
            assert distance <= 1e-9, case
            assert growth <= GROWTH, case
            assert 2 <= count < 20 or start != list(SURFACES[name].start), case


def test_a_rule_that_remembers_rolls_on_where_the_gradient_is_zero(run):
    """Momentum that stands on a minimum for one step leaves it again, as in the library."""
    start, steps = [4.0], 3  # f = ½ x²; with η = 1 the first step lands on 0
    f = "{ gradient: ([x]) => [x], noise: 0 }"
    script = f"trajectory({f}, given, {{ lr: 1, momentum: 0.5 }}, {steps}, {{ rule: 'Momentum' }})"
    x = torch.tensor(start, dtype=torch.float64)
    here = trajectory(lambda p: RULES["Momentum"].make(p, lr=1, momentum=0.5), lambda x: x @ x / 2, x, steps)
    assert run(Race.tag, script, start) == here.tolist() == [[4], [0], [-2], [-1]]
