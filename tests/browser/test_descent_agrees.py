"""Surfaces, noise and paths in the browser agree with the library's: autograd, `descend`, the same noise."""

from functools import partial
from itertools import islice

import pytest
import torch

from book.calculus import gradient, hessian
from book.explorers.descent_on_a_surface.widget import RATES
from book.explorers.shared.ground import picture
from book.surfaces import SURFACES
from tests.browser.agreement import close, curvature_on, points_in
from tests.browser.descents import descended, noise_of, reach, side_by_side
from tests.explorers.descent_paths import noisy_path
from tests.explorers.noise import normals
from tests.explorers.race_paths import walk

pytestmark = pytest.mark.browser

STEPS = 200
FRACTIONS = (0.1, 0.5, 0.9)  # of 1/λ, λ the largest curvature on the way
POINTS = 200


def test_the_same_surfaces(in_browser):
    facts = "Object.values(SURFACES).map((s) => [s.name, s.start, s.minima, s.box, s.noise])"
    here = [[s.name, s.start, s.minima, s.box, s.noise] for s in SURFACES.values()]
    plain = lambda value: list(map(plain, value)) if isinstance(value, tuple | list) else value  # noqa: E731
    assert in_browser(facts, None) == plain(here)
    for name in RATES:
        square = in_browser("picture(SURFACES[given])", name)
        assert close(square, picture(SURFACES[name]), 1e-15)


@pytest.mark.parametrize("name", SURFACES)
def test_value_gradient_and_hessian_are_autograds(in_browser, name):
    surface = SURFACES[name]
    points = points_in(surface, POINTS, seed=1)
    of = (
        "given[1].map((p) => { const s = SURFACES[given[0]]; return [s.f(p), s.gradient(p), s.hessian(p)]; })"
    )
    at = torch.func.vmap
    here = surface(points), at(partial(gradient, surface))(points), at(partial(hessian, surface))(points)
    for i, there in enumerate(in_browser(of, [name, points.tolist()])):
        assert all(close(mine[i], theirs, 1e-12) for mine, theirs in zip(here, there, strict=True)), points[i]


def test_the_noise_is_the_same_to_the_last_bit(in_browser):
    draws = "given.map((seed) => { const draw = normals(seed); return Array.from({length: 500}, draw); })"
    seeds = [0, 1, 12345, 2**31, 2**32 - 1]
    assert in_browser(draws, seeds) == [list(islice(normals(seed), 500)) for seed in seeds]


def rates(surface, starts: torch.Tensor, fractions: torch.Tensor) -> torch.Tensor:
    """Fractions of 1/λ, λ being the largest curvature that the path at that rate itself meets on its way.

    Such a rate follows the gradient without leaping about, so that rounding errors do not grow.
    """
    steps = STEPS if surface.minima and surface.name != "cubic" else 6
    lr = torch.full_like(fractions, 0.02 / curvature_on(points_in(surface, 50, seed=2), surface))
    lr = fractions / most_curved(surface, starts, lr, steps)
    while (wild := lr * (seen := most_curved(surface, starts, lr, steps)) > 1.01 * fractions).any():
        lr = torch.where(wild, 0.99 * fractions / seen, lr)
    return lr


def most_curved(surface, starts: torch.Tensor, lr: torch.Tensor, steps: int) -> torch.Tensor:
    """The largest curvature on the path from each start at its rate; 2/η where the path leaves."""
    f, noise = side_by_side(surface, lr), noise_of(surface, lr, steps)
    path = walk(lambda p: torch.optim.SGD(p, lr=1.0), f, starts.flatten(), noise).unflatten(1, starts.shape)
    stays = (path.abs() <= reach(surface)).all(-1).all(0)
    seen = [curvature_on(path[:, i], surface) for i in range(len(starts))]
    return torch.where(stays, torch.tensor(seen, dtype=torch.float64), 2 / lr)


@pytest.mark.parametrize("name", SURFACES)
def test_paths_are_those_of_descend(in_browser, name):
    """Over 200 steps, or until a path that falls for ever is ten times the box away."""
    surface = SURFACES[name]
    starts = torch.cat([surface.at_start()[None], points_in(surface, 2, seed=3)])
    starts = starts.repeat_interleave(len(FRACTIONS), dim=0)
    lr = rates(surface, starts, torch.tensor(FRACTIONS, dtype=torch.float64).repeat(3))
    theirs = in_browser(
        "given[1].map(([start, lr]) => descend(SURFACES[given[0]], start, { lr }, given[2]))",
        [name, list(zip(starts.tolist(), lr.tolist(), strict=True)), STEPS],
    )
    paths = descended(surface, starts, lr, STEPS)
    for i, there in enumerate(theirs):
        here = paths[:, i]
        far = here.abs().amax(-1) > reach(surface)
        kept = int(far.nonzero()[0]) if far.any() else len(here)
        there = torch.tensor(there[:kept], dtype=torch.float64)
        there = torch.cat([there, there[-1:].expand(kept - len(there), -1)])  # from an end on it rests
        assert kept > 2
        assert (here[:kept] - there).abs().max() <= 1e-9 * here[:kept].abs().max().clamp(min=1), (name, i)
        if surface.minima and name != "cubic":
            assert kept == len(here)


DIVERGING = {"bowl, κ = 10": 2.5, "bowl, κ = 50, turned by 30°": 2.1, "Rosenbrock": 8, "Himmelblau": 6}


@pytest.mark.parametrize("name", DIVERGING)
def test_paths_that_diverge_do_so_alike(in_browser, name):
    """Rates far above 2/λ at the minimum, until the path is ten times the box away."""
    surface = SURFACES[name]
    lr = DIVERGING[name] / curvature_on(torch.tensor([surface.minima[0]], dtype=torch.float64), surface)
    start = tuple(entry + 0.5 for entry in surface.minima[0])
    there = in_browser("descend(SURFACES[given[0]], given[1], { lr: given[2] }, 200)", [name, start, lr])
    here = noisy_path(surface, start, lr, STEPS)
    kept = int((~(here.abs().amax(-1) <= reach(surface))).nonzero()[0])
    assert 2 <= kept < STEPS
    assert close(here[:kept], there[:kept], 1e-9)
